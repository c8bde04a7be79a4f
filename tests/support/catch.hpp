// SPDX-License-Identifier: BSL-1.0
// The one way to Catch2 for every test: version 3 where it is installed, else version 2.13. Tests write what version 3
// writes; what that version named anew is added to version 2 here.
#pragma once

#include <optional>

// From C++26 on, an optional is a range, and version 3 prints it as one.
#ifndef __cpp_lib_optional_range_support
#define CATCH_CONFIG_ENABLE_OPTIONAL_STRINGMAKER
#endif

#if __has_include(<catch2/catch_test_macros.hpp>)

#include <catch2/catch_template_test_macros.hpp>
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators_all.hpp>
#include <catch2/matchers/catch_matchers_all.hpp>

#else

#include <catch2/catch.hpp>

#include <string>

namespace Catch::Matchers {

inline auto ContainsSubstring(const std::string& text) { return Contains(text); }

}  // namespace Catch::Matchers

#endif

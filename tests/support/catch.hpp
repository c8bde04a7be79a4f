// SPDX-License-Identifier: BSL-1.0
// Includes Catch2 for every test: version 3 if it is installed, else version 2.13. Tests use the names of version 3;
// this header defines those that version 2 does not have.
#pragma once

#include <optional>

// From C++26 on, an optional is a range, which version 3 can already print.
#ifndef __cpp_lib_optional_range_support
#define CATCH_CONFIG_ENABLE_OPTIONAL_STRINGMAKER
#endif

// An exception that no assertion expects ends its test case, and needs no handler in each assertion.
#define CATCH_CONFIG_FAST_COMPILE

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

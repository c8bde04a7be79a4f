#ifndef PRUNEPLAN_TESTS_SUPPORT_CHECK_HPP
#define PRUNEPLAN_TESTS_SUPPORT_CHECK_HPP

// SPDX-License-Identifier: BSL-1.0

// Macros that check an expression both at compile time and at run time.

#include "catch.hpp"

#include <string>

/// Checks a constant expression twice: at compile time, which also proves that it has no undefined behaviour, and at
/// run time.
#define CHECK_TWICE(...)            \
    do {                            \
        static_assert(__VA_ARGS__); \
        CHECK((__VA_ARGS__));       \
    } while (false)

/// Like CHECK_TWICE, for expressions that create a std::string. Checks at run time only if std::string cannot be
/// evaluated at compile time: by clang with libstdc++ 12 or 13, and by every compiler with the ABI before C++11.
#if (defined(__clang__) && defined(_GLIBCXX_RELEASE) && _GLIBCXX_RELEASE < 14) || \
    (defined(_GLIBCXX_USE_CXX11_ABI) && !_GLIBCXX_USE_CXX11_ABI)
#define CHECK_TEXT_TWICE(...) CHECK((__VA_ARGS__))
#else
#define CHECK_TEXT_TWICE(...) CHECK_TWICE(__VA_ARGS__)
#endif

#endif

#ifndef PRUNEPLAN_TESTS_SUPPORT_CHECK_HPP
#define PRUNEPLAN_TESTS_SUPPORT_CHECK_HPP

// SPDX-License-Identifier: BSL-1.0

#include "catch.hpp"

#include <string>

/// Checks a constant expression twice: as the compiler evaluates it, which also proves it free of undefined behaviour,
/// and as the program does.
#define CHECK_TWICE(...)        \
    do {                        \
        static_assert(__VA_ARGS__); \
        CHECK((__VA_ARGS__));   \
    } while (false)

/// The same for what makes a std::string, as every message does: clang cannot evaluate that of libstdc++ 12 and 13, and
/// no compiler that of the ABI before C++11.
#if (defined(__clang__) && defined(_GLIBCXX_RELEASE) && _GLIBCXX_RELEASE < 14) || \
    (defined(_GLIBCXX_USE_CXX11_ABI) && !_GLIBCXX_USE_CXX11_ABI)
#define CHECK_TEXT_TWICE(...) CHECK((__VA_ARGS__))
#else
#define CHECK_TEXT_TWICE(...) CHECK_TWICE(__VA_ARGS__)
#endif

#endif

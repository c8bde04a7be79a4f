#ifndef PRUNEPLAN_TESTS_SUPPORT_WRITTEN_HPP
#define PRUNEPLAN_TESTS_SUPPORT_WRITTEN_HPP

// SPDX-License-Identifier: BSL-1.0

// An output callback for tests that collects text.

#include <cstddef>
#include <string_view>

/// Collects the pieces that are written to it, at most 8192 bytes in all. Allocates nothing, and works at compile time.
class Written {
public:
    constexpr void operator()(std::string_view piece) {
        for (const char c : piece) text_[size_++] = c;
        ++pieces_;
    }
    constexpr operator std::string_view() const { return {text_, size_}; }
    constexpr std::size_t pieces() const { return pieces_; }

private:
    char text_[8192] = {};
    std::size_t size_ = 0, pieces_ = 0;
};

#endif

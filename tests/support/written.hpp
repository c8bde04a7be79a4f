#ifndef PRUNEPLAN_TESTS_SUPPORT_WRITTEN_HPP
#define PRUNEPLAN_TESTS_SUPPORT_WRITTEN_HPP

// SPDX-License-Identifier: BSL-1.0

#include <cstddef>
#include <string_view>

/// What was written to it, piece by piece. It allocates nothing, and works at compile time.
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

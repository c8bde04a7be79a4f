#ifndef PRUNEPLAN_DETAIL_TEXT_DECIMAL_HPP
#define PRUNEPLAN_DETAIL_TEXT_DECIMAL_HPP

// SPDX-License-Identifier: BSL-1.0

// Numbers as text, also in constant evaluation, which std::to_chars supports only since C++23.

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace pruneplan::detail {

/// Formats a number as decimal digits, without an allocation.
class Decimal {
public:
    constexpr explicit Decimal(std::uint64_t number) noexcept {
        do digits_[--first_] = static_cast<char>('0' + number % 10);
        while ((number /= 10) != 0);
    }

    constexpr operator std::string_view() const noexcept { return {digits_ + first_, sizeof digits_ - first_}; }

private:
    char digits_[20] = {};  // 2^64 - 1 has 20
    std::size_t first_ = sizeof digits_;
};

}  // namespace pruneplan::detail

#endif

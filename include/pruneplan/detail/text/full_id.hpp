#ifndef PRUNEPLAN_DETAIL_TEXT_FULL_ID_HPP
#define PRUNEPLAN_DETAIL_TEXT_FULL_ID_HPP

// SPDX-License-Identifier: BSL-1.0

// IDs with and without their algorithm: 64 hex digits alone are of sha256.

#include <pruneplan/detail/text/text.hpp>
#include <pruneplan/detail/text/words.hpp>

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace pruneplan::detail {

inline constexpr std::size_t sha256_digits = 64;

/// Tells whether eight bytes are lower-case hex digits. The highest bit of a sum tells that a byte of ASCII is not
/// below the character that was subtracted.
constexpr bool are_lower_hex(std::uint64_t bytes) noexcept {
    constexpr std::uint64_t each = 0x0101010101010101, high = 0x80;
    const auto not_below = [bytes](char c) { return bytes + each * (high - static_cast<unsigned char>(c)); };
    const std::uint64_t digits = not_below('0') & ~not_below('9' + 1), letters = not_below('a') & ~not_below('f' + 1);
    return ((digits | letters) & ~bytes & each * high) == each * high;
}

/// Tells whether all bytes are lower-case hex digits.
constexpr bool is_lower_hex(std::string_view text) noexcept {
    std::size_t at = 0;
    for (; at + 8 <= text.size(); at += 8)
        if (!are_lower_hex(load_8(text.data() + at))) return false;
    for (; at < text.size(); ++at)
        if (!((text[at] >= '0' && text[at] <= '9') || (text[at] >= 'a' && text[at] <= 'f'))) return false;
    return true;
}

/// Tells whether `text` is an ID without its algorithm: 64 hex digits, which cannot be a name.
constexpr bool is_identifier(std::string_view text) noexcept {
    return text.size() == sha256_digits && is_lower_hex(text);
}

/// Returns an ID without "sha256:"; as it is, if it does not begin with that.
constexpr std::string_view without_algorithm(std::string_view id) noexcept {
    if (begins(id, "sha256:")) id.remove_prefix(sizeof "sha256:" - 1);
    return id;
}

/// Appends an ID with its algorithm: 64 hex digits alone are of sha256.
constexpr void append_full_id(std::string_view id, String& out) {
    if (is_identifier(id)) append(out, "sha256:");
    append(out, id);
}

}  // namespace pruneplan::detail

#endif

#ifndef PRUNEPLAN_DETAIL_TEXT_UTF8_HPP
#define PRUNEPLAN_DETAIL_TEXT_UTF8_HPP

// SPDX-License-Identifier: BSL-1.0

// Reads UTF-8 (RFC 3629, section 4), character by character, from texts that need not be valid.

#include <cstddef>
#include <string_view>

namespace pruneplan::detail {

/// Holds a character and its length in bytes. A byte that does not begin a well-formed sequence is a character of one
/// byte, with the code of a surrogate, U+DC80 to U+DCFF, which no valid text contains.
struct Character {
    char32_t code = 0;
    std::size_t size = 1;
    bool well_formed = true;
};

/// Returns the size of the sequence that a byte begins, or 0 if it begins none: it continues one, or its sequence would
/// be overlong or beyond U+10FFFF. @pre The byte is not ASCII.
constexpr std::size_t sequence_size(unsigned lead) noexcept {
    if (lead < 0xc2) return 0;
    if (lead < 0xe0) return 2;
    if (lead < 0xf0) return 3;
    return lead < 0xf5 ? 4 : 0;
}

/// Tells whether two bytes begin an overlong form, a surrogate, or a code beyond U+10FFFF.
constexpr bool is_forbidden(unsigned lead, unsigned second) noexcept {
    return (lead == 0xe0 && second < 0xa0) || (lead == 0xed && second > 0x9f) || (lead == 0xf0 && second < 0x90) ||
           (lead == 0xf4 && second > 0x8f);
}

/// Returns the character at the offset `at`. @pre `at` is less than the text's size.
constexpr Character character_at(std::string_view text, std::size_t at) noexcept {
    const auto byte = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u; };
    const unsigned lead = byte(at);
    if (lead < 0x80) return {static_cast<char32_t>(lead), 1, true};
    const std::size_t size = sequence_size(lead);
    char32_t code = size == 0 ? 0 : lead & (0x7fu >> size);
    bool well_formed = size != 0 && !is_forbidden(lead, byte(at + 1));
    for (std::size_t i = 1; i < size; ++i) {
        well_formed = well_formed && (byte(at + i) & 0xc0) == 0x80;
        code = code << 6 | (byte(at + i) & 0x3f);
    }
    if (!well_formed) return {0xdc00 + static_cast<char32_t>(lead), 1, false};
    return {code, size, true};
}

/// Tells whether the whole text is well-formed.
constexpr bool is_utf8(std::string_view text) noexcept {
    for (std::size_t at = 0; at < text.size();) {
        const Character next = character_at(text, at);
        if (!next.well_formed) return false;
        at += next.size;
    }
    return true;
}

}  // namespace pruneplan::detail

#endif

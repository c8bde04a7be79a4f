#ifndef PRUNEPLAN_DETAIL_TEXT_CHARACTERS_HPP
#define PRUNEPLAN_DETAIL_TEXT_CHARACTERS_HPP

// SPDX-License-Identifier: BSL-1.0

// Classes of bytes, for the grammars in syntax/. Only ASCII letters are letters, in every locale.

#include <array>
#include <cstddef>
#include <string_view>

namespace pruneplan::detail {

enum CharacterClass : unsigned char {
    lower = 1,
    upper = 2,
    digit = 4,
    hex_letter = 8,  // a to f, in either case
    underscore = 16,
    dot_or_dash = 32,
    dot_or_colon = 64,
    beyond_ascii = 128,
};

inline constexpr auto character_classes = [] {
    std::array<unsigned char, 256> classes{};
    for (unsigned c = 'a'; c <= 'z'; ++c) classes[c] = lower;
    for (unsigned c = 'A'; c <= 'Z'; ++c) classes[c] = upper;
    for (unsigned c = '0'; c <= '9'; ++c) classes[c] = digit;
    for (unsigned c = 'a'; c <= 'f'; ++c) classes[c] |= hex_letter;
    for (unsigned c = 'A'; c <= 'F'; ++c) classes[c] |= hex_letter;
    classes['_'] = underscore;
    classes['-'] = dot_or_dash;
    classes['.'] = dot_or_dash | dot_or_colon;
    classes[':'] = dot_or_colon;
    for (unsigned c = 128; c < 256; ++c) classes[c] = beyond_ascii;
    return classes;
}();

/// Tells whether `c` is in one of `classes` (several joined by `|`).
constexpr bool is(char c, unsigned classes) noexcept {
    return (character_classes[static_cast<unsigned char>(c)] & classes) != 0;
}

/// Returns the first offset from `at` on whose byte is in none of `classes`, or the text's size.
constexpr std::size_t skip(std::string_view text, std::size_t at, unsigned classes) noexcept {
    while (at < text.size() && is(text[at], classes)) ++at;
    return at;
}

}  // namespace pruneplan::detail

#endif

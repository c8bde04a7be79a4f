#ifndef PRUNEPLAN_DETAIL_FULL_ID_HPP
#define PRUNEPLAN_DETAIL_FULL_ID_HPP

// SPDX-License-Identifier: BSL-1.0

// IDs with and without their algorithm: 64 hex digits alone are of sha256.

#include <pruneplan/detail/text.hpp>

#include <cstddef>
#include <string_view>

namespace pruneplan::detail {

/// Tells whether all bytes are lower-case hex digits. Works in blocks without branches, so that compilers vectorize it.
constexpr bool is_lower_hex(std::string_view text) noexcept {
    constexpr std::size_t block = 16;
    unsigned char wrong = 0;
    const auto check = [&wrong](char c) {
        const auto from_0 = static_cast<unsigned char>(c - '0'), from_a = static_cast<unsigned char>(c - 'a');
        wrong |= static_cast<unsigned char>((from_0 > 9) & (from_a > 5));
    };
    for (; text.size() >= block; text.remove_prefix(block))
        for (std::size_t i = 0; i < block; ++i) check(text[i]);
    for (const char c : text) check(c);
    return wrong == 0;
}

/// Tells whether `text` is an ID without its algorithm: 64 hex digits, which cannot be a name.
constexpr bool is_identifier(std::string_view text) noexcept { return text.size() == 64 && is_lower_hex(text); }

/// Appends an ID with its algorithm: 64 hex digits alone are of sha256.
constexpr void append_full_id(std::string_view id, String& out) {
    if (is_identifier(id)) append(out, "sha256:");
    append(out, id);
}

}  // namespace pruneplan::detail

#endif

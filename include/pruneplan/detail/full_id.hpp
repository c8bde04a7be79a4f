#ifndef PRUNEPLAN_DETAIL_FULL_ID_HPP
#define PRUNEPLAN_DETAIL_FULL_ID_HPP

// SPDX-License-Identifier: BSL-1.0

// IDs with and without their algorithm: 64 hex digits alone are of sha256.

#include <pruneplan/detail/text.hpp>
#include <pruneplan/detail/words.hpp>

#include <cstddef>
#include <string_view>

namespace pruneplan::detail {

inline constexpr std::size_t sha256_digits = 64;

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
constexpr bool is_identifier(std::string_view text) noexcept { return text.size() == sha256_digits && is_lower_hex(text); }

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

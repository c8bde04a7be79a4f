#ifndef PRUNEPLAN_DETAIL_TEXT_TEXT_OUTPUT_HPP
#define PRUNEPLAN_DETAIL_TEXT_TEXT_OUTPUT_HPP

// SPDX-License-Identifier: BSL-1.0

// Writes escaped text and hex numbers, piece by piece, to a callable of the host.

#include <pruneplan/detail/text/utf8.hpp>

#include <cstddef>
#include <string_view>

namespace pruneplan::detail {

template <class Out>
concept TextOutput = requires(Out& out, std::string_view piece) { out(piece); };

/// Writes the last `digits` hex digits of a number, in lower case.
template <class Out>
constexpr void write_hex(unsigned number, unsigned digits, Out& out) {
    constexpr std::string_view hex = "0123456789abcdef";
    while (digits-- > 0) out(hex.substr((number >> (4 * digits)) & 15, 1));
}

/// Writes `text`. Writes adjacent plain characters, for which `is_plain(character)` is true, as one piece. Calls
/// `escape(character, bytes)` for each other character.
template <class IsPlain, class Escape, class Out>
constexpr void write_escaped(std::string_view text, const IsPlain& is_plain, const Escape& escape, Out& out) {
    std::size_t plain = 0;  // offset of the plain characters that are not written yet
    for (std::size_t at = 0; at < text.size();) {
        const Character character = character_at(text, at);
        if (!is_plain(character)) {
            if (plain < at) out(text.substr(plain, at - plain));
            escape(character, text.substr(at, character.size));
            plain = at + character.size;
        }
        at += character.size;
    }
    if (plain < text.size()) out(text.substr(plain));
}

}  // namespace pruneplan::detail

#endif

#ifndef PRUNEPLAN_DETAIL_TEXT_MESSAGE_HPP
#define PRUNEPLAN_DETAIL_TEXT_MESSAGE_HPP

// SPDX-License-Identifier: BSL-1.0

// The parts of error messages: quoted inputs, and pieces joined. std::format is missing from g++ 11 and 12.

#include <pruneplan/detail/vector.hpp>

#include <cstddef>
#include <initializer_list>
#include <string>
#include <string_view>

namespace pruneplan::detail {

/// Quotes a text for one line of a log. Control bytes, quotes, percent signs and bytes beyond ASCII become %XX. The
/// text is truncated to 80 bytes.
class Quoted {
public:
    constexpr explicit Quoted(std::string_view text) {
        constexpr std::string_view digits = "0123456789ABCDEF";
        append("\"");
        for (const char c : text.substr(0, longest)) {
            const auto byte = static_cast<unsigned char>(c);
            if (byte >= 0x20 && byte < 0x7f && c != '"' && c != '%') {
                append({&c, 1});
            } else {
                append("%");
                append(digits.substr(byte >> 4, 1));
                append(digits.substr(byte & 15, 1));
            }
        }
        append(text.size() > longest ? "...\"" : "\"");
    }

    constexpr operator std::string_view() const noexcept { return {text_, size_}; }

private:
    static constexpr std::size_t longest = 80;

    constexpr void append(std::string_view piece) noexcept {
        for (const char c : piece) text_[size_++] = c;
    }

    char text_[3 * longest + 5] = {};
    std::size_t size_ = 0;
};

/// Returns a text in quotes, for a message: see `Quoted`.
constexpr Quoted quoted(std::string_view text) { return Quoted(text); }

/// Returns all pieces joined. A template: not every supported compiler evaluates std::string at compile time.
template <class Message = std::string>
constexpr Message joined(std::initializer_list<std::string_view> pieces) {
    Vector<char> text;
    for (const std::string_view piece : pieces) text.append(piece.data(), piece.size());
    return Message(text.data(), text.size());
}

}  // namespace pruneplan::detail

#endif

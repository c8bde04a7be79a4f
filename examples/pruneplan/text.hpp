#ifndef PRUNEPLAN_CLI_TEXT_HPP
#define PRUNEPLAN_CLI_TEXT_HPP

// SPDX-License-Identifier: BSL-1.0

// Errors of this program, and texts that are safe to print.

#include <pruneplan/pruneplan.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cli {

using Words = std::vector<std::string>;

/// What stops the program: one line for standard error, and the exit code.
class Failure : public std::runtime_error {
public:
    explicit Failure(const std::string& message, int exit_code = 2)
        : std::runtime_error(message), exit_code_(exit_code) {}

    int exit_code() const { return exit_code_; }

private:
    int exit_code_;
};

/// Returns the value of a result of the library, or throws its error.
template <class T>
T value_of(pruneplan::Result<T> result) {
    if (!result) throw Failure(result.error().message);
    return *std::move(result);
}

/// Returns a byte as %XX, as in a URL.
inline std::string percent_code(char c) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    const auto byte = static_cast<unsigned char>(c);
    return {'%', digits[byte >> 4], digits[byte & 15]};
}

/// Returns a text in lower case, of ASCII.
inline std::string lower(std::string_view text) {
    std::string out(text);
    for (char& c : out)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return out;
}

inline bool is_digest(std::string_view text) { return pruneplan::parse_digest(text).has_value(); }

/// Returns a variable of the environment, or "".
inline std::string_view environment(const char* name) {
    const char* const value = std::getenv(name);
    return value == nullptr ? std::string_view() : value;
}

/// Returns the size of the UTF-8 character that the text begins with, or 0 if its first bytes are invalid.
/// Source: RFC 3629, section 4.
inline std::size_t utf8_character(std::string_view text) {
    const auto byte = [&](std::size_t at) { return at < text.size() ? static_cast<unsigned char>(text[at]) : 0u; };
    const unsigned first = byte(0);
    if (first < 0x80) return text.empty() ? 0 : 1;
    const std::size_t size = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
    // The second byte's range excludes overlong forms, surrogates and what lies beyond U+10FFFF.
    const unsigned least = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
    const unsigned most = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
    if (first < 0xc2 || first > 0xf4 || byte(1) < least || byte(1) > most) return 0;
    for (std::size_t at = 2; at < size; ++at)
        if ((byte(at) & 0xc0) != 0x80) return 0;
    return size;
}

/// Returns whether a character of UTF-8 can be shown. Control characters (U+0000 to U+001F, U+007F to U+009F), the ends of
/// lines and directions of U+2028 to U+202E and U+2066 to U+2069, U+FFFE and U+FFFF cannot.
inline bool is_shown(std::string_view character) {
    if (character.size() == 1) return character[0] >= ' ' && character[0] != '\x7f';
    const auto between = [&](std::string_view first, std::string_view last) {
        return character >= first && character <= last;
    };
    return !between("\xc2\x80", "\xc2\x9f") && !between("\xe2\x80\xa8", "\xe2\x80\xae") &&
           !between("\xe2\x81\xa6", "\xe2\x81\xa9") && !between("\xef\xbf\xbe", "\xef\xbf\xbf");
}

/// Escapes what a terminal can act on, and bytes that are not UTF-8: they become %XX, as in a URL.
inline std::string printable(std::string_view text) {
    std::string out;
    while (!text.empty()) {
        const std::size_t size = utf8_character(text);
        const std::string_view character = text.substr(0, std::max<std::size_t>(size, 1));
        text.remove_prefix(character.size());
        if (size > 0 && is_shown(character)) {
            out += character;
            continue;
        }
        for (const char c : character) out += percent_code(c);
    }
    return out;
}

inline std::string in_quotes(std::string_view text) { return '"' + printable(text) + '"'; }

/// Returns "1 name" or "3 names".
inline std::string counted(std::size_t count, std::string_view noun) {
    return std::to_string(count) + ' ' + std::string(noun) + (count == 1 ? "" : "s");
}

}  // namespace cli

#endif

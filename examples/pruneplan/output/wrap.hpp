#ifndef PRUNEPLAN_CLI_OUTPUT_WRAP_HPP
#define PRUNEPLAN_CLI_OUTPUT_WRAP_HPP

// SPDX-License-Identifier: BSL-1.0

// Counts characters of UTF-8, wraps lines, and repairs invalid UTF-8.

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace cli {

/// Returns whether a byte begins a character. In UTF-8 the other bytes of a character are 10xxxxxx.
inline bool begins_character(char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }

inline std::size_t width_of(std::string_view text) {
    return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), begins_character));
}

/// Returns the size in bytes of the first `count` characters.
inline std::size_t size_of_characters(std::string_view text, std::size_t count) {
    std::size_t size = 0;
    for (std::size_t seen = 0; size < text.size(); ++size)
        if (begins_character(text[size]) && ++seen > count) break;
    return size;
}

/// Breaks a text into lines of at most `width` characters, at blanks if possible. `width` is at least 1.
inline std::vector<std::string> wrapped(std::string_view text, std::size_t width) {
    std::vector<std::string> lines;
    while (width_of(text) > width) {
        std::size_t end = size_of_characters(text, width);
        if (const std::size_t blank = text.substr(0, end + 1).rfind(' '); blank != text.npos && blank > 0) end = blank;
        lines.emplace_back(text.substr(0, end));
        text.remove_prefix(end);
        while (text.starts_with(' ')) text.remove_prefix(1);
    }
    if (lines.empty() || !text.empty()) lines.emplace_back(text);
    return lines;
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

/// Returns the text as valid UTF-8: each byte that does not belong to a character becomes U+FFFD.
inline std::string to_utf8(std::string_view text) {
    std::string out;
    while (!text.empty()) {
        const std::size_t size = utf8_character(text);
        out += size > 0 ? text.substr(0, size) : std::string_view("\xef\xbf\xbd");
        text.remove_prefix(std::max<std::size_t>(size, 1));
    }
    return out;
}

}  // namespace cli

#endif

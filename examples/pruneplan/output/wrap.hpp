#ifndef PRUNEPLAN_CLI_OUTPUT_WRAP_HPP
#define PRUNEPLAN_CLI_OUTPUT_WRAP_HPP

// SPDX-License-Identifier: BSL-1.0

// Counts characters of UTF-8, and wraps lines.

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

}  // namespace cli

#endif

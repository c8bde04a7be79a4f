#ifndef ENGINE_PRUNE_TABLE_HPP
#define ENGINE_PRUNE_TABLE_HPP

// Prints rows so that their columns line up.

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

namespace engine_prune {

using Row = std::vector<std::string>;

inline constexpr std::size_t column_gap = 2;

/// In UTF-8 all bytes of a character but its first are 10xxxxxx.
inline bool begins_character(char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }

inline std::size_t width_of(std::string_view text) {
    return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), begins_character));
}

/// The text; where it is too wide, its beginning and "...".
inline std::string fitted(const std::string& text, std::size_t width) {
    constexpr std::string_view mark = "...";
    if (width_of(text) <= width) return text;
    std::size_t size = 0;
    for (std::size_t seen = 0; size < text.size(); ++size)
        if (begins_character(text[size]) && ++seen > width - mark.size()) break;
    return text.substr(0, size) + std::string(mark);
}

/// As wide as the widest text of each column. Where the row is wider than `limit`, the widest column gives way first.
inline std::vector<std::size_t> column_widths(const std::vector<Row>& rows, std::optional<std::size_t> limit) {
    constexpr std::size_t narrowest = 12;
    std::vector<std::size_t> widths;
    for (const Row& row : rows) {
        widths.resize(std::max(widths.size(), row.size()));
        for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], width_of(row[i]));
    }
    if (!limit || widths.empty()) return widths;
    std::size_t total = std::accumulate(widths.begin(), widths.end(), column_gap * (widths.size() - 1));
    for (; total > *limit; --total) {
        const auto widest = std::max_element(widths.begin(), widths.end());
        if (*widest <= narrowest) break;
        --*widest;
    }
    return widths;
}

/// One line a row. Without a limit nothing is cut, however wide.
inline void print_table(std::ostream& out, const std::vector<Row>& rows, std::optional<std::size_t> limit) {
    const auto widths = column_widths(rows, limit);
    for (const Row& row : rows) {
        std::string line;
        for (std::size_t i = 0; i < row.size(); ++i) {
            const std::string text = fitted(row[i], widths[i]);
            line += text;
            if (i + 1 < row.size()) line.append(widths[i] - width_of(text) + column_gap, ' ');
        }
        out << line << '\n';
    }
}

}  // namespace engine_prune

#endif

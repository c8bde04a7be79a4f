#ifndef PRUNEPLAN_CLI_OUTPUT_TABLE_HPP
#define PRUNEPLAN_CLI_OUTPUT_TABLE_HPP

// SPDX-License-Identifier: BSL-1.0

// Prints a table with aligned columns. Text that is too wide for the screen wraps; nothing is cut off.

#include "screen.hpp"
#include "wrap.hpp"

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

namespace cli {

/// A row. Its last cell is prose, which takes the space that the other cells leave.
struct Row {
    std::vector<std::string> cells;
    Colour colour = Colour::none;  ///< of the first cell
};

struct Columns {
    std::vector<std::size_t> widths;
    bool prose_below = false;  ///< the last cell is printed on its own lines, from the second column on
};

inline constexpr std::size_t column_gap = 2;

/// Returns the width of the first `count` columns, each with the gap after it.
inline std::size_t width_with_gaps(const std::vector<std::size_t>& widths, std::size_t count) {
    return std::accumulate(widths.begin(), widths.begin() + static_cast<std::ptrdiff_t>(count), column_gap * count);
}

/// Returns the widths of the columns: the widest text of each, if they fit. Otherwise prose wraps in its column, or
/// below the others if they leave little space; then the widest other columns shrink.
inline Columns columns_of(const std::vector<Row>& rows, const Screen& screen) {
    constexpr std::size_t narrowest = 12, narrowest_prose = 28;
    std::vector<std::size_t> widths;
    for (const Row& row : rows) {
        widths.resize(std::max(widths.size(), row.cells.size()));
        for (std::size_t i = 0; i < row.cells.size(); ++i) widths[i] = std::max(widths[i], width_of(row.cells[i]));
    }
    if (!screen.width || widths.size() < 2) return {widths};
    const std::size_t limit = *screen.width, prose = widths.size() - 1;
    const std::size_t before = width_with_gaps(widths, prose);
    if (before + std::min(widths[prose], narrowest_prose) <= limit) {
        widths[prose] = std::min(widths[prose], limit - before);
        return {widths};
    }
    for (std::size_t total = before - column_gap; total > limit; --total) {
        const auto widest = std::max_element(widths.begin(), widths.end() - 1);
        if (*widest <= narrowest) break;
        --*widest;
    }
    const std::size_t indent = width_with_gaps(widths, 1);
    widths[prose] = std::max(limit - std::min(limit, indent), narrowest);
    return {widths, true};
}

/// Prints cells side by side, each wrapped to its width.
inline void print_cells(std::ostream& out, const Row& row, const std::vector<std::size_t>& widths, std::size_t count,
                        const Screen& screen) {
    std::vector<std::vector<std::string>> cells;
    std::size_t height = 0;
    for (std::size_t i = 0; i < count; ++i) {
        cells.push_back(wrapped(row.cells[i], std::max<std::size_t>(widths[i], 1)));
        height = std::max(height, cells.back().size());
    }
    for (std::size_t line = 0; line < height; ++line) {
        std::string text;
        for (std::size_t i = 0, column = 0; i < count; column += widths[i] + column_gap, ++i) {
            if (line >= cells[i].size() || cells[i][line].empty()) continue;
            text.append(column - width_of(text), ' ');
            text += cells[i][line];
        }
        const std::size_t coloured = line == 0 && !cells.empty() ? cells[0][0].size() : 0;
        out << painted(text.substr(0, coloured), row.colour, screen) << text.substr(coloured) << '\n';
    }
}

/// Prints one line for each row, and more lines if something wraps.
inline void print_table(std::ostream& out, const std::vector<Row>& rows, const Screen& screen) {
    const Columns columns = columns_of(rows, screen);
    for (const Row& row : rows) {
        const std::size_t all = row.cells.size();
        const bool below = columns.prose_below && all == columns.widths.size();
        print_cells(out, row, columns.widths, below ? all - 1 : all, screen);
        if (!below) continue;
        const std::string indent(width_with_gaps(columns.widths, 1), ' ');
        for (const std::string& line : wrapped(row.cells.back(), columns.widths.back())) out << indent << line << '\n';
    }
}

/// Prints a paragraph, wrapped to the screen.
inline void print_prose(std::ostream& out, const std::string& text, const Screen& screen) {
    for (const std::string& line : wrapped(text, screen.width.value_or(width_of(text) + 1))) out << line << '\n';
}

}  // namespace cli

#endif

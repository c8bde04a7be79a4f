#ifndef PRUNEPLAN_CLI_OUTPUT_SCREEN_HPP
#define PRUNEPLAN_CLI_OUTPUT_SCREEN_HPP

// SPDX-License-Identifier: BSL-1.0

// The screen that the output is written to: its width, and whether it shows colours.

#include "../text.hpp"

#include <charconv>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

#include <sys/ioctl.h>
#include <unistd.h>

namespace cli {

struct Screen {
    std::optional<std::size_t> width{};  ///< in characters; empty if lines can have any length
    bool colours = false;
};

/// Parameters of the terminal's sequence "Select Graphic Rendition". Source: ECMA-48, section 8.3.117.
enum class Colour : unsigned char { none = 0, red = 31, green = 32 };

inline std::string painted(const std::string& text, Colour colour, const Screen& screen) {
    if (!screen.colours || colour == Colour::none || text.empty()) return text;
    return "\033[" + std::to_string(static_cast<unsigned>(colour)) + "m" + text + "\033[0m";
}

/// Returns whether `file` is a terminal that can move its cursor and show colours.
inline bool is_smart_terminal(int file) {
    return isatty(file) != 0 && !environment("TERM").empty() && environment("TERM") != "dumb";
}

inline std::optional<std::size_t> columns_in_environment() {
    const std::string_view text = environment("COLUMNS");
    std::size_t columns = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), columns);
    if (error != std::errc() || end != text.data() + text.size() || columns == 0) return std::nullopt;
    return columns;
}

/// Returns the screen of a file. A terminal's own width overrides COLUMNS. For NO_COLOR, see https://no-color.org.
inline Screen screen_of(int file) {
    winsize size{};
    Screen screen{columns_in_environment(), is_smart_terminal(file) && environment("NO_COLOR").empty()};
    if (isatty(file) != 0 && ioctl(file, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) screen.width = size.ws_col;
    return screen;
}

}  // namespace cli

#endif

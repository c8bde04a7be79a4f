#ifndef PRUNEPLAN_CLI_TEXT_HPP
#define PRUNEPLAN_CLI_TEXT_HPP

// SPDX-License-Identifier: BSL-1.0

// Errors of this program, and texts that are safe to print.

#include <pruneplan/pruneplan.hpp>

#include <cstddef>
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

/// Escapes what a terminal may act on: control characters become %XX, as in a URL.
inline std::string printable(std::string_view text) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    std::string out;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte >= 0x20 && byte != 0x7f) {
            out += c;
        } else {
            out += {'%', digits[byte >> 4], digits[byte & 15]};
        }
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

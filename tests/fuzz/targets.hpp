#ifndef PRUNEPLAN_TESTS_FUZZ_TARGETS_HPP
#define PRUNEPLAN_TESTS_FUZZ_TARGETS_HPP

// SPDX-License-Identifier: BSL-1.0

// The fuzz targets. Each takes arbitrary bytes, and ends the program if a property does not hold. corpus.cpp runs them
// on files in the repository, libfuzzer.cpp on the inputs that libFuzzer generates.

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <vector>

namespace fuzz {

void references(std::string_view bytes);
void timestamps(std::string_view bytes);
void filters(std::string_view bytes);
void globs(std::string_view bytes);
void plans(std::string_view bytes);
void listings(std::string_view bytes);
void applications(std::string_view bytes);

/// Returns the lines of a text, or the first of them. A text without a line end is one line.
inline std::vector<std::string_view> lines_of(std::string_view text, std::size_t limit = SIZE_MAX) {
    std::vector<std::string_view> lines;
    for (std::size_t end = 0; end != text.npos && lines.size() < limit;) {
        end = text.find('\n');
        lines.push_back(text.substr(0, end));
        text.remove_prefix(end == text.npos ? text.size() : end + 1);
    }
    return lines;
}

/// Ends the program with a message if the property does not hold.
inline void require(bool holds, const char* property) {
    if (holds) return;
    std::fprintf(stderr, "does not hold: %s\n", property);
    std::abort();
}

}  // namespace fuzz

#endif

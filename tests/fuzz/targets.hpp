#ifndef PRUNEPLAN_TESTS_FUZZ_TARGETS_HPP
#define PRUNEPLAN_TESTS_FUZZ_TARGETS_HPP

// SPDX-License-Identifier: BSL-1.0

// The fuzz targets. Each takes arbitrary bytes, and ends the program if a property does not hold. corpus.cpp runs them
// on files in the repository, libfuzzer.cpp on the inputs that libFuzzer generates.

#include <cstdio>
#include <cstdlib>
#include <string_view>

namespace fuzz {

void references(std::string_view bytes);
void timestamps(std::string_view bytes);
void filters(std::string_view bytes);
void globs(std::string_view bytes);
void plans(std::string_view bytes);
void listings(std::string_view bytes);
void applications(std::string_view bytes);

/// Ends the program with a message if the property does not hold.
inline void require(bool holds, const char* property) {
    if (holds) return;
    std::fprintf(stderr, "does not hold: %s\n", property);
    std::abort();
}

}  // namespace fuzz

#endif

#ifndef PRUNEPLAN_TESTS_SUPPORT_VECTORS_HPP
#define PRUNEPLAN_TESTS_SUPPORT_VECTORS_HPP

// SPDX-License-Identifier: BSL-1.0

// Reads tests/oracle/vectors/*.tsv. tests/oracle/vectors/README.md describes the format.

#include "catch.hpp"

#include <cstddef>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

namespace vectors {

using Fields = std::vector<std::string>;

inline std::string unescaped(std::string_view field) {
    std::string out;
    for (std::size_t at = 0; at < field.size(); ++at) {
        if (field[at] != '%') {
            out += field[at];
            continue;
        }
        out += static_cast<char>(std::stoi(std::string(field.substr(at + 1, 2)), nullptr, 16));
        at += 2;
    }
    return out;
}

/// Returns all lines of a file, each as its unescaped fields. A missing or empty file fails the test.
inline std::vector<Fields> read(const std::string& file) {
    std::ifstream in(std::string(PRUNEPLAN_TEST_DIR) + "/oracle/vectors/" + file);
    std::vector<Fields> lines;
    for (std::string line; std::getline(in, line);) {
        Fields fields;
        for (std::size_t start = 0;;) {
            const std::size_t tab = line.find('\t', start);
            fields.push_back(unescaped(std::string_view(line).substr(start, tab - start)));
            if (tab == line.npos) break;
            start = tab + 1;
        }
        lines.push_back(std::move(fields));
    }
    INFO(file);
    REQUIRE_FALSE(lines.empty());
    return lines;
}

}  // namespace vectors

#endif

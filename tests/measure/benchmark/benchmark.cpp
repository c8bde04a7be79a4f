// SPDX-License-Identifier: BSL-1.0
// Measures the cost of planning, and prints tables in Markdown.
//
//     benchmark [N]...      measures with N records and N containers; without N, with the sizes of README
//     benchmark count N     plans once, and does the work of the floor once, to count instructions with another tool
//     benchmark write N     writes the records and the containers, for a rival in another language
//     benchmark test N      takes each measurement twice, to test the benchmark itself

#include "measure.hpp"
#include "tables.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <vector>

int main(int count, char** arguments) {
    const std::string_view mode = count == 3 ? arguments[1] : "";
    if (mode == "count") {
        benchmark::do_both_once(std::strtoul(arguments[2], nullptr, 10));
        return 0;
    }
    if (mode == "write") {
        benchmark::write_population(std::strtoul(arguments[2], nullptr, 10));
        return 0;
    }
    if (mode == "test") benchmark::most_turns = 2;
    std::vector<std::size_t> sizes;
    for (int i = mode == "test" ? 2 : 1; i < count; ++i) sizes.push_back(std::strtoul(arguments[i], nullptr, 10));
    if (sizes.empty()) sizes = {20, 500, 1'000, 10'000, 100'000, 1'000'000};

    benchmark::print_end_to_end(sizes);
    std::printf("\n");
    benchmark::print_planning(sizes);
    std::printf("\n");
    const auto [least, most] = std::minmax_element(sizes.begin(), sizes.end());
    benchmark::print_worst_cases(*least, *most);
}

// What a plan costs, in Markdown. `benchmark [N]…` measures with N records and as many containers: without a number with
// 10,000, 100,000 and 1,000,000. `benchmark count N` builds and plans once, for who counts its instructions.

#include "end_to_end.hpp"
#include "measure.hpp"
#include "planning.hpp"
#include "population.hpp"
#include "worst_cases.hpp"

#include <pruneplan/pruneplan.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <vector>

/// A name that tools find, and nothing but the library's work within it.
extern "C" [[gnu::noinline]] void build_and_plan(const benchmark::Population& population) {
    const auto index = pruneplan::ImageIndex<benchmark::Store>::build(population.store);
    benchmark::keep(plan_prune(*index, population.containers, benchmark::all_unused()).deleted_count());
}

int main(int count, char** arguments) {
    if (count == 3 && std::string_view(arguments[1]) == "count") {
        build_and_plan(benchmark::make_population(std::strtoul(arguments[2], nullptr, 10)));
        return 0;
    }
    std::vector<std::size_t> sizes;
    for (int i = 1; i < count; ++i) sizes.push_back(std::strtoul(arguments[i], nullptr, 10));
    if (sizes.empty()) sizes = {10'000, 100'000, 1'000'000};

    benchmark::EndToEnd::print_head();
    for (const std::size_t size : sizes) {
        benchmark::EndToEnd(size).print();
        std::fflush(stdout);
    }
    std::printf("\n");
    benchmark::print_planning_head();
    for (const std::size_t size : sizes) {
        benchmark::print_planning(size);
        std::fflush(stdout);
    }
    std::printf("\n");
    const auto [least, most] = std::minmax_element(sizes.begin(), sizes.end());
    benchmark::print_worst_cases(*least, *most);
}

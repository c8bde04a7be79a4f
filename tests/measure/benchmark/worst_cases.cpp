// SPDX-License-Identifier: BSL-1.0
// The third table: the cost of the worst inputs for each stage, at two sizes, to show how the cost grows. Colliding
// names are not among the inputs: the hash is keyed, so nobody can construct them.

#include "measure.hpp"
#include "tables.hpp"
#include "worst_populations.hpp"

#include <pruneplan/pruneplan.hpp>

#include <cstddef>
#include <cstdio>
#include <vector>

namespace benchmark {
namespace {

double time_worst_case(const NamedCase& named, std::size_t records) {
    const WorstCase made = named.make(records);
    std::vector<double> times;
    for (std::size_t turn = 0, turns = turns_for(records, 3, 31); turn < turns; ++turn) {
        Stopwatch watch;
        const auto plan = plan_prune(made.population.store, made.population.containers, made.options);
        times.push_back(watch.lap());
        keep(plan->deleted_count());
    }
    return median(times) / static_cast<double>(made.units == 0 ? records : made.units);
}

}  // namespace

void print_worst_cases(std::size_t few, std::size_t many) {
    std::printf("| plan of a store, ns a record | %s records | %s records | ratio |\n|:--|--:|--:|--:|\n",
                grouped(few).c_str(), grouped(many).c_str());
    for (const NamedCase& named : worst_cases()) {
        const double with_few = time_worst_case(named, few), with_many = time_worst_case(named, many);
        std::printf("| %s | %.1f | %.1f | %.2f |\n", named.what, with_few, with_many, with_many / with_few);
    }
}

}  // namespace benchmark

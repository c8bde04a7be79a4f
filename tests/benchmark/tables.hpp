#ifndef PRUNEPLAN_TESTS_BENCHMARK_TABLES_HPP
#define PRUNEPLAN_TESTS_BENCHMARK_TABLES_HPP

// SPDX-License-Identifier: BSL-1.0

// What the benchmark prints, each table from a translation unit of its own: compilers make slower code of a unit that
// uses the library for several stores, as no host's does.

#include <pruneplan/options.hpp>

#include <cstddef>
#include <vector>

namespace benchmark {

inline pruneplan::PruneOptions all_unused() {
    pruneplan::PruneOptions options;
    options.scope = pruneplan::Scope::unused;
    return options;
}

void print_end_to_end(const std::vector<std::size_t>& sizes);
void print_planning(const std::vector<std::size_t>& sizes);
void print_worst_cases(std::size_t few, std::size_t many);

void build_and_plan_once(std::size_t records);

}  // namespace benchmark

#endif

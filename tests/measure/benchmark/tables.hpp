#ifndef PRUNEPLAN_TESTS_BENCHMARK_TABLES_HPP
#define PRUNEPLAN_TESTS_BENCHMARK_TABLES_HPP

// SPDX-License-Identifier: BSL-1.0

// The tables that the benchmark prints. Each has a translation unit of its own: compilers generate slower code for a
// unit that uses the library with several stores, which hosts rarely do.

#include <pruneplan/options.hpp>

#include <cstddef>
#include <vector>

namespace benchmark {

/// All unused images, under Docker's rule, which the rivals implement, too.
inline pruneplan::PruneOptions all_unused() {
    pruneplan::PruneOptions options;
    options.scope = pruneplan::Scope::unused;
    options.usage = pruneplan::usage_rules::containerd_snapshotter;
    return options;
}

void print_end_to_end(const std::vector<std::size_t>& sizes);
void print_planning(const std::vector<std::size_t>& sizes);
void print_worst_cases(std::size_t few, std::size_t many);

void do_both_once(std::size_t records);
void write_population(std::size_t records);

}  // namespace benchmark

#endif

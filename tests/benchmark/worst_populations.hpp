#ifndef PRUNEPLAN_TESTS_BENCHMARK_WORST_POPULATIONS_HPP
#define PRUNEPLAN_TESTS_BENCHMARK_WORST_POPULATIONS_HPP

// SPDX-License-Identifier: BSL-1.0

// What an attacker, or a strange host, could do to each stage, at any size. Names that collide cannot be made up: the hash
// is keyed.

#include "full_population.hpp"

#include <pruneplan/options.hpp>

#include <cstddef>
#include <span>

namespace benchmark {

struct WorstCase {
    FullPopulation population;
    pruneplan::PruneOptions options{.scope = pruneplan::Scope::unused};
    std::size_t units = 0;  ///< that the cost is divided by: records, if it is 0
};

struct NamedCase {
    const char* what;
    WorstCase (*make)(std::size_t count);
};

std::span<const NamedCase> worst_cases();

}  // namespace benchmark

#endif

#ifndef PRUNEPLAN_TESTS_BENCHMARK_WORST_POPULATIONS_HPP
#define PRUNEPLAN_TESTS_BENCHMARK_WORST_POPULATIONS_HPP

// SPDX-License-Identifier: BSL-1.0

// The worst inputs for each stage, of any size, as an attacker or a strange host can make them. Colliding names are not
// among them: the hash is keyed, so nobody can construct them.

#include "full_population.hpp"

#include <pruneplan/options.hpp>

#include <cstddef>
#include <span>

namespace benchmark {

struct WorstCase {
    FullPopulation population;
    pruneplan::PruneOptions options{.scope = pruneplan::Scope::unused};
    std::size_t units = 0;  ///< the number to divide the cost by; 0 for the number of records
};

struct NamedCase {
    const char* what;
    WorstCase (*make)(std::size_t count);
};

std::span<const NamedCase> worst_cases();

}  // namespace benchmark

#endif

// SPDX-License-Identifier: BSL-1.0
// Measures planning with the headers of one tree, of version 0.1 or newer: see against.sh.
//
//     against N TURNS
//
// Prints a line for each turn: nanoseconds a record for the plan, and for the plan and a pass over its deletions in
// order; at the peak, bytes a record from operator new, and the same without the texts that the plan owns; allocations.

#include "../allocations.hpp"
#include "../measure.hpp"
#include "../population.hpp"
#include "../unordered_map.hpp"

#include <pruneplan/pruneplan.hpp>

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <unordered_set>
#include <vector>

namespace {

using benchmark::Population;

pruneplan::PruneOptions options() {
    pruneplan::PruneOptions options;
    options.scope = pruneplan::Scope::unused;
    options.usage = pruneplan::usage_rules::containerd_snapshotter;
    return options;
}

/// What a plan owns: each name, and the target of each image once.
std::size_t bytes_of_texts([[maybe_unused]] const Population& population) {
    std::size_t bytes = 0;
#if PRUNEPLAN_VERSION_NUMBER >= 2000
    std::unordered_set<std::string_view> targets;
    for (const benchmark::Record& record : population.store.records) {
        bytes += record.name.size();
        if (targets.insert(record.digest).second) bytes += record.digest.size();
    }
#endif
    return bytes;
}

}  // namespace

int main(int count, char** arguments) {
    if (count != 3) return 2;
    const std::size_t records = std::strtoul(arguments[1], nullptr, 10),
                      turns = std::strtoul(arguments[2], nullptr, 10);
    const Population population = benchmark::make_population(records), other = benchmark::make_population(5'000);
    const std::size_t texts = bytes_of_texts(population);
    const auto a_record = [&](auto sum) { return static_cast<double>(sum) / static_cast<double>(records); };
    for (std::size_t turn = 0; turn < turns; ++turn) {
        // As in end_to_end.cpp.
        benchmark::keep(benchmark::UnorderedMapPlan<std::string_view>(other).to_prune.size());
        benchmark::keep(reinterpret_cast<std::uintptr_t>(std::vector<char>(64 * records).data()));
        benchmark::keep(benchmark::read_through(population));
        benchmark::allocations.reset();

        benchmark::Stopwatch watch;
#if PRUNEPLAN_VERSION_NUMBER >= 2000
        const auto planned = plan_prune(population.store, population.containers, options());
        if (!planned) return 1;
        const pruneplan::PrunePlan& plan = *planned;
#else
        const auto index = pruneplan::ImageIndex<benchmark::Store>::build(population.store);
        const pruneplan::PrunePlan plan = plan_prune(*index, population.containers, options());
#endif
        benchmark::keep(plan.deleted_count());
        const double time = watch.lap();
        const std::size_t peak = benchmark::allocations.peak_above_start(), allocations = benchmark::allocations.count;
        std::size_t length = 0;
        for (const auto& deletion : plan.deletions()) length += deletion.name.size();
        benchmark::keep(length);
        const double walked = time + watch.lap();
        std::printf("%.1f %.1f %.1f %.1f %zu\n", a_record(time), a_record(walked), a_record(peak),
                    a_record(peak - texts), allocations);
    }
}

// SPDX-License-Identifier: BSL-1.0
// The first table: the cost of a plan, from the host's records and containers on, compared with the floor and with
// std::unordered_map.

#include "allocations.hpp"
#include "floor.hpp"
#include "measure.hpp"
#include "population.hpp"
#include "tables.hpp"
#include "unordered_map.hpp"

#include <pruneplan/pruneplan.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

// Make a plan, or do the work of the floor, and nothing else. They have C names, so that tools can find them.

extern "C" [[gnu::noinline]] void build_and_plan(const benchmark::Population& population) {
    benchmark::keep(plan_prune(population.store, population.containers, benchmark::all_unused())->deleted_count());
}
extern "C" [[gnu::noinline]] void do_floor(const benchmark::Population& population) {
    benchmark::keep(benchmark::Floor(population).deleted_count());
}

namespace benchmark {
namespace {

/// Checks that the rival deletes the same names as the library: otherwise their times cannot be compared.
template <class Rival>
void check_same_plan(const Population& population) {
    std::vector<std::string_view> theirs, ours;
    const Rival rival(population);
    for (const auto& entry : rival.to_prune) theirs.push_back(entry.first);
    std::sort(theirs.begin(), theirs.end());
    const auto plan = plan_prune(population.store, population.containers, all_unused());
    for (const pruneplan::Decision& deletion : plan->deletions()) ours.push_back(deletion.name);
    if (ours == theirs) return;
    std::fprintf(stderr, "the plans differ: the library deletes %zu records, unordered_map %zu\n", ours.size(),
                 theirs.size());
    std::exit(1);
}

class EndToEnd {
public:
    explicit EndToEnd(std::size_t records) : population_(make_population(records)) {
        check_same_plan<UnorderedMapPlan<std::string>>(population_);
        check_same_plan<UnorderedMapPlan<std::string_view>>(population_);
        const std::size_t turns = turns_for(records, 9, 201);
        for (std::size_t turn = 0; turn < turns; ++turn) {
            time_rival<Floor>(floor_);
            time_rival<UnorderedMapPlan<std::string>>(strings_);
            time_rival<UnorderedMapPlan<std::string_view>>(views_);
            time_library(library_, all_unused());
            time_library(strict_, {.scope = pruneplan::Scope::unused});
            time_with_index();
        }
    }

    void print() const {
        row("the floor", floor_);
        row("`unordered_map`, keys `string`", strings_);
        row("`unordered_map`, keys `string_view`", views_);
        row("**plan of a store**", library_);
        row("plan of a store, `strict`", strict_);
        row("index, and plan of the index", both_);
        row("index alone", index_);
        row("plan of an index alone", plan_);
    }

private:
    struct Cost {
        std::vector<double> times;  // nanoseconds, one a turn
        std::size_t peak_bytes = 0, allocation_count = 0;
    };

    /// Makes every measurement begin alike. Planning for another population resets the branch predictor, as in a
    /// program that rarely plans. Reading the population fills the caches. Allocating a large block lets the allocator
    /// consolidate small free blocks now, not while the time is measured.
    void start() const {
        keep(UnorderedMapPlan<std::string_view>(other_population_).deleted_count());
        keep(reinterpret_cast<std::uintptr_t>(std::vector<char>(64 * population_.store.records.size()).data()));
        keep(read_through(population_));
        allocations.reset();
    }

    /// Call it before the measured objects are destroyed.
    static void finish(Cost& cost, double time) {
        cost.times.push_back(time);
        cost.peak_bytes = allocations.peak_above_start();
        cost.allocation_count = allocations.count;
    }

    template <class Rival>
    void time_rival(Cost& cost) const {
        start();
        Stopwatch watch;
        const Rival rival(population_);
        finish(cost, watch.lap());
        keep(rival.deleted_count());
    }

    /// The plan owns its texts: its bytes include them, those of the rivals do not.
    void time_library(Cost& cost, const pruneplan::PruneOptions& options) const {
        start();
        Stopwatch watch;
        const auto plan = plan_prune(population_.store, population_.containers, options);
        finish(cost, watch.lap());
        keep(plan->deleted_count());
    }

    /// As a host that plans several times does.
    void time_with_index() {
        start();
        Stopwatch watch;
        const auto index = pruneplan::build_index(population_.store);
        index_.times.push_back(watch.lap());
        const pruneplan::PrunePlan plan = plan_prune(*index, population_.containers, all_unused());
        plan_.times.push_back(watch.lap());
        finish(both_, index_.times.back() + plan_.times.back());
        keep(plan.deleted_count());
    }

    void row(const char* what, const Cost& cost) const {
        const std::size_t records = population_.store.records.size();
        std::printf("| %s | %s | %.1f | %.2f | %.2f |", grouped(records).c_str(), what,
                    median(cost.times) / static_cast<double>(records), median_ratio(cost.times, floor_.times),
                    median_ratio(cost.times, library_.times));
        if (cost.allocation_count == 0)
            std::printf(" | |\n");
        else
            std::printf(" %.1f | %s |\n", static_cast<double>(cost.peak_bytes) / static_cast<double>(records),
                        grouped(cost.allocation_count).c_str());
    }

    Population population_, other_population_ = make_population(5'000);
    Cost floor_, strings_, views_, library_, strict_, both_, index_, plan_;
};

}  // namespace

void print_end_to_end(const std::vector<std::size_t>& sizes) {
    std::printf(
        "| records | | ns a record | to the floor | to the plan | bytes a record at the peak | allocations |\n"
        "|--:|:--|--:|--:|--:|--:|--:|\n");
    for (const std::size_t size : sizes) {
        EndToEnd(size).print();
        std::fflush(stdout);
    }
}

void do_both_once(std::size_t records) {
    const Population population = make_population(records);
    do_floor(population);
    build_and_plan(population);
}

void write_population(std::size_t records) {
    const Population population = make_population(records);
    for (const Record& record : population.store.records)
        std::printf("%s\t%s\n", record.name.c_str(), record.digest.c_str());
    std::printf("\n");
    for (const Container& container : population.containers)
        std::printf("%s\t%s\n", container.id.c_str(), container.ref.c_str());
}

}  // namespace benchmark

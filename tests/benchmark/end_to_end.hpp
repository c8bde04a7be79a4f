#ifndef PRUNEPLAN_TESTS_BENCHMARK_END_TO_END_HPP
#define PRUNEPLAN_TESTS_BENCHMARK_END_TO_END_HPP

// The first table: from the host's records and containers to a plan, against the floor and against std::unordered_map.

#include "allocations.hpp"
#include "floor.hpp"
#include "measure.hpp"
#include "population.hpp"
#include "unordered_map.hpp"

#include <pruneplan/pruneplan.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

namespace benchmark {

inline pruneplan::PruneOptions all_unused() {
    pruneplan::PruneOptions options;
    options.scope = pruneplan::Scope::unused;
    return options;
}

/// The rival's plan is the library's, name by name: otherwise the times could not be compared.
template <class Rival>
void check_same_plan(const Population& population) {
    std::vector<std::string_view> theirs, ours;
    const Rival rival(population);
    for (const auto& entry : rival.to_prune) theirs.push_back(entry.first);
    std::sort(theirs.begin(), theirs.end());
    const auto index = pruneplan::ImageIndex<Store>::build(population.store);
    const auto plan = plan_prune(*index, population.containers, all_unused());
    for (const auto& deletion : plan.deletions()) ours.push_back(deletion.name);
    if (ours == theirs) return;
    std::fprintf(stderr, "the plans differ: %zu deletions, and %zu with unordered_map\n", ours.size(), theirs.size());
    std::exit(1);
}

class EndToEnd {
public:
    explicit EndToEnd(std::size_t records) : population_(make_population(records)) {
        check_same_plan<UnorderedMapPlan<std::string>>(population_);
        check_same_plan<UnorderedMapPlan<std::string_view>>(population_);
        const std::size_t turns = turns_for(records, 9, 201);
        for (std::size_t turn = 0; turn < turns; ++turn) {
            time_floor<Floor>(floor_);
            time_rival<UnorderedMapPlan<std::string>>(strings_);
            time_rival<UnorderedMapPlan<std::string_view>>(views_);
            time_library();
            time_floor<TunedFloor>(tuned_floor_);
        }
    }

    void print() const {
        row("the floor", floor_);
        row("the floor, tuned", tuned_floor_);
        row("`unordered_map`, keys `string`", strings_);
        row("`unordered_map`, keys `string_view`", views_);
        row("**build + plan**", library_);
        row("build alone", build_);
        row("plan alone", plan_);
    }

    static void print_head() {
        std::printf("| records | | ns a record | to the floor | to build + plan | bytes a record at the peak | allocations |\n"
                    "|--:|:--|--:|--:|--:|--:|--:|\n");
    }

private:
    struct Cost {
        std::vector<double> times;  // nanoseconds, one a turn
        std::size_t peak_bytes = 0, allocation_count = 0;
    };

    /// Something else is done first, and the population is read, so that whatever is timed begins with the same caches
    /// and has its branches to guess anew, as in a program that does not plan all day.
    void start() const {
        keep(UnorderedMapPlan<std::string_view>(elsewhere_).to_prune.size());
        keep(read_through(population_));
        allocations.reset();
    }

    /// While what was made still lives.
    static void finish(Cost& cost, double time) {
        cost.times.push_back(time);
        cost.peak_bytes = allocations.peak_above_start();
        cost.allocation_count = allocations.count;
    }

    template <class AnyFloor>
    void time_floor(Cost& cost) const {
        start();
        Stopwatch watch;
        AnyFloor floor(population_);
        floor.look_up(population_.containers);
        finish(cost, watch.lap());
        keep(floor.found());
    }

    template <class Rival>
    void time_rival(Cost& cost) const {
        start();
        Stopwatch watch;
        const Rival rival(population_);
        finish(cost, watch.lap());
        keep(rival.to_prune.size());
    }

    void time_library() {
        start();
        Stopwatch watch;
        const auto index = pruneplan::ImageIndex<Store>::build(population_.store);
        build_.times.push_back(watch.lap());
        const pruneplan::PrunePlan plan = plan_prune(*index, population_.containers, all_unused());
        plan_.times.push_back(watch.lap());
        finish(library_, build_.times.back() + plan_.times.back());
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

    Population population_, elsewhere_ = make_population(5'000);
    Cost floor_, tuned_floor_, strings_, views_, library_, build_, plan_;
};

}  // namespace benchmark

#endif

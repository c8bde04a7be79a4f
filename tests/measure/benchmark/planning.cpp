// SPDX-License-Identifier: BSL-1.0
// The second table: the cost of planning alone, on an existing index, by option.

#include "full_population.hpp"
#include "measure.hpp"
#include "tables.hpp"

#include <pruneplan/pruneplan.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace benchmark {
namespace {

std::vector<pruneplan::Filter> filters(std::initializer_list<std::string_view> texts) {
    return pruneplan::parse_filters(texts, {today, 0})->filters;
}

struct NamedOptions {
    std::string what;
    pruneplan::PruneOptions options;
};

/// Each option alone, three filters together, and all options at once. They leave enough candidates for every stage,
/// and for a budget of 100 bytes a record.
std::vector<NamedOptions> option_sets(std::size_t records) {
    using pruneplan::PruneOptions;
    const auto with = [](const char* what, auto change) {
        NamedOptions named{what, all_unused()};
        change(named.options);
        return named;
    };
    const auto keep = [](PruneOptions& o) {
        o.keep = {*pruneplan::Glob::compile("*/app-1*"), *pruneplan::Glob::compile("ghcr.io/team-7/*")};
    };
    const auto three_filters = [](PruneOptions& o) {
        o.filters = filters({"until=480h", "label!=keep", "reference=*/*/*"});
    };
    return {
        with("filter `until`", [](PruneOptions& o) { o.filters = filters({"until=480h"}); }),
        with("filter `label!`", [](PruneOptions& o) { o.filters = filters({"label!=keep"}); }),
        with("filter `reference`", [](PruneOptions& o) { o.filters = filters({"reference=*/*/*"}); }),
        with("these three filters", three_filters),
        with("two patterns to keep", keep),
        with("newest 3 of a repository kept", [](PruneOptions& o) { o.keep_newest = {{.count = 3}}; }),
        with("younger than 20 days kept", [](PruneOptions& o) { o.keep_younger_than = {today - 20 * day, 0}; }),
        with("survivor `tagged`", [](PruneOptions& o) { o.survivor = pruneplan::Survivor::tagged; }),
        with("a budget", [=](PruneOptions& o) { o.bytes_to_free = static_cast<std::int64_t>(100 * records); }),
        with("**all of these**",
             [&](PruneOptions& o) {
                 three_filters(o);
                 keep(o);
                 o.keep_newest = {{.count = 3}};
                 o.keep_younger_than = {today - 20 * day, 0};
                 o.survivor = pruneplan::Survivor::tagged;
                 o.bytes_to_free = static_cast<std::int64_t>(100 * records);
             }),
    };
}

void print_planning(std::size_t records) {
    const Population plain = make_population(records);
    const FullPopulation full = make_full_population(records);
    const auto plain_index = pruneplan::build_index(plain.store);
    const auto full_index = pruneplan::build_index(full.store);
    const std::vector<NamedOptions> sets = option_sets(records);

    std::vector<double> plain_times, full_times;
    std::vector<std::vector<double>> times(sets.size());
    std::vector<std::size_t> deleted(sets.size());
    std::size_t plain_deleted = 0, full_deleted = 0;
    const auto time = [](std::vector<double>& to, const auto& index, const auto& containers, const auto& options) {
        Stopwatch watch;
        const pruneplan::PrunePlan plan = plan_prune(index, containers, options);
        to.push_back(watch.lap());
        return plan.deleted_count();
    };
    for (std::size_t turn = 0, turns = turns_for(records, 5, 51); turn < turns; ++turn) {
        plain_deleted = time(plain_times, *plain_index, plain.containers, all_unused());
        full_deleted = time(full_times, *full_index, full.containers, all_unused());
        for (std::size_t i = 0; i < sets.size(); ++i)
            deleted[i] = time(times[i], *full_index, full.containers, sets[i].options);
    }

    const auto row = [&](const std::string& what, const std::vector<double>& spent, std::size_t deleted_count) {
        std::printf("| %s | %s | %.1f | %.2f | %.2f | %s |\n", grouped(records).c_str(), what.c_str(),
                    median(spent) / static_cast<double>(records), median_ratio(spent, plain_times),
                    median_ratio(spent, full_times), grouped(deleted_count).c_str());
    };
    row("plain: names and targets", plain_times, plain_deleted);
    row("plain, in a store with `needs`", full_times, full_deleted);
    for (std::size_t i = 0; i < sets.size(); ++i) row(sets[i].what, times[i], deleted[i]);
}

}  // namespace

void print_planning(const std::vector<std::size_t>& sizes) {
    std::printf(
        "| records | plan alone | ns a record | to plain | to plain with `needs` | deleted |\n"
        "|--:|:--|--:|--:|--:|--:|\n");
    for (const std::size_t size : sizes) {
        print_planning(size);
        std::fflush(stdout);
    }
}

}  // namespace benchmark

// SPDX-License-Identifier: BSL-1.0
// Tests that the work of planning is linear, or n log n where the library documents that, in every worst case. Only the
// steps of this unit are counted.

#include "steps.hpp"

#include "../benchmark/worst_populations.hpp"
#include "../support/catch.hpp"

#include <pruneplan/pruneplan.hpp>

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace {

using benchmark::FullStore;
using benchmark::WorstCase;
using cost::Work;
using cost::work_of;

/// Returns the work of planning for a store, in the run with the fewest steps of five. The key of the hash tables
/// depends on the address of the store, and with some keys, a name that all containers use collides with others.
Work work_of_plan(const WorstCase& made) {
    Work least{UINT64_MAX, 0, 0};
    std::array<FullStore, 5> stores;
    for (FullStore& store : stores) {
        store.records = made.population.store.records;
        const Work work = work_of([&] {
            const auto plan = plan_prune(store, made.population.containers, made.options);
            static_cast<void>(plan->deleted_count());
        });
        if (work.steps < least.steps) least = work;
        store.records = {};
    }
    return least;
}

/// This many records, and this many filters: `prefix` and a number.
WorstCase with_filters(std::size_t records, const std::string& prefix, std::size_t filters) {
    WorstCase made;
    for (std::size_t i = 0; i < records; ++i)
        made.population.store.records.push_back(
            {"ghcr.io/team/app-" + std::to_string(i) + ":latest", "sha256:" + std::to_string(i)});
    for (std::size_t i = 0; i < filters; ++i)
        made.options.filters.push_back(*pruneplan::parse_filter(prefix + std::to_string(i), {}));
    return made;
}

/// Tells whether a case is documented as O(n log n): it sorts the images of a repository, has a heap of the images that
/// a budget takes, or sorts targets to find truncated IDs.
bool is_linearithmic(std::string_view what) {
    return what.starts_with("one repository") || what.starts_with("one blob") || what.starts_with("as many filters");
}

/// Checks that work grows with the number of records, from `few` to `many`.
void check_growth(std::size_t few, std::size_t many) {
    for (const benchmark::NamedCase& named : benchmark::worst_cases()) {
        const WorstCase small = named.make(few), large = named.make(many);
        const Work with_few = work_of_plan(small), with_many = work_of_plan(large);
        const auto units = [](const WorstCase& made, std::size_t count) {
            return static_cast<double>(made.units == 0 ? count : made.units);
        };
        const double more = units(large, many) / units(small, few);
        const double logarithm = is_linearithmic(named.what) ? std::log(many) / std::log(few) : 1;
        INFO(named.what << ": " << with_few.steps << " steps for " << few << ", " << with_many.steps << " for "
                        << many);
        CHECK(static_cast<double>(with_many.steps) < 1.1 * more * logarithm * static_cast<double>(with_few.steps));
        CHECK(static_cast<double>(with_many.bytes) < 1.3 * more * static_cast<double>(with_few.bytes));
        // A list that grows doubles its capacity, and a block of texts has an eighth of those before it, so ten times
        // the records add few allocations.
        if (large.options.filters.empty()) CHECK(with_many.allocations <= with_few.allocations + 60);
    }
}

}  // namespace

TEST_CASE("ten times the records take ten times the steps in every worst case") {
    check_growth(1'000, 10'000);
    check_growth(10'000, 100'000);
}

TEST_CASE("patterns with a class that matches a slash take at most twice the steps of others") {
    const Work simple = work_of_plan(with_filters(300, "reference!=*[.x]y", 1000));
    const Work hard = work_of_plan(with_filters(300, "reference!=*[/x]y", 1000));
    INFO(simple.steps << " steps, and " << hard.steps);
    CHECK(hard.steps < 2 * simple.steps);
}

TEST_CASE("ten times the patterns take at most ten times the steps") {
    for (const char* const pattern : {"reference!=*[/x]y", "reference!=*[.x]y", "reference!=ghcr.io/*/*[^a]*"}) {
        const Work few = work_of_plan(with_filters(300, pattern, 100)),
                   many = work_of_plan(with_filters(300, pattern, 1000));
        INFO(pattern << ": " << few.steps << " steps for 100, " << many.steps << " for 1,000");
        CHECK(many.steps < 11 * few.steps);
    }
}

namespace {

/// A store that counts the calls of its members.
struct CountingStore {
    const FullStore* store;
    mutable std::map<std::string_view, std::size_t> calls{};

    const std::vector<benchmark::FullRecord>& images() const { return store->records; }
    std::string_view name(const benchmark::FullRecord& record) const { return ++calls["name"], record.name; }
    std::string_view target(const benchmark::FullRecord& record) const { return ++calls["target"], record.digest; }
    pruneplan::Timestamp created(const benchmark::FullRecord& record) const { return ++calls["created"], record.made; }
    std::optional<std::string_view> label(const benchmark::FullRecord& record, std::string_view key) const {
        return ++calls["label"], FullStore::label(record, key);
    }
    bool pinned(const benchmark::FullRecord&) const { return ++calls["pinned"], false; }
    std::string_view needs(const benchmark::FullRecord& record) const { return ++calls["needs"], record.needed; }
    std::span<const pruneplan::Blob> blobs(const benchmark::FullRecord& record) const {
        return ++calls["blobs"], record.content;
    }
};

std::map<std::string_view, std::size_t> calls_to_plan(std::size_t count) {
    const benchmark::FullPopulation population = benchmark::make_full_population(count);
    const CountingStore store{&population.store};
    WorstCase options;
    options.options.filters = {*pruneplan::parse_filter("until=1s", {benchmark::today, 0}),
                               *pruneplan::parse_filter("label!=keep", {})};
    options.options.keep_newest = {{.count = 1}};
    options.options.keep_younger_than = pruneplan::Timestamp{benchmark::today - 100, 0};
    options.options.bytes_to_free = 1'000'000'000;
    static_cast<void>(plan_prune(store, population.containers, options.options)->deleted_count());
    return store.calls;
}

}  // namespace

TEST_CASE("planning for a store calls each of its members at most once a record") {
    const std::size_t count = 5'000;
    const auto calls = calls_to_plan(count);
    for (const std::string_view member : {"name", "target", "created", "label", "pinned", "needs"})
        CHECK(calls.at(member) == count);
    CHECK(calls.at("blobs") <= count);
}

TEST_CASE("a million records take ten times the steps of a hundred thousand in every worst case", "[.million]") {
    check_growth(100'000, 1'000'000);
}

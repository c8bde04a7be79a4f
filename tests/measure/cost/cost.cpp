// SPDX-License-Identifier: BSL-1.0
// Tests that the work of planning is linear, or n log n where the library documents that, in every worst case. Only the
// steps of this unit are counted.

#include "steps.hpp"

#include "../../support/catch.hpp"
#include "../benchmark/worst_populations.hpp"

#include <pruneplan/pruneplan.hpp>

#include <array>
#include <cmath>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace {

using benchmark::FullStore;
using benchmark::WorstCase;
using cost::Work;
using cost::work_of;

/// Returns the work of planning, in the run with the fewest steps of five, or in the first one with fewer than `enough`.
/// The key of the hash tables depends on the address of the store, and with some keys, a name that all containers use
/// collides with others.
template <class Store, class Containers>
Work work_of_plan(const Store& store, const Containers& containers, const pruneplan::PruneOptions& options,
                  double enough) {
    Work least{UINT64_MAX, 0, 0};
    std::array<Store, 5> copies;
    for (Store& copy : copies) {
        copy = store;
        const Work work = work_of([&] {
            const auto plan = plan_prune(copy, containers, options);
            static_cast<void>(plan->deleted_count());
        });
        if (work.steps < least.steps) least = work;
        if (static_cast<double>(least.steps) < enough) break;
    }
    return least;
}
Work work_of_plan(const WorstCase& made, double enough = 0) {
    return work_of_plan(made.population.store, made.population.containers, made.options, enough);
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
        const auto units = [](const WorstCase& made, std::size_t count) {
            return static_cast<double>(made.units == 0 ? count : made.units);
        };
        const double more = units(large, many) / units(small, few);
        const double logarithm = is_linearithmic(named.what) ? std::log(many) / std::log(few) : 1;
        const Work with_few = work_of_plan(small);
        const double limit = 1.1 * more * logarithm * static_cast<double>(with_few.steps);
        const Work with_many = work_of_plan(large, limit);
        INFO(named.what << ": " << with_few.steps << " steps for " << few << ", " << with_many.steps << " for "
                        << many);
        CHECK(static_cast<double>(with_many.steps) < limit);
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

namespace {

/// A record of a graph, with its own texts.
struct Node {
    std::string name, digest, id{}, subject{};
};
struct GraphStore {
    std::vector<Node> records;

    const std::vector<Node>& images() const { return records; }
    static const std::string& name(const Node& node) { return node.name; }
    static const std::string& target(const Node& node) { return node.digest; }
    static const std::string& ids(const Node& node) { return node.id; }
    static const std::string& subject(const Node& node) { return node.subject; }
};
struct User {
    std::string id, ref;

    const std::string& image_id() const { return id; }
    const std::string& image_ref() const { return ref; }
};
struct GraphCase {
    GraphStore store;
    std::vector<User> users;
    pruneplan::PruneOptions options{.scope = pruneplan::Scope::unused};
};

/// Returns "sha256:" and 64 digits that end in a number.
std::string digest(std::size_t number) {
    const std::string digits = std::to_string(number);
    return "sha256:" + std::string(64 - digits.size(), '0') + digits;
}
std::string name(std::size_t number) { return "ghcr.io/team/app:" + std::to_string(number); }

GraphCase with_records(std::size_t count) {
    GraphCase made;
    for (std::size_t i = 0; i < count; ++i) made.store.records.push_back({name(i), digest(i)});
    return made;
}

/// All images have one ID, and every container reports it; each was created from another digest or truncated ID.
GraphCase one_shared_id(std::size_t count, const pruneplan::UsageRule& rule, std::string_view before,
                        std::size_t digits) {
    GraphCase made = with_records(count);
    made.options.usage = rule;
    for (Node& node : made.store.records) node.id = digest(1'000'000'000);
    for (std::size_t i = 0; i < count; ++i)
        made.users.push_back({digest(1'000'000'000), std::string(before) + digest(i).substr(0, digits)});
    return made;
}

/// No container's image is known, and all were created from the same beginning of all IDs.
GraphCase truncated_and_unknown(std::size_t count) {
    GraphCase made = with_records(count);
    for (std::size_t i = 0; i < count; ++i) made.users.push_back({"sha256:gone", "000"});
    return made;
}

GraphCase attachments_in_a_line(std::size_t count) {
    GraphCase made = with_records(count);
    for (std::size_t i = 1; i < count; ++i) made.store.records[i].subject = digest(i - 1);
    return made;
}

GraphCase fifty_rules_of_newest(std::size_t count) {
    GraphCase made = with_records(count);
    for (std::size_t i = 0; i < 50; ++i)
        made.options.keep_newest.push_back({count / 2, {}, pruneplan::NewestBy::version});
    return made;
}

Work work_of_plan(const GraphCase& made, double enough = 0) {
    return work_of_plan(made.store, made.users, made.options, enough);
}

void check_growth_of(const char* what, GraphCase (*make)(std::size_t), std::size_t few, std::size_t many) {
    const double more = static_cast<double>(many) / static_cast<double>(few);
    const double logarithm = std::log(many) / std::log(few);
    const Work with_few = work_of_plan(make(few));
    const double limit = 1.3 * more * logarithm * static_cast<double>(with_few.steps);
    const Work with_many = work_of_plan(make(many), limit);
    INFO(what << ": " << with_few.steps << " steps for " << few << ", " << with_many.steps << " for " << many);
    CHECK(static_cast<double>(with_many.steps) < limit);
    CHECK(static_cast<double>(with_many.bytes) < 1.5 * more * static_cast<double>(with_few.bytes));
}

void check_graph_growth(std::size_t few, std::size_t many) {
    using pruneplan::usage_rules::containerd_snapshotter;
    using pruneplan::usage_rules::strict;
    const std::pair<const char*, GraphCase (*)(std::size_t)> cases[] = {
        {"one ID, strict", [](std::size_t n) { return one_shared_id(n, strict, "", 71); }},
        {"one ID, by digest", [](std::size_t n) { return one_shared_id(n, containerd_snapshotter, "app@", 71); }},
        {"one ID, by whole ID", [](std::size_t n) { return one_shared_id(n, containerd_snapshotter, "", 71); }},
        {"one ID, truncated", [](std::size_t n) { return one_shared_id(n, containerd_snapshotter, "", 60); }},
        {"truncated and unknown", truncated_and_unknown},
        {"attachments in a line", attachments_in_a_line}};
    for (const auto& [what, make] : cases) check_growth_of(what, make, few, many);
}

}  // namespace

TEST_CASE("ten times the images in a graph take ten times the steps, whatever they share") {
    check_graph_growth(1'000, 10'000);
    check_growth_of("one repository, 50 rules of newest", fifty_rules_of_newest, 1'000, 10'000);
}

TEST_CASE("a million images in a graph take ten times the steps of a hundred thousand", "[.million]") {
    check_graph_growth(10'000, 100'000);
    check_graph_growth(100'000, 1'000'000);
    // With a million records, these rules alone would take ten minutes.
    check_growth_of("one repository, 50 rules of newest", fifty_rules_of_newest, 10'000, 100'000);
}

TEST_CASE("tags of ten times the length take ten times the steps to compare as versions") {
    const auto work = [](std::size_t length) {
        return work_of([&] {
            const std::string a = "1." + std::string(length, '1') + "0", b = "1." + std::string(length, '1') + "1";
            CHECK(std::is_lt(pruneplan::compare_versions(a, b)));
        });
    };
    const Work few = work(100'000), many = work(1'000'000);
    INFO(few.steps << " steps, and " << many.steps);
    CHECK(many.steps < 11 * few.steps);
}

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

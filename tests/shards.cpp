// SPDX-License-Identifier: BSL-1.0
// Compares plans of shards, and plans with merged summaries of many nodes, with the plan of all records and containers
// at once ("the whole plan"). pruneplan/fleet.hpp, at shard_of, says which options are exact in shards. PRUNEPLAN_SEED
// selects the random worlds.

#include "model/library.hpp"
#include "model/model.hpp"
#include "model/random_worlds.hpp"
#include "support/catch.hpp"

#include <pruneplan/pruneplan.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <numeric>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace {

using library::accepted;
using library::Borrowing;
using model::Container;
using model::Plan;
using model::Record;
using model::World;
using pruneplan::shard_of;
using random_worlds::Maker;

using Store =
    Borrowing<library::WithCreated, library::WithLastUsed, library::WithLabel, library::WithPinned, library::WithBlobs>;
using StoreWithIsDangling = Borrowing<library::WithCreated, library::WithLabel, library::WithIsDangling>;
using StoreWithParents = library::All;

constexpr std::uint64_t worlds = 10'000;

/// The shard of each record, and the number of shards.
struct Shards {
    std::vector<std::size_t> of_record;
    std::size_t count = 1;
};

template <class Store>
Plan plan_of(const std::vector<Record>& records, const std::vector<Container>& containers,
             const model::Options& options) {
    const Store store(records);
    const auto index = accepted(pruneplan::ImageIndex<Store>::build(store));
    return library::plan_of(index, library::in_a_row<library::Lent>(containers), options);
}

bool names_an_image(const std::string& filter) { return filter.starts_with("before=") || filter.starts_with("since="); }

/// Strips `sha256:` from some targets. IDs with that prefix still match them.
void strip_algorithms(World& world, Maker& maker) {
    for (Record& record : world.records)
        if (record.target.size() == 71 && maker.one_in(8)) record.target.erase(0, 7);
}

/// Calls `visit(world, maker)` for each random world. All options of these worlds are exact in shards.
template <class Visit>
void for_each_world(const Visit& visit) {
    const char* given = std::getenv("PRUNEPLAN_SEED");
    const std::uint64_t seed = given == nullptr ? 1 : std::strtoull(given, nullptr, 10);
    std::printf("PRUNEPLAN_SEED=%llu\n", static_cast<unsigned long long>(seed));
    for (std::uint64_t number = 0; number < worlds; ++number) {
        INFO("PRUNEPLAN_SEED=" << seed << ", world " << number);
        Maker maker(seed, number);
        World world = maker.make({});
        world.options.keep_newest = 0;
        world.options.bytes_to_free.reset();
        std::erase_if(world.options.filters, names_an_image);
        visit(world, maker);
    }
}

Shards shards_by_target(const std::vector<Record>& records, Maker& maker) {
    Shards shards{{}, 1 + maker.of(5)};
    for (const Record& record : records) shards.of_record.push_back(shard_of(record.target, shards.count));
    return shards;
}

/// Returns the numbers of the records in one shard.
std::vector<std::size_t> records_in(const Shards& shards, std::size_t shard) {
    std::vector<std::size_t> numbers;
    for (std::size_t record = 0; record < shards.of_record.size(); ++record)
        if (shards.of_record[record] == shard) numbers.push_back(record);
    return numbers;
}

/// Plans each shard alone. Lists the deletions shard by shard; a container is unmatched if it is in every shard.
template <class Store>
Plan plan_in_shards(const World& world, const Shards& shards, const std::vector<Container>& containers) {
    Plan all;
    all.decisions.resize(world.records.size());
    std::vector<std::size_t> times_unmatched(containers.size(), 0);
    for (std::size_t shard = 0; shard < shards.count; ++shard) {
        const std::vector<std::size_t> numbers = records_in(shards, shard);
        std::vector<Record> records;
        for (const std::size_t number : numbers) records.push_back(world.records[number]);
        const Plan plan = plan_of<Store>(records, containers, world.options);
        for (std::size_t i = 0; i < numbers.size(); ++i) all.decisions[numbers[i]] = plan.decisions[i];
        for (const std::size_t deletion : plan.deletions) all.deletions.push_back(numbers[deletion]);
        for (const std::size_t container : plan.unmatched) ++times_unmatched[container];
    }
    for (std::size_t container = 0; container < containers.size(); ++container)
        if (times_unmatched[container] == shards.count) all.unmatched.push_back(container);
    return all;
}

template <class Store>
Plan plan_in_shards(const World& world, const Shards& shards) {
    return plan_in_shards<Store>(world, shards, world.containers);
}

template <class Store>
Plan plan_whole(const World& world) {
    return plan_of<Store>(world.records, world.containers, world.options);
}

/// Returns the targets of which the plan keeps a name.
std::set<std::string> kept_images(const World& world, const Plan& plan) {
    std::set<std::string> targets;
    for (std::size_t record = 0; record < world.records.size(); ++record)
        if (!plan.decisions[record].deletes()) targets.insert(world.records[record].target);
    return targets;
}

template <class Store>
void require_equal(const World& world, const Shards& shards) {
    const Plan whole = plan_whole<Store>(world);
    Plan sharded = plan_in_shards<Store>(world, shards);
    REQUIRE(sharded.decisions == whole.decisions);

    std::sort(sharded.deletions.begin(), sharded.deletions.end(),
              [&](std::size_t a, std::size_t b) { return world.records[a].name < world.records[b].name; });
    REQUIRE(sharded.deletions == whole.deletions);

    REQUIRE(std::includes(sharded.unmatched.begin(), sharded.unmatched.end(), whole.unmatched.begin(),
                          whole.unmatched.end()));
    const bool mounts = std::any_of(world.containers.begin(), world.containers.end(),
                                    [](const Container& container) { return !container.mounted.empty(); });
    if (!mounts) REQUIRE(sharded.unmatched == whole.unmatched);
}

/// Puts each family, images that are linked as parent and child, into one shard: that of the family's first record.
Shards shards_by_family(const std::vector<Record>& records, Maker& maker) {
    std::vector<std::size_t> family(records.size());
    std::iota(family.begin(), family.end(), std::size_t{0});
    for (std::size_t a = 0; a < records.size(); ++a) {
        for (std::size_t b = 0; b < records.size(); ++b) {
            const bool same_image = shard_of(records[a].target, 1'000'003) == shard_of(records[b].target, 1'000'003);
            if (!same_image && records[a].parent != records[b].target) continue;
            const std::size_t from = std::max(family[a], family[b]), to = std::min(family[a], family[b]);
            std::replace(family.begin(), family.end(), from, to);
        }
    }
    Shards shards{{}, 1 + maker.of(5)};
    for (const std::size_t first : family) shards.of_record.push_back(shard_of(records[first].target, shards.count));
    return shards;
}

}  // namespace

TEST_CASE("shards by target planned alone with all containers decide like the whole plan in 10000 worlds") {
    for_each_world([](World world, Maker& maker) {
        strip_algorithms(world, maker);
        const Shards shards = shards_by_target(world.records, maker);
        require_equal<Store>(world, shards);
        require_equal<StoreWithIsDangling>(world, shards);
    });
}

TEST_CASE("a merged summary of many nodes decides like the containers of these nodes in 10000 worlds") {
    for_each_world([](World world, Maker& maker) {
        strip_algorithms(world, maker);
        world.options = maker.make({}).options;
        std::vector<pruneplan::UsageSummary> nodes(1 + maker.of(4));
        const auto containers = library::in_a_row<library::Lent>(world.containers);
        for (const library::Lent& container : containers) nodes[maker.of(nodes.size())].add(container);
        pruneplan::UsageSummary summary;
        for (const pruneplan::UsageSummary& node : nodes) summary.merge(node);
        summary.merge(nodes.front());

        const Plan whole = plan_whole<StoreWithParents>(world);
        const StoreWithParents store(world.records);
        const auto index = accepted(pruneplan::ImageIndex<StoreWithParents>::build(store));
        const Plan summarized = library::plan_of(index, summary, world.options);
        for (std::size_t record = 0; record < world.records.size(); ++record)
            REQUIRE(summarized.decisions[record].reason == whole.decisions[record].reason);
        REQUIRE(summarized.deletions == whole.deletions);
        REQUIRE(summarized.unmatched.empty() == whole.unmatched.empty());
    });
}

TEST_CASE("with keep_newest_per_repository shards keep every image that the whole plan keeps in 10000 worlds") {
    for_each_world([](World world, Maker& maker) {
        world.options.keep_newest = 1 + maker.of(3);
        const Plan whole = plan_whole<Store>(world);
        const Plan sharded = plan_in_shards<Store>(world, shards_by_target(world.records, maker));
        for (std::size_t record = 0; record < world.records.size(); ++record) {
            const auto reason = whole.decisions[record].reason;
            if (reason == "newest") REQUIRE(sharded.decisions[record].reason == "newest");
            // A shard can delete the whole plan's last name of an image if it keeps another name as newest.
            if (!whole.decisions[record].deletes() && reason != "last_name")
                REQUIRE(!sharded.decisions[record].deletes());
        }
        const auto in_whole = kept_images(world, whole), in_shards = kept_images(world, sharded);
        REQUIRE(std::includes(in_shards.begin(), in_shards.end(), in_whole.begin(), in_whole.end()));
    });
}

TEST_CASE("with bytes_to_free shards delete nothing that the whole plan without a budget keeps in 10000 worlds") {
    for_each_world([](World world, Maker& maker) {
        const Plan whole = plan_whole<Store>(world);
        world.options.bytes_to_free = std::uint64_t{1} << maker.of(10);
        const Plan sharded = plan_in_shards<Store>(world, shards_by_target(world.records, maker));
        const auto kept = kept_images(world, sharded);
        for (std::size_t record = 0; record < world.records.size(); ++record) {
            if (!sharded.decisions[record].deletes()) continue;
            REQUIRE(whole.decisions[record].deletes());
            REQUIRE(!kept.contains(world.records[record].target));
        }
    });
}

TEST_CASE("before and since are exact if every shard has all records of the named image in 10000 worlds") {
    std::size_t named = 0;
    for_each_world([&](World world, Maker& maker) {
        if (world.records.empty()) return;
        const Record& image = maker.one_of(world.records);
        if (image.name.empty()) return;
        world.options.filters.push_back((maker.one_in(2) ? "before=" : "since=") + image.name);
        ++named;
        const Plan whole = plan_whole<Store>(world);
        const Shards shards = shards_by_target(world.records, maker);
        for (std::size_t shard = 0; shard < shards.count; ++shard) {
            std::vector<std::size_t> numbers = records_in(shards, shard);
            const std::size_t own = numbers.size();
            for (std::size_t record = 0; record < world.records.size(); ++record)
                if (world.records[record].target == image.target && shards.of_record[record] != shard)
                    numbers.push_back(record);
            std::vector<Record> records;
            for (const std::size_t number : numbers) records.push_back(world.records[number]);
            const Plan plan = plan_of<Store>(records, world.containers, world.options);
            for (std::size_t i = 0; i < own; ++i) REQUIRE(plan.decisions[i] == whole.decisions[numbers[i]]);
        }
    });
    CHECK(named > worlds / 2);
}

TEST_CASE("shards by family of a store with parents decide like the whole plan in 10000 worlds") {
    for_each_world([](World world, Maker& maker) {
        strip_algorithms(world, maker);
        const Shards shards = shards_by_family(world.records, maker);
        const Plan whole = plan_whole<StoreWithParents>(world);
        const Plan sharded = plan_in_shards<StoreWithParents>(world, shards);
        REQUIRE(sharded.decisions == whole.decisions);
        for (std::size_t shard = 0; shard < shards.count; ++shard) {
            const auto elsewhere = [&](std::size_t record) { return shards.of_record[record] != shard; };
            std::vector<std::size_t> of_whole = whole.deletions, of_shards = sharded.deletions;
            std::erase_if(of_whole, elsewhere);
            std::erase_if(of_shards, elsewhere);
            REQUIRE(of_shards == of_whole);
        }
    });
}

TEST_CASE("a parent in another shard than its child is deleted unless an added container mounts it") {
    World world;
    world.records = {{.name = "docker.io/library/base:1", .target = "sha256:1"},
                     {.name = "docker.io/library/app:1", .target = "sha256:2", .parent = "sha256:1"}};
    world.containers = {{.image_id = "sha256:2", .image_ref = "app:1"}};
    const Shards shards{{0, 1}, 2};
    CHECK(plan_whole<StoreWithParents>(world).deletions.empty());
    CHECK(plan_in_shards<StoreWithParents>(world, shards).deletions == std::vector<std::size_t>{0});
    world.containers.push_back({"no image", "no image of a container", {"sha256:1"}});
    CHECK(plan_in_shards<StoreWithParents>(world, shards).deletions.empty());
}

TEST_CASE("with parents of kept images added as mounts shards delete what the whole plan deletes in 10000 worlds") {
    for_each_world([](const World& world, Maker& maker) {
        const Shards shards = shards_by_target(world.records, maker);
        const Plan whole = plan_whole<StoreWithParents>(world);
        Container needed{"no image", "no image of a container", {}};
        Plan sharded;
        for (bool grows = true; grows;) {
            std::vector<Container> containers = world.containers;
            containers.push_back(needed);
            sharded = plan_in_shards<StoreWithParents>(world, shards, containers);
            grows = false;
            const auto kept = kept_images(world, sharded);
            for (const Record& record : world.records) {
                const auto& known = needed.mounted;
                if (record.parent.empty() || !kept.contains(record.target)) continue;
                if (std::find(known.begin(), known.end(), record.parent) != known.end()) continue;
                needed.mounted.push_back(record.parent);
                grows = true;
            }
        }
        for (std::size_t record = 0; record < world.records.size(); ++record)
            REQUIRE(sharded.decisions[record].deletes() == whole.decisions[record].deletes());
    });
}

// SPDX-License-Identifier: BSL-1.0
// Compares plans of shards, and plans with merged summaries of many nodes, with the plan of all records and containers
// at once ("the whole plan"). pruneplan/fleet.hpp, at shard_of, says which options are exact in shards. PRUNEPLAN_SEED
// selects the random worlds.

#include "../oracle/model/library.hpp"
#include "../oracle/model/model.hpp"
#include "../oracle/model/random_worlds.hpp"
#include "../support/catch.hpp"

#include <pruneplan/pruneplan.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <numeric>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace {

using library::accepted;
using model::Container;
using model::Doubt;
using model::Plan;
using model::Record;
using model::World;
using pruneplan::shard_of;
using random_worlds::Maker;

template <class... Members>
using StoreWith = library::Store<std::vector<Record>, const std::string&, Members...>;
using Store =
    StoreWith<library::WithCreated, library::WithLastUsed, library::WithLabel, library::WithPinned, library::WithBlobs>;
using StoreWithIsDangling = StoreWith<library::WithCreated, library::WithLabel, library::WithIsDangling>;
using StoreWithNeeds = library::All;

/// PRUNEPLAN_ALL=1 tries all worlds.
std::uint64_t worlds() { return std::getenv("PRUNEPLAN_ALL") == nullptr ? 1'000 : 10'000; }

/// The shard of each record, and the number of shards.
struct Shards {
    std::vector<std::size_t> of_record;
    std::size_t count = 1;
};

/// Plans with an index, which rejects no option.
template <class Store, class Containers>
Plan plan_of(const std::vector<Record>& records, const Containers& containers, const model::Options& options) {
    const Store store(records);
    const auto index = accepted(pruneplan::build_index(store));
    return library::converted(plan_prune(index, containers, library::options_of(options)), {{}, records, {}, {}});
}

template <class Store>
Plan plan_of(const std::vector<Record>& records, const std::vector<Container>& containers,
             const model::Options& options) {
    return plan_of<Store>(records, library::in_a_row<library::Lent>(containers), options);
}

bool names_an_image(const std::string& filter) { return filter.starts_with("before=") || filter.starts_with("since="); }

/// Tells whether a text is an ID, whole or truncated.
bool is_id(std::string_view text) {
    if (text.starts_with("sha256:") || text.starts_with("sha512:")) text.remove_prefix(7);
    return !text.empty() && text.find_first_not_of("0123456789abcdef") == text.npos;
}

/// Tells whether a container was created from an ID or a digest.
bool names_a_digest(const Container& container) {
    const std::string& ref = container.image_ref;
    return is_id(std::string_view(ref).substr(ref.rfind('@') == ref.npos ? 0 : ref.rfind('@') + 1));
}

/// Under `strict`, a container that was created from a digest protects an image of that digest in each shard that does
/// not have the container's own image. So shards can keep more than the whole plan.
bool can_keep_more(const World& world) {
    return world.options.rule == model::Rule() &&
           std::any_of(world.containers.begin(), world.containers.end(), names_a_digest);
}

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
    for (std::uint64_t number = 0, end = worlds(); number < end; ++number) {
        INFO("PRUNEPLAN_SEED=" << seed << ", world " << number);
        Maker maker(seed, number);
        World world = maker.make({});
        world.options.keep_newest.clear();
        world.options.bytes_to_free.reset();
        std::erase_if(world.options.filters, names_an_image);
        std::erase_if(world.options.keep, is_id);
        if (maker.one_in(2) && can_keep_more(world))
            for (Container& container : world.containers)
                if (names_a_digest(container)) container.image_ref = "app:1";
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

bool is_about_names(const Doubt& doubt) { return doubt.kind == "invalid_name" || doubt.kind == "same_name"; }

/// Plans each shard alone. Lists the deletions shard by shard. A doubt about an image or a name is one of any shard;
/// another doubt is one of all shards, and blocks if it blocks in all.
template <class Store>
Plan plan_in_shards(const World& world, const Shards& shards, const std::vector<Container>& containers) {
    Plan all;
    all.decisions.resize(world.records.size());
    std::map<std::pair<std::string_view, std::size_t>, std::size_t> times, times_blocking;
    for (std::size_t shard = 0; shard < shards.count; ++shard) {
        const std::vector<std::size_t> numbers = records_in(shards, shard);
        std::vector<Record> records;
        for (const std::size_t number : numbers) records.push_back(world.records[number]);
        const Plan plan = plan_of<Store>(records, containers, world.options);
        for (std::size_t i = 0; i < numbers.size(); ++i) all.decisions[numbers[i]] = plan.decisions[i];
        for (const std::size_t deletion : plan.deletions) all.deletions.push_back(numbers[deletion]);
        for (const Doubt& doubt : plan.doubts) {
            if (is_about_names(doubt)) {
                all.doubts.push_back({doubt.kind, numbers[doubt.number], doubt.blocks});
            } else if (doubt.kind == "unprotected_image") {
                all.doubts.push_back(doubt);
            } else {
                ++times[{doubt.kind, doubt.number}];
                times_blocking[{doubt.kind, doubt.number}] += doubt.blocks;
            }
        }
    }
    for (const auto& [doubt, count] : times)
        if (count == shards.count) all.doubts.push_back({doubt.first, doubt.second, times_blocking[doubt] == count});
    std::sort(all.doubts.begin(), all.doubts.end());
    all.doubts.erase(std::unique(all.doubts.begin(), all.doubts.end()), all.doubts.end());
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

std::set<std::pair<std::string_view, bool>> kinds_of(const std::vector<Doubt>& doubts) {
    std::set<std::pair<std::string_view, bool>> kinds;
    for (const Doubt& doubt : doubts) kinds.insert({doubt.kind, doubt.blocks});
    return kinds;
}

/// Returns the targets of which the plan keeps a name.
std::set<std::string> kept_images(const World& world, const Plan& plan) {
    std::set<std::string> targets;
    for (std::size_t record = 0; record < world.records.size(); ++record)
        if (!plan.decisions[record].deletes()) targets.insert(world.records[record].target);
    return targets;
}

/// Requires that the shards keep every image that the whole plan keeps.
void require_no_lost_image(const World& world, const Plan& sharded, const Plan& whole) {
    const auto in_whole = kept_images(world, whole), in_shards = kept_images(world, sharded);
    REQUIRE(std::includes(in_shards.begin(), in_shards.end(), in_whole.begin(), in_whole.end()));
}

template <class Store>
void require_equal(const World& world, const Shards& shards) {
    const Plan whole = plan_whole<Store>(world);
    Plan sharded = plan_in_shards<Store>(world, shards);
    if (can_keep_more(world)) return require_no_lost_image(world, sharded, whole);
    REQUIRE(sharded.decisions == whole.decisions);

    std::sort(sharded.deletions.begin(), sharded.deletions.end(),
              [&](std::size_t a, std::size_t b) { return world.records[a].name < world.records[b].name; });
    REQUIRE(sharded.deletions == whole.deletions);

    // Two shards do not find that two of their names differ only in their form.
    std::vector<Doubt> doubts = whole.doubts;
    std::erase_if(doubts, [](const Doubt& doubt) { return doubt.kind == "same_name"; });
    REQUIRE(std::includes(sharded.doubts.begin(), sharded.doubts.end(), doubts.begin(), doubts.end()));
    const bool mounts = std::any_of(world.containers.begin(), world.containers.end(),
                                    [](const Container& container) { return !container.mounted.empty(); });
    if (!mounts)
        REQUIRE(std::includes(whole.doubts.begin(), whole.doubts.end(), sharded.doubts.begin(), sharded.doubts.end()));
}

/// Tells whether two IDs are equal, with or without their algorithm.
bool is_same_id(std::string_view a, std::string_view b) { return shard_of(a, 1'000'003) == shard_of(b, 1'000'003); }

/// Tells whether an image has an ID, by one of its records.
bool has_id(const Record& record, const std::string& id) {
    const auto is_this = [&](const std::string& other) { return !id.empty() && is_same_id(other, id); };
    return is_this(record.target) || std::any_of(record.ids.begin(), record.ids.end(), is_this);
}

/// Puts each family, images of which one needs another or is attached to it, into one shard: that of the family's first record.
Shards shards_by_family(const std::vector<Record>& records, Maker& maker) {
    std::vector<std::size_t> family(records.size());
    std::iota(family.begin(), family.end(), std::size_t{0});
    for (std::size_t a = 0; a < records.size(); ++a) {
        for (std::size_t b = 0; b < records.size(); ++b) {
            bool related = is_same_id(records[a].target, records[b].target) || has_id(records[b], records[a].subject);
            for (const std::string& needed : records[a].needs) related = related || has_id(records[b], needed);
            if (!related) continue;
            const std::size_t from = std::max(family[a], family[b]), to = std::min(family[a], family[b]);
            std::replace(family.begin(), family.end(), from, to);
        }
    }
    Shards shards{{}, 1 + maker.of(5)};
    for (const std::size_t first : family) shards.of_record.push_back(shard_of(records[first].target, shards.count));
    return shards;
}

}  // namespace

TEST_CASE("shards by target planned alone with all containers decide like the whole plan in random worlds") {
    for_each_world([](World world, Maker& maker) {
        strip_algorithms(world, maker);
        const Shards shards = shards_by_target(world.records, maker);
        require_equal<Store>(world, shards);
        require_equal<StoreWithIsDangling>(world, shards);
    });
}

TEST_CASE("a merged summary of many nodes decides like the containers of these nodes in random worlds") {
    for_each_world([](World world, Maker& maker) {
        strip_algorithms(world, maker);
        world.options = maker.make({}).options;
        std::vector<pruneplan::UsageSummary> nodes(1 + maker.of(4));
        const auto containers = library::in_a_row<library::Lent>(world.containers);
        for (const library::Lent& container : containers) nodes[maker.of(nodes.size())].add(container);
        pruneplan::UsageSummary summary;
        for (const pruneplan::UsageSummary& node : nodes) summary.merge(node);
        summary.merge(nodes.front());

        const Plan whole = plan_whole<StoreWithNeeds>(world);
        const Plan summarized = plan_of<StoreWithNeeds>(world.records, summary, world.options);
        for (std::size_t record = 0; record < world.records.size(); ++record) {
            REQUIRE(summarized.decisions[record].reason == whole.decisions[record].reason);
            REQUIRE(summarized.decisions[record].options == whole.decisions[record].options);
        }
        REQUIRE(summarized.deletions == whole.deletions);
        REQUIRE(kinds_of(summarized.doubts) == kinds_of(whole.doubts));
    });
}

TEST_CASE("with keep_newest shards keep every image that the whole plan keeps in random worlds") {
    for_each_world([](World world, Maker& maker) {
        for (std::size_t left = 1 + maker.of(2); left > 0; --left)
            world.options.keep_newest.push_back({maker.of(4), {}, static_cast<model::NewestBy>(maker.of(4))});
        const Plan whole = plan_whole<Store>(world);
        const Plan sharded = plan_in_shards<Store>(world, shards_by_target(world.records, maker));
        for (std::size_t record = 0; record < world.records.size(); ++record) {
            const auto reason = whole.decisions[record].reason;
            if (reason == "newest") REQUIRE(sharded.decisions[record].reason == "newest");
            // A shard can delete the whole plan's last name of an image if it keeps another name as newest.
            if (!whole.decisions[record].deletes() && reason != "last_name")
                REQUIRE(!sharded.decisions[record].deletes());
        }
        require_no_lost_image(world, sharded, whole);
    });
}

TEST_CASE("with bytes_to_free shards delete nothing that the whole plan without a budget keeps in random worlds") {
    for_each_world([](World world, Maker& maker) {
        const Plan whole = plan_whole<Store>(world);
        world.options.bytes_to_free = std::int64_t{1} << maker.of(10);
        const Plan sharded = plan_in_shards<Store>(world, shards_by_target(world.records, maker));
        const auto kept = kept_images(world, sharded);
        for (std::size_t record = 0; record < world.records.size(); ++record) {
            if (!sharded.decisions[record].deletes()) continue;
            REQUIRE(whole.decisions[record].deletes());
            REQUIRE(!kept.contains(world.records[record].target));
        }
    });
}

TEST_CASE("before and since are exact if every shard has all records of the named image in random worlds") {
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
            for (std::size_t i = 0; i < own && !can_keep_more(world); ++i)
                REQUIRE(plan.decisions[i] == whole.decisions[numbers[i]]);
        }
    });
    CHECK(named > worlds() / 2);
}

TEST_CASE("shards by family of a store with needs decide like the whole plan in random worlds") {
    for_each_world([](World world, Maker& maker) {
        strip_algorithms(world, maker);
        const Shards shards = shards_by_family(world.records, maker);
        const Plan whole = plan_whole<StoreWithNeeds>(world);
        const Plan sharded = plan_in_shards<StoreWithNeeds>(world, shards);
        if (can_keep_more(world)) return require_no_lost_image(world, sharded, whole);
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

TEST_CASE("an image in another shard than the one that needs it is deleted unless an added container mounts it") {
    World world;
    world.records = {{.name = "docker.io/library/base:1", .target = "sha256:1"},
                     {.name = "docker.io/library/app:1", .target = "sha256:2", .needs = {"sha256:1"}}};
    world.containers = {{.image_id = "sha256:2", .image_ref = "app:1"}};
    const Shards shards{{0, 1}, 2};
    CHECK(plan_whole<StoreWithNeeds>(world).deletions.empty());
    CHECK(plan_in_shards<StoreWithNeeds>(world, shards).deletions == std::vector<std::size_t>{0});
    world.containers.push_back({"no image", "no image of a container", {"sha256:1"}});
    CHECK(plan_in_shards<StoreWithNeeds>(world, shards).deletions.empty());
}

TEST_CASE("with what kept images need added as mounts shards delete what the whole plan deletes in random worlds") {
    for_each_world([](World world, Maker& maker) {
        for (Record& record : world.records) record.subject.clear();
        const Shards shards = shards_by_target(world.records, maker);
        const Plan whole = plan_whole<StoreWithNeeds>(world);
        Container needed{"no image", "no image of a container", {}};
        Plan sharded;
        for (bool grows = true; grows;) {
            std::vector<Container> containers = world.containers;
            containers.push_back(needed);
            sharded = plan_in_shards<StoreWithNeeds>(world, shards, containers);
            grows = false;
            const auto kept = kept_images(world, sharded);
            for (const Record& record : world.records) {
                if (!kept.contains(record.target)) continue;
                for (const std::string& target : record.needs) {
                    const auto& known = needed.mounted;
                    if (target.empty() || std::find(known.begin(), known.end(), target) != known.end()) continue;
                    needed.mounted.push_back(target);
                    grows = true;
                }
            }
        }
        require_no_lost_image(world, sharded, whole);
        for (std::size_t record = 0; record < world.records.size() && !can_keep_more(world); ++record)
            REQUIRE(sharded.decisions[record].deletes() == whole.decisions[record].deletes());
    });
}

TEST_CASE("with patterns that are IDs shards keep every image that the whole plan keeps in random worlds") {
    for_each_world([](World world, Maker& maker) {
        for (std::size_t left = 1 + maker.of(2); left > 0; --left)
            world.options.keep.push_back(maker.one_in(2) ? "aaaa" : maker.any_digest());
        const Plan whole = plan_whole<Store>(world);
        require_no_lost_image(world, plan_in_shards<Store>(world, shards_by_target(world.records, maker)), whole);
    });
}

TEST_CASE("under strict a shard without the image of a container keeps the image of the digest that its user typed") {
    World world;
    world.records = {{.name = "docker.io/library/app:1", .target = "sha256:" + std::string(64, 'a')},
                     {.name = "docker.io/library/app:2", .target = "sha256:" + std::string(64, 'b')}};
    world.containers = {{.image_id = world.records[1].target, .image_ref = "app@" + world.records[0].target}};
    CHECK(plan_whole<Store>(world).deletions == std::vector<std::size_t>{0});
    CHECK(plan_in_shards<Store>(world, {{0, 1}, 2}).deletions.empty());
}

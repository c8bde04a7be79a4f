// SPDX-License-Identifier: BSL-1.0
// Properties that must hold in every world, whatever the rules are. PRUNEPLAN_SEED selects the random worlds.

#include "../support/catch.hpp"
#include "../support/live_store.hpp"
#include "library.hpp"
#include "model.hpp"
#include "random_worlds.hpp"

#include <pruneplan/pruneplan.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <map>
#include <numeric>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace {

using library::All;
using model::Container;
using model::Record;
using model::World;
using random_worlds::Maker;

std::uint64_t seed() {
    const char* given = std::getenv("PRUNEPLAN_SEED");
    return given == nullptr ? 1 : std::strtoull(given, nullptr, 10);
}

/// Gives all records of an image the same parent and blobs, as real stores do.
void make_consistent(World& world) {
    std::map<std::string, Record> first;
    for (Record& record : world.records) {
        const Record& known = first.emplace(record.target, record).first->second;
        record.parent = known.parent;
        record.blobs = known.blobs;
    }
}

/// Calls `check` with random worlds, and with the maker of each for further random choices.
template <class Check>
void for_each_world(std::uint64_t count, const Check& check) {
    for (std::uint64_t number = 0; number < count; ++number) {
        INFO("PRUNEPLAN_SEED=" << seed() << ", world " << number);
        Maker maker(seed(), number);
        World world = maker.make({});
        make_consistent(world);
        check(world, maker);
    }
}

model::Plan planned(const World& world) {
    return library::planned_by<All>(world, library::in_a_row<library::Lent>(world.containers));
}

std::vector<std::size_t> shuffled(std::size_t count, Maker& maker) {
    std::vector<std::size_t> order(count);
    std::iota(order.begin(), order.end(), 0u);
    std::shuffle(order.begin(), order.end(), maker.random());
    return order;
}

template <class T>
std::vector<T> in_order(const std::vector<T>& list, const std::vector<std::size_t>& order) {
    std::vector<T> out;
    for (const std::size_t from : order) out.push_back(list[from]);
    return out;
}

bool keeps_target(const World& world, const model::Plan& plan, const std::string& id) {
    for (std::size_t i = 0; i < world.records.size(); ++i)
        if (world.records[i].target == id && !plan.decisions[i].deletes()) return true;
    return false;
}

bool has_target(const World& world, const std::string& id) {
    const auto points_there = [&](const Record& record) { return record.target == id; };
    return std::any_of(world.records.begin(), world.records.end(), points_there);
}

}  // namespace

TEST_CASE("decisions do not depend on the order of records") {
    for_each_world(2000, [](World& world, Maker& maker) {
        const model::Plan plan = planned(world);
        const auto order = shuffled(world.records.size(), maker);
        World other = world;
        other.records = in_order(world.records, order);
        REQUIRE(planned(other).decisions == in_order(plan.decisions, order));
    });
}

TEST_CASE("the order of containers only changes which of several containers is reported") {
    for_each_world(2000, [](World& world, Maker& maker) {
        const model::Plan plan = planned(world);
        const auto order = shuffled(world.containers.size(), maker);
        World other = world;
        other.containers = in_order(world.containers, order);
        const model::Plan shuffled_plan = planned(other);
        REQUIRE(shuffled_plan.deletions == plan.deletions);
        for (std::size_t i = 0; i < plan.decisions.size(); ++i) {
            const model::Decision &before = plan.decisions[i], &after = shuffled_plan.decisions[i];
            REQUIRE(before.reason == after.reason);
            REQUIRE(before.container.has_value() == after.container.has_value());
            if (!before.container) continue;
            // Each plan reports the first of the same containers, in its own order.
            const auto place_of_before = std::find(order.begin(), order.end(), *before.container) - order.begin();
            REQUIRE(*after.container <= static_cast<std::size_t>(place_of_before));
            REQUIRE(*before.container <= order[*after.container]);
        }
    });
}

TEST_CASE("a container that uses nothing only shifts the numbers of the containers after it") {
    for_each_world(1000, [](World& world, Maker& maker) {
        const model::Plan plan = planned(world);
        const std::size_t place = maker.of(world.containers.size() + 1);
        world.containers.insert(world.containers.begin() + static_cast<std::ptrdiff_t>(place),
                                Container{"sha256:" + std::string(64, 'f'), "nothing/of:that-name", {}});
        const model::Plan after = planned(world);
        REQUIRE(after.deletions == plan.deletions);
        for (std::size_t i = 0; i < plan.decisions.size(); ++i) {
            model::Decision expected = plan.decisions[i];
            if (expected.container && *expected.container >= place) ++*expected.container;
            REQUIRE(after.decisions[i] == expected);
        }
    });
}

// Options that depend on which records exist are left out, since they can delete more once some are deleted: a budget,
// and filters that name an image.
TEST_CASE("planning again after all deletions deletes nothing more") {
    std::size_t deleted = 0;
    for_each_world(2000, [&](World& world, Maker&) {
        world.options.bytes_to_free = std::nullopt;
        std::erase_if(world.options.filters, [](const std::string& filter) {
            return filter.starts_with("before=") || filter.starts_with("since=");
        });
        const model::Plan plan = planned(world);
        World after = world;
        after.records.clear();
        for (std::size_t i = 0; i < world.records.size(); ++i)
            if (!plan.decisions[i].deletes()) after.records.push_back(world.records[i]);
        deleted += plan.deletions.size();
        REQUIRE(planned(after).deletions.empty());
    });
    CHECK(deleted > 1000);
}

TEST_CASE("a mounted image keeps a name under every rule and an image that runs under DigestUse::every_container") {
    for_each_world(2000, [](World& world, Maker& maker) {
        world.options.rule.every_container = !maker.one_in(4);
        const model::Plan plan = planned(world);
        for (const Container& container : world.containers) {
            if (world.options.rule.every_container && has_target(world, container.image_id))
                REQUIRE(keeps_target(world, plan, container.image_id));
            for (const std::string& mounted : container.mounted)
                if (has_target(world, mounted)) REQUIRE(keeps_target(world, plan, mounted));
        }
    });
}

TEST_CASE("strict keeps the name that a container was created from") {
    std::size_t named = 0;
    for_each_world(2000, [&](World& world, Maker&) {
        world.options.rule = {.names_in_use = true, .every_container = true, .all_names = false};
        const model::Plan plan = planned(world);
        for (const Container& container : world.containers) {
            const auto& reference = model::parse_reference(container.image_ref);
            if (!reference) continue;
            const std::string by_tag = reference->repository() + ":" + reference->tag;
            for (std::size_t i = 0; i < world.records.size(); ++i) {
                const std::string& name = world.records[i].name;
                if (name != reference->canonical() && (reference->digest.empty() || name != by_tag)) continue;
                ++named;
                REQUIRE_FALSE(plan.decisions[i].deletes());
            }
        }
    });
    CHECK(named > 100);
}

TEST_CASE("children are deleted before parents and names without parents in sorted order") {
    for_each_world(2000, [](World& world, Maker& maker) {
        // Parents have lesser targets than their children, so that there are no circles.
        const bool has_parents = !maker.one_in(4);
        for (Record& record : world.records)
            if (!has_parents || record.parent >= record.target) record.parent.clear();
        const model::Plan plan = planned(world);
        std::vector<std::string> names;
        std::set<std::string> deleted;
        for (const std::size_t id : plan.deletions) {
            const Record& record = world.records[id];
            names.push_back(record.name);
            if (!record.parent.empty()) REQUIRE_FALSE(deleted.contains(record.parent));
            deleted.insert(record.target);
        }
        if (!has_parents) REQUIRE(std::is_sorted(names.begin(), names.end()));
    });
}

TEST_CASE("estimate_space equals a sum over all blobs") {
    constexpr std::uint64_t most = std::numeric_limits<std::uint64_t>::max();
    const auto add = [](std::uint64_t& sum, std::uint64_t more) { sum = more > most - sum ? most : sum + more; };
    for_each_world(2000, [&](World& world, Maker&) {
        const All store(world.records);
        const auto index = library::accepted(pruneplan::ImageIndex<All>::build(store));
        const auto plan =
            plan_prune(index, library::in_a_row<library::Lent>(world.containers), library::options_of(world.options));
        struct Count {
            std::set<std::uint64_t> sizes;
            bool on_kept = false, on_deleted = false;
        };
        std::map<std::string, Count> blobs;
        std::set<std::string> kept;
        for (std::size_t i = 0; i < world.records.size(); ++i)
            if (!plan.decisions().deletes(i)) kept.insert(world.records[i].target);
        for (const Record& record : world.records)
            for (const model::Blob& blob : record.blobs) {
                Count& count = blobs[blob.digest];
                count.sizes.insert(blob.size);
                (kept.contains(record.target) ? count.on_kept : count.on_deleted) = true;
            }
        pruneplan::SpaceEstimate expected;
        for (const auto& [digest, count] : blobs) {
            if (count.sizes.size() > 1) {
                ++expected.inconsistent_blobs;
                continue;
            }
            const std::uint64_t size = *count.sizes.begin();
            if (!count.on_kept) add(expected.freed, size);
            if (count.on_kept) add(expected.kept, size);
            if (count.on_kept && count.on_deleted) add(expected.shared, size);
        }
        REQUIRE(estimate_space(plan, index) == expected);
    });
}

namespace {

using pruneplan::RemoveOutcome;
using pruneplan::RemoveStatus;

/// A remover for a live store that fails at random, and changes the store as other processes can between two removals.
/// Records what its own removals change.
struct UnreliableRemover {
    live::Store& store;
    Maker& maker;
    bool fails, interferes;
    std::set<std::string> removed{}, deleted{};
    std::uint64_t reclaimed = 0;
    std::size_t failures = 0;
    int changes_by_others = 0;
    bool can_regain_name = false;  ///< others can have given a new name to an image that lost its planned names

    void interfere(std::string_view name) {
        if (!interferes || !maker.one_in(4)) return;
        ++changes_by_others;
        const std::string text(name), another = "docker.io/library/app:" + std::to_string(maker.of(40));
        switch (maker.of(6)) {
            case 0: store.untag(text); break;
            case 1: store.untag(another); break;
            case 2: store.tag(another, "sha256:new"); break;
            case 3:
                store.tag(another, "sha256:" + std::to_string(maker.of(12)));
                can_regain_name = true;
                break;
            case 4:
                // Engines create dangling names themselves: users do not tag them.
                if (!text.starts_with("moby-dangling@")) store.tag(text, "sha256:new");
                break;
            default:
                store.create_container(text);
                can_regain_name = true;
                break;
        }
    }

    template <class... Survivor>
    RemoveOutcome remove(std::string_view name, std::string_view target, Survivor... survivor) {
        interfere(name);
        if (fails && maker.one_in(5)) {
            ++failures;
            return {RemoveStatus::failed, "the disk is full"};
        }
        const std::string text(name), image(target);
        const std::uint64_t before = store.bytes();
        const RemoveOutcome outcome = store.remove(name, target, survivor...);
        if (outcome.status != RemoveStatus::removed) return outcome;
        removed.insert(text);
        if (!store.targets().contains(image)) deleted.insert(image);
        reclaimed += before - store.bytes();
        return outcome;
    }
    bool holds(std::string_view name, std::string_view target) const { return store.holds(name, target); }
};

/// Callbacks that veto deletions and stop the run at random.
struct RandomCallbacks {
    Maker& maker;
    bool vetoes, cancels;
    std::size_t vetoed = 0, steps = 0;

    bool before(const pruneplan::PlannedDeletion&) {
        const bool veto = vetoes && maker.one_in(5);
        if (veto) ++vetoed;
        return !veto;
    }
    static void after(const pruneplan::AppliedStep&) {}
    bool should_stop() {
        if (cancels && maker.one_in(10)) return true;
        ++steps;
        return false;
    }
};

void populate(live::Store& store, Maker& maker) {
    static const std::vector<std::string> digests{"p", "q", "r", "s", "t", "u", "v", "w"};
    for (std::size_t i = 0; i < 12; ++i) {
        live::Store::Image image;
        for (std::size_t blob = 0; blob < digests.size(); ++blob)
            if (maker.one_in(3)) image.blobs.push_back({digests[blob], std::uint64_t{1} << blob});
        if (i > 0 && maker.one_in(3)) image.parent = "sha256:" + std::to_string(maker.of(i));
        store.add_image("sha256:" + std::to_string(i), image);
    }
    store.add_image("sha256:new", {{{"x", 1 << 10}}, ""});
    for (std::size_t i = 0; i < 27; ++i)
        store.tag("docker.io/library/app:" + std::to_string(i), "sha256:" + std::to_string(maker.of(12)));
    for (std::size_t i = 0; i < 3; ++i)
        store.tag("moby-dangling@sha256:" + std::to_string(i), "sha256:" + std::to_string(i));
    const auto records = store.snapshot().records;
    for (std::size_t i = 0; i < 5; ++i) {
        const std::string& target = records[maker.of(records.size())].target;
        store.add_container({target, i % 2 ? target : "app:" + std::to_string(maker.of(27))});
    }
}

std::set<std::string> names_of(const std::vector<pruneplan::PruneReport::Untagged>& untagged) {
    std::set<std::string> out;
    for (const auto& record : untagged) out.insert(record.name);
    return out;
}

}  // namespace

TEST_CASE("apply_prune reports what it changes in a store despite vetoes and failures and changes by others") {
    int changes_by_others = 0;
    std::size_t failures = 0, vetoes = 0, cancelled = 0;
    for (std::uint64_t number = 0; number < 1000; ++number) {
        INFO("PRUNEPLAN_SEED=" << seed() << ", store " << number);
        Maker maker(seed(), number);
        live::Store store;
        populate(store, maker);
        const auto snapshot = store.snapshot();
        const auto index = library::accepted(live::Index::build(snapshot));
        const auto plan = plan_prune(index, store.containers(),
                                     {.scope = pruneplan::Scope::unused, .usage = pruneplan::usage_rules::strict});
        UnreliableRemover remover{store, maker, maker.one_in(2), maker.one_in(2)};
        RandomCallbacks options{maker, maker.one_in(2), maker.one_in(3)};
        const auto names = store.names(), targets = store.targets();
        const std::uint64_t bytes = store.bytes();
        const auto report = apply_prune(plan, index, remover, options);

        REQUIRE(store.lost().empty());
        REQUIRE(names_of(report.untagged) == remover.removed);
        const std::set<std::string> deleted(report.deleted.begin(), report.deleted.end());
        REQUIRE(deleted.size() == report.deleted.size());
        REQUIRE(std::includes(remover.deleted.begin(), remover.deleted.end(), deleted.begin(), deleted.end()));
        REQUIRE(report.failures.size() == remover.failures);
        REQUIRE(report.cancelled == (options.steps < plan.deleted_count()));
        REQUIRE(report.untagged.size() + report.failures.size() + report.skipped.size() == options.steps);
        const auto was_vetoed = [](const auto& skip) { return skip.reason == pruneplan::SkipReason::vetoed; };
        REQUIRE(static_cast<std::size_t>(std::count_if(report.skipped.begin(), report.skipped.end(), was_vetoed)) ==
                options.vetoed);
        if (remover.changes_by_others == 0) {
            // The report lists all that changed.
            REQUIRE(deleted == remover.deleted);
            REQUIRE(report.space_reclaimed == remover.reclaimed);
            REQUIRE(report.space_reclaimed == bytes - store.bytes());
            REQUIRE(store.names().size() + report.untagged.size() == names.size());
            REQUIRE(store.targets().size() + report.deleted.size() == targets.size());
        } else if (!remover.can_regain_name) {
            // The applier does not know which names others have removed, so it can report fewer bytes.
            REQUIRE(report.space_reclaimed <= remover.reclaimed);
        }
        changes_by_others += remover.changes_by_others;
        failures += remover.failures;
        vetoes += options.vetoed;
        cancelled += report.cancelled;
    }
    CHECK(changes_by_others > 100);
    CHECK(failures > 100);
    CHECK(vetoes > 100);
    CHECK(cancelled > 100);
}

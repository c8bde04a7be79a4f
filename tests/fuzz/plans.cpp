// SPDX-License-Identifier: BSL-1.0
// Fuzzes build and plan_prune, with a world read from the input: checks properties that hold for every plan.

#include "targets.hpp"
#include "world.hpp"

#include <pruneplan/pruneplan.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace {

using fuzz::Container;
using fuzz::Index;
using fuzz::Record;
using fuzz::require;
using fuzz::Store;
using fuzz::World;
using pruneplan::DigestUse;
using pruneplan::NamesKept;
using pruneplan::PrunePlan;

using DecisionOf = std::map<std::string_view, pruneplan::Decision>;

DecisionOf decisions_of(const Index& index, const PrunePlan& plan) {
    DecisionOf out;
    for (std::size_t id = 0; id < index.size(); ++id) out[index.name(id)] = plan.decisions()[id];
    return out;
}

std::set<std::string_view> kept_targets(const Index& index, const PrunePlan& plan) {
    std::set<std::string_view> out;
    for (std::size_t id = 0; id < index.size(); ++id)
        if (!plan.decisions().deletes(id)) out.insert(index.target(id));
    return out;
}

void check_counts(const Index& index, const PrunePlan& plan) {
    require(plan.decisions().size() == index.size() && plan.kept_count() + plan.deleted_count() == index.size(),
            "each record has a decision");
    const auto deletions = plan.deletions();
    require(deletions.size() == plan.deleted_count(), "each deleted record is listed");
    for (std::size_t id = 0; id < index.size(); ++id)
        require(!explain(plan, index, id).empty(), "each decision can be explained");
}

/// Checks that each record is listed once. The order of deletions is tested by tests/model/properties.cpp.
void check_deletions(const Index& index, const PrunePlan& plan) {
    const auto deletions = plan.deletions();
    std::set<std::size_t> listed;
    for (std::size_t i = 0; i < deletions.size(); ++i) {
        const auto deletion = deletions[i];
        require(listed.insert(deletion.image).second, "a deleted record is listed once");
        require(deletion.name == index.name(deletion.image) && deletion.target == index.target(deletion.image),
                "a deletion has the name and target of its record");
    }
}

/// Checks what the usage rule guarantees to each container.
void check_containers(const World& world, const Index& index, const PrunePlan& plan) {
    const pruneplan::UsageRule& rule = world.options.usage;
    const auto kept = kept_targets(index, plan);
    for (const Container& container : world.containers) {
        for (std::size_t id = 0; id < index.size(); ++id) {
            const bool runs = index.target(id) == container.id;
            const bool mounts = std::find(container.mounted.begin(), container.mounted.end(), index.target(id)) !=
                                container.mounted.end();
            if ((runs && rule.digests_in_use == DigestUse::every_container) || mounts) {
                require(kept.contains(index.target(id)), "an image in use keeps a name");
                if (rule.names_kept == NamesKept::all)
                    require(!plan.decisions().deletes(id), "an image in use keeps all names");
            }
        }
        if (!rule.names_in_use) continue;
        const auto keeps = [&](std::string_view name) {
            const auto id = index.find(name);
            return !id || !plan.decisions().deletes(*id);
        };
        require(keeps("moby-dangling@" + container.id), "the dangling name of an image in use is kept");
        if (const auto reference = pruneplan::parse_reference(container.ref)) {
            const pruneplan::Reference tagged = reference->with_default_tag();
            require(keeps(tagged.canonical()), "a name in use is kept");
            if (!reference->tag().empty() && !reference->digest().empty())
                require(keeps(std::string(reference->name()) + ":" + std::string(reference->tag())),
                        "a name in use is kept, also in the form without its digest");
        }
    }
}

void check_parents(const Index& index, const PrunePlan& plan) {
    const auto kept = kept_targets(index, plan);
    for (std::size_t id = 0; id < index.size(); ++id) {
        const auto parent = index.parent(index.target_id(id));
        if (parent && kept.contains(index.target(id)))
            require(kept.contains(index.target(*parent)), "the parent of a kept image keeps a name");
    }
}

void check_space(const Index& index, const PrunePlan& plan) {
    const auto kept = kept_targets(index, plan);
    unsigned before = 0, after = 0;
    std::uint64_t shared = 0;
    unsigned of_deleted = 0;
    for (std::size_t id = 0; id < index.size(); ++id) {
        const unsigned bits = fuzz::blob_bits(index.target(id));
        before |= bits;
        (kept.contains(index.target(id)) ? after : of_deleted) |= bits;
    }
    shared = after & of_deleted;
    // The size of blob N is 2^N, so a sum of sizes is a set of blobs.
    const pruneplan::SpaceEstimate space = estimate_space(plan, index);
    require(space.freed == (before & ~after) && space.kept == after && space.shared == shared &&
                space.inconsistent_blobs == 0,
            "an estimate equals a sum over all blobs");
}

void check_budget(const World& world, const Index& index, const PrunePlan& plan) {
    if (!world.options.bytes_to_free) return;
    const auto kept = kept_targets(index, plan);
    for (std::size_t id = 0; id < index.size(); ++id)
        require(!plan.decisions().deletes(id) || !kept.contains(index.target(id)), "a budget deletes whole images");
    pruneplan::PruneOptions without = world.options;
    without.bytes_to_free.reset();
    const PrunePlan all = plan_prune(index, world.containers, without);
    const auto kept_by_all = kept_targets(index, all);
    std::size_t whole = 0, taken = 0;
    for (std::size_t id = 0; id < index.size(); ++id) {
        require(!plan.decisions().deletes(id) || all.decisions().deletes(id),
                "a budget deletes only records that are deleted without it");
        if (!kept_by_all.contains(index.target(id))) ++whole;
        taken += plan.decisions().deletes(id);
    }
    require(taken == whole || estimate_space(plan, index).freed >= *world.options.bytes_to_free,
            "a budget deletes until enough is freed");
}

/// Checks that the order of records and containers does not matter.
void check_any_order(const World& world, const Index& index, const PrunePlan& plan) {
    World reversed = world;
    std::reverse(reversed.store.records.begin(), reversed.store.records.end());
    const auto other = Index::build(reversed.store);
    require(other.has_value(), "whether a store is valid does not depend on the order of its records");
    const PrunePlan other_plan = plan_prune(*other, reversed.containers, reversed.options);
    require(decisions_of(index, plan) == decisions_of(*other, other_plan),
            "decisions do not depend on the order of records");

    std::reverse(reversed.containers.begin(), reversed.containers.end());
    const PrunePlan third = plan_prune(*other, reversed.containers, reversed.options);
    for (std::size_t id = 0; id < index.size(); ++id)
        require(third.decisions().reason(id) == other_plan.decisions().reason(id),
                "reasons do not depend on the order of containers");
}

/// Checks that planning again after all deletions deletes nothing, where the options promise it.
void check_again(const World& world, const Index& index, const PrunePlan& plan) {
    // A budget does not count what was freed already, and the image that a filter names can be deleted.
    if (world.options.bytes_to_free) return;
    for (const pruneplan::Filter& filter : world.options.filters)
        if (filter.kind == pruneplan::FilterKind::before || filter.kind == pruneplan::FilterKind::since) return;
    // If records of an image name different parents, a parent that only a deleted record named is not protected any
    // more.
    for (std::size_t id = 0; id < index.size(); ++id)
        if (index.parent(index.target_id(id), 1)) return;
    // Neither is a parent that only some records of an image name.
    std::map<std::string_view, std::string_view> parents;
    for (const Record& record : world.store.records)
        if (parents.emplace(record.target, record.parent).first->second != record.parent) return;
    Store left;
    for (std::size_t id = 0; id < index.size(); ++id)
        if (!plan.decisions().deletes(id)) left.records.push_back(index.record(id));
    const auto rest = Index::build(left);
    const PrunePlan again = plan_prune(*rest, world.containers, world.options);
    require(again.deleted_count() == 0, "planning again after all deletions deletes nothing more");
}

}  // namespace

void fuzz::plans(std::string_view bytes) {
    Input input(bytes);
    const bool unique = input.below(8) != 0;
    const World world = read_world(input, unique);
    const auto index = Index::build(world.store);
    std::set<std::string_view> names;
    for (const Record& record : world.store.records) names.insert(record.name);
    require(index.has_value() == (names.size() == world.store.records.size()),
            "an index is built if and only if all names differ");
    if (!index) {
        require(index.error().code == pruneplan::ErrorCode::duplicate_name,
                "a rejected store has the error duplicate_name");
        return;
    }
    static_cast<void>(check_options(*index, world.options));
    const PrunePlan plan = plan_prune(*index, world.containers, world.options);
    check_counts(*index, plan);
    check_deletions(*index, plan);
    check_containers(world, *index, plan);
    check_parents(*index, plan);
    check_space(*index, plan);
    check_budget(world, *index, plan);
    check_any_order(world, *index, plan);
    check_again(world, *index, plan);
}

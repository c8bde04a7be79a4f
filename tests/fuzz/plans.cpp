// SPDX-License-Identifier: BSL-1.0
// Fuzzes build_index and plan_prune, with a world read from the input: checks properties that hold for every plan.

#include "targets.hpp"
#include "world.hpp"

#include <pruneplan/pruneplan.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
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

DecisionOf decisions_of(const PrunePlan& plan) {
    DecisionOf out;
    for (pruneplan::Decision decision : plan) {
        const std::string_view name = decision.name;
        decision.record = 0;
        out[name] = decision;
    }
    return out;
}

bool deletes(const PrunePlan& plan, std::size_t record) { return plan[record].action == pruneplan::Action::erase; }

std::set<std::string_view> kept_targets(const PrunePlan& plan) {
    std::set<std::string_view> out;
    for (const pruneplan::Decision& decision : plan)
        if (decision.action == pruneplan::Action::keep) out.insert(decision.target);
    return out;
}

void check_counts(const World& world, const PrunePlan& plan) {
    const auto& records = world.store.records;
    require(plan.size() == records.size() && plan.kept_count() + plan.deleted_count() == records.size(),
            "each record has a decision");
    require(plan.deletions().size() == plan.deleted_count(), "each deleted record is listed");
    for (std::size_t id = 0; id < records.size(); ++id) {
        require(plan[id].name == records[id].name && plan[id].target == records[id].target,
                "a decision has the name and target of its record");
        require(!explain(plan, id).empty(), "each decision can be explained");
    }
    for (const pruneplan::Doubt& doubt : plan.doubts()) {
        require(!doubt.sentence.empty() && doubt.sentence.find('\n') == std::string::npos, "a doubt is one line");
        const std::size_t end = doubt.kind <= pruneplan::DoubtKind::invalid_image_ref   ? world.containers.size()
                                : doubt.kind == pruneplan::DoubtKind::unmatched_pattern ? world.options.keep.size()
                                                                                        : records.size();
        require(doubt.number < end, "a doubt has the number of what it is about");
    }
}

/// Checks that each record is listed once. The order of deletions is tested by tests/oracle/model/properties.cpp.
void check_deletions(const PrunePlan& plan) {
    std::set<std::size_t> listed;
    for (const pruneplan::Decision& deletion : plan.deletions()) {
        require(listed.insert(deletion.record).second, "a deleted record is listed once");
        require(deletion == plan[deletion.record], "a deletion is the decision on its record");
    }
}

/// Checks that the option that a decision names has the effect that the reason tells.
void check_options_named(const World& world, const PrunePlan& plan) {
    for (const pruneplan::Decision& decision : plan) {
        const bool by_option = decision.reason == pruneplan::Reason::filtered ||
                               decision.reason == pruneplan::Reason::kept_pattern ||
                               decision.reason == pruneplan::Reason::newest;
        require(decision.option.has_value() == by_option, "a decision by an option names it");
        if (!by_option) continue;
        pruneplan::PruneOptions alone;
        alone.scope = pruneplan::Scope::unused;
        alone.usage.digests_in_use = DigestUse::no_container;
        if (decision.reason == pruneplan::Reason::filtered) {
            const pruneplan::Filter& filter = world.options.filters[*decision.option];
            alone.filters = {filter};
            // One of several filters `reference` must match.
            if (filter.kind() == pruneplan::FilterKind::reference && !filter.negated()) continue;
        } else if (decision.reason == pruneplan::Reason::kept_pattern) {
            alone.keep = {world.options.keep[*decision.option]};
        } else {
            alone.keep_newest = {world.options.keep_newest[*decision.option]};
        }
        const auto index = pruneplan::build_index(world.store);
        const PrunePlan other = plan_prune(*index, {}, alone);
        require(other[decision.record].reason == decision.reason ||
                    other[decision.record].reason == pruneplan::Reason::pinned,
                "an option alone has the effect that a decision names");
    }
}

/// Checks what the usage rule guarantees to each container.
void check_containers(const World& world, const PrunePlan& plan) {
    const pruneplan::UsageRule& rule = world.options.usage;
    const auto kept = kept_targets(plan);
    for (const Container& container : world.containers) {
        for (const pruneplan::Decision& decision : plan) {
            if (decision.target.empty()) continue;  // It is no ID.
            const bool runs = decision.target == container.id;
            const bool mounts = std::find(container.mounted.begin(), container.mounted.end(), decision.target) !=
                                container.mounted.end();
            if ((runs && rule.digests_in_use == DigestUse::every_container) || mounts) {
                require(kept.contains(decision.target), "an image in use keeps a name");
                if (rule.names_kept == NamesKept::all)
                    require(decision.action == pruneplan::Action::keep, "an image in use keeps all names");
            }
        }
        if (!rule.names_in_use) continue;
        const auto reference = pruneplan::parse_reference(container.ref);
        for (const pruneplan::Decision& decision : plan) {
            if (decision.action == pruneplan::Action::keep) continue;
            require(decision.name != "moby-dangling@" + container.id, "the dangling name of an image in use is kept");
            require(decision.name != container.ref, "a name in use is kept");
            const auto name = pruneplan::parse_reference(decision.name);
            if (!name || !reference) continue;
            const pruneplan::Reference tagged = reference->with_default_tag();
            const std::string canonical(name->with_default_tag().canonical());
            require(canonical != tagged.canonical(), "a name in use is kept in whatever form it is spelled");
            if (!reference->tag().empty() && !reference->digest().empty())
                require(canonical != std::string(reference->name()) + ":" + std::string(reference->tag()),
                        "a name in use is kept, also in the form without its digest");
        }
    }
}

void check_needs(const World& world, const PrunePlan& plan) {
    const auto kept = kept_targets(plan);
    std::set<std::string_view> all;
    for (const Record& record : world.store.records) all.insert(record.target);
    for (const Record& record : world.store.records)
        for (const std::string& needed : record.needs)
            if (kept.contains(record.target) && all.contains(needed) && !needed.empty())
                require(kept.contains(needed), "what a kept image needs keeps a name");
}

void check_space(const PrunePlan& plan) {
    const auto kept = kept_targets(plan);
    unsigned before = 0, after = 0, of_deleted = 0;
    for (const pruneplan::Decision& decision : plan) {
        const unsigned bits = fuzz::blob_bits(decision.target);
        before |= bits;
        (kept.contains(decision.target) ? after : of_deleted) |= bits;
    }
    // The size of blob N is 2^N, so a sum of sizes is a set of blobs.
    const pruneplan::SpaceEstimate space = plan.space();
    require(space.freed == (before & ~after) && space.kept == after && space.shared == (after & of_deleted) &&
                space.inconsistent_blobs == 0,
            "an estimate equals a sum over all blobs");
}

void check_budget(const World& world, const Index& index, const PrunePlan& plan) {
    if (!world.options.bytes_to_free) return;
    const std::int64_t bytes = *world.options.bytes_to_free;
    const auto& records = world.store.records;
    if (std::all_of(records.begin(), records.end(), [](const Record& r) { return fuzz::blob_bits(r.target) == 0; })) {
        require(plan.deleted_count() == 0 || bytes == std::numeric_limits<std::int64_t>::max(),
                "a budget deletes nothing if no image has a size");
        return;
    }
    const auto kept = kept_targets(plan);
    for (const pruneplan::Decision& deletion : plan.deletions())
        require(!kept.contains(deletion.target), "a budget deletes whole images");
    pruneplan::PruneOptions without = world.options;
    without.bytes_to_free.reset();
    const PrunePlan all = plan_prune(index, world.containers, without);
    const auto kept_by_all = kept_targets(all);
    std::size_t whole = 0;
    for (std::size_t id = 0; id < plan.size(); ++id) {
        require(!deletes(plan, id) || deletes(all, id), "a budget deletes only records that are deleted without it");
        if (!kept_by_all.contains(plan[id].target)) ++whole;
    }
    require(plan.deleted_count() == whole || bytes < 0 || plan.space().freed >= static_cast<std::uint64_t>(bytes),
            "a budget deletes until enough is freed");
}

/// Checks that the order of records and containers does not matter.
void check_any_order(const World& world, const PrunePlan& plan) {
    World reversed = world;
    std::reverse(reversed.store.records.begin(), reversed.store.records.end());
    const auto other = pruneplan::build_index(reversed.store);
    require(other.has_value(), "whether a store is valid does not depend on the order of its records");
    const PrunePlan other_plan = plan_prune(*other, reversed.containers, reversed.options);
    require(decisions_of(plan) == decisions_of(other_plan), "decisions do not depend on the order of records");

    std::reverse(reversed.containers.begin(), reversed.containers.end());
    const PrunePlan third = plan_prune(*other, reversed.containers, reversed.options);
    for (std::size_t id = 0; id < plan.size(); ++id)
        require(third[id].reason == other_plan[id].reason, "reasons do not depend on the order of containers");
}

/// Checks that planning again after all deletions deletes nothing, where the options promise it.
void check_again(const World& world, const PrunePlan& plan) {
    // A budget does not count what was freed already, and the image that a filter names can be deleted.
    if (world.options.bytes_to_free) return;
    for (const pruneplan::Filter& filter : world.options.filters)
        if (filter.kind() == pruneplan::FilterKind::before || filter.kind() == pruneplan::FilterKind::since) return;
    std::map<std::string_view, const Record*> first;
    for (const Record& record : world.store.records) {
        // What only a deleted record needed is not protected any more.
        if (first.emplace(record.target, &record).first->second->needs != record.needs) return;
        // An image counts among the newest once the image that needed it was deleted.
        if (!world.options.keep_newest.empty() && !record.needs.empty()) return;
    }
    Store left;
    for (std::size_t id = 0; id < plan.size(); ++id)
        if (!deletes(plan, id)) left.records.push_back(world.store.records[id]);
    const auto rest = pruneplan::build_index(left);
    require(plan_prune(*rest, world.containers, world.options).deleted_count() == 0,
            "planning again after all deletions deletes nothing more");
}

/// Plans a copy of the world, and returns the plan when the copy is gone.
pruneplan::Result<PrunePlan> plan_of_a_copy(const World& world) {
    const World copy = world;
    return plan_prune(copy.store, copy.containers, copy.options);
}

}  // namespace

void fuzz::plans(std::string_view bytes) {
    Input input(bytes);
    const bool unique = input.below(8) != 0;
    const World world = read_world(input, unique);
    const auto index = pruneplan::build_index(world.store);
    std::set<std::string_view> names;
    for (const Record& record : world.store.records) names.insert(record.name);
    require(index.has_value() == (names.size() == world.store.records.size()),
            "an index is built if and only if all names differ");
    const auto by_store = plan_of_a_copy(world);
    if (!index) {
        require(index.error().code == pruneplan::ErrorCode::duplicate_name &&
                    by_store.error().code == pruneplan::ErrorCode::duplicate_name,
                "a rejected store has the error duplicate_name");
        return;
    }
    const auto checked = check_options(*index, world.options);
    require(by_store.has_value() == checked.has_value(), "a store is planned if the options are valid");
    const PrunePlan plan = plan_prune(*index, world.containers, world.options);
    if (by_store) require(*by_store == plan, "plans of a store and of its index are equal");
    check_counts(world, by_store ? *by_store : plan);
    check_deletions(plan);
    check_options_named(world, plan);
    check_containers(world, plan);
    check_needs(world, plan);
    check_space(plan);
    check_budget(world, *index, plan);
    check_any_order(world, plan);
    check_again(world, plan);
}

// SPDX-License-Identifier: BSL-1.0
// Fuzzes apply_prune. One half of the input is a world, the other a script: its bytes say when removals fail and when
// others change the store. Compares the report with the changes of the store.

#include "targets.hpp"
#include "world.hpp"

#include <pruneplan/pruneplan.hpp>

#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace {

using fuzz::Index;
using fuzz::Input;
using fuzz::require;
using fuzz::World;
using pruneplan::RemoveOutcome;
using pruneplan::RemoveStatus;

using Names = std::map<std::string, std::string, std::less<>>;

/// A store of names that others change, as the script says.
struct LiveStore {
    Names names;
    Input script;
    std::vector<fuzz::Record>* records = nullptr;  ///< the planned records, if removals free them
    std::set<std::string> removed{};               ///< by the applier
    bool by_others = false;                        ///< others have changed the store
    std::size_t failed = 0, calls = 0;

    bool points(std::string_view name, std::string_view target) const {
        const auto known = names.find(name);
        return known != names.end() && known->second == target;
    }

    RemoveOutcome remove_now(std::string_view name, std::string_view target) {
        ++calls;
        const std::string text(name);
        switch (script.below(8)) {
            case 1: ++failed; return {RemoveStatus::failed, "the disk is full"};
            case 2:
                by_others = true;
                names.erase(text);
                break;
            case 3:
                by_others = true;
                names[text] = "sha256:pulled-anew";
                break;
            case 4: return {RemoveStatus::in_use};
            default: break;
        }
        const auto known = names.find(name);
        if (known == names.end()) return {RemoveStatus::not_found};
        if (known->second != target) return {RemoveStatus::changed};
        names.erase(known);
        require(removed.insert(text).second, "a name is removed once");
        // As if the store that was planned is the one that changes.
        if (records) *records = {};
        return {RemoveStatus::removed};
    }

    /// Lets others remove a name, between two removals.
    void interfere() {
        if (names.empty() || script.below(16) != 1) return;
        by_others = true;
        auto victim = names.begin();
        std::advance(victim, static_cast<std::ptrdiff_t>(script.below(names.size())));
        names.erase(victim);
    }
};

/// The remover with the fewest members.
struct ByName {
    LiveStore* live = nullptr;
    RemoveOutcome remove(std::string_view name, std::string_view target) { return live->remove_now(name, target); }
};

/// A remover that can be asked whether a name is still there.
struct WithHolds : ByName {
    bool holds(std::string_view name, std::string_view target) const { return live->points(name, target); }
};

/// A remover that checks the survivor of a spare name by itself.
struct WithSurvivor : WithHolds {
    using ByName::remove;
    RemoveOutcome remove(std::string_view name, std::string_view target, std::string_view survivor) {
        require(name != survivor, "no name is its own survivor");
        if (!live->points(survivor, target)) return {RemoveStatus::in_use};
        return live->remove_now(name, target);
    }
};

/// Callbacks that veto deletions as the script says, and stop the run at a step.
struct Hooks {
    LiveStore& live;
    std::size_t stop_at;
    std::size_t steps = 0, vetoed = 0;

    bool before(const pruneplan::PlannedDeletion&) {
        live.interfere();
        const bool veto = live.script.below(16) == 2;
        vetoed += veto;
        return !veto;
    }
    void after(const pruneplan::AppliedStep& step) { require(step.done <= step.total, "a step is at most the last"); }
    bool should_stop() { return steps++ == stop_at; }
};

unsigned bits_of(const Names& names) {
    unsigned bits = 0;
    for (const auto& [name, target] : names) bits |= fuzz::blob_bits(target);
    return bits;
}

std::set<std::string> targets_of(const Names& names) {
    std::set<std::string> out;
    for (const auto& [name, target] : names) out.insert(target);
    return out;
}

void check_report(const LiveStore& live, const Names& before, const pruneplan::PrunePlan& plan, const Hooks& hooks,
                  const pruneplan::PruneReport& report) {
    std::multiset<std::string> untagged;
    for (const auto& record : report.untagged) {
        untagged.insert(record.name);
        require(record.familiar == fuzz::world::familiar(record.name), "the report has the familiar form of a name");
        require(before.at(record.name) == record.target, "the report has the planned target of a name");
    }
    require(untagged == std::multiset<std::string>(live.removed.begin(), live.removed.end()),
            "the report lists exactly the names that were removed");
    require(report.failures.size() == live.failed, "each failure is in the report");
    const std::size_t reported = report.untagged.size() + report.failures.size() + report.skipped.size();
    require(report.cancelled ? reported == hooks.stop_at : reported == plan.deleted_count(),
            "the report lists each step once");
    for (const auto& skipped : report.skipped)
        require(!live.removed.contains(skipped.name), "a skipped name was not removed");
    if (live.by_others) return;
    std::set<std::string> deleted;
    const auto left = targets_of(live.names);
    for (const std::string& target : targets_of(before))
        if (!left.contains(target)) deleted.insert(target);
    require(std::set<std::string>(report.deleted.begin(), report.deleted.end()) == deleted &&
                report.deleted.size() == deleted.size(),
            "the report lists the images that lost their last name");
    // The size of blob N is 2^N, so a sum of sizes is a set of blobs.
    require(report.space_reclaimed == (bits_of(before) & ~bits_of(live.names)),
            "the space of blobs that no image has any more is reclaimed");
}

template <class Remover>
void apply(const World& world, const Input& script) {
    fuzz::Store store = world.store;
    const auto index = Index::build(store);
    require(index.has_value(), "an index can be built if all names differ");
    const pruneplan::PrunePlan plan = plan_prune(*index, world.containers, world.options);
    Names names;
    for (const fuzz::Record& record : store.records) names[record.name] = record.target;
    const Names before = names;
    LiveStore live{std::move(names), script};
    if (live.script.flip()) live.records = &store.records;
    const std::size_t stop = live.script.below(32);
    Hooks hooks{live, stop < 24 ? SIZE_MAX : stop - 24};
    Remover remover{};
    remover.live = &live;
    pruneplan::PruneReport report;
    apply_prune(plan, *index, remover, hooks, report);
    check_report(live, before, plan, hooks, report);

    // An image in use loses its last name only if others removed a name, or if the rule does not protect it.
    if (live.by_others || world.options.usage.digests_in_use != pruneplan::DigestUse::every_container) return;
    const auto was = targets_of(before), left = targets_of(live.names);
    for (const fuzz::Container& container : world.containers)
        require(!was.contains(container.id) || left.contains(container.id), "no container loses its image");
}

}  // namespace

void fuzz::applications(std::string_view bytes) {
    const std::size_t split = bytes.size() / 2;
    Input input(bytes.substr(0, split));
    const Input script(bytes.substr(split));
    const World world = read_world(input, true);
    apply<ByName>(world, script);
    apply<WithHolds>(world, script);
    apply<WithSurvivor>(world, script);
}

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
    const Names planned = names;
    std::set<std::string> removed{};  ///< by apply_prune
    bool by_others = false;           ///< others have removed or moved a name
    std::size_t failed = 0, calls = 0;

    bool points(std::string_view name, std::string_view target) const {
        const auto known = names.find(name);
        return known != names.end() && known->second == target;
    }

    /// Tells whether the image has a name that the plan does not know.
    bool still_named(std::string_view target) const {
        for (const auto& [name, its] : names)
            if (its == target && !planned.contains(name)) return true;
        return false;
    }

    RemoveOutcome remove(std::string_view name, std::string_view target, std::string_view survivor) {
        require(survivor.empty() || name != survivor, "no name is its own survivor");
        ++calls;
        const std::string text(name), image(target);
        RemoveStatus status = RemoveStatus::removed;
        switch (script.below(10)) {
            case 1: status = RemoveStatus::failed; break;
            case 2:
                by_others = true;
                names.erase(text);
                break;
            case 3:
                by_others = true;
                names[text] = "sha256:pulled-anew";
                break;
            case 4: status = RemoveStatus::in_use; break;
            case 5: names["docker.io/others/app:" + std::to_string(calls)] = image; break;
            default: break;
        }
        const auto known = names.find(name);
        if (status == RemoveStatus::removed && known == names.end()) status = RemoveStatus::not_found;
        if (status == RemoveStatus::removed && known->second != target) status = RemoveStatus::changed;
        if (status == RemoveStatus::removed && !survivor.empty() && !points(survivor, target))
            status = RemoveStatus::survivor_gone;
        failed += status == RemoveStatus::failed;
        if (status == RemoveStatus::removed) {
            names.erase(known);
            require(removed.insert(text).second, "a name is removed once");
        }
        return {status, status == RemoveStatus::failed ? "the disk is full" : "", still_named(target)};
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

/// What callbacks were called with. They veto deletions as the script says, and stop the run at a step.
struct Calls {
    std::size_t stop_at;
    std::size_t steps = 0, vetoed = 0, after = 0;
};

pruneplan::ApplyOptions callbacks(LiveStore& live, Calls& calls, const pruneplan::PruneReport& report) {
    return {.before =
                [&](const pruneplan::Decision&) {
                    live.interfere();
                    const bool veto = live.script.below(16) == 2;
                    calls.vetoed += veto;
                    return !veto;
                },
            .after =
                [&](const pruneplan::PruneReport::Step& step) {
                    ++calls.after;
                    require(&step == &report.steps.back(), "`after` gets the step that was just written");
                },
            .should_stop = [&] { return calls.steps++ == calls.stop_at; }};
}

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

void check_report(const LiveStore& live, const pruneplan::PrunePlan& plan, const Calls& calls,
                  const pruneplan::PruneReport& report) {
    std::multiset<std::string> untagged;
    for (const auto& step : report.steps) {
        require(step.familiar == fuzz::world::familiar(step.name), "the report has the familiar form of a name");
        require(live.planned.at(step.name) == step.target, "the report has the planned target of a name");
        if (step.status == RemoveStatus::removed)
            untagged.insert(step.name);
        else
            require(!live.removed.contains(step.name) && !step.image_deleted && step.reclaimed == 0,
                    "a step with another status than removed removed nothing");
    }
    require(untagged == std::multiset<std::string>(live.removed.begin(), live.removed.end()),
            "the report lists exactly the names that were removed");
    require(report.count(RemoveStatus::failed) == live.failed, "each failure is in the report");
    require(report.count(RemoveStatus::vetoed) == calls.vetoed, "each veto is in the report");
    require(report.steps.size() == calls.after, "`after` is called once for each step");
    require(report.steps.size() == (report.cancelled ? calls.stop_at : plan.deleted_count()),
            "the report lists each step once");
    if (live.by_others) return;
    std::set<std::string> deleted;
    const auto left = targets_of(live.names);
    for (const std::string& target : targets_of(live.planned))
        if (!left.contains(target)) deleted.insert(target);
    const auto reported = report.deleted();
    require(std::set<std::string>(reported.begin(), reported.end()) == deleted && reported.size() == deleted.size(),
            "the report lists the images that lost their last name");
    // The size of blob N is 2^N, so a sum of sizes is a set of blobs.
    require(report.space_reclaimed == (bits_of(live.planned) & ~bits_of(live.names)),
            "the space of blobs that no image has any more is reclaimed");
}

/// Tells whether an image needs another, directly or not.
bool needs(const World& world, const std::string& image, const std::string& other) {
    std::set<std::string> seen;
    std::vector<std::string> unvisited{image};
    while (!unvisited.empty()) {
        const std::string target = unvisited.back();
        unvisited.pop_back();
        for (const fuzz::Record& record : world.store.records)
            for (const std::string& needed : record.needs)
                if (record.target == target && seen.insert(needed).second) unvisited.push_back(needed);
    }
    return seen.contains(other);
}

/// Checks that what a named image needs still has a name, if it had one. Of images in a circle, one has to be removed
/// before the other.
void check_needs(const LiveStore& live, const World& world) {
    const auto was = targets_of(live.planned), left = targets_of(live.names);
    for (const fuzz::Record& record : world.store.records)
        for (const std::string& needed : record.needs)
            if (left.contains(record.target) && was.contains(needed) && !needed.empty())
                require(left.contains(needed) || needs(world, needed, record.target), "no image loses what it needs");
}

/// Checks that a plan with a doubt that blocks is not applied.
void check_doubts(const pruneplan::PrunePlan& plan, LiveStore& live) {
    bool blocks = false;
    for (const pruneplan::Doubt& doubt : plan.doubts()) blocks = blocks || doubt.blocks;
    if (!blocks) return;
    const auto refused = apply_prune(plan, live);
    require(!refused && refused.error().code == pruneplan::ErrorCode::doubtful_plan && live.calls == 0,
            "a doubtful plan removes nothing");
}

/// Applies the plan of a world with a remover that `wrap` makes of the live store.
template <class Wrap>
void apply(const World& world, const Input& script, const Wrap& wrap) {
    const auto index = pruneplan::build_index(world.store);
    require(index.has_value(), "an index can be built if all names differ");
    const pruneplan::PrunePlan plan = plan_prune(*index, world.containers, world.options);
    Names names;
    for (const fuzz::Record& record : world.store.records) names[record.name] = record.target;
    LiveStore live{std::move(names), script};
    check_doubts(plan, live);
    const std::size_t stop = live.script.below(32);
    Calls calls{stop < 24 ? SIZE_MAX : stop - 24};
    pruneplan::PruneReport report;
    pruneplan::ApplyOptions options = callbacks(live, calls, report);
    for (std::size_t kind = 0; kind < pruneplan::doubt_kind_count; ++kind)
        options.accept.push_back(static_cast<pruneplan::DoubtKind>(kind));
    require(apply_prune(plan, wrap(live), options, report).has_value(), "a plan whose doubts are accepted is applied");
    check_report(live, plan, calls, report);
    if (live.by_others) return;
    check_needs(live, world);

    // An image in use loses its last name only if others removed a name, or if the rule does not protect it.
    if (world.options.usage.digests_in_use != pruneplan::DigestUse::every_container) return;
    const auto was = targets_of(live.planned), left = targets_of(live.names);
    for (const fuzz::Container& container : world.containers)
        if (!container.id.empty() && was.contains(container.id))
            require(left.contains(container.id), "no container loses its image");
}

/// A remover with the member, which returns what it is told.
struct Member {
    LiveStore* live;
    RemoveOutcome remove(std::string_view name, std::string_view target, std::string_view survivor) {
        return live->remove(name, target, survivor);
    }
};

}  // namespace

void fuzz::applications(std::string_view bytes) {
    const std::size_t split = bytes.size() / 2;
    Input input(bytes.substr(0, split));
    const Input script(bytes.substr(split));
    const World world = read_world(input, true);
    apply(world, script, [](LiveStore& live) { return Member{&live}; });
    apply(world, script, [](LiveStore& live) {
        return [&live](std::string_view name, std::string_view target, std::string_view survivor) {
            return live.remove(name, target, survivor);
        };
    });
}

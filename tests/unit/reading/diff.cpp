// SPDX-License-Identifier: BSL-1.0

// Tests `diff`: what changes between two plans of one listing, or of two.

#include "../../support/check.hpp"
#include "../../support/mock.hpp"

#include <pruneplan/plan_prune.hpp>
#include <pruneplan/reading/diff.hpp>

#include <cstddef>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace {

using pruneplan::ChangeKind;
using pruneplan::PlanDiff;
using pruneplan::PruneOptions;
using pruneplan::Reason;
using pruneplan::RecordChange;
using pruneplan::Scope;
namespace usage_rules = pruneplan::usage_rules;

using Changes = std::vector<std::pair<ChangeKind, std::string_view>>;

/// Records and containers of one listing.
struct Listing {
    std::vector<mock::Record> records;
    mock::Containers containers{};
};

constexpr pruneplan::PrunePlan planned(const Listing& listing) {
    return mock::plan_of(mock::Store{listing.records}, listing.containers, {.scope = Scope::unused});
}

/// Tells whether plans of both listings have exactly these changes.
constexpr bool changes_are(const Listing& before, const Listing& after, const Changes& expected) {
    const auto plan_before = planned(before), plan_after = planned(after);
    Changes changes;
    const PlanDiff counts = diff(plan_before, plan_after,
                                 [&](const RecordChange& change) { changes.push_back({change.kind, change.name}); });
    return changes == expected && counts.changed() == expected.size() && counts == diff(plan_before, plan_after);
}

/// Compares plans of `containerd_snapshotter` and `whole_image`, where a tag has moved.
constexpr bool a_rule_changes_three_records() {
    const mock::Store store{{{"docker.io/library/a:latest", "sha256:new"},
                             {"docker.io/library/a:old", "sha256:old"},
                             {"docker.io/library/b:1", "sha256:b"},
                             {"docker.io/library/c:1", "sha256:c"}}};
    const mock::Containers containers{{"sha256:old", "a"}, {"sha256:b", "b:1"}};
    const auto before =
        mock::plan_of(store, containers, {.scope = Scope::unused, .usage = usage_rules::containerd_snapshotter});
    const auto after = mock::plan_of(store, containers, {.scope = Scope::unused, .usage = usage_rules::whole_image});
    std::vector<RecordChange> changes;
    const PlanDiff counts = diff(before, after, [&](const RecordChange& change) { changes.push_back(change); });
    const auto is = [&](std::size_t at, ChangeKind kind, std::size_t record, Reason old_reason, Reason new_reason) {
        const RecordChange& change = changes[at];
        return change.kind == kind && change.name == after[record].name && change.before == record &&
               change.after == record && change.reason_before == old_reason && change.reason_after == new_reason &&
               !change.target_changed;
    };
    return changes.size() == 3 && is(0, ChangeKind::newly_deleted, 0, Reason::name_in_use, Reason::unused) &&
           is(1, ChangeKind::newly_kept, 1, Reason::unprotected, Reason::image_in_use) &&
           is(2, ChangeKind::reason_changed, 2, Reason::name_in_use, Reason::image_in_use) &&
           counts[ChangeKind::newly_deleted] == 1 && counts[ChangeKind::newly_kept] == 1 &&
           counts[ChangeKind::reason_changed] == 1 && counts.changed() == 3 && counts.unchanged() == 1 &&
           diff(before, after) == counts && diff(before, before).changed() == 0;
}

constexpr Listing listing(std::vector<mock::Record> records, mock::Containers containers = {}) {
    return {std::move(records), std::move(containers)};
}

}  // namespace

TEST_CASE("plans of one store under two rules are compared with reasons before and after") {
    CHECK_TWICE(a_rule_changes_three_records());
}

TEST_CASE("plans of two stores are compared by name with removed records first and added ones last") {
    CHECK_TWICE(changes_are(listing({{"a", "sha256:1"}, {"b", "sha256:2"}, {"c", "sha256:3"}}),
                            listing({{"z", "sha256:1"}, {"c", "sha256:3"}, {"y", "sha256:4"}, {"b", "sha256:2"}}),
                            {{ChangeKind::removed, "a"}, {ChangeKind::added, "z"}, {ChangeKind::added, "y"}}));
    CHECK_TWICE(changes_are(listing({{"a", "sha256:1"}, {"b", "sha256:2"}}),
                            listing({{"b", "sha256:2"}, {"a", "sha256:1"}}), {}));
    CHECK_TWICE(changes_are(listing({}), listing({}), {}));
    CHECK_TWICE(changes_are(listing({}), listing({{"a", "sha256:1"}}), {{ChangeKind::added, "a"}}));
}

TEST_CASE("a changed target is reported as its own kind of change unless the action changes as well") {
    CHECK_TWICE(
        changes_are(listing({{"a", "sha256:1"}}), listing({{"a", "sha256:2"}}), {{ChangeKind::target_changed, "a"}}));
    CHECK_TWICE(changes_are(listing({{"a", "sha256:1"}}, {{"sha256:1", ""}}),
                            listing({{"a", "sha256:2"}}, {{"sha256:1", ""}}), {{ChangeKind::newly_deleted, "a"}}));
    const auto before = planned({{{"a", "sha256:1"}}}),
               after = planned({{{"x", "sha256:3"}, {"a", "sha256:2"}}, {{"sha256:2", ""}}});
    std::vector<RecordChange> changes;
    const PlanDiff counts = diff(before, after, [&](const RecordChange& change) { changes.push_back(change); });
    CHECK(counts.changed() == 2);
    REQUIRE(changes.size() == 2);
    CHECK(changes[0].kind == ChangeKind::newly_kept);
    CHECK(changes[0].target_changed);
    CHECK(changes[0].before == 0u);
    CHECK(changes[0].after == 1u);
    CHECK(changes[1].kind == ChangeKind::added);
    CHECK(changes[1].before == std::nullopt);
    CHECK(changes[1].reason_before == std::nullopt);
    CHECK(changes[1].after == 0u);
    CHECK(changes[1].reason_after == Reason::unused);
}

TEST_CASE("the words for kinds of change are the names of the enumerators") {
    std::string words;
    for (std::size_t i = 0; i < pruneplan::change_kind_count; ++i)
        words += std::string(to_string(static_cast<ChangeKind>(i))) + " ";
    CHECK(words == "added removed newly_deleted newly_kept target_changed reason_changed ");
    CHECK(to_string(static_cast<ChangeKind>(255)) == "unknown");
}

TEST_CASE("in random listings a diff finds the changes that a comparison with std::map finds") {
    constexpr unsigned seed = 17;
    INFO("seed " << seed);
    std::mt19937 random(seed);
    const auto one_of = [&](std::size_t count) { return static_cast<int>(random() % count); };
    std::vector<std::string> names, targets;
    for (int i = 0; i < 12; ++i) {
        names.push_back("name" + std::to_string(i));
        targets.push_back("sha256:" + std::to_string(i));
    }
    const auto target = [&]() -> std::string_view { return targets[static_cast<std::size_t>(one_of(4))]; };
    PlanDiff all;
    for (int world = 0; world < 2000; ++world) {
        Listing listings[2];
        for (Listing& listing : listings) {
            auto& records = listing.records;
            for (const std::string& name : names)
                if (one_of(3) > 0) records.insert(records.begin() + one_of(records.size() + 1), {name, target()});
            for (int i = one_of(3); i > 0; --i) listing.containers.push_back({target(), ""});
        }
        const auto before = planned(listings[0]), after = planned(listings[1]);

        struct Side {
            std::string_view target;
            Reason reason;
        };
        const auto sides = [](const pruneplan::PrunePlan& plan) {
            std::map<std::string_view, Side> out;
            for (const pruneplan::Decision& decision : plan) out[decision.name] = {decision.target, decision.reason};
            return out;
        };
        const auto map_before = sides(before), map_after = sides(after);
        std::map<std::string_view, ChangeKind> expected;
        std::size_t unchanged = 0;
        for (const auto& [name, side] : map_before) {
            const auto other = map_after.find(name);
            if (other == map_after.end())
                expected[name] = ChangeKind::removed;
            else if (action_of(side.reason) != action_of(other->second.reason))
                expected[name] = action_of(side.reason) == pruneplan::Action::keep ? ChangeKind::newly_deleted
                                                                                   : ChangeKind::newly_kept;
            else if (side.target != other->second.target)
                expected[name] = ChangeKind::target_changed;
            else if (side.reason != other->second.reason)
                expected[name] = ChangeKind::reason_changed;
            else
                ++unchanged;
        }
        for (const auto& [name, side] : map_after)
            if (!map_before.contains(name)) expected[name] = ChangeKind::added;

        std::map<std::string_view, ChangeKind> found;
        const PlanDiff counts = diff(before, after, [&](const RecordChange& change) {
            CHECK(found.emplace(change.name, change.kind).second);
            all.add(change.kind);
        });
        CHECK(found == expected);
        CHECK(counts.changed() == expected.size());
        CHECK(counts.unchanged() == unchanged);
    }
    for (std::size_t i = 0; i < pruneplan::change_kind_count; ++i) {
        INFO(to_string(static_cast<ChangeKind>(i)));
        CHECK(all[static_cast<ChangeKind>(i)] > 50);
    }
}

TEST_CASE("a diff finds each of many names whatever their hashes have in common") {
    std::vector<std::string> names;
    for (int i = 0; i < 5'000; ++i) names.push_back("app:" + std::to_string(i));
    mock::Store store;
    for (const std::string& name : names) store.records.push_back({name, "sha256:1"});
    const auto plan = pruneplan::plan_prune(store, {}, {.scope = pruneplan::Scope::unused});
    CHECK(diff(*plan, *plan).unchanged() == 5'000);
}

// SPDX-License-Identifier: BSL-1.0

// Tests plans as values: decisions, deletions, counts, comparison, lifetime and iterators.

#include "../support/check.hpp"
#include "../support/mock.hpp"

#include <pruneplan/plan.hpp>

#include <algorithm>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace {

using pruneplan::Action;
using pruneplan::Decisions;
using pruneplan::Reason;
using pruneplan::Scope;
namespace usage_rules = pruneplan::usage_rules;

constexpr bool first_decision_to_keep_is_final() {
    Decisions decisions(2);
    decisions.decide(0, Reason::last_name, {3, false});
    decisions.decide(0, Reason::unused);
    decisions.decide(0, Reason::image_in_use, {4, false});
    return decisions[0].reason == Reason::last_name && decisions[0].container == 3u && decisions.deleted_count() == 1 &&
           !decisions.deletes(0) && decisions.deletes(1) && !decisions[1].container;
}

constexpr auto deleted_names() {
    const mock::Store store{{{"b", "1"}, {"c", "1"}, {"a", "2"}}};
    const auto index = mock::Index::build(store);
    return mock::deleted(pruneplan::plan_prune(*index, mock::Containers{}, {.scope = Scope::unused}));
}

}  // namespace

TEST_CASE("a decision to keep is final and has the first reason that was given") {
    CHECK_TWICE(first_decision_to_keep_is_final());
}

TEST_CASE("deletions of images without parents are sorted by name") {
    CHECK_TWICE(deleted_names() == std::vector<std::string_view>{"a", "b", "c"});
}

TEST_CASE("a plan lists name and target and record and reason of each deletion even after its index was moved") {
    const mock::Store store{{{"moby-dangling@sha256:2", "sha256:2"}, {"docker.io/library/app:1", "sha256:1"}}};
    auto built = mock::Index::build(store);
    const auto plan = plan_prune(*built, mock::Containers{}, {.scope = Scope::unused});
    const mock::Index index = *std::move(built);  // the plan stays valid
    CHECK(plan.deleted_count() == 2);
    CHECK(plan.kept_count() == 0);
    const auto deletions = plan.deletions();
    REQUIRE(deletions.size() == 2);
    CHECK(deletions[0].name == "docker.io/library/app:1");
    CHECK(deletions[0].target == "sha256:1");
    CHECK(deletions[0].image == 1);
    CHECK(deletions[0].reason == Reason::unused);
    CHECK(deletions[1].reason == Reason::dangling);
    CHECK(std::distance(deletions.begin(), deletions.end()) == 2);
    static_assert(std::random_access_iterator<pruneplan::Deletions::iterator>);
    static_assert(std::random_access_iterator<Decisions::iterator>);
}

TEST_CASE("every reason has its own word and actions are keep and delete") {
    std::string words;
    for (int reason = 0; reason <= static_cast<int>(Reason::enough_freed); ++reason) {
        const std::string word = " " + std::string(to_string(static_cast<Reason>(reason))) + " ";
        CHECK(word != " unknown ");
        CHECK(words.find(word) == words.npos);
        words += word;
    }
    CHECK(to_string(Action::keep) == "keep");
    CHECK(to_string(Action::remove) == "delete");
}

TEST_CASE("a default-constructed or moved-from plan is empty") {
    const mock::Store store{{{"a", "1"}, {"b", "2"}}};
    const auto index = mock::Index::build(store);
    auto plan = plan_prune(*index, mock::Containers{{"9", ""}}, {.scope = Scope::unused});
    const auto check_empty = [](const pruneplan::PrunePlan& empty) {
        CHECK(empty.kept_count() == 0);
        CHECK(empty.deleted_count() == 0);
        CHECK(empty.deletions().empty());
        CHECK(empty.decisions().empty());
        CHECK(empty.unmatched_containers().empty());
        CHECK(empty.unprotected_count() == 0);
    };
    check_empty({});
    const pruneplan::PrunePlan moved = std::move(plan);
    check_empty(plan);
    CHECK(plan == pruneplan::PrunePlan());
    CHECK(moved.deleted_count() == 2);
    CHECK(moved.unmatched_containers().size() == 1);
    plan = moved;
    CHECK(plan == moved);
    pruneplan::PrunePlan assigned;
    assigned = std::move(plan);
    check_empty(plan);
    CHECK(assigned.deleted_count() == 2);
}

TEST_CASE("plans are equal if they have the same decisions and reasons and containers") {
    const mock::Store store{{{"a", "1"}, {"b", "2"}}};
    const auto index = mock::Index::build(store), again = mock::Index::build(store);
    const pruneplan::PruneOptions all{.scope = Scope::unused, .usage = usage_rules::graph_driver};
    const auto plan = plan_prune(*index, mock::Containers{{"1", ""}}, all);
    CHECK(plan == plan_prune(*again, mock::Containers{{"1", ""}}, all));
    CHECK(plan != plan_prune(*index, mock::Containers{}, all));
    CHECK(plan != plan_prune(*index, mock::Containers{{"2", ""}}, all));
    CHECK(plan != plan_prune(*index, mock::Containers{{"2", ""}, {"1", ""}}, all));
    CHECK(plan.is_of(*index));
    CHECK_FALSE(plan.is_of(*again));
}

TEST_CASE("a plan counts the records of a reason") {
    const mock::Store store{{{"a", "1"}, {"b", "1"}, {"c", "2"}, {"d", "3"}}};
    const auto index = mock::Index::build(store);
    const auto plan = plan_prune(*index, mock::Containers{{"1", ""}, {"3", "x"}},
                                 {.scope = Scope::unused, .usage = {true, pruneplan::DigestUse::created_by_digest,
                                                                    pruneplan::NamesKept::last}});
    CHECK(plan.count(Reason::unused) == 1);
    CHECK(plan.count(Reason::unprotected) == 3);
    CHECK(plan.unprotected_count() == 3);
    CHECK(plan.count(Reason::pinned) == 0);
}

TEST_CASE("deletions and decisions of a temporary plan outlive it and deletions survive a move of the plan") {
    const mock::Store store{{{"a", "1"}, {"b", "2"}}};
    const auto index = mock::Index::build(store);
    const auto plan_all = [&] { return plan_prune(*index, mock::Containers{}, {.scope = Scope::unused}); };
    std::string names;
    for (const auto& deletion : plan_all().deletions()) names += deletion.name;
    for (const auto& decision : plan_all().decisions()) names += to_string(decision.reason);
    CHECK(names == "abunusedunused");
    const Decisions& decisions = plan_all().decisions();
    CHECK(decisions.deleted_count() == 2);
    auto plan = plan_all();
    const auto deletions = plan.deletions();
    const auto moved = std::move(plan);
    CHECK(deletions[1].reason == Reason::unused);
    CHECK(deletions[1].name == "b");
    CHECK(plan_all().deleted_count() == 2);
}

TEST_CASE("deletions have random-access iterators") {
    const mock::Store store{{{"a", "1"}, {"b", "2"}, {"c", "3"}}};
    const auto index = mock::Index::build(store);
    const auto plan = plan_prune(*index, mock::Containers{}, {.scope = Scope::unused});
    const auto deletions = plan.deletions();
    const auto begin = deletions.begin(), end = deletions.end();
    CHECK(end - begin == 3);
    CHECK((*(begin + 1)).name == "b");
    CHECK((*(end - 1)).name == "c");
    CHECK(begin[2].name == "c");
    CHECK(begin < end);
    auto at = 2 + begin;
    CHECK((*at--).name == "c");
    CHECK((*at++).name == "b");
    at -= 2;
    CHECK(at == begin);
    CHECK((*++at).name == "b");
    CHECK((*--at).name == "a");
    CHECK(std::ranges::lower_bound(deletions, std::string_view("b"), {}, &pruneplan::PlannedDeletion::name) - begin ==
          1);
}

TEST_CASE("deletions are equal if they list the same names for the same reasons") {
    const mock::Store store{{{"a", "1"}, {"b", "2"}}};
    const auto index = mock::Index::build(store), again = mock::Index::build(store);
    const pruneplan::PruneOptions all{.scope = Scope::unused};
    const auto deletions = plan_prune(*index, mock::Containers{}, all).deletions();
    CHECK(deletions == plan_prune(*again, mock::Containers{}, all).deletions());
    CHECK_FALSE(deletions == plan_prune(*index, mock::Containers{{"1", "x"}}, all).deletions());
    CHECK_FALSE(deletions == pruneplan::Deletions());
    CHECK(deletions.begin()->name == "a");
    CHECK(plan_prune(*index, mock::Containers{{"9", ""}}, all).unmatched_count() == 1);
}

TEST_CASE("reason_count is the number of reasons that have a word") {
    for (std::size_t i = 0; i < pruneplan::reason_count; ++i)
        CHECK(to_string(static_cast<pruneplan::Reason>(i)) != "unknown");
    CHECK(to_string(static_cast<pruneplan::Reason>(pruneplan::reason_count)) == "unknown");
}

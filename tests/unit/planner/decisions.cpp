// SPDX-License-Identifier: BSL-1.0

// Tests the decisions that the planner's stages narrow.

#include "../../support/check.hpp"

#include <pruneplan/planner/decisions.hpp>

namespace {

using pruneplan::Reason;
using pruneplan::detail::by_container;
using pruneplan::detail::by_option;
using pruneplan::detail::Cause;
using pruneplan::detail::Decisions;
using pruneplan::detail::PlanContent;

/// Tells whether three decisions on one record leave this reason and cause.
constexpr bool leaves(Reason first, Reason second, Reason reason, Cause cause) {
    Decisions decisions(2);
    decisions.prefetch(1);
    decisions.decide(1, first, by_option(4));
    decisions.decide(1, second, by_container(5, true));
    if (decisions.reason(0) != Reason::unused || !decisions.deletes(0)) return false;
    const bool deletes = action_of(reason) == pruneplan::Action::erase;
    if (decisions.deletes(1) != deletes || decisions.deleted_count() != (deletes ? 2u : 1u)) return false;
    PlanContent plan;
    decisions.move_to(plan);
    return plan.reasons[1] == reason && plan.causes[1] == cause && plan.causes[0] == Cause{};
}

}  // namespace

TEST_CASE("all records are deleted as unused until a stage decides") {
    constexpr auto starts = [](std::size_t records) {
        const Decisions decisions(records);
        for (std::size_t id = 0; id < records; ++id)
            if (decisions.reason(id) != Reason::unused) return false;
        return decisions.size() == records && decisions.deleted_count() == records;
    };
    CHECK_TWICE(starts(0));
    CHECK_TWICE(starts(3));
}

TEST_CASE("a deleted record gets another reason with its cause and a kept record stays as it is") {
    CHECK_TWICE(leaves(Reason::dangling, Reason::spare_name, Reason::spare_name, by_container(5, true)));
    CHECK_TWICE(leaves(Reason::dangling, Reason::last_name, Reason::last_name, by_container(5, true)));
    CHECK_TWICE(leaves(Reason::kept_pattern, Reason::last_name, Reason::kept_pattern, by_option(4)));
    CHECK_TWICE(leaves(Reason::filtered, Reason::spare_name, Reason::filtered, by_option(4)));
}

TEST_CASE("a cause has a number and a mark and its greatest number means none") {
    CHECK_TWICE(by_container(7, true) == Cause{7, 1});
    CHECK_TWICE(by_container(7, false) == Cause{7, 0});
    CHECK_TWICE(by_option(7) == Cause{7, 0});
    CHECK_TWICE(by_option(7, true) == Cause{7, 1});
    CHECK_TWICE(by_option(Cause::none) == Cause{});
}

// SPDX-License-Identifier: BSL-1.0

// Tests the first stage, candidates: scope and filters decide which records can be deleted.

#include "../../support/check.hpp"
#include "drafted.hpp"

#include <pruneplan/planner/candidates.hpp>

#include <string_view>
#include <vector>

namespace {

using pruneplan::Reason;
using pruneplan::Scope;
using Reasons = std::vector<Reason>;

constexpr Reason reason_for(std::string_view name, Scope scope) {
    Drafted drafted(mock::Store{{{name, "sha256:1"}}}, {.scope = scope});
    pruneplan::planner::candidates(drafted.draft);
    return drafted.reasons()[0];
}

/// A store whose own answer decides which records are dangling.
struct WithDangling : mock::Store {
    static constexpr bool is_dangling(const mock::Record& record) { return record.name.starts_with("<none>"); }
};

}  // namespace

TEST_CASE("the scope dangling selects dangling records and the scope unused selects all") {
    CHECK_TWICE(reason_for("alpine", Scope::dangling) == Reason::not_dangling);
    CHECK_TWICE(reason_for("alpine", Scope::unused) == Reason::unused);
    CHECK_TWICE(reason_for("moby-dangling@sha256:1", Scope::dangling) == Reason::dangling);
    CHECK_TWICE(reason_for("moby-dangling@sha256:1", Scope::unused) == Reason::dangling);
    CHECK_TWICE(reason_for("moby-dangling@sha256:2", Scope::dangling) == Reason::not_dangling);
}

TEST_CASE("a store that knows dangling records decides alone which are candidates in the scope dangling") {
    Drafted drafted(WithDangling{{{{"<none>@1", "1"}, {"moby-dangling@2", "2"}}}}, {.scope = Scope::dangling});
    pruneplan::planner::candidates(drafted.draft);
    CHECK(drafted.reasons() == Reasons{Reason::dangling, Reason::not_dangling});
}

TEST_CASE("a record outside of the scope is kept for that and only other records report a filter") {
    pruneplan::PruneOptions options{.scope = Scope::dangling};
    options.filters = {*pruneplan::parse_filter("reference=**", {}), *pruneplan::parse_filter("reference!=**", {})};
    Drafted drafted(mock::Store{{{"a", "sha256:1"}, {"moby-dangling@sha256:1", "sha256:1"}}}, options);
    pruneplan::planner::candidates(drafted.draft);
    const auto plan = drafted.plan();
    CHECK(plan[0].reason == Reason::not_dangling);
    CHECK_FALSE(plan[0].option);
    CHECK(plan[1].reason == Reason::filtered);
    CHECK(plan[1].option == 0u);
    CHECK_FALSE(plan[1].container);
}

// SPDX-License-Identifier: BSL-1.0

// Tests the second stage, protection: pinned records, patterns to keep, the newest of each repository, young images.

#include "../../support/check.hpp"
#include "drafted.hpp"

#include <pruneplan/planner/protection.hpp>

#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

namespace {

using mock::FullRecord;
using pruneplan::Glob;
using pruneplan::NewestBy;
using pruneplan::PruneOptions;
using pruneplan::Reason;
using pruneplan::Timestamp;
using Reasons = std::vector<Reason>;

constexpr Reason unused = Reason::unused;

/// Returns the reasons after the protection stage alone.
constexpr Reasons reasons(const std::vector<FullRecord>& records, const PruneOptions& options) {
    Drafted drafted(mock::FullStore{records}, options);
    pruneplan::planner::protection(drafted.draft);
    return drafted.reasons();
}

constexpr bool is_young(std::optional<Timestamp> used, std::optional<Timestamp> created, Timestamp moment = {100, 5}) {
    return reasons({{.name = "a", .digest = "1", .created = created, .last_used = used}},
                   {.keep_younger_than = moment})[0] == Reason::too_young;
}

}  // namespace

TEST_CASE("a pinned record is kept without an option") {
    CHECK_TWICE(reasons({{.name = "a", .digest = "1", .pinned = true}, {.name = "b", .digest = "2"}}, {}) ==
                Reasons{Reason::pinned, unused});
}

TEST_CASE("a keep pattern matches any form of a name and also a name that is not a valid reference") {
    CHECK_TWICE(reasons({{"docker.io/library/alpine:3", "1"}, {"docker.io/team/app:1", "2"}, {"not a reference", "3"}},
                        {.keep = {*Glob::compile("alpine"), *Glob::compile("not?a*")}}) ==
                Reasons{Reason::kept_pattern, unused, Reason::kept_pattern});
}

TEST_CASE("keep_younger_than compares the last use or else the creation time and keeps records of unknown age") {
    CHECK_TWICE(is_young(Timestamp{100, 5}, Timestamp{1, 0}));
    CHECK_TWICE(!is_young(Timestamp{100, 4}, Timestamp{999, 0}));
    CHECK_TWICE(is_young(std::nullopt, Timestamp{100, 5}));
    CHECK_TWICE(!is_young(std::nullopt, Timestamp{100, 4}));
    CHECK_TWICE(is_young(std::nullopt, std::nullopt));
}

TEST_CASE("an invalid time is unknown and keep_younger_than with an invalid moment keeps all records") {
    CHECK_TWICE(is_young(Timestamp{1, 1'000'000'000}, Timestamp{1, -1}));
    CHECK_TWICE(!is_young(Timestamp{1, -1}, Timestamp{1, 0}));
    CHECK_TWICE(is_young(Timestamp{1, 0}, Timestamp{1, 0}, {100, -1}));
    CHECK_TWICE(is_young(Timestamp{1, 0}, Timestamp{1, 0}, {100, 1'000'000'000}));
}

TEST_CASE("keep_younger_than keeps all records of a store without times") {
    Drafted drafted(mock::Store{{{"a", "1"}}}, {.keep_younger_than = Timestamp{100, 0}});
    pruneplan::planner::protection(drafted.draft);
    CHECK(drafted.reasons() == Reasons{Reason::too_young});
}

TEST_CASE("of several protections the reason is the first of pinned and kept_pattern and newest and too_young") {
    PruneOptions options{
        .keep = {*Glob::compile("*")}, .keep_newest = {{.count = 0}, {.count = 1}}, .keep_younger_than = Timestamp{}};
    FullRecord record{"app:1", "one", Timestamp{10, 0}};
    const auto decided = [&] {
        Drafted drafted(mock::FullStore{{record}}, options);
        pruneplan::planner::protection(drafted.draft);
        const auto plan = drafted.plan();
        return std::pair(plan[0].reason, plan[0].option);
    };
    CHECK(decided() == std::pair(Reason::kept_pattern, std::optional<std::size_t>(0)));
    options.keep.clear();
    CHECK(decided() == std::pair(Reason::newest, std::optional<std::size_t>(1)));
    options.keep_newest.clear();
    CHECK(decided() == std::pair(Reason::too_young, std::optional<std::size_t>()));
    record.pinned = true;
    CHECK(decided() == std::pair(Reason::pinned, std::optional<std::size_t>()));
}

TEST_CASE("protection does not change records that are kept already but their patterns count as matched") {
    Drafted drafted(mock::FullStore{{{.name = "a:1", .digest = "1", .pinned = true}}},
                    {.keep = {*Glob::compile("a*")}, .keep_newest = {{.count = 1}}});
    drafted.draft.decisions.decide(0, Reason::not_dangling);
    pruneplan::planner::protection(drafted.draft);
    CHECK(drafted.reasons() == Reasons{Reason::not_dangling});
    CHECK(drafted.draft.doubts.empty());
}

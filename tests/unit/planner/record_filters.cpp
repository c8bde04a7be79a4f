// SPDX-License-Identifier: BSL-1.0

// Tests filters on records, and which filter a record that does not match reports.

#include "../../support/check.hpp"
#include "drafted.hpp"

#include <pruneplan/plan_prune.hpp>
#include <pruneplan/planner/record_filters.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace {

using pruneplan::Scope;
using pruneplan::Timestamp;

#define HEX64 "c1d1e9d7ed48a7523bdebc18cf6290bdb97b82302a8a9c27d4fe885949ea94d1"

/// Returns for each of five records the position of the filter that rejects it, or '-'. Two tags of app, created at 10
/// and 20; web, of unknown time; a dangling record and a name that is not a valid reference, both created at 15.
std::string rejecting(const std::vector<std::string_view>& filters) {
    auto options = pruneplan::parse_filters(filters, {100, 0});
    REQUIRE(options);
    Drafted drafted(
        mock::FullStore{
            {{"docker.io/library/app:1", "sha256:a1", Timestamp{10, 0}, {}, {{"env", "dev"}, {"empty", ""}}},
             {"docker.io/library/app:2", "sha256:a2", Timestamp{20, 0}, {}, {{"env", "prod"}}},
             {"docker.io/library/web:latest", "sha256:b1"},
             {"moby-dangling@sha256:" HEX64, "sha256:" HEX64, Timestamp{15, 0}},
             {"not a reference", "sha256:d1", Timestamp{15, 0}}}},
        *options);
    pruneplan::detail::RecordFilters record_filters(drafted.draft);
    std::string out;
    for (std::size_t id = 0; id < 5; ++id) {
        const std::uint32_t filter = record_filters.rejecting(id);
        out += filter == pruneplan::detail::Facts::no_option ? '-' : static_cast<char>('0' + filter);
    }
    return out;
}

/// Returns the records that match the filters, one character each: "12w.x".
std::string matching(const std::vector<std::string_view>& filters) {
    const std::string rejected = rejecting(filters);
    std::string out;
    for (std::size_t id = 0; id < rejected.size(); ++id)
        if (rejected[id] == '-') out += "12w.x"[id];
    return out;
}

/// Tells how many of the records "a" and "b", whose IDs begin with "a", are kept by a filter.
constexpr std::size_t kept_by(std::string_view filter) {
    const mock::FullStore store{{{"a", "sha256:a1", Timestamp{}}, {"b", "sha256:a2", Timestamp{}}}};
    pruneplan::PruneOptions options{.scope = Scope::unused};
    options.filters.push_back(*pruneplan::parse_filter(filter, {}));
    return mock::plan_of(store, {}, options).kept_count();
}

}  // namespace

TEST_CASE("filters by time exclude the moment itself and must all match and never match an unknown time") {
    CHECK(matching({}) == "12w.x");
    CHECK(matching({"until=20"}) == "1.x");
    CHECK(matching({"until=20.000000001"}) == "12.x");
    CHECK(matching({"until=20", "until=15"}) == "1");
    CHECK(matching({"before=app:2"}) == "1.x");
    CHECK(matching({"before=a2", "before=app:1"}) == "");
    CHECK(matching({"since=app:1"}) == "2.x");
    CHECK(matching({"since=sha256:a1", "before=app:2"}) == ".x");
    CHECK(matching({"since=app:1", "since=c1"}) == "2");
    CHECK(matching({"before=web"}) == "");
    CHECK(matching({"since=missing"}) == "");
}

TEST_CASE("before compares with the oldest creation time of its image and since with the newest") {
    const auto matches = [](std::string_view filter, std::size_t id) {
        Drafted drafted(mock::FullStore{{{"a:1", "sha256:a", Timestamp{10, 0}},
                                         {"a:2", "sha256:a", Timestamp{30, 0}},
                                         {"b", "sha256:b", Timestamp{20, 0}},
                                         {"c", "sha256:c", Timestamp{5, 0}}}},
                        {.filters = {*pruneplan::parse_filter(filter, {})}});
        return pruneplan::detail::RecordFilters(drafted.draft).rejecting(id) == pruneplan::detail::Facts::no_option;
    };
    CHECK_FALSE(matches("before=a:2", 2));
    CHECK(matches("before=a:2", 3));
    CHECK_FALSE(matches("since=a:1", 2));
}

TEST_CASE("before and since match nothing if one creation time of their image is unknown") {
    const mock::FullStore store{{{"a:1", "sha256:a", Timestamp{10, 0}},
                                 {"a:2", "sha256:a"},
                                 {"b", "sha256:b", Timestamp{20, 0}},
                                 {"c", "sha256:c", Timestamp{5, 0}}}};
    for (const std::string_view filter : {"before=a:1", "since=a:1", "before=a:2"}) {
        const auto plan =
            mock::plan_of(store, {}, {.scope = Scope::unused, .filters = {*pruneplan::parse_filter(filter, {})}});
        CHECK(plan.deleted_count() == 0);
    }
}

TEST_CASE("before and since match nothing if their image is missing or ambiguous") {
    CHECK_TWICE(kept_by("before=missing") == 2);
    CHECK_TWICE(kept_by("before=sha256:a") == 2);
    CHECK_TWICE(kept_by("since=sha256:a") == 2);
    CHECK_TWICE(kept_by("until=1") == 0);
}

TEST_CASE("a record must match every label filter") {
    CHECK(matching({"label=env"}) == "12");
    CHECK(matching({"label=env=dev"}) == "1");
    CHECK(matching({"label=env", "label!=env=dev"}) == "2");
    CHECK(matching({"label!=env"}) == "w.x");
    CHECK(matching({"label=empty="}) == "1");
    CHECK(matching({"label=env="}) == "");
}

TEST_CASE("a name must match one of the reference patterns and none of the negated ones") {
    CHECK(matching({"reference=app"}) == "12");
    CHECK(matching({"reference=app:1", "reference=web"}) == "1w");
    CHECK(matching({"reference!=app:1"}) == "2w.");
    CHECK(matching({"reference!=app:1", "reference!=web"}) == "2.");
    CHECK(matching({"reference=app", "reference!=*:1"}) == "2");
}

TEST_CASE("two stars in a filter reference match no slash unlike those in a pattern to keep") {
    CHECK(matching({"reference=docker**app"}) == "");
    CHECK(matching({"reference=docker**/**/app"}) == "12");
}

TEST_CASE("a name that is not a valid reference matches neither reference nor its negation") {
    CHECK(matching({"reference=*"}) == "12w.");
    CHECK(matching({"reference!=missing"}) == "12w.");
}

TEST_CASE("a record that does not match reports the position of a filter that rejects it") {
    CHECK(rejecting({"label=env", "until=20"}) == "-1100");
    CHECK(rejecting({"until=30", "until=20"}) == "-11--");
    CHECK(rejecting({"until=20", "until=30"}) == "-00--");
    CHECK(rejecting({"since=app:1"}) == "0-0--");
    CHECK(rejecting({"label=empty", "before=app:2", "since=app:1"}) == "21100");
    CHECK(rejecting({"label=env", "label!=env=prod"}) == "-1000");
    CHECK(rejecting({"reference=app", "label!=env=dev"}) == "1-000");
    CHECK(rejecting({"reference!=app:1", "reference=app"}) == "0-110");
    CHECK(rejecting({"reference=web", "reference=app"}) == "---00");
    CHECK(rejecting({"until=100", "reference!=web"}) == "--0-1");
    CHECK(rejecting({"until=100", "before=missing"}) == "11111");
}

TEST_CASE("the filter that a record reports alone rejects the record too") {
    const std::vector<std::string_view> all{"until=20",       "until=12",        "until=5",         "label=env",
                                            "label!=env=dev", "label=empty=",    "reference=app",   "reference=web",
                                            "reference!=web", "reference!=*:1",  "before=app:2",    "since=app:1",
                                            "since=missing",  "reference=[x-z]", "reference!=moby*"};
    std::vector<std::string> alone;
    for (const std::string_view filter : all) alone.push_back(rejecting({filter}));
    int rejected = 0;
    for (std::size_t a = 0; a < all.size(); ++a)
        for (std::size_t b = 0; b < all.size(); ++b)
            for (std::size_t c = 0; c < all.size(); ++c) {
                const std::size_t chosen[] = {a, b, c};
                const std::string got = rejecting({all[a], all[b], all[c]});
                for (std::size_t id = 0; id < got.size(); ++id) {
                    if (got[id] == '-') continue;
                    INFO(all[a] << " " << all[b] << " " << all[c] << " record " << id << " reports " << got[id]);
                    REQUIRE(alone[chosen[got[id] - '0']][id] == '0');
                    ++rejected;
                }
            }
    CHECK(rejected > 1000);
}

TEST_CASE("until needs only creation times and label matches nothing in a store without labels") {
    struct Dated {
        std::vector<mock::FullRecord> records;
        const std::vector<mock::FullRecord>& images() const { return records; }
        static std::string_view name(const mock::FullRecord& record) { return record.name; }
        static std::string_view target(const mock::FullRecord& record) { return record.digest; }
        static Timestamp created(const mock::FullRecord& record) { return *record.created; }
    };
    const Dated store{{{.name = "a", .digest = "1", .created = Timestamp{100, 0}},
                       {.name = "b", .digest = "2", .created = Timestamp{200, 0}}}};
    const auto index = pruneplan::build_index(store);
    pruneplan::PruneOptions options{.scope = Scope::unused};
    options.filters.push_back(*pruneplan::parse_filter("until=150", {}));
    REQUIRE(check_options(*index, options));
    const auto dated = plan_prune(*index, mock::Containers{}, options);
    CHECK(mock::deleted(dated) == std::vector<std::string_view>{"a"});
    options.filters.push_back(*pruneplan::parse_filter("label=x", {}));
    CHECK_FALSE(check_options(*index, options));
    const auto labelled = plan_prune(*index, mock::Containers{}, options);
    CHECK(labelled.deleted_count() == 0);
    CHECK(labelled[0].option == 1u);
}

TEST_CASE("filters by time match nothing in a store without creation times") {
    for (const std::string_view filter : {"until=150", "before=a", "since=a"}) {
        const auto plan = mock::plan_of(
            mock::Store{{{"a", "1"}}}, {},
            {.scope = Scope::unused,
             .filters = {*pruneplan::parse_filter("reference=*", {}), *pruneplan::parse_filter(filter, {})}});
        CHECK(plan.deleted_count() == 0);
        CHECK(plan[0].option == 1u);
    }
}

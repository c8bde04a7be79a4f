// SPDX-License-Identifier: BSL-1.0

// Tests the first stage, candidates: scope and filters decide which records can be deleted.

#include "../../support/check.hpp"
#include "../../support/mock.hpp"

#include <pruneplan/stages/candidates.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace {

using pruneplan::Decisions;
using pruneplan::Reason;
using pruneplan::Scope;

constexpr Reason reason_for(std::string_view name, Scope scope) {
    const mock::Store store{{{name, "sha256:1"}}};
    const auto index = mock::Index::build(store);
    Decisions decisions(1);
    pruneplan::detail::ParsedNames parsed_names(index->size());
    pruneplan::stages::candidates(*index, {.scope = scope}, parsed_names, decisions);
    return decisions.reason(0);
}

#define HEX64 "c1d1e9d7ed48a7523bdebc18cf6290bdb97b82302a8a9c27d4fe885949ea94d1"

/// Returns the records that match the filters, one character each: '1' and '2' are tags of app, created at 10 and 20;
/// 'w' is web, of unknown time; '.' is dangling and 'x' is not a valid reference, both created at 15.
std::string matching(std::vector<std::string_view> filters) {
    using pruneplan::Timestamp;
    const mock::FullStore store{
        {{"docker.io/library/app:1", "sha256:a1", Timestamp{10, 0}, {}, {{"env", "dev"}, {"empty", ""}}},
         {"docker.io/library/app:2", "sha256:a2", Timestamp{20, 0}, {}, {{"env", "prod"}}},
         {"docker.io/library/web:latest", "sha256:b1"},
         {"moby-dangling@sha256:" HEX64, "sha256:" HEX64, Timestamp{15, 0}},
         {"not a reference", "sha256:d1", Timestamp{15, 0}}}};
    const auto index = mock::FullIndex::build(store);
    auto options = pruneplan::parse_filters(filters, {100, 0});
    REQUIRE(options);
    options->scope = Scope::unused;
    Decisions decisions(index->size());
    pruneplan::detail::ParsedNames parsed_names(index->size());
    pruneplan::stages::candidates(*index, *options, parsed_names, decisions);
    std::string out;
    for (std::size_t id = 0; id < index->size(); ++id)
        if (decisions.deletes(id)) out += "12w.x"[id];
    return out;
}

}  // namespace

TEST_CASE("the scope dangling selects dangling records and the scope unused selects all") {
    CHECK_TWICE(reason_for("alpine", Scope::dangling) == Reason::not_dangling);
    CHECK_TWICE(reason_for("alpine", Scope::unused) == Reason::unused);
    CHECK_TWICE(reason_for("moby-dangling@sha256:1", Scope::dangling) == Reason::dangling);
    CHECK_TWICE(reason_for("moby-dangling@sha256:1", Scope::unused) == Reason::dangling);
    CHECK_TWICE(reason_for("moby-dangling@sha256:2", Scope::dangling) == Reason::not_dangling);
}

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
    using pruneplan::Timestamp;
    const mock::FullStore store{{{"a:1", "sha256:a", Timestamp{10, 0}}, {"a:2", "sha256:a", Timestamp{30, 0}},
                                 {"b", "sha256:b", Timestamp{20, 0}}, {"c", "sha256:c", Timestamp{5, 0}}}};
    const auto index = mock::FullIndex::build(store);
    const auto matches = [&](std::string_view filter, std::size_t id) {
        Decisions decisions(index->size());
        pruneplan::detail::ParsedNames parsed_names(index->size());
        pruneplan::stages::candidates(*index,
                                      {.scope = Scope::unused, .filters = {*pruneplan::parse_filter(filter, {})}},
                                      parsed_names, decisions);
        return decisions.deletes(id);
    };
    CHECK_FALSE(matches("before=a:2", 2));
    CHECK(matches("before=a:2", 3));
    CHECK_FALSE(matches("since=a:1", 2));
}

TEST_CASE("before and since match nothing if one creation time of their image is unknown") {
    using pruneplan::Timestamp;
    const mock::FullStore store{{{"a:1", "sha256:a", Timestamp{10, 0}}, {"a:2", "sha256:a"},
                                 {"b", "sha256:b", Timestamp{20, 0}}, {"c", "sha256:c", Timestamp{5, 0}}}};
    const auto index = mock::FullIndex::build(store);
    for (const std::string_view filter : {"before=a:1", "since=a:1", "before=a:2"}) {
        const auto plan = plan_prune(*index, mock::Containers{},
                                     {.scope = Scope::unused, .filters = {*pruneplan::parse_filter(filter, {})}});
        CHECK(plan.deleted_count() == 0);
    }
}

TEST_CASE("before matches nothing if its image is missing or ambiguous") {
    constexpr auto kept = [](std::string_view image) {
        const mock::FullStore store{
            {{"a", "sha256:a1", pruneplan::Timestamp{}}, {"b", "sha256:a2", pruneplan::Timestamp{}}}};
        const auto index = mock::FullIndex::build(store);
        pruneplan::PruneOptions options;
        options.scope = Scope::unused;
        options.filters.resize(1);
        options.filters[0].kind = pruneplan::FilterKind::before;
        options.filters[0].set_value(image);
        return plan_prune(*index, mock::Containers{}, options).kept_count();
    };
    CHECK_TWICE(kept("missing") == 2);
    CHECK_TWICE(kept("a") == 2);
    CHECK_TWICE(kept("sha256:a") == 2);
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

TEST_CASE("a name that is not a valid reference matches neither reference nor its negation") {
    CHECK(matching({"reference=*"}) == "12w.");
    CHECK(matching({"reference!=missing"}) == "12w.");
}

TEST_CASE("until needs only creation times and label matches nothing in a store without labels") {
    struct Dated {
        std::vector<mock::FullRecord> records;
        const std::vector<mock::FullRecord>& images() const { return records; }
        static std::string_view name(const mock::FullRecord& record) { return record.name; }
        static std::string_view target(const mock::FullRecord& record) { return record.digest; }
        static pruneplan::Timestamp created(const mock::FullRecord& record) { return *record.created; }
    };
    const Dated store{{{.name = "a", .digest = "1", .created = pruneplan::Timestamp{100, 0}},
                       {.name = "b", .digest = "2", .created = pruneplan::Timestamp{200, 0}}}};
    const auto index = pruneplan::build_index(store);
    pruneplan::PruneOptions options{.scope = pruneplan::Scope::unused};
    options.filters.push_back(*pruneplan::parse_filter("until=150", {}));
    REQUIRE(check_options(*index, options));
    CHECK(mock::deleted(plan_prune(*index, mock::Containers{}, options)) == std::vector<std::string_view>{"a"});
    options.filters.push_back(*pruneplan::parse_filter("label=x", {}));
    CHECK_FALSE(check_options(*index, options));
    CHECK(plan_prune(*index, mock::Containers{}, options).deleted_count() == 0);
}

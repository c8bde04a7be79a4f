// SPDX-License-Identifier: BSL-1.0

// Tests the fourth stage, survivors: which names of images in use, and of their ancestors, are kept.

#include "../../support/check.hpp"
#include "../../support/mock.hpp"

#include <pruneplan/plan_prune.hpp>
#include <pruneplan/pruneplan.hpp>
#include <pruneplan/stages/survivors.hpp>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace {

using pruneplan::Decisions;
using pruneplan::NamesKept;
using pruneplan::Reason;

constexpr std::uint32_t seven = 7;

/// Returns the reasons after the survivors stage alone. The target of record 0 is run by a container, and protected if
/// `in_use`. An earlier stage keeps the name `kept`, unless that is empty.
constexpr std::vector<Reason> reasons(bool in_use, NamesKept names, std::string_view kept,
                                      std::vector<mock::Record> records = {{"b", "1"}, {"c", "1"}, {"a", "1"}}) {
    const mock::Store store{records};
    const auto index = mock::Index::build(store);
    Decisions decisions(records.size());
    if (!kept.empty()) decisions.decide(*index->find(kept), Reason::not_dangling);
    pruneplan::detail::TargetUse use(records.size());
    use.add(0, {seven, false}, in_use);
    pruneplan::detail::ParsedNames parsed_names(index->size());
    pruneplan::stages::survivors(*index, use, {.usage = {true, pruneplan::DigestUse::every_container, names}},
                                 parsed_names, decisions);
    std::vector<Reason> out;
    for (std::size_t id = 0; id < decisions.size(); ++id) out.push_back(decisions.reason(id));
    return out;
}

using Reasons = std::vector<Reason>;

}  // namespace

TEST_CASE("an image in use keeps the name that sorts last") {
    CHECK_TWICE(reasons(true, NamesKept::last, "") ==
                Reasons{Reason::spare_name, Reason::last_name, Reason::spare_name});
}

TEST_CASE("an image that a container runs but the usage rule does not protect is deleted as unprotected") {
    CHECK_TWICE(reasons(false, NamesKept::last, "") ==
                Reasons{Reason::unprotected, Reason::unprotected, Reason::unprotected});
    CHECK_TWICE(reasons(false, NamesKept::all, "") ==
                Reasons{Reason::unprotected, Reason::unprotected, Reason::unprotected});
}

TEST_CASE("an unprotected image that keeps a name has spare names and no unprotected ones") {
    CHECK_TWICE(reasons(false, NamesKept::last, "c") ==
                Reasons{Reason::spare_name, Reason::not_dangling, Reason::spare_name});
    CHECK_TWICE(reasons(false, NamesKept::all, "b") ==
                Reasons{Reason::not_dangling, Reason::spare_name, Reason::spare_name});
}

TEST_CASE("an image in use that keeps a name for another reason keeps no further one") {
    CHECK_TWICE(reasons(true, NamesKept::last, "a") ==
                Reasons{Reason::spare_name, Reason::spare_name, Reason::not_dangling});
    CHECK_TWICE(reasons(true, NamesKept::last, "b") ==
                Reasons{Reason::not_dangling, Reason::spare_name, Reason::spare_name});
}

TEST_CASE("an image in use keeps all its names if the usage rule says so") {
    CHECK_TWICE(reasons(true, NamesKept::all, "a") ==
                Reasons{Reason::image_in_use, Reason::image_in_use, Reason::not_dangling});
}

TEST_CASE("names are compared as unsigned bytes") {
    CHECK_TWICE(reasons(true, NamesKept::last, "", {{"a\xff", "1"}, {"az", "1"}}) ==
                Reasons{Reason::last_name, Reason::spare_name});
}

TEST_CASE("the survivors stage does not change an image that is not in use") {
    CHECK_TWICE(reasons(true, NamesKept::all, "", {{"a", "1"}, {"b", "2"}}) ==
                Reasons{Reason::image_in_use, Reason::unused});
}

namespace {

using mock::FullRecord;
using pruneplan::Survivor;
using pruneplan::Timestamp;
using Names = std::vector<std::string_view>;

/// Returns the only name that an image in use keeps, or "several".
constexpr std::string_view survivor(std::vector<FullRecord> records, Survivor chosen) {
    const mock::FullStore store{records};
    const auto index = mock::FullIndex::build(store);
    const auto plan = plan_prune(
        *index, mock::Containers{{records[0].digest, ""}},
        {.scope = pruneplan::Scope::unused, .usage = pruneplan::usage_rules::graph_driver, .survivor = chosen});
    std::string_view kept;
    for (std::size_t id = 0; id < index->size(); ++id)
        if (!plan.decisions().deletes(id)) kept = kept.empty() ? index->name(id) : "several";
    return kept;
}

constexpr FullRecord child(std::string_view name, std::string_view target, std::string_view parent) {
    return {.name = name, .digest = target, .parent = parent};
}

/// Returns the deleted names, in order, if a container runs the target "c".
constexpr Names deleted(std::vector<FullRecord> records,
                        pruneplan::UsageRule rule = pruneplan::usage_rules::graph_driver,
                        pruneplan::Scope scope = pruneplan::Scope::unused) {
    return mock::deleted_in_full(records, {{"c", "x"}}, {.scope = scope, .usage = rule});
}

}  // namespace

TEST_CASE("survivor selects the first or last or newest or oldest name and on a tie the one that sorts last") {
    CHECK_TWICE(survivor({{"b", "1"}, {"c", "1"}, {"a", "1"}}, Survivor::last_by_name) == "c");
    CHECK_TWICE(survivor({{"b", "1"}, {"c", "1"}, {"a", "1"}}, Survivor::first_by_name) == "a");
    CHECK_TWICE(survivor({{"b", "1", Timestamp{5, 0}}, {"c", "1", Timestamp{3, 0}}, {"a", "1"}}, Survivor::newest) ==
                "b");
    CHECK_TWICE(survivor({{"b", "1", Timestamp{5, 0}}, {"c", "1", Timestamp{3, 0}}, {"a", "1"}}, Survivor::oldest) ==
                "c");
    CHECK_TWICE(survivor({{"b", "1", Timestamp{5, 0}}, {"c", "1", Timestamp{5, 0}}}, Survivor::oldest) == "c");
    CHECK_TWICE(survivor({{"b", "1"}, {"c", "1"}}, Survivor::newest) == "c");
}

TEST_CASE("survivor tagged prefers a tag to a digest and a digest to a dangling name") {
    constexpr std::string_view
        digest = "sha256:82d1e9d7ed48a7523bdebc18cf6290bdb97b82302a8a9c27d4fe885949ea94d1",
        dangling = "moby-dangling@sha256:82d1e9d7ed48a7523bdebc18cf6290bdb97b82302a8a9c27d4fe885949ea94d1",
        by_digest = "app@sha256:82d1e9d7ed48a7523bdebc18cf6290bdb97b82302a8a9c27d4fe885949ea94d1";
    CHECK_TWICE(survivor({{dangling, digest}, {by_digest, digest}, {"app:1", digest}, {"app:0", digest}},
                         Survivor::tagged) == "app:1");
    CHECK_TWICE(survivor({{dangling, digest}, {by_digest, digest}}, Survivor::tagged) == by_digest);
    CHECK_TWICE(survivor({{dangling, digest}, {by_digest, digest}}, Survivor::last_by_name) == dangling);
    CHECK_TWICE(survivor({{"not a reference", digest}, {"app", digest}}, Survivor::tagged) == "app");
}

TEST_CASE("the survivors stage uses what an earlier stage parsed from a name") {
    using pruneplan::detail::ParsedName;
    const mock::Store store{{{"a:1", "1"}, {"b:1", "1"}}};
    const auto index = mock::Index::build(store);
    Decisions decisions(index->size());
    pruneplan::detail::TargetUse use(index->size());
    use.add(0, {seven, false}, true);
    pruneplan::detail::ParsedNames parsed_names(index->size());
    parsed_names[0] = {.tagged = true, .kind = ParsedName::other};
    parsed_names[1] = {.tagged = false, .kind = ParsedName::other};
    pruneplan::stages::survivors(*index, use, {.survivor = Survivor::tagged}, parsed_names, decisions);
    CHECK(decisions.reason(0) == Reason::last_name);
    CHECK(decisions.reason(1) == Reason::spare_name);
}

TEST_CASE("a kept image keeps one name of its parent and so on for every ancestor") {
    CHECK_TWICE(deleted({child("base:1", "a", ""), child("base:2", "a", ""), child("mid", "b", "a"),
                         child("top", "c", "b"), child("other", "d", "a")}) == Names{"other", "base:1"});
    CHECK_TWICE(mock::reasons({child("base", "a", ""), child("top", "c", "a")}, {{"c", "x"}},
                              {.scope = pruneplan::Scope::unused, .usage = pruneplan::usage_rules::graph_driver}) ==
                Reasons{Reason::parent, Reason::last_name});
}

TEST_CASE("a usage rule that keeps all names keeps all names of the parent of an image in use") {
    CHECK_TWICE(deleted({child("base:1", "a", ""), child("base:2", "a", ""), child("top", "c", "a")},
                        pruneplan::usage_rules::whole_image).empty());
}

TEST_CASE("a record that is not a candidate keeps its parent") {
    CHECK_TWICE(deleted({child("moby-dangling@a", "a", ""), child("top", "d", "a"), child("moby-dangling@b", "b", "")},
                        pruneplan::usage_rules::graph_driver, pruneplan::Scope::dangling) == Names{"moby-dangling@b"});
}

TEST_CASE("deletions list children before their parents") {
    CHECK_TWICE(deleted({child("a", "1", ""), child("b", "2", "1"), child("z", "3", "2"), child("c", "2", "1"),
                         child("d", "4", "")}) == Names{"z", "b", "c", "a", "d"});
}

TEST_CASE("images whose parents form a circle are deleted or kept together and missing parents are ignored") {
    CHECK_TWICE(deleted({child("a", "1", "2"), child("b", "2", "1"), child("e", "3", "3"),
                         child("f", "4", "missing")}) == Names{"a", "b", "e", "f"});
    CHECK_TWICE(deleted({child("a", "1", "c"), child("b", "c", "1"), child("z", "2", "1")}) == Names{"z"});
}

TEST_CASE("a chain of 100000 images is deleted children first or kept as a whole in either listing order") {
    std::vector<std::string> ids;
    for (int i = 0; i <= 100000; ++i) ids.push_back(std::to_string(i));
    for (const bool children_first : {true, false}) {
        mock::FullStore store;
        for (std::size_t i = 0; i < 100000; ++i) {
            const std::size_t at = children_first ? i : 99999 - i;
            store.records.push_back(child(ids[at], ids[at], ids[at + 1]));
        }
        const auto index = mock::FullIndex::build(store);
        const auto all = plan_prune(*index, mock::Containers{}, {.scope = pruneplan::Scope::unused});
        REQUIRE(all.deleted_count() == 100000);
        const auto order = all.deletions();
        CHECK(order[0].name == "0");
        CHECK(order[99999].name == "99999");
        const auto none = plan_prune(*index, mock::Containers{{"0", "x"}},
                                     {.scope = pruneplan::Scope::unused, .usage = pruneplan::usage_rules::strict});
        CHECK(none.deleted_count() == 0);
    }
}

TEST_CASE("survivor tagged prefers a name that is not a valid reference to a dangling name") {
    const mock::Store store{{{"A b", "1"}, {"moby-dangling@1", "1"}}};
    const auto index = mock::Index::build(store);
    const auto plan = plan_prune(*index, mock::Containers{{"1", ""}},
                                 {.scope = pruneplan::Scope::unused,
                                  .usage = pruneplan::usage_rules::graph_driver,
                                  .survivor = Survivor::tagged});
    CHECK(plan.decisions()[0].reason == Reason::last_name);
    CHECK(plan.decisions()[1].reason == Reason::spare_name);
}

TEST_CASE("a kept image keeps every parent that one of its records names in any listing order") {
    std::vector<mock::FullRecord> records{{.name = "a", .digest = "child", .parent = "p"},
                                          {.name = "b", .digest = "child", .parent = "q"},
                                          {.name = "c", .digest = "child"},
                                          {.name = "p", .digest = "p"},
                                          {.name = "q", .digest = "q"}};
    for (std::size_t rotation = 0; rotation < records.size(); ++rotation) {
        CHECK(mock::deleted_in_full(records, {{"child", ""}}, {.scope = pruneplan::Scope::unused,
                                                                .usage = pruneplan::usage_rules::strict}) ==
              std::vector<std::string_view>{"a", "b"});
        std::rotate(records.begin(), records.begin() + 1, records.end());
    }
}

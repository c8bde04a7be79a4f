// SPDX-License-Identifier: BSL-1.0

// Tests the fourth stage, survivors: which names are kept of images in use, and of what kept images need.

#include "../../support/check.hpp"
#include "drafted.hpp"

#include <pruneplan/plan_prune.hpp>
#include <pruneplan/planner/survivors.hpp>

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace {

using pruneplan::DoubtKind;
using pruneplan::NamesKept;
using pruneplan::Reason;
using pruneplan::detail::ImageUse;

/// Returns the reasons after the survivors stage alone. The image of record 0 is run by a container, and protected if
/// `in_use`. An earlier stage keeps the name `kept`, unless that is empty.
constexpr std::vector<Reason> reasons(bool in_use, NamesKept names, std::string_view kept,
                                      std::vector<mock::Record> records = {{"b", "1"}, {"c", "1"}, {"a", "1"}}) {
    Drafted drafted(mock::Store{records}, {.usage = {true, pruneplan::DigestUse::every_container, names}});
    if (!kept.empty()) drafted.draft.decisions.decide(drafted.records().find_name(kept), Reason::not_dangling);
    ImageUse use(records.size());
    use.add(0, 7, false, in_use);
    pruneplan::planner::survivors(drafted.draft, use, kept_images(drafted.draft, use));
    return drafted.reasons();
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
    const auto plan = mock::plan_of(
        mock::FullStore{records}, {{records[0].digest, ""}},
        {.scope = pruneplan::Scope::unused, .usage = pruneplan::usage_rules::graph_driver, .survivor = chosen});
    std::string_view kept;
    for (const pruneplan::Decision& decision : plan)
        if (decision.action == pruneplan::Action::keep) kept = kept.empty() ? records[decision.record].name : "several";
    return kept;
}

constexpr FullRecord child(std::string_view name, std::string_view target, std::string_view needs) {
    return {.name = name, .digest = target, .needs = needs};
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
    Drafted drafted(mock::Store{{{"a:1", "1"}, {"b:1", "1"}}}, {.survivor = Survivor::tagged});
    ImageUse use(2);
    use.add(0, 7, false, true);
    drafted.draft.names[0] = {.tagged = true, .kind = ParsedName::other};
    drafted.draft.names[1] = {.tagged = false, .kind = ParsedName::other};
    pruneplan::planner::survivors(drafted.draft, use, kept_images(drafted.draft, use));
    CHECK(drafted.reasons() == Reasons{Reason::last_name, Reason::spare_name});
}

TEST_CASE("a kept image keeps the last name of each image that it needs and so on") {
    CHECK_TWICE(deleted({child("base:1", "a", ""), child("base:2", "a", ""), child("mid", "b", "a"),
                         child("top", "c", "b"), child("other", "d", "a")}) == Names{"other", "base:1"});
    CHECK_TWICE(mock::reasons({child("base", "a", ""), child("top", "c", "a")}, {{"c", "x"}},
                              {.scope = pruneplan::Scope::unused, .usage = pruneplan::usage_rules::graph_driver}) ==
                Reasons{Reason::needed, Reason::last_name});
}

TEST_CASE("a usage rule that keeps all names keeps all names of what an image in use needs") {
    CHECK_TWICE(deleted({child("base:1", "a", ""), child("base:2", "a", ""), child("top", "c", "a")},
                        pruneplan::usage_rules::whole_image)
                    .empty());
}

TEST_CASE("a record that is not a candidate keeps what its image needs") {
    CHECK_TWICE(deleted({child("moby-dangling@a", "a", ""), child("top", "d", "a"), child("moby-dangling@b", "b", "")},
                        pruneplan::usage_rules::graph_driver, pruneplan::Scope::dangling) == Names{"moby-dangling@b"});
}

TEST_CASE("deletions list an image before what it needs") {
    CHECK_TWICE(deleted({child("a", "1", ""), child("b", "2", "1"), child("z", "3", "2"), child("c", "2", "1"),
                         child("d", "4", "")}) == Names{"z", "b", "c", "a", "d"});
}

TEST_CASE(
    "images that need each other in a circle are deleted or kept together and what is not in the store is ignored") {
    CHECK_TWICE(deleted({child("a", "1", "2"), child("b", "2", "1"), child("e", "3", "3"),
                         child("f", "4", "missing")}) == Names{"a", "b", "e", "f"});
    CHECK_TWICE(deleted({child("a", "1", "c"), child("b", "c", "1"), child("z", "2", "1")}) == Names{"z"});
}

TEST_CASE("a chain of 100000 images is deleted in its order or kept as a whole in either listing order") {
    std::vector<std::string> ids;
    for (int i = 0; i <= 100000; ++i) ids.push_back(std::to_string(i));
    for (const bool needing_first : {true, false}) {
        mock::FullStore store;
        for (std::size_t i = 0; i < 100000; ++i) {
            const std::size_t at = needing_first ? i : 99999 - i;
            store.records.push_back(child(ids[at], ids[at], ids[at + 1]));
        }
        const auto all = mock::plan_of(store, {}, {.scope = pruneplan::Scope::unused});
        REQUIRE(all.deleted_count() == 100000);
        CHECK(all.deletions()[0].name == "0");
        CHECK(all.deletions()[99999].name == "99999");
        const auto none = mock::plan_of(store, {{"0", "x"}}, {.scope = pruneplan::Scope::unused});
        CHECK(none.deleted_count() == 0);
    }
}

TEST_CASE("survivor tagged prefers an ID to a name that is not a valid reference and that to a dangling name") {
    constexpr std::string_view whole_id = "sha256:82d1e9d7ed48a7523bdebc18cf6290bdb97b82302a8a9c27d4fe885949ea94d1";
    CHECK_TWICE(survivor({{"A b", "1"}, {"moby-dangling@1", "1"}}, Survivor::tagged) == "A b");
    CHECK_TWICE(survivor({{"z z", "1"}, {whole_id, "1"}}, Survivor::tagged) == whole_id);
    CHECK_TWICE(survivor({{whole_id, "1"}, {"app:1", "1"}}, Survivor::tagged) == "app:1");
    CHECK_TWICE(survivor({{whole_id, "1"}, {"app", "1"}}, Survivor::tagged) == "app");
}

TEST_CASE("a kept image keeps every image that one of its records needs in any listing order") {
    std::vector<mock::FullRecord> records{child("a", "child", "p"), child("b", "child", "q"), child("c", "child", ""),
                                          child("p", "p", ""), child("q", "q", "")};
    for (std::size_t rotation = 0; rotation < records.size(); ++rotation) {
        CHECK(mock::deleted_in_full(records, {{"child", ""}}, {.scope = pruneplan::Scope::unused}) == Names{"a", "b"});
        std::rotate(records.begin(), records.begin() + 1, records.end());
    }
}

TEST_CASE("a store can tell several images that a record needs") {
    struct Index {
        std::string_view name, target;
        std::vector<std::string> needs;
    };
    struct Store {
        std::vector<Index> records;
        const std::vector<Index>& images() const { return records; }
        static std::string_view name(const Index& record) { return record.name; }
        static std::string_view target(const Index& record) { return record.target; }
        static const std::vector<std::string>& needs(const Index& record) { return record.needs; }
    };
    const Store store{{{"amd64", "2", {}},
                       {"arm64", "3", {}},
                       {"index", "1", {"2", "3", "missing", "", "2"}},
                       {"other", "4", {"2"}}}};
    const auto kept = mock::plan_of(store, {{"1", ""}}, {.scope = pruneplan::Scope::unused});
    CHECK(mock::deleted(kept) == Names{"other"});
    CHECK(kept[0].reason == Reason::needed);
    CHECK_FALSE(kept[0].container);
    CHECK(kept[1].reason == Reason::needed);
    const auto all = mock::plan_of(store, {}, {.scope = pruneplan::Scope::unused});
    CHECK(mock::deleted(all) == Names{"index", "other", "amd64", "arm64"});
}

TEST_CASE("an image that a kept image needs loses its spare names and keeps one if it keeps none for another reason") {
    const std::vector<FullRecord> records{child("base:1", "a", ""), child("base:2", "a", ""), child("top", "c", "a")};
    CHECK(mock::reasons(records, {{"c", "x"}}, {.scope = pruneplan::Scope::unused}) ==
          Reasons{Reason::spare_name, Reason::needed, Reason::last_name});
    CHECK(mock::reasons(records, {{"c", "x"}},
                        {.scope = pruneplan::Scope::unused, .keep = {*pruneplan::Glob::compile("*:1")}}) ==
          Reasons{Reason::kept_pattern, Reason::spare_name, Reason::last_name});
}

TEST_CASE("an image that a container runs under a rule that does not protect it is kept if a kept image needs it") {
    const std::vector<FullRecord> records{child("base", "sha256:a", ""), child("top", "sha256:c", "sha256:a")};
    CHECK(mock::reasons(records, {{"sha256:a", "x"}, {"sha256:c", "sha256:c"}},
                        {.scope = pruneplan::Scope::unused, .usage = pruneplan::usage_rules::containerd_snapshotter}) ==
          Reasons{Reason::needed, Reason::last_name});
}

TEST_CASE("each unprotected image is one doubt that blocks and has the number of its container") {
    Drafted drafted(mock::Store{{{"a", "1"}, {"b", "1"}, {"c", "2"}, {"d", "2"}, {"e", "3"}}});
    drafted.draft.decisions.decide(3, Reason::not_dangling);
    ImageUse use(5);
    use.add(0, 7, false, false);
    use.add(2, 5, false, false);
    CHECK(pruneplan::planner::survivors(drafted.draft, use, kept_images(drafted.draft, use)));
    CHECK(drafted.reasons() ==
          Reasons{Reason::unprotected, Reason::unprotected, Reason::spare_name, Reason::not_dangling, Reason::unused});
    pruneplan::planner::doubt_unprotected(drafted.draft, use);
    const auto plan = drafted.plan();
    CHECK(plan[0].container == 7u);
    CHECK(plan[2].container == 5u);
    const std::vector<pruneplan::Doubt> doubts = plan.doubts();
    REQUIRE(doubts.size() == 1);
    CHECK(doubts[0].kind == DoubtKind::unprotected_image);
    CHECK(doubts[0].number == 7);
    CHECK(doubts[0].blocks);
    CHECK(doubts[0].sentence.find("\"1\"") != std::string::npos);
}

TEST_CASE("an image that loses only spare names and one that no container runs are no doubt") {
    Drafted drafted(mock::Store{{{"a", "1"}, {"b", "1"}, {"c", "2"}}});
    drafted.draft.decisions.decide(0, Reason::not_dangling);
    ImageUse use(3);
    use.add(0, 7, false, false);
    CHECK_FALSE(pruneplan::planner::survivors(drafted.draft, use, kept_images(drafted.draft, use)));
    pruneplan::planner::doubt_unprotected(drafted.draft, use);
    CHECK(drafted.draft.doubts.empty());
}

TEST_CASE("an unprotected image that a budget keeps is no doubt") {
    mock::FullStore store{{{.name = "a", .digest = "sha256:1", .blobs = {{"x", 10}}}}};
    for (const std::int64_t bytes : {0, 1}) {
        const auto plan = mock::plan_of(store, {{"sha256:1", "b"}},
                                        {.scope = pruneplan::Scope::unused,
                                         .usage = pruneplan::usage_rules::containerd_snapshotter,
                                         .bytes_to_free = bytes});
        CHECK(plan[0].reason == (bytes == 0 ? Reason::enough_freed : Reason::unprotected));
        CHECK(plan.doubts().size() == (bytes == 0 ? 0u : 1u));
    }
}

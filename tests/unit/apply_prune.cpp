// SPDX-License-Identifier: BSL-1.0

// Tests `apply_prune`: the order of removals, the report, and what stops or skips a removal.

#include "../support/check.hpp"
#include "../support/live_store.hpp"
#include "../support/mock.hpp"

#include <pruneplan/apply_prune.hpp>
#include <pruneplan/plan_prune.hpp>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace {

using mock::FullRecord;
using pruneplan::AppliedStep;
using pruneplan::ApplyOptions;
using pruneplan::PlannedDeletion;
using pruneplan::PruneReport;
using pruneplan::RemoveOutcome;
using pruneplan::RemoveStatus;
using pruneplan::Scope;
using pruneplan::SkipReason;
namespace usage_rules = pruneplan::usage_rules;
using Names = std::vector<std::string>;

constexpr pruneplan::PruneOptions all{.scope = Scope::unused, .usage = usage_rules::graph_driver};

/// A remover that gives the answer set for a name, else `removed`, and records the names that it was asked to remove.
struct Scripted {
    std::map<std::string, RemoveOutcome, std::less<>> answers;
    std::set<std::string, std::less<>> vanished;
    Names requested;

    RemoveOutcome remove(std::string_view name, std::string_view) {
        requested.emplace_back(name);
        const auto answer = answers.find(name);
        return answer == answers.end() ? RemoveOutcome{RemoveStatus::removed} : answer->second;
    }
    bool holds(std::string_view name, std::string_view) const { return !vanished.contains(name); }
};

/// A remover without `holds`, which removes everything.
struct WithoutHolds {
    Names requested;
    RemoveOutcome remove(std::string_view name, std::string_view) {
        requested.emplace_back(name);
        return {RemoveStatus::removed};
    }
};

/// Applies a plan of the records and one container, which runs "sha256:used".
template <class Remover, class Options = const pruneplan::ApplyAll>
PruneReport applied(std::vector<FullRecord> records, Remover& remover, Options&& options = {}) {
    const mock::FullStore store{records};
    const auto index = mock::FullIndex::build(store);
    return apply_prune(plan_prune(*index, mock::Containers{{"sha256:used", "x"}}, all), *index, remover, options);
}

/// Returns the familiar names that were removed.
Names untagged(const PruneReport& report) {
    Names out;
    for (const PruneReport::Untagged& record : report.untagged) out.push_back(record.familiar);
    return out;
}

std::string skips(const PruneReport& report) {
    std::string out;
    for (const PruneReport::Skip& skip : report.skipped)
        out += skip.name + " " + std::string(to_string(skip.reason)) + "; ";
    return out;
}

FullRecord image(std::string_view name, std::string_view target, std::string_view parent = {},
                 std::vector<pruneplan::Blob> blobs = {}) {
    return {.name = name, .digest = target, .parent = parent, .blobs = blobs};
}

constexpr bool applies_at_compile_time() {
    struct Counter {
        int count = 0;
        constexpr RemoveOutcome remove(std::string_view, std::string_view) {
            ++count;
            return {RemoveStatus::not_found};
        }
    } counter;
    const mock::Store store{{{"a", "1"}, {"b", "2"}}};
    const auto index = mock::Index::build(store);
    const auto report = apply_prune(plan_prune(*index, mock::Containers{}, all), *index, counter);
    return counter.count == 2 && report.skipped.size() == 2 && !report.cancelled;
}

}  // namespace

TEST_CASE("a report has the removed names and the deleted images and the bytes that they freed") {
    Scripted store;
    const auto report = applied({image("docker.io/library/app:1", "sha256:a", {}, {{"base", 100}, {"x", 1}}),
                                 image("docker.io/library/app:2", "sha256:a", {}, {{"base", 100}, {"x", 1}}),
                                 image("docker.io/library/web:1", "sha256:b", {}, {{"base", 100}, {"y", 2}}),
                                 image("docker.io/library/used:1", "sha256:used", {}, {{"z", 4}})}, store);
    CHECK(untagged(report) == Names{"app:1", "app:2", "web:1"});
    CHECK(report.deleted == Names{"sha256:a", "sha256:b"});
    CHECK(report.space_reclaimed == 103);
    CHECK(report.failures.empty());
    CHECK(report.skipped.empty());
    CHECK_FALSE(report.cancelled);
}

TEST_CASE("a removed record of a report converts to its familiar name as in earlier versions") {
    Scripted store;
    const auto report = applied({image("docker.io/library/a:1", "1")}, store);
#if defined(__GNUC__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
#endif
    for (const std::string& name : report.untagged) CHECK(name == "a:1");
#if defined(__GNUC__)
#pragma GCC diagnostic pop
#endif
    CHECK(report.untagged.size() == 1);
}

TEST_CASE("children are removed before parents and the dangling name of an image after its other names") {
    Scripted store;
    const auto report =
        applied({image("moby-dangling@sha256:b", "sha256:b", "sha256:a"), image("quay.io/x:1", "sha256:b", "sha256:a"),
                 image("a", "sha256:a"), image("z", "sha256:c", "sha256:b")}, store);
    CHECK(report.untagged.size() == 4);
    CHECK(store.requested == Names{"z", "quay.io/x:1", "moby-dangling@sha256:b", "a"});
}

TEST_CASE("an image that is changed or in use or not found is skipped and a failure does not end the run") {
    Scripted store{{{"a", {RemoveStatus::changed}}, {"b", {RemoveStatus::in_use}}, {"c", {RemoveStatus::not_found}},
                    {"d", {RemoveStatus::failed, "disk on fire"}}}, {}, {}};
    const auto report =
        applied({image("a", "1"), image("b", "2"), image("c", "3"), image("d", "4"), image("e", "5")}, store);
    CHECK(skips(report) == "a changed; b in_use; c not_found; ");
    REQUIRE(report.failures.size() == 1);
    CHECK(report.failures[0].name == "d");
    CHECK(report.failures[0].target == "4");
    CHECK(report.failures[0].error == "disk on fire");
    CHECK(untagged(report) == Names{"e"});
    CHECK(report.deleted == Names{"5"});
}

TEST_CASE("an image is reported as deleted if the run removed its last name") {
    const std::vector<FullRecord> records{image("a", "1", {}, {{"x", 10}}), image("b", "1", {}, {{"x", 10}})};
    Scripted first_not_found{{{"a", {RemoveStatus::not_found}}}, {}, {}};
    CHECK(applied(records, first_not_found).deleted == Names{"1"});
    Scripted last_not_found{{{"b", {RemoveStatus::not_found}}}, {}, {}};
    const auto report = applied(records, last_not_found);
    CHECK(report.deleted.empty());
    CHECK(report.space_reclaimed == 0);
    Scripted last_fails{{{"b", {RemoveStatus::failed}}}, {}, {}};
    CHECK(applied(records, last_fails).deleted.empty());
}

TEST_CASE("an image is not reported as deleted if the remover says that it still has a name") {
    Scripted store{{{"a", {RemoveStatus::removed, {}, true}}}, {}, {}};
    const auto report = applied({image("a", "1", {}, {{"x", 10}}), image("b", "2", {}, {{"x", 10}})}, store);
    CHECK(untagged(report) == Names{"a", "b"});
    CHECK(report.deleted == Names{"2"});
    CHECK(report.space_reclaimed == 0);
}

TEST_CASE("an image that another process deleted frees nothing and does not keep shared blobs from being freed") {
    Scripted store{{{"a", {RemoveStatus::not_found}}}, {}, {}};
    const auto report =
        applied({image("a", "1", {}, {{"x", 10}, {"own", 5}}), image("b", "2", {}, {{"x", 10}})}, store);
    CHECK(report.deleted == Names{"2"});
    CHECK(report.space_reclaimed == 10);
}

TEST_CASE("a spare name is removed only while a name that the plan keeps still points at its image") {
    const std::vector<FullRecord> records{image("a", "sha256:used"), image("b", "sha256:used"),
                                          image("c", "sha256:used")};
    Scripted all_there;
    CHECK(untagged(applied(records, all_there)) == Names{"a", "b"});
    CHECK(untagged(applied({records[2], records[1], records[0]}, all_there)) == Names{"a", "b"});
    Scripted survivor_gone{{}, {"c"}, {}};
    const auto report = applied(records, survivor_gone);
    CHECK(report.untagged.empty());
    CHECK(skips(report) == "a survivor_gone; b survivor_gone; ");
    CHECK(survivor_gone.requested.empty());
    WithoutHolds without_holds;
    CHECK(skips(applied(records, without_holds)) == "a survivor_unchecked; b survivor_unchecked; ");
    CHECK(without_holds.requested.empty());
}

TEST_CASE("one of several kept names that still points at the image is enough to remove a spare name") {
    std::vector<FullRecord> records{image("a", "sha256:used"), image("b", "sha256:used"), image("c", "sha256:used"),
                                    image("d", "sha256:used")};
    records[1].pinned = records[2].pinned = records[3].pinned = true;
    Scripted two_gone{{}, {"b", "c"}, {}};
    CHECK(untagged(applied(records, two_gone)) == Names{"a"});
    Scripted all_gone{{}, {"b", "c", "d"}, {}};
    CHECK(skips(applied(records, all_gone)) == "a survivor_gone; ");
}

TEST_CASE("an image is skipped if a descendant was not removed unless the name of that descendant has moved") {
    const std::vector<FullRecord> records{image("a", "1"), image("b", "2", "1"), image("c", "3", "2"),
                                          image("d", "4", "1")};
    for (const RemoveStatus status : {RemoveStatus::in_use, RemoveStatus::failed}) {
        Scripted store{{{"c", {status, "why"}}}, {}, {}};
        const auto report = applied(records, store);
        CHECK(untagged(report) == Names{"d"});
        CHECK(skips(report).ends_with("b child_stays; a child_stays; "));
    }
    // A name that points at another image now is not a child any more.
    Scripted moved{{{"c", {RemoveStatus::changed}}}, {}, {}};
    CHECK(untagged(applied(records, moved)) == Names{"b", "d", "a"});
}

TEST_CASE("before can veto a removal and after receives each attempt and should_stop ends the run") {
    Scripted store{{{"b", {RemoveStatus::failed, "no"}}}, {}, {}};
    std::string calls;
    int stop_checks = 0;
    const auto report = applied(
        {image("a", "1"), image("b", "2"), image("c", "3"), image("d", "4")}, store,
        ApplyOptions{[](const PlannedDeletion& deletion) { return deletion.name != "a"; },
                     [&](const AppliedStep& step) {
                         calls += std::to_string(step.done) + "/" + std::to_string(step.total) + " " +
                                  std::string(step.deletion.name) + (step.image_deleted ? " deleted; " : "; ");
                     },
                     [&] { return stop_checks++ == 3; }});
    CHECK(calls == "2/4 b; 3/4 c deleted; ");
    CHECK(skips(report) == "a vetoed; ");
    CHECK(untagged(report) == Names{"c"});
    CHECK(report.failures.size() == 1);
    CHECK(report.cancelled);
    CHECK(store.requested == Names{"b", "c"});
}

TEST_CASE("options for apply_prune can have any subset of the callbacks in any order") {
    Scripted store;
    int calls = 0;
    const std::vector<FullRecord> records{image("a", "1"), image("b", "2"), image("c", "3")};
    const auto not_a = [](const PlannedDeletion& deletion) { return deletion.name != "a"; };
    const auto count = [&](const AppliedStep&) { ++calls; };
    CHECK(untagged(applied(records, store, pruneplan::with_before(not_a))) == Names{"b", "c"});
    CHECK(untagged(applied(records, store, pruneplan::with_after(count))) == Names{"a", "b", "c"});
    CHECK(calls == 3);
    CHECK(applied(records, store, pruneplan::with_should_stop([] { return true; })).cancelled);
    CHECK(untagged(applied(records, store, pruneplan::with_before(not_a).with_after(count))) == Names{"b", "c"});
    CHECK(calls == 5);
    CHECK(untagged(
              applied(records, store,
                      pruneplan::with_after(count).with_should_stop([&] { return calls == 6; }).with_before(not_a))) ==
          Names{"b"});
    struct OnlyAfter {
        int& calls;
        void after(const AppliedStep&) const { calls += 10; }
    };
    CHECK(untagged(applied(records, store, OnlyAfter{calls})).size() == 3);
    CHECK(calls == 36);
}

TEST_CASE("a reused report adds up removals and has the cancelled flag of its last run alone") {
    const mock::Store store{{{"a", "1"}, {"b", "2"}}};
    const auto index = mock::Index::build(store);
    const auto plan = plan_prune(*index, mock::Containers{}, all);
    WithoutHolds remover;
    PruneReport report;
    apply_prune(plan, *index, remover, pruneplan::with_should_stop([] { return true; }), report);
    CHECK(report.cancelled);
    apply_prune(plan, *index, remover, pruneplan::ApplyAll(), report);
    CHECK_FALSE(report.cancelled);
    CHECK(report.untagged.size() == 2);
}

TEST_CASE("a plan that is applied a second time reports every name as not found and frees nothing") {
    live::Store store;
    store.add_image("1", {{{"x", 10}}, ""});
    store.tag("a", "1");
    store.tag("b", "1");
    const auto snapshot = store.snapshot();
    const auto index = live::Index::build(snapshot);
    const auto plan = plan_prune(*index, store.containers(), all);
    const auto first = apply_prune(plan, *index, store), second = apply_prune(plan, *index, store);
    CHECK(untagged(first) == Names{"a", "b"});
    CHECK(first.space_reclaimed == 10);
    CHECK(second.untagged.empty());
    CHECK(second.deleted.empty());
    CHECK(second.space_reclaimed == 0);
    CHECK(skips(second) == "a not_found; b not_found; ");
}

TEST_CASE("apply_prune reads blobs before the first removal and never after") {
    // A store whose removals free the digests that its blobs point at.
    struct Content {
        std::map<std::string, std::uint64_t> sizes{{"a digest too long for the small string buffer: 1", 10},
                                                   {"a digest too long for the small string buffer: 2", 20}};
        std::vector<std::string> names{"a", "b"};
        const std::vector<std::string>& images() const { return names; }
        static const std::string& name(const std::string& name) { return name; }
        static const std::string& target(const std::string& name) { return name; }
        std::vector<pruneplan::Blob> blobs(const std::string&) const {
            std::vector<pruneplan::Blob> out;
            for (const auto& [digest, size] : sizes) out.push_back({digest, size});
            return out;
        }
        RemoveOutcome remove(std::string_view, std::string_view) {
            sizes.clear();
            return {RemoveStatus::removed};
        }
    } store;
    const auto index = pruneplan::ImageIndex<Content>::build(store);
    const auto report = apply_prune(plan_prune(*index, mock::Containers{}, all), *index, store);
    CHECK(report.deleted == Names{"a", "b"});
    CHECK(report.space_reclaimed == 30);
}

TEST_CASE("applying an empty plan gives an empty report") {
    Scripted store;
    const auto report = applied({}, store);
    CHECK((report.untagged.empty() && report.deleted.empty() && report.skipped.empty() && !report.cancelled));
}

TEST_CASE("a report has no reclaimed space if the store does not tell blobs") {
    const mock::Store store{{{"a", "sha256:1"}}};
    const auto index = mock::Index::build(store);
    Scripted remover;
    const auto report = apply_prune(plan_prune(*index, mock::Containers{}, all), *index, remover);
    CHECK(report.deleted == Names{"sha256:1"});
    CHECK(report.space_reclaimed == 0);
}

TEST_CASE("a plan can be applied at compile time") { CHECK_TEXT_TWICE(applies_at_compile_time()); }

TEST_CASE("every skip reason has its own word") {
    std::string words;
    for (int reason = 0; reason <= static_cast<int>(SkipReason::child_stays); ++reason) {
        const std::string word = " " + std::string(to_string(static_cast<SkipReason>(reason))) + " ";
        CHECK(word != " unknown ");
        CHECK(words.find(word) == words.npos);
        words += word;
    }
    CHECK(to_string(static_cast<SkipReason>(255)) == "unknown");
}

#if defined(__cpp_exceptions)
TEST_CASE("an exception from a callback passes through and the report has all removals up to then") {
    const mock::Store store{{{"a", "1"}, {"b", "2"}, {"c", "3"}}};
    const auto index = mock::Index::build(store);
    const auto plan = plan_prune(*index, mock::Containers{}, all);
    struct Oops {};
    for (const std::string_view thrower : {"before", "after", "should_stop"}) {
        PruneReport report;
        Scripted remover;
        int calls = 0;
        const auto at_second = [&](std::string_view callback) {
            if (callback == thrower && ++calls == 2) throw Oops{};
            return true;
        };
        bool thrown = false;
        try {
            apply_prune(plan, *index, remover,
                        ApplyOptions{[&](const PlannedDeletion&) { return at_second("before"); },
                                     [&](const AppliedStep&) { at_second("after"); },
                                     [&] { return !at_second("should_stop"); }},
                        report);
        } catch (const Oops&) {
            thrown = true;
        }
        INFO(thrower);
        CHECK(thrown);
        CHECK(untagged(report) == remover.requested);
        CHECK(report.untagged.size() == (thrower == "after" ? 2u : 1u));
    }
}
#endif

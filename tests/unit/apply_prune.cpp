// SPDX-License-Identifier: BSL-1.0

// Tests `apply_prune`: the order of removals, the report, and what stops or skips a removal.

#include "../support/check.hpp"
#include "../support/live_store.hpp"
#include "../support/mock.hpp"

#include <pruneplan/apply_prune.hpp>
#include <pruneplan/plan_prune.hpp>

#include <algorithm>
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace {

using mock::FullRecord;
using pruneplan::ApplyOptions;
using pruneplan::Decision;
using pruneplan::DoubtKind;
using pruneplan::plan_prune;
using pruneplan::PrunePlan;
using pruneplan::PruneReport;
using pruneplan::RemoveOutcome;
using pruneplan::RemoveStatus;
using pruneplan::Scope;
namespace usage_rules = pruneplan::usage_rules;
using Names = std::vector<std::string>;

const pruneplan::PruneOptions all{.scope = Scope::unused, .usage = usage_rules::graph_driver};

/// A remover that returns the answer set for a name, else `removed`, and records the names that it was asked to remove.
/// Names in `vanished` do not survive.
struct Scripted {
    std::map<std::string, RemoveOutcome, std::less<>> answers{};
    std::set<std::string, std::less<>> vanished{};
    Names requested{}, survivors{};

    RemoveOutcome remove(std::string_view name, std::string_view, std::string_view survivor) {
        requested.emplace_back(name);
        survivors.emplace_back(survivor);
        if (vanished.contains(survivor)) return RemoveStatus::survivor_gone;
        const auto answer = answers.find(name);
        return answer == answers.end() ? RemoveStatus::removed : answer->second;
    }
};

/// Plans the records. If one has the target "sha256:used", a container runs that.
PrunePlan planned(const std::vector<FullRecord>& records) {
    mock::Containers containers;
    for (const FullRecord& record : records)
        if (record.digest == "sha256:used" && containers.empty()) containers.push_back({"sha256:used", "x"});
    return *plan_prune(mock::FullStore{records}, containers, all);
}

template <class Remover>
PruneReport applied(const std::vector<FullRecord>& records, Remover&& remover, const ApplyOptions& options = {}) {
    return *apply_prune(planned(records), remover, options);
}

/// Returns each step as its name and its status.
std::string steps(const PruneReport& report) {
    std::string out;
    for (const PruneReport::Step& step : report.steps)
        out += step.name + " " + std::string(to_string(step.status)) + "; ";
    return out;
}

FullRecord image(std::string_view name, std::string_view target, std::string_view needs = {},
                 std::vector<pruneplan::Blob> blobs = {}) {
    return {.name = name, .digest = target, .needs = needs, .blobs = std::move(blobs)};
}

const std::vector<FullRecord> three_images{image("a", "1"), image("b", "2"), image("c", "3")};

RemoveStatus remove_nothing(std::string_view, std::string_view, std::string_view) { return RemoveStatus::in_use; }

}  // namespace

TEST_CASE("a report has a step for each deletion with the bytes that it freed") {
    const auto report = applied({image("docker.io/library/app:1", "sha256:a", {}, {{"base", 100}, {"x", 1}}),
                                 image("docker.io/library/app:2", "sha256:a", {}, {{"base", 100}, {"x", 1}}),
                                 image("docker.io/library/web:1", "sha256:b", {}, {{"base", 100}, {"y", 2}}),
                                 image("docker.io/library/used:1", "sha256:used", {}, {{"z", 4}})},
                                Scripted());
    REQUIRE(report.steps.size() == 3);
    CHECK(report.steps[0].name == "docker.io/library/app:1");
    CHECK(report.steps[0].familiar == "app:1");
    CHECK(report.steps[0].target == "sha256:a");
    CHECK(report.steps[0].status == RemoveStatus::removed);
    CHECK_FALSE(report.steps[0].image_deleted);
    CHECK(report.steps[0].reclaimed == 0);
    CHECK(report.steps[1].image_deleted);
    CHECK(report.steps[1].reclaimed == 1);
    CHECK(report.steps[2].reclaimed == 102);
    CHECK(report.untagged() == Names{"app:1", "app:2", "web:1"});
    CHECK(report.deleted() == Names{"sha256:a", "sha256:b"});
    CHECK(report.space_reclaimed == 103);
    CHECK(report.count(RemoveStatus::removed) == 3);
    CHECK(report.count(RemoveStatus::failed) == 0);
    CHECK_FALSE(report.cancelled);
}

TEST_CASE("the familiar form of a name that is not a valid reference is the name") {
    const auto report = applied({image("App:1", "1"), image("moby-dangling@sha256:2", "sha256:2")}, Scripted());
    CHECK(report.untagged() == Names{"App:1", "moby-dangling@sha256:2"});
}

TEST_CASE("an image is removed before what it needs and its dangling name after its other names") {
    Scripted store;
    const auto report =
        applied({image("moby-dangling@sha256:b", "sha256:b", "sha256:a"), image("quay.io/x:1", "sha256:b", "sha256:a"),
                 image("a", "sha256:a"), image("z", "sha256:c", "sha256:b")},
                store);
    CHECK(report.untagged().size() == 4);
    CHECK(store.requested == Names{"z", "quay.io/x:1", "moby-dangling@sha256:b", "a"});
}

TEST_CASE("a name that is changed or in use or not found is reported and a failure does not end the run") {
    const auto report = applied({image("a", "1"), image("b", "2"), image("c", "3"), image("d", "4"), image("e", "5")},
                                Scripted{{{"a", RemoveStatus::changed},
                                          {"b", RemoveStatus::in_use},
                                          {"c", RemoveStatus::not_found},
                                          {"d", {RemoveStatus::failed, "disk on fire"}}}});
    CHECK(steps(report) == "a changed; b in_use; c not_found; d failed; e removed; ");
    CHECK(report.steps[3].error == "disk on fire");
    CHECK(report.steps[4].error.empty());
    CHECK(report.untagged() == Names{"e"});
    CHECK(report.deleted() == Names{"5"});
}

TEST_CASE("an image is reported as deleted if the run removed its last name") {
    const std::vector<FullRecord> records{image("a", "1", {}, {{"x", 10}}), image("b", "1", {}, {{"x", 10}})};
    CHECK(applied(records, Scripted{{{"a", RemoveStatus::not_found}}}).deleted() == Names{"1"});
    CHECK(applied(records, Scripted{{{"b", RemoveStatus::failed}}}).deleted().empty());
    const auto last_not_found = applied(records, Scripted{{{"b", RemoveStatus::not_found}}});
    CHECK(last_not_found.deleted().empty());
    CHECK(last_not_found.space_reclaimed == 0);
}

TEST_CASE("an image is not reported as deleted if the remover says that it still has a name") {
    const auto report = applied({image("a", "1", {}, {{"x", 10}}), image("b", "2", {}, {{"x", 10}})},
                                Scripted{{{"a", {RemoveStatus::removed, {}, true}}}});
    CHECK(report.untagged() == Names{"a", "b"});
    CHECK(report.deleted() == Names{"2"});
    CHECK(report.space_reclaimed == 0);
}

TEST_CASE("what the remover says last of other names of an image counts") {
    // The first answer means "b", which the plan removes next.
    const std::vector<FullRecord> records{image("a", "1", "2", {{"x", 10}}), image("b", "1", "2", {{"x", 10}}),
                                          image("base", "2")};
    const RemoveOutcome another_name{RemoveStatus::removed, {}, true};
    const auto report = applied(records, Scripted{{{"a", another_name}}});
    CHECK(steps(report) == "a removed; b removed; base removed; ");
    CHECK(report.deleted() == Names{"1", "2"});
    CHECK(report.space_reclaimed == 10);
    CHECK(steps(applied(records, Scripted{{{"b", another_name}}})) == "a removed; b removed; base needed; ");
    // A name that is not found tells nothing about the others.
    CHECK(steps(applied(records, Scripted{{{"a", another_name}, {"b", RemoveStatus::not_found}}})) ==
          "a removed; b not_found; base needed; ");
}

TEST_CASE("an image that another process deleted frees nothing and does not keep shared blobs from being freed") {
    const auto report = applied({image("a", "1", {}, {{"x", 10}, {"own", 5}}), image("b", "2", {}, {{"x", 10}})},
                                Scripted{{{"a", RemoveStatus::not_found}}});
    CHECK(report.deleted() == Names{"2"});
    CHECK(report.space_reclaimed == 10);
}

TEST_CASE("the survivor is empty unless the image keeps another name") {
    Scripted store;
    CHECK(
        applied({image("a", "sha256:used"), image("b", "sha256:used"), image("c", "sha256:1"), image("d", "sha256:1")},
                store)
            .steps.size() == 3);
    CHECK(store.requested == Names{"a", "c", "d"});
    CHECK(store.survivors == Names{"b", "", ""});
}

TEST_CASE("a spare name is removed only while a name that the plan keeps still points at its image") {
    const std::vector<FullRecord> records{image("a", "sha256:used"), image("b", "sha256:used"),
                                          image("c", "sha256:used")};
    CHECK(applied(records, Scripted()).untagged() == Names{"a", "b"});
    CHECK(applied({records[2], records[1], records[0]}, Scripted()).untagged() == Names{"a", "b"});
    Scripted survivor_gone{{}, {"c"}};
    CHECK(steps(applied(records, survivor_gone)) == "a survivor_gone; b survivor_gone; ");
    CHECK(survivor_gone.requested == Names{"a"});  // a survivor that is gone is not tried again
}

TEST_CASE("a name that is empty is no survivor since a remover would take it for none") {
    FullRecord nameless = image("", "sha256:used");
    nameless.pinned = true;
    Scripted store;
    CHECK(steps(applied({nameless, image("a", "sha256:used")}, store)) == "a survivor_gone; ");
    CHECK(store.requested.empty());
    FullRecord named = image("b", "sha256:used");
    named.pinned = true;
    CHECK(steps(applied({nameless, image("a", "sha256:used"), named}, store)) == "a removed; ");
    CHECK(store.survivors == Names{"b"});
}

TEST_CASE("each name that the plan keeps is tried as the survivor until one still points at the image") {
    std::vector<FullRecord> records{image("a", "sha256:used"), image("b", "sha256:used"), image("c", "sha256:used"),
                                    image("d", "sha256:used")};
    records[1].pinned = records[2].pinned = records[3].pinned = true;
    Scripted two_gone{{}, {"b", "c"}};
    CHECK(applied(records, two_gone).untagged() == Names{"a"});
    CHECK(two_gone.survivors == Names{"b", "c", "d"});
    CHECK(steps(applied(records, Scripted{{}, {"b", "c", "d"}})) == "a survivor_gone; ");
}

TEST_CASE("an image is kept if one that needs it was not removed unless the name of that one has moved") {
    const std::vector<FullRecord> records{image("a", "1"), image("b", "2", "1"), image("c", "3", "2"),
                                          image("d", "4", "1")};
    for (const RemoveStatus status : {RemoveStatus::in_use, RemoveStatus::failed, RemoveStatus::survivor_gone}) {
        const auto report = applied(records, Scripted{{{"c", {status, "why"}}}});
        CHECK(report.untagged() == Names{"d"});
        CHECK(report.count(RemoveStatus::needed) == 2);
        CHECK(steps(report).ends_with("b needed; d removed; a needed; "));
    }
    const auto vetoed =
        applied(records, Scripted(), {.before = [](const Decision& decision) { return decision.name != "d"; }});
    CHECK(steps(vetoed).ends_with("d vetoed; a needed; "));
    // A name that points at another image now keeps nothing of this one.
    CHECK(applied(records, Scripted{{{"c", RemoveStatus::changed}}}).untagged() == Names{"b", "d", "a"});
}

TEST_CASE("before can veto a removal and after receives each step and should_stop ends the run") {
    Scripted store{{{"b", {RemoveStatus::failed, "no"}}}};
    std::string calls;
    int stop_checks = 0;
    const auto report = applied({image("a", "1"), image("b", "2"), image("c", "3"), image("d", "4")}, store,
                                {.before = [](const Decision& decision) { return decision.name != "a"; },
                                 .after =
                                     [&](const PruneReport::Step& step) {
                                         calls += step.name + " " + std::string(to_string(step.status)) +
                                                  (step.image_deleted ? " deleted; " : "; ");
                                     },
                                 .should_stop = [&] { return stop_checks++ == 3; }});
    CHECK(calls == "a vetoed; b failed; c removed deleted; ");
    CHECK(steps(report) == "a vetoed; b failed; c removed; ");
    CHECK(report.cancelled);
    CHECK(store.requested == Names{"b", "c"});
}

TEST_CASE("before receives the decision of each step that it can veto") {
    std::string decisions;
    const auto note = [&](const Decision& decision) {
        decisions += std::string(decision.name) + " " + std::to_string(decision.record) + " " +
                     std::string(to_string(decision.reason)) + "; ";
        return true;
    };
    const auto report =
        applied({image("base", "1"), image("child", "2", "1"), image("moby-dangling@sha256:3", "sha256:3")},
                Scripted{{{"child", RemoveStatus::in_use}}}, {.before = note});
    CHECK(report.count(RemoveStatus::needed) == 1);
    CHECK(decisions == "child 1 unused; moby-dangling@sha256:3 2 dangling; ");
}

TEST_CASE("options for apply_prune can have any one of their callbacks and own it") {
    int calls = 0;
    const auto make_after = [&] {
        return ApplyOptions{.after = [&calls, text = std::make_shared<std::string>("kept")](const PruneReport::Step&) {
            calls += *text == "kept";
        }};
    };
    const ApplyOptions options = make_after();
    CHECK(applied(three_images, Scripted(), options).untagged() == Names{"a", "b", "c"});
    CHECK(calls == 3);
    const auto count = [&](const PruneReport::Step&) { ++calls; };
    CHECK(applied(three_images, Scripted(), {.after = count}).steps.size() == 3);
    CHECK(calls == 6);
    CHECK(applied(three_images, Scripted(), {.before = [](const Decision&) { return false; }}).untagged().empty());
    const auto stopped = applied(three_images, Scripted(), {.should_stop = [] { return true; }});
    CHECK((stopped.cancelled && stopped.steps.empty()));
}

TEST_CASE("a remover can be a callable and return a status alone") {
    Names removed;
    const auto report =
        applied(three_images, [&](std::string_view name, std::string_view target, std::string_view survivor) {
            removed.push_back(std::string(name) + " " + std::string(target) + std::string(survivor));
            return RemoveStatus::removed;
        });
    CHECK(removed == Names{"a 1", "b 2", "c 3"});
    CHECK(report.deleted() == Names{"1", "2", "3"});

    const std::function<RemoveOutcome(std::string_view, std::string_view, std::string_view)> function = remove_nothing;
    CHECK(applied(three_images, function).count(RemoveStatus::in_use) == 3);
    CHECK(applied(three_images, remove_nothing).count(RemoveStatus::in_use) == 3);
    CHECK(applied(three_images, &remove_nothing).count(RemoveStatus::in_use) == 3);

    struct Final final {
        static RemoveStatus remove(std::string_view, std::string_view, std::string_view) {
            return RemoveStatus::changed;
        }
    };
    CHECK(applied(three_images, Final()).count(RemoveStatus::changed) == 3);
    struct Move {
        std::unique_ptr<int> calls = std::make_unique<int>(0);
        RemoveStatus operator()(std::string_view, std::string_view, std::string_view) {
            return ++*calls == 2 ? RemoveStatus::not_found : RemoveStatus::removed;
        }
    };
    CHECK(steps(applied(three_images, Move())) == "a removed; b not_found; c removed; ");
}

TEST_CASE("a reused report adds up steps and has the cancelled flag of its last run alone") {
    const PrunePlan plan = planned({image("a", "1", {}, {{"x", 3}}), image("b", "2")});
    PruneReport report;
    int steps_taken = 0;
    REQUIRE(apply_prune(plan, Scripted(), {.should_stop = [&] { return steps_taken++ == 1; }}, report));
    CHECK(report.cancelled);
    REQUIRE(apply_prune(plan, Scripted(), {}, report));
    CHECK_FALSE(report.cancelled);
    CHECK(report.untagged() == Names{"a", "a", "b"});
    CHECK(report.space_reclaimed == 6);
}

TEST_CASE("a plan that is applied a second time reports every name as not found and frees nothing") {
    live::Store store;
    store.add_image("1", {{{"x", 10}}, ""});
    store.tag("a", "1");
    store.tag("b", "1");
    const PrunePlan plan = *plan_prune(store.snapshot(), store.containers(), all);
    const auto first = apply_prune(plan, store), second = apply_prune(plan, store);
    CHECK(first->untagged() == Names{"a", "b"});
    CHECK(first->space_reclaimed == 10);
    CHECK(second->deleted().empty());
    CHECK(second->space_reclaimed == 0);
    CHECK(steps(*second) == "a not_found; b not_found; ");
}

TEST_CASE("a doubtful plan is not applied unless the kind of each blocking doubt is accepted") {
    const std::vector<mock::Container> containers{{"sha256:missing", "x"}, {"sha256:old", "App"}};
    const mock::Store store{{{"docker.io/library/app:1", "sha256:old"}, {"docker.io/library/b:1", "sha256:b"}}};
    const PrunePlan plan = *plan_prune(store, containers, {.scope = Scope::unused, .usage = usage_rules::names_only});
    Scripted remover;
    const auto rejection = [&](std::vector<DoubtKind> accept) {
        const auto report = apply_prune(plan, remover, {.accept = std::move(accept)});
        CHECK(report.error().code == pruneplan::ErrorCode::doubtful_plan);
        CHECK(remover.requested.empty());
        return report.error().message;
    };
    CHECK(rejection({}) ==
          "doubtful plan: container 0 uses \"sha256:missing\", which no record has: show the planner all records, and "
          "the "
          "digests that the runtime reports; to apply it nevertheless, accept unmatched_container");
    CHECK(rejection({DoubtKind::unmatched_container, DoubtKind::unmatched_container}) ==
          "doubtful plan: container 1 runs \"sha256:old\", which loses its last name: the usage rule does not protect "
          "it, "
          "strict does; to apply it nevertheless, accept unprotected_image");
    CHECK(rejection({DoubtKind::unprotected_image, DoubtKind::unmatched_container}) ==
          "doubtful plan: container 1 was created from \"App\", which is neither a reference nor an ID: give what its "
          "user "
          "typed; to apply it nevertheless, accept invalid_image_ref");
    const auto report = apply_prune(
        plan, remover,
        {.accept = {DoubtKind::invalid_image_ref, DoubtKind::unmatched_container, DoubtKind::unprotected_image}});
    REQUIRE(report);
    CHECK(report->untagged() == Names{"app:1", "b:1"});
}

TEST_CASE("a doubtful plan changes no report and calls no callback") {
    PruneReport report;
    report.cancelled = true;
    const auto applied =
        apply_prune(*plan_prune(mock::Store{{{"a", "1"}}}, mock::Containers{{"9", ""}}, all), Scripted(),
                    {.before = [](const Decision&) -> bool {
                         FAIL("called");
                         return true;
                     },
                     .should_stop =
                         [] {
                             FAIL("called");
                             return true;
                         }},
                    report);
    CHECK_FALSE(applied);
    CHECK((report.steps.empty() && report.cancelled));
}

TEST_CASE("applying an empty plan gives an empty report") {
    for (const PrunePlan& plan : {PrunePlan(), planned({})}) {
        const auto report = apply_prune(plan, Scripted());
        REQUIRE(report);
        CHECK((report->steps.empty() && report->space_reclaimed == 0 && !report->cancelled));
    }
}

TEST_CASE("a report has no reclaimed space if the store does not tell blobs") {
    const auto report = apply_prune(*plan_prune(mock::Store{{{"a", "sha256:1"}}}, {}, all), Scripted());
    CHECK(report->deleted() == Names{"sha256:1"});
    CHECK(report->space_reclaimed == 0);
}

TEST_CASE("a blob that is listed with different sizes is reclaimed with the smallest") {
    CHECK(applied({image("a", "1", {}, {{"x", 10}}), image("b", "2", {}, {{"x", 7}})}, Scripted()).space_reclaimed ==
          7);
}

#if defined(__cpp_exceptions)
TEST_CASE("an exception from a callback or the remover passes through and the report has all removals up to then") {
    const PrunePlan plan = planned(three_images);
    struct Oops {};
    for (const std::string_view thrower : {"before", "remove", "after", "should_stop"}) {
        PruneReport report;
        Names removed;
        int calls = 0;
        const auto at_second = [&](std::string_view callback) {
            if (callback == thrower && ++calls == 2) throw Oops{};
            return true;
        };
        const auto remover = [&](std::string_view name, std::string_view, std::string_view) {
            at_second("remove");
            removed.emplace_back(name);
            return RemoveStatus::removed;
        };
        INFO(thrower);
        CHECK_THROWS_AS(apply_prune(plan, remover,
                                    {.before = [&](const Decision&) { return at_second("before"); },
                                     .after = [&](const PruneReport::Step&) { at_second("after"); },
                                     .should_stop = [&] { return !at_second("should_stop"); }},
                                    report),
                        Oops);
        CHECK(report.untagged() == removed);
        CHECK(report.deleted().size() == (thrower == "after" ? 2u : 1u));
    }
}
#endif

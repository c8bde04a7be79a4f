// SPDX-License-Identifier: BSL-1.0
// Lets each allocation of an operation fail in turn. Only std::bad_alloc may be thrown, nothing may leak, and objects
// must remain usable. This is a separate program: support/allocations.cpp replaces operator new.

#include "support/allocations.hpp"
#include "support/catch.hpp"
#include "support/mock.hpp"

#include <pruneplan/pruneplan.hpp>

#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <new>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace {

const char* operation = "";          ///< the operation under test
std::size_t failing_allocation = 0;  ///< the number of the allocation that fails, from 1

/// The terminate handler: an exception left a noexcept function.
[[noreturn]] void report_termination() {
    std::fprintf(stderr, "%s: the failure of allocation %zu ended the program\n", operation, failing_allocation);
    std::abort();
}

/// Calls `work(prepare())` repeatedly: the first allocation of `work` fails, then the second, and so on, until none
/// fails. After each failure, `check` of the prepared state must return null, else it returns what is wrong; and every
/// allocation must have been freed. Returns the number of failures.
template <class Prepare, class Work, class Check>
std::size_t fail_each(const char* what, const Prepare& prepare, const Work& work, const Check& check) {
    operation = what;
    std::set_terminate(report_termination);
    for (failing_allocation = 1;; ++failing_allocation) {
        // The test itself must not allocate until `left` is read.
        const std::size_t alive = allocations.alive;
        bool threw = false;
        const char* fault = nullptr;
        {
            auto state = prepare();
            allocations.failed = false;
            allocations.until_failure = failing_allocation;
            try {
                work(state);
            } catch (const std::bad_alloc&) {
                threw = true;
            }
            allocations.until_failure = 0;
            if (allocations.failed) fault = check(state);
        }
        const std::size_t left = allocations.alive - alive;
        INFO(what << ", allocation " << failing_allocation << (fault ? fault : ""));
        REQUIRE(threw == allocations.failed);
        REQUIRE(fault == nullptr);
        REQUIRE(left == 0);
        if (!allocations.failed) return failing_allocation - 1;
        REQUIRE(failing_allocation < 10'000);
    }
}

struct Nothing {};

/// Like the above, for work that needs no prepared state.
template <class Work>
std::size_t fail_each(const char* what, const Work& work) {
    return fail_each(what, [] { return Nothing(); }, [&](Nothing&) { work(); }, [](Nothing&) -> const char* { return nullptr; });
}

/// Uses a value, so that no compiler optimizes its computation away.
template <class T>
void use(const T& value) {
    static const volatile void* used;
    used = &value;
    static_cast<void>(used);
}

constexpr pruneplan::Timestamp now{1719500000, 0};
const std::string digest = "sha256:82d1e9d7ed48a7523bdebc18cf6290bdb97b82302a8a9c27d4fe885949ea94d1";
const std::string long_run = std::string(300, 'a');

/// A store that returns its texts by value, so that the index has to copy them.
struct ByValueStore {
    std::vector<mock::FullRecord> records;

    const std::vector<mock::FullRecord>& images() const { return records; }
    static std::string name(const mock::FullRecord& record) { return std::string(record.name); }
    static std::string target(const mock::FullRecord& record) { return std::string(record.digest); }
    static std::optional<pruneplan::Timestamp> created(const mock::FullRecord& record) { return record.created; }
    static std::string parent(const mock::FullRecord& record) { return std::string(record.parent); }
    static std::vector<pruneplan::Blob> blobs(const mock::FullRecord& record) { return record.blobs; }
};

/// Returns a store of 65 names on 20 images. Some images have parents, and five names are dangling.
template <class Store>
Store make_store() {
    static std::vector<std::string> texts = [] {
        std::vector<std::string> made;
        for (int i = 0; i < 60; ++i) made.push_back("ghcr.io/team/application-" + std::to_string(i % 7) + ":" + std::to_string(i));
        for (int i = 0; i < 20; ++i) made.push_back("sha256:" + std::to_string(i) + std::string(60, 'f'));
        for (int i = 0; i < 5; ++i) made.push_back("moby-dangling@" + made[60 + static_cast<std::size_t>(i)]);
        return made;
    }();
    Store store;
    for (std::size_t i = 0; i < 65; ++i) {
        mock::FullRecord record;
        record.name = i < 60 ? texts[i] : texts[20 + i];
        record.digest = texts[60 + i % 20];
        record.created = pruneplan::Timestamp{static_cast<std::int64_t>(i), 0};
        if (i % 20 > 10) record.parent = texts[60 + i % 20 - 5];
        record.blobs = {{texts[60 + i % 20], 10}, {"a blob that all images share", 5}};
        store.records.push_back(std::move(record));
    }
    return store;
}

std::vector<mock::Container> make_containers(const std::vector<mock::FullRecord>& records) {
    std::vector<mock::Container> containers;
    for (std::size_t i = 0; i < 8; ++i) {
        const mock::FullRecord& record = records[i * 3];
        containers.push_back({record.digest, i % 2 ? record.digest : record.name});
    }
    return containers;
}

pruneplan::PruneOptions every_option() {
    pruneplan::PruneOptions options;
    options.scope = pruneplan::Scope::unused;
    options.usage = pruneplan::usage_rules::strict;
    for (const std::string_view text : {"reference!=*[^x]*:9", "reference=ghcr.io/*/*", "until=60", "since=sha256:0f"})
        options.filters.push_back(*pruneplan::parse_filter(text, now));
    options.keep = {*pruneplan::Glob::compile("*:7"), *pruneplan::Glob::compile("ghcr.io/*/*[^x]*-3:*")};
    options.keep_newest_per_repository = 1;
    options.keep_younger_than = pruneplan::Timestamp{50, 0};
    options.bytes_to_free = 40;
    options.survivor = pruneplan::Survivor::tagged;
    return options;
}

}  // namespace

TEST_CASE("a failed allocation while a text is parsed throws only std::bad_alloc and leaks nothing") {
    const std::string long_text = "ghcr.io/team/a-repository-with-a-long-name:a-tag-of-some-length@" + digest;
    std::size_t failures = 0;
    for (const std::string& text : {long_text, std::string("alpine"), std::string("Alpine"), long_run + "!", digest.substr(7),
                                    "docker.io/a@sha256:" + std::string(10, 'f')})
        failures += fail_each("parse_reference", [&] {
            const auto reference = pruneplan::parse_reference(text);
            if (reference) use(reference->with_default_tag());
        });
    for (const std::string& text : {digest, std::string("sha384:ff"), long_run})
        failures += fail_each("parse_digest", [&] { use(pruneplan::parse_digest(text)); });
    for (const std::string_view text : {"24h", "2024-06-27T15:04:05Z", "yesterday, and much longer than a short string"})
        failures += fail_each("parse_timestamp", [&] { use(pruneplan::parse_timestamp(text, now)); });
    for (const std::string_view text : {"*/app-[1-9]*:?", "[", "a*b*[^c]*d[e-g]?"}) {
        failures += fail_each("Glob::compile", [&] { use(pruneplan::Glob::compile(text)); });
        failures += fail_each("match_glob", [&] { use(pruneplan::match_glob(text, "team/app-1:x")); });
    }
    for (const std::string_view text : {"until=24h", "label=some.long.key.of.a.label=and-its-value", "label!=key", "dangling=true",
                                        "reference=*/*[a-c]", "reference=[", "before=alpine:3.20-with-more", "nothing=x", "x",
                                        "dangling=perhaps", "before="})
        failures += fail_each("parse_filter", [&] { use(pruneplan::parse_filter(text, now)); });
    const std::vector<std::string_view> filters{"until=24h", "label=a=b", "reference=*", "dangling=0", "since=alpine"};
    failures += fail_each("parse_filters", [&] { use(pruneplan::parse_filters(filters, now)); });
    failures += fail_each("bytes_to_free", [] { use(pruneplan::bytes_to_free(0, 0, 80, 90)); });
    CHECK(failures > 60);
}

TEST_CASE("a failed allocation while an index is built throws only std::bad_alloc and leaks nothing") {
    const auto borrowed = make_store<mock::FullStore>();
    const auto by_value = make_store<ByValueStore>();
    CHECK(fail_each("build", [&] { use(mock::FullIndex::build(borrowed)); }) >= 5);
    const auto build_by_value = [&] { use(pruneplan::ImageIndex<ByValueStore>::build(by_value)); };
    CHECK(fail_each("build from texts by value", build_by_value) >= 8);
    auto duplicate = borrowed;
    duplicate.records.push_back(duplicate.records[0]);
    CHECK(fail_each("build with a duplicate name", [&] { use(mock::FullIndex::build(duplicate)); }) >= 5);
}

TEST_CASE("a failed allocation while a plan is made or read throws only std::bad_alloc and leaks nothing") {
    const auto store = make_store<mock::FullStore>();
    const auto index = mock::FullIndex::build(store);
    const auto containers = make_containers(store.records);
    const auto options = every_option();
    auto without_budget = options;
    without_budget.bytes_to_free.reset();
    without_budget.filters.clear();
    CHECK(fail_each("plan_prune", [&] { use(plan_prune(*index, containers, options)); }) >= 20);
    CHECK(fail_each("plan_prune with default options", [&] { use(plan_prune(*index, containers)); }) >= 3);

    const auto plan = plan_prune(*index, containers, without_budget);
    REQUIRE(plan.deleted_count() > 0);
    CHECK(fail_each("deletions", [&] { use(plan.deletions()); }) >= 1);
    CHECK(fail_each("estimate_space", [&] { use(estimate_space(plan, *index)); }) >= 3);
    CHECK(fail_each("summary", [&] { use(summary(plan, *index)); }) >= 5);
    const auto other = plan_prune(*index, containers);
    std::size_t written = 0, changes = 0;
    const auto out = [&](std::string_view piece) { written += piece.size(); };
    const auto visit = [&](const pruneplan::RecordChange&) { ++changes; };
    CHECK(fail_each("write_json_lines", [&] { write_json_lines(plan, *index, out); }) == 0);
    CHECK(fail_each("write_dot", [&] { write_dot(plan, *index, out); }) == 0);
    CHECK(fail_each("diff", [&] { use(diff(other, plan, *index, visit)); }) == 0);
    CHECK(fail_each("diff, by name", [&] { use(diff(other, *index, plan, *index, visit)); }) == 0);
    CHECK(fail_each("count_reasons", [&] { use(count_reasons(plan)); }) == 0);
    CHECK(written > 0);
    CHECK(changes > 0);
    std::size_t failures = 0;
    for (std::size_t id = 0; id < index->size(); ++id)
        failures += fail_each("explain", [&] { use(explain(plan, *index, id)); });
    CHECK(failures >= index->size());
    auto missing = options;
    missing.filters.push_back(*pruneplan::parse_filter("before=an-image-that-the-store-does-not-have", now));
    CHECK(fail_each("check_options", [&] { use(check_options(*index, missing)); }) >= 1);
    CHECK(fail_each("find_image", [&] { use(index->find_image("an-image-that-the-store-does-not-have")); }) >= 1);
}

TEST_CASE("a failed allocation in UsageSummary keeps the uses added before and leaves the summary usable") {
    const auto store = make_store<mock::FullStore>();
    std::vector<mock::Container> containers;
    for (const mock::FullRecord& record : store.records) containers.push_back({record.digest, record.name});
    const auto whole = pruneplan::summarize_usage(containers);
    REQUIRE(whole.size() > 16);  // large enough that the table grows
    CHECK(fail_each("copy of a UsageSummary", [&] { use(pruneplan::UsageSummary(whole)); }) >= 5);

    struct State {
        pruneplan::UsageSummary summary;
        std::size_t added = 0;
    };
    const auto add_all = [&](State& state) {
        for (; state.added < containers.size(); ++state.added) state.summary.add(containers[state.added]);
    };
    const auto check = [&](State& state) -> const char* {
        const auto uses_of_next = pruneplan::summarize_usage(std::span(containers).subspan(state.added, 1));
        const auto before = pruneplan::summarize_usage(std::span(containers).first(state.added));
        if (state.summary.size() < before.size() || state.summary.size() > before.size() + uses_of_next.size())
            return ": does not hold exactly what was added";
        state.summary.merge(containers);  // adds each use once
        return state.summary == whole ? nullptr : ": the rest cannot be added";
    };
    CHECK(fail_each("UsageSummary::add", [] { return State(); }, add_all, check) >= 5);
}

TEST_CASE("a failed allocation in a copy assignment leaves the assigned object usable") {
    // The target of each assignment holds less than the source, so that it has to allocate.
    const auto assign = [](const char* what, const auto& from, const auto& to) {
        using Value = std::remove_cvref_t<decltype(to)>;
        return fail_each(
            what, [&] { return std::pair<Value, const Value*>(to, &from); },
            [](auto& pair) { pair.first = *pair.second; },
            [&](auto& pair) {
                pair.first = to;
                use(pair.first);
                return static_cast<const char*>(nullptr);
            });
    };
    const auto reference = *pruneplan::parse_reference("ghcr.io/team/a-repository-with-a-long-name:and-a-tag");
    CHECK(assign("Reference", reference, *pruneplan::parse_reference("a")) >= 1);
    CHECK(assign("Glob", *pruneplan::Glob::compile("*/app-[1-9]*:?"), *pruneplan::Glob::compile("a")) >= 1);
    CHECK(assign("Filter", *pruneplan::parse_filter("label=some.long.key=with-a-long-value", now),
                 *pruneplan::parse_filter("label=a", now)) >= 1);
    CHECK(assign("PruneOptions", every_option(), pruneplan::PruneOptions()) >= 1);
    CHECK(assign("Error", pruneplan::parse_reference("A").error(), pruneplan::Error()) >= 1);
    CHECK(assign("Result<Reference>", pruneplan::parse_reference("ghcr.io/team/a-repository-with-a-long-name"),
                 pruneplan::parse_reference("A")) >= 1);

    const auto store = make_store<mock::FullStore>();
    const auto index = mock::FullIndex::build(store);
    const mock::FullStore small{{store.records[0]}};
    const auto small_index = mock::FullIndex::build(small);
    const auto plan = plan_prune(*index, mock::Containers{}), small_plan = plan_prune(*small_index, mock::Containers{});
    CHECK(assign("PrunePlan", plan, small_plan) >= 1);
    CHECK(assign("Decisions", plan.decisions(), small_plan.decisions()) >= 1);
    const pruneplan::Deletions deletions = plan.deletions(), small_deletions = small_plan.deletions();
    CHECK(assign("Deletions", deletions, small_deletions) >= 1);
}

namespace {

/// A remover that allocates nothing: it marks each removed record.
struct Removing {
    const mock::FullIndex* index;
    std::vector<char> gone;  ///< by record number
    std::size_t removed = 0;

    pruneplan::RemoveOutcome remove(std::string_view name, std::string_view) {
        const auto id = index->find(name);
        if (gone[*id]) return {pruneplan::RemoveStatus::not_found};
        if (*id % 5 == 4) return {pruneplan::RemoveStatus::in_use};
        gone[*id] = true;
        ++removed;
        return {pruneplan::RemoveStatus::removed};
    }
    pruneplan::RemoveOutcome remove(std::string_view name, std::string_view target, std::string_view survivor) {
        if (!holds(survivor, target)) return {pruneplan::RemoveStatus::in_use};
        return remove(name, target);
    }
    bool holds(std::string_view name, std::string_view) const { return !gone[*index->find(name)]; }
};

struct Applying {
    Removing remover;
    pruneplan::PruneReport report;
};

/// Returns null if the report says exactly what was removed, else what differs.
const char* fault_of_report(const mock::FullIndex& index, const Applying& state) {
    std::set<std::string> gone, images;
    std::set<std::string_view> left_targets, gone_targets;
    for (std::size_t id = 0; id < index.size(); ++id) {
        if (state.remover.gone[id]) gone.emplace(index.name(id));
        (state.remover.gone[id] ? gone_targets : left_targets).insert(index.target(id));
    }
    for (const std::string_view target : gone_targets)
        if (!left_targets.contains(target)) images.emplace(target);
    const pruneplan::PruneReport& report = state.report;
    std::set<std::string> untagged;
    for (const auto& record : report.untagged) untagged.insert(record.name);
    if (untagged != gone || report.untagged.size() != state.remover.removed)
        return ": the reported names are not the removed ones";
    if (std::set<std::string>(report.deleted.begin(), report.deleted.end()) != images)
        return ": the reported images are not those without a name";
    for (const auto& skipped : report.skipped)
        if (gone.contains(skipped.name)) return ": a removed record is reported as skipped";
    for (const auto& failure : report.failures)
        if (gone.contains(failure.name)) return ": a removed record is reported as a failure";
    // Each image has a blob of 10 bytes, and all images share one of 5.
    if (report.space_reclaimed / 10 != images.size()) return ": the reclaimed bytes are wrong";
    return nullptr;
}

}  // namespace

TEST_CASE("a failed allocation in apply_prune loses no removal from the report and leaks nothing") {
    const auto store = make_store<mock::FullStore>();
    const auto index = mock::FullIndex::build(store);
    const auto containers = make_containers(store.records);
    const auto plan = plan_prune(*index, containers, {.scope = pruneplan::Scope::unused});
    REQUIRE(plan.deleted_count() > 20);
    const auto prepare = [&] { return Applying{{&*index, std::vector<char>(index->size(), 0)}, {}}; };
    const auto apply = [&](Applying& state) {
        apply_prune(plan, *index, state.remover, pruneplan::ApplyAll(), state.report);
    };
    CHECK(fail_each("apply_prune", prepare, apply, [&](Applying& state) { return fault_of_report(*index, state); }) >= 10);

    // Without a failure, the report is complete.
    auto state = prepare();
    apply(state);
    CHECK(fault_of_report(*index, state) == nullptr);
    CHECK(state.remover.removed > 10);
}

TEST_CASE("a failed allocation in the remover loses no earlier removal from the report of apply_prune") {
    const auto store = make_store<mock::FullStore>();
    const auto index = mock::FullIndex::build(store);
    const auto plan = plan_prune(*index, mock::Containers{}, {.scope = pruneplan::Scope::unused});
    struct Failing {
        Removing inner;
        std::size_t left;

        pruneplan::RemoveOutcome remove(std::string_view name, std::string_view target) {
            if (left-- == 0) throw std::bad_alloc();
            return inner.remove(name, target);
        }
    };
    bool threw = true;
    std::size_t throws = 0;
    for (; threw; ++throws) {
        Failing remover{{&*index, std::vector<char>(index->size(), 0)}, throws};
        Applying state{{&*index, {}}, {}};
        threw = false;
        try {
            apply_prune(plan, *index, remover, pruneplan::ApplyAll(), state.report);
        } catch (const std::bad_alloc&) {
            threw = true;
        }
        state.remover = remover.inner;
        INFO("removal " << throws);
        CHECK(fault_of_report(*index, state) == nullptr);
    }
    CHECK(throws > 20);
}

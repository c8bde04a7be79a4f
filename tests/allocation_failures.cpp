// SPDX-License-Identifier: BSL-1.0
// An allocation fails, at each point in turn: nothing leaks, nothing but std::bad_alloc comes out, nothing ends the
// program, and what a failure leaves behind can be used. A program of its own: support/allocations.cpp replaces operator new.

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

const char* running = "";  ///< what is being tried, for whom the program ends
std::size_t failing = 0;

/// A failure within a noexcept function ends the program here.
[[noreturn]] void ended() {
    std::fprintf(stderr, "%s: allocation %zu fails, and that ends the program\n", running, failing);
    std::abort();
}

/// Calls `work` on what `prepare` gives, with the first allocation that it makes failing, then the second, and so on,
/// until none fails. After each failure, `check` of it says what is wrong with it, or gives null, and nothing that was
/// allocated may be left. Gives the number of failures.
template <class Prepare, class Work, class Check>
std::size_t fail_each(const char* what, const Prepare& prepare, const Work& work, const Check& check) {
    running = what;
    std::set_terminate(ended);
    for (failing = 1;; ++failing) {
        // Nothing of the test's own may allocate in between.
        const std::size_t alive = allocations.alive;
        bool threw = false;
        const char* fault = nullptr;
        {
            auto state = prepare();
            allocations.failed = false;
            allocations.until_failure = failing;
            try {
                work(state);
            } catch (const std::bad_alloc&) {
                threw = true;
            }
            allocations.until_failure = 0;
            if (allocations.failed) fault = check(state);
        }
        const std::size_t left = allocations.alive - alive;
        INFO(what << ", allocation " << failing << (fault ? fault : ""));
        REQUIRE(threw == allocations.failed);
        REQUIRE(fault == nullptr);
        REQUIRE(left == 0);
        if (!allocations.failed) return failing - 1;
        REQUIRE(failing < 10'000);
    }
}

struct Nothing {};

/// The same for what depends on nothing, and leaves nothing behind.
template <class Work>
std::size_t fail_each(const char* what, const Work& work) {
    return fail_each(what, [] { return Nothing(); }, [&](Nothing&) { work(); }, [](Nothing&) -> const char* { return nullptr; });
}

/// Takes a value, so that no compiler leaves out what led to it.
template <class T>
void use(const T& value) {
    static const volatile void* used;
    used = &value;
    static_cast<void>(used);
}

constexpr pruneplan::Timestamp now{1719500000, 0};
const std::string digest = "sha256:82d1e9d7ed48a7523bdebc18cf6290bdb97b82302a8a9c27d4fe885949ea94d1";
const std::string long_run = std::string(300, 'a');

/// A store that gives its texts by value, so that the index has to copy them.
struct GivingStore {
    std::vector<mock::FullRecord> records;

    const std::vector<mock::FullRecord>& images() const { return records; }
    static std::string name(const mock::FullRecord& record) { return std::string(record.name); }
    static std::string target(const mock::FullRecord& record) { return std::string(record.digest); }
    static std::optional<pruneplan::Timestamp> created(const mock::FullRecord& record) { return record.created; }
    static std::string parent(const mock::FullRecord& record) { return std::string(record.parent); }
    static std::vector<pruneplan::Blob> blobs(const mock::FullRecord& record) { return record.blobs; }
};

/// 60 names on 20 images, of which some have parents, and some are dangling.
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
        record.blobs = {{texts[60 + i % 20], 10}, {"a blob that all of them have", 5}};
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

TEST_CASE("an allocation fails while a text is parsed: only that comes out, and nothing leaks") {
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

TEST_CASE("an allocation fails while an index is built: only that comes out, and nothing leaks") {
    const auto lending = make_store<mock::FullStore>();
    const auto giving = make_store<GivingStore>();
    CHECK(fail_each("build", [&] { use(mock::FullIndex::build(lending)); }) >= 5);
    CHECK(fail_each("build, of texts by value", [&] { use(pruneplan::ImageIndex<GivingStore>::build(giving)); }) >= 8);
    auto twice = lending;
    twice.records.push_back(twice.records[0]);
    CHECK(fail_each("build, of a name that is there twice", [&] { use(mock::FullIndex::build(twice)); }) >= 5);
}

TEST_CASE("an allocation fails while a plan is made and read: only that comes out, and nothing leaks") {
    const auto store = make_store<mock::FullStore>();
    const auto index = mock::FullIndex::build(store);
    const auto containers = make_containers(store.records);
    const auto options = every_option();
    auto without_budget = options;
    without_budget.bytes_to_free.reset();
    without_budget.filters.clear();
    CHECK(fail_each("plan_prune", [&] { use(plan_prune(*index, containers, options)); }) >= 20);
    CHECK(fail_each("plan_prune, by default", [&] { use(plan_prune(*index, containers)); }) >= 3);

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
    missing.filters.push_back(*pruneplan::parse_filter("before=an-image-that-is-not-there-at-all", now));
    CHECK(fail_each("check_options", [&] { use(check_options(*index, missing)); }) >= 1);
    CHECK(fail_each("find_image", [&] { use(index->find_image("an-image-that-is-not-there-at-all")); }) >= 1);
}

TEST_CASE("an allocation fails while usage is summarized: the summary holds what was added before and can be used") {
    const auto store = make_store<mock::FullStore>();
    std::vector<mock::Container> containers;
    for (const mock::FullRecord& record : store.records) containers.push_back({record.digest, record.name});
    const auto whole = pruneplan::summarize_usage(containers);
    REQUIRE(whole.size() > 16);  // so that it grows
    CHECK(fail_each("UsageSummary, copied", [&] { use(pruneplan::UsageSummary(whole)); }) >= 5);

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
            return ": holds something else than what was added";
        state.summary.merge(containers);  // what is there already is not added again
        return state.summary == whole ? nullptr : ": cannot be added to";
    };
    CHECK(fail_each("UsageSummary::add", [] { return State(); }, add_all, check) >= 5);
}

TEST_CASE("an allocation fails while a value is copied over another: the other can still be used") {
    // Each is assigned to one that holds less, so that it has to allocate.
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

/// A store that allocates nothing while names are removed from it: what is gone is a bit each.
struct Removing {
    const mock::FullIndex* index;
    std::vector<char> gone;
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

/// Null, if what the report says is what was done, no more and no less; else what differs.
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
        return ": what was removed is not what is reported";
    if (std::set<std::string>(report.deleted.begin(), report.deleted.end()) != images)
        return ": the images that are gone are not those that are reported";
    for (const auto& skipped : report.skipped)
        if (gone.contains(skipped.name)) return ": a record that is gone is reported as skipped";
    for (const auto& failure : report.failures)
        if (gone.contains(failure.name)) return ": a record that is gone is reported as a failure";
    // Each image has a blob of 10 bytes, and all together one of 5.
    if (report.space_reclaimed / 10 != images.size()) return ": the bytes are not those of the images that are gone";
    return nullptr;
}

}  // namespace

TEST_CASE("an allocation fails while a plan is applied: the report is true up to there, and nothing leaks") {
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

    // Without a failure, all of it is reported.
    auto state = prepare();
    apply(state);
    CHECK(fault_of_report(*index, state) == nullptr);
    CHECK(state.remover.removed > 10);
}

TEST_CASE("an allocation of the remover fails while a plan is applied: the report is true up to there") {
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

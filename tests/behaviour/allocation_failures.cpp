// SPDX-License-Identifier: BSL-1.0
// Lets each allocation of an operation fail in turn. Only std::bad_alloc may be thrown, nothing may leak, and objects
// must remain usable. This is a separate program: support/allocations.cpp replaces operator new.

#include "../support/allocations.hpp"
#include "../support/catch.hpp"
#include "../support/mock.hpp"

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
    return fail_each(
        what, [] { return Nothing(); }, [&](Nothing&) { work(); }, [](Nothing&) -> const char* { return nullptr; });
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

/// A store that creates its records while they are read, and returns their texts by value.
struct ByValueStore {
    std::vector<mock::FullRecord> records;

    std::vector<mock::FullRecord> images() const { return records; }
    static std::string name(const mock::FullRecord& record) { return std::string(record.name); }
    static std::string target(const mock::FullRecord& record) { return std::string(record.digest); }
    static std::optional<pruneplan::Timestamp> created(const mock::FullRecord& record) { return record.created; }
    static std::vector<std::string> needs(const mock::FullRecord& record) { return {std::string(record.needs)}; }
    static std::vector<pruneplan::Blob> blobs(const mock::FullRecord& record) { return record.blobs; }
};

/// A container that returns its texts by value.
struct ByValueContainer {
    mock::Container container;
    std::string image_id() const { return std::string(container.id); }
    std::string image_ref() const { return std::string(container.ref); }
    std::vector<std::string> mounted_image_ids() const { return {image_id()}; }
    std::string name() const { return "the container of " + image_ref(); }
};

/// Returns a store of 65 names on 20 images. Some images need others, and five names are dangling.
template <class Store>
Store make_store() {
    static std::vector<std::string> texts = [] {
        std::vector<std::string> made;
        for (int i = 0; i < 60; ++i)
            made.push_back("ghcr.io/team/application-" + std::to_string(i % 7) + ":" + std::to_string(i));
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
        if (i % 20 > 10) record.needs = texts[60 + i % 20 - 5];
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
    for (const std::string_view text : {"reference!=*[^x]*:9", "reference=ghcr.io/*/*", "until=60", "since=sha256:0f"})
        options.filters.push_back(*pruneplan::parse_filter(text, now));
    options.keep = {*pruneplan::Glob::compile("*:7"), *pruneplan::Glob::compile("ghcr.io/*/*[^x]*-3:*")};
    options.keep_newest = {
        {.count = 1}, {.count = 1, .names = *pruneplan::Glob::compile("**-2:*"), .by = pruneplan::NewestBy::version}};
    options.keep_younger_than = pruneplan::Timestamp{50, 0};
    options.bytes_to_free = 40;
    options.survivor = pruneplan::Survivor::tagged;
    return options;
}

const pruneplan::PruneOptions unused{.scope = pruneplan::Scope::unused};

}  // namespace

TEST_CASE("a failed allocation while a text is parsed throws only std::bad_alloc and leaks nothing") {
    const std::string long_text = "ghcr.io/team/a-repository-with-a-long-name:a-tag-of-some-length@" + digest;
    std::size_t failures = 0;
    for (const std::string& text : {long_text, std::string("alpine"), std::string("Alpine"), long_run + "!",
                                    digest.substr(7), "docker.io/a@sha256:" + std::string(10, 'f')})
        failures += fail_each("parse_reference", [&] {
            const auto reference = pruneplan::parse_reference(text);
            if (reference) use(reference->with_default_tag());
        });
    for (const std::string& text : {digest, std::string("sha384:ff"), long_run})
        failures += fail_each("parse_digest", [&] { use(pruneplan::parse_digest(text)); });
    for (const std::string_view text :
         {"24h", "2024-06-27T15:04:05Z", "yesterday, and much longer than a short string"})
        failures += fail_each("parse_timestamp", [&] { use(pruneplan::parse_timestamp(text, now)); });
    for (const std::string_view text : {"*/app-[1-9]*:?", "[", "a*b*[^c]*d[e-g]?"}) {
        failures += fail_each("Glob::compile", [&] { use(pruneplan::Glob::compile(text)); });
    }
    for (const std::string_view text :
         {"until=24h", "label=some.long.key.of.a.label=and-its-value", "label!=key", "dangling=true",
          "reference=*/*[a-c]", "reference=[", "before=alpine:3.20-with-more", "nothing=x", "x", "dangling=perhaps",
          "before="})
        failures += fail_each("parse_filter", [&] { use(pruneplan::parse_filter(text, now)); });
    const std::vector<std::string_view> filters{"until=24h", "label=a=b", "reference=*", "dangling=0", "since=alpine"};
    failures += fail_each("parse_filters", [&] { use(pruneplan::parse_filters(filters, now)); });
    failures += fail_each("parse_age", [] { use(pruneplan::parse_age("-24h, which is later than now", now)); });
    failures += fail_each("canonical_name", [&] { use(pruneplan::canonical_name(long_text)); });
    failures += fail_each("bytes_to_reach", [] { use(pruneplan::bytes_to_reach(0, 0, 80, 90)); });
    CHECK(failures > 60);
}

TEST_CASE("a failed allocation while an index is built throws only std::bad_alloc and leaks nothing") {
    const auto store = make_store<mock::FullStore>();
    const auto by_value = make_store<ByValueStore>();
    CHECK(fail_each("build_index", [&] { use(pruneplan::build_index(store)); }) >= 5);
    CHECK(fail_each("build_index of texts by value", [&] { use(pruneplan::build_index(by_value)); }) >= 8);
    auto duplicate = store;
    duplicate.records.push_back(duplicate.records[0]);
    CHECK(fail_each("build_index with a duplicate name", [&] { use(pruneplan::build_index(duplicate)); }) >= 5);
    const auto index = pruneplan::build_index(store);
    CHECK(fail_each("copy of an ImageIndex", [&] { use(pruneplan::ImageIndex(*index)); }) >= 3);
    CHECK(fail_each("find_image", [&] { use(index->find_image("an-image-that-the-store-does-not-have")); }) >= 1);
}

TEST_CASE("a failed allocation while a plan is made throws only std::bad_alloc and leaks nothing") {
    const auto store = make_store<mock::FullStore>();
    const auto by_value = make_store<ByValueStore>();
    const auto index = pruneplan::build_index(store);
    const auto containers = make_containers(store.records);
    std::vector<ByValueContainer> by_value_containers;
    for (const mock::Container& container : containers) by_value_containers.push_back({container});
    const auto options = every_option();
    REQUIRE(pruneplan::plan_prune(store, containers, options));
    CHECK(fail_each("plan_prune", [&] { use(plan_prune(*index, containers, options)); }) >= 20);
    CHECK(fail_each("plan_prune with default options", [&] { use(plan_prune(*index, containers)); }) >= 3);
    CHECK(fail_each("plan_prune of a store", [&] { use(pruneplan::plan_prune(store, containers, options)); }) >= 25);
    CHECK(fail_each("plan_prune of texts by value",
                    [&] { use(pruneplan::plan_prune(by_value, by_value_containers, unused)); }) >= 25);
    const std::vector<mock::Container> doubtful{{"sha256:0", "x"}, {"", "Not a reference"}};
    CHECK(fail_each("plan_prune with doubts", [&] { use(pruneplan::plan_prune(store, doubtful, unused)); }) >= 10);
    CHECK(fail_each("plan_prune of a usage summary", [&] {
              use(pruneplan::plan_prune(store, pruneplan::summarize_usage(by_value_containers), unused));
          }) >= 15);

    auto missing = options;
    missing.filters.push_back(*pruneplan::parse_filter("before=an-image-that-the-store-does-not-have", now));
    CHECK(fail_each("check_options", [&] { use(check_options(*index, missing)); }) >= 1);
    CHECK(fail_each("plan_prune with an invalid option",
                    [&] { use(pruneplan::plan_prune(store, containers, missing)); }) >= 5);
}

TEST_CASE("a failed allocation while a plan is copied or read throws only std::bad_alloc and leaks nothing") {
    const auto store = make_store<mock::FullStore>();
    const auto index = pruneplan::build_index(store);
    auto containers = make_containers(store.records);
    containers.push_back({"sha256:0", "Not a reference"});
    auto options = every_option();
    options.bytes_to_free.reset();
    options.filters.clear();
    const auto plan = plan_prune(*index, containers, options), other = plan_prune(*index, containers);
    REQUIRE(plan.deleted_count() > 0);
    REQUIRE(plan.doubts().size() >= 2);
    CHECK(fail_each("copy of a plan", [&] { use(pruneplan::PrunePlan(plan)); }) >= 5);
    CHECK(fail_each("doubts", [&] { use(plan.doubts()); }) >= 3);
    CHECK(fail_each("space", [&] { use(plan.space()); }) >= 3);
    CHECK(fail_each("summary", [&] { use(summary(plan)); }) >= 5);
    CHECK(fail_each("deletions", [&] {
              for (const pruneplan::Decision& decision : plan.deletions()) use(decision);
          }) == 0);
    CHECK(fail_each("count_reasons", [&] { use(count_reasons(plan)); }) == 0);
    std::size_t written = 0, changes = 0;
    const auto out = [&](std::string_view piece) { written += piece.size(); };
    const auto visit = [&](const pruneplan::RecordChange&) { ++changes; };
    fail_each("write_json_lines", [&] { write_json_lines(plan, out); });
    fail_each("write_dot", [&] { write_dot(plan, out); });
    fail_each("diff", [&] { use(diff(other, plan, visit)); });
    CHECK(written > 0);
    CHECK(changes > 0);
    std::size_t failures = 0;
    for (std::size_t id = 0; id < plan.size(); ++id) failures += fail_each("explain", [&] { use(explain(plan, id)); });
    CHECK(failures >= plan.size());
}

TEST_CASE("a failed allocation in UsageSummary keeps the uses added before and leaves the summary usable") {
    const auto store = make_store<mock::FullStore>();
    std::vector<mock::Container> containers;
    for (const mock::FullRecord& record : store.records) containers.push_back({record.digest, record.name});
    const auto whole = pruneplan::summarize_usage(containers);
    REQUIRE(whole.size() > 16);  // large enough that the table grows
    CHECK(fail_each("copy of a UsageSummary", [&] { use(pruneplan::UsageSummary(whole)); }) >= 3);

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

namespace {

/// Copies `from` to an object that holds `to`, which has to allocate for it, and fails each allocation. After each
/// failure, the object holds what `is_good` accepts, and can be assigned to.
template <class Value, class IsGood>
std::size_t fail_assignment(const char* what, const Value& from, const Value& to, const IsGood& is_good) {
    return fail_each(
        what, [&] { return Value(to); }, [&](Value& value) { value = from; },
        [&](Value& value) -> const char* {
            if (!is_good(value)) return ": the assigned object is broken";
            value = to;
            return is_good(value) ? nullptr : ": the object cannot be assigned to";
        });
}

template <class Value>
std::size_t fail_assignment(const char* what, const Value& from, const Value& to) {
    return fail_assignment(what, from, to, [](const Value& value) {
        use(Value(value));
        return true;
    });
}

}  // namespace

TEST_CASE("a failed allocation in a copy assignment leaves the assigned object usable") {
    const auto reference = *pruneplan::parse_reference("ghcr.io/team/a-repository-with-a-long-name:and-a-tag");
    CHECK(fail_assignment("Reference", reference, *pruneplan::parse_reference("a")) >= 1);
    CHECK(fail_assignment("Glob", *pruneplan::Glob::compile("*/app-[1-9]*:?"), *pruneplan::Glob::compile("a")) >= 1);
    CHECK(fail_assignment("Filter", *pruneplan::parse_filter("label=some.long.key=with-a-long-value", now),
                          *pruneplan::parse_filter("label=a", now)) >= 1);
    CHECK(fail_assignment("PruneOptions", every_option(), pruneplan::PruneOptions()) >= 1);
    CHECK(fail_assignment("Error", pruneplan::parse_reference("A").error(), pruneplan::Error()) >= 1);
    CHECK(fail_assignment("Result<Reference>", pruneplan::parse_reference("ghcr.io/team/a-repository-with-a-long-name"),
                          pruneplan::parse_reference("A")) >= 1);

    const auto store = make_store<mock::FullStore>();
    const auto index = pruneplan::build_index(store);
    const mock::FullStore small{{store.records[0]}};
    const auto small_index = pruneplan::build_index(small);
    const auto old_or_new_index = [&](const mock::FullIndex& value) {
        const mock::FullIndex& same = value.size() == 1 ? *small_index : *index;
        return plan_prune(value, mock::Containers{}) == plan_prune(same, mock::Containers{});
    };
    CHECK(fail_assignment("ImageIndex", *index, *small_index, old_or_new_index) >= 1);

    const auto containers = make_containers(store.records);
    const auto uses = pruneplan::summarize_usage(containers),
               one_use = pruneplan::summarize_usage(std::span(containers).first(1));
    CHECK(fail_assignment("UsageSummary", uses, one_use, [&](pruneplan::UsageSummary value) {
              value.merge(uses);
              return value == uses;
          }) >= 3);

    const auto plan = plan_prune(*index, containers, every_option()), small_plan = plan_prune(*small_index, containers);
    const auto json_lines = [](const pruneplan::PrunePlan& value) {
        std::string lines = summary(value);
        write_json_lines(value, [&](std::string_view piece) { lines += piece; });
        for (std::size_t id = 0; id < value.size(); ++id) lines += explain(value, id);
        return lines;
    };
    const std::string before = json_lines(small_plan);
    CHECK(fail_assignment("PrunePlan", plan, small_plan,
                          [&](const pruneplan::PrunePlan& value) { return json_lines(value) == before; }) >= 5);
}

namespace {

/// A remover that allocates nothing: it marks each removed record.
struct Removing {
    const pruneplan::PrunePlan* plan;
    std::vector<char> gone;  ///< by record number
    std::size_t removed = 0;

    std::size_t number_of(std::string_view name) const {
        std::size_t record = 0;
        while ((*plan)[record].name != name) ++record;
        return record;
    }

    pruneplan::RemoveStatus remove(std::string_view name, std::string_view, std::string_view survivor) {
        const std::size_t record = number_of(name);
        if (gone[record]) return pruneplan::RemoveStatus::not_found;
        if (!survivor.empty() && gone[number_of(survivor)]) return pruneplan::RemoveStatus::survivor_gone;
        if (record % 5 == 4) return pruneplan::RemoveStatus::in_use;
        gone[record] = true;
        ++removed;
        return pruneplan::RemoveStatus::removed;
    }
};

struct Applying {
    Removing remover;
    pruneplan::PruneReport report{};

    explicit Applying(const pruneplan::PrunePlan& plan) : remover{&plan, std::vector<char>(plan.size(), 0)} {}
};

/// Returns null if the report says exactly what was removed, else what differs.
const char* fault_of_report(const Applying& state) {
    const pruneplan::PrunePlan& plan = *state.remover.plan;
    std::set<std::string_view> gone, left_targets, gone_targets, removed, deleted;
    for (const pruneplan::Decision& decision : plan) {
        if (state.remover.gone[decision.record]) gone.insert(decision.name);
        (state.remover.gone[decision.record] ? gone_targets : left_targets).insert(decision.target);
    }
    std::erase_if(gone_targets, [&](std::string_view target) { return left_targets.contains(target); });
    std::size_t step = 0;
    for (const pruneplan::PruneReport::Step& its : state.report.steps) {
        if (its.name != plan.deletions()[step++].name) return ": the steps are not those of the plan";
        if (its.status == pruneplan::RemoveStatus::removed) removed.insert(its.name);
        if (its.image_deleted) deleted.insert(its.target);
    }
    if (removed != gone || state.report.count(pruneplan::RemoveStatus::removed) != state.remover.removed)
        return ": the reported names are not the removed ones";
    if (deleted != gone_targets) return ": the reported images are not those without a name";
    // Each image has a blob of 10 bytes, and all images share one of 5.
    if (state.report.space_reclaimed / 10 != deleted.size()) return ": the reclaimed bytes are wrong";
    return nullptr;
}

}  // namespace

TEST_CASE("a failed allocation in apply_prune loses no removal from the report and leaks nothing") {
    const auto store = make_store<mock::FullStore>();
    const auto plan = *pruneplan::plan_prune(store, make_containers(store.records), unused);
    REQUIRE(plan.deleted_count() > 20);
    const auto apply = [](Applying& state) { use(apply_prune(*state.remover.plan, state.remover, {}, state.report)); };
    CHECK(fail_each("apply_prune", [&] { return Applying(plan); }, apply, fault_of_report) >= 60);

    // Without a failure, the report is complete.
    Applying state(plan);
    apply(state);
    CHECK(state.report.steps.size() == plan.deleted_count());
    CHECK(fault_of_report(state) == nullptr);
    CHECK(state.remover.removed > 10);

    auto doubtful = *pruneplan::plan_prune(store, mock::Containers{{"sha256:0", "x"}}, unused);
    CHECK(fail_each("apply_prune of a doubtful plan", [&] { use(apply_prune(doubtful, state.remover)); }) >= 1);
}

TEST_CASE("apply_prune allocates nothing between a removal and its entry in the report") {
    const auto store = make_store<mock::FullStore>();
    const auto plan = *pruneplan::plan_prune(store, make_containers(store.records), unused);
    Applying state(plan);
    // Every allocation fails from each removal until the step is told.
    const auto remove = [&](std::string_view name, std::string_view target, std::string_view survivor) {
        allocations.until_failure = 0;
        const auto status = state.remover.remove(name, target, survivor);
        allocations.until_failure = 1;
        return status;
    };
    allocations.failed = false;
    std::size_t told = 0;
    const pruneplan::ApplyOptions options{.after = [&](const pruneplan::PruneReport::Step&) {
        allocations.until_failure = 0;
        ++told;
    }};
    const auto applied = apply_prune(plan, remove, options, state.report);
    CHECK(applied);
    CHECK_FALSE(allocations.failed);
    CHECK(told == plan.deleted_count());
    CHECK(fault_of_report(state) == nullptr);
}

TEST_CASE("an exception from the remover or a callback loses no earlier removal from the report of apply_prune") {
    const auto store = make_store<mock::FullStore>();
    const auto plan = *pruneplan::plan_prune(store, mock::Containers{}, unused);
    struct Call {
        std::size_t left;
        bool operator()(bool answer) {
            if (left-- == 0) throw std::bad_alloc();
            return answer;
        }
    };
    for (const int thrower : {0, 1, 2, 3}) {
        bool threw = true;
        std::size_t throws = 0;
        for (; threw; ++throws) {
            Applying state(plan);
            Call call{throws};
            const auto remove = [&](std::string_view name, std::string_view target, std::string_view survivor) {
                if (thrower == 0) call(true);
                return state.remover.remove(name, target, survivor);
            };
            pruneplan::ApplyOptions options;
            if (thrower == 1) options.before = [&](const pruneplan::Decision&) { return call(true); };
            if (thrower == 2) options.after = [&](const pruneplan::PruneReport::Step&) { call(true); };
            if (thrower == 3) options.should_stop = [&] { return call(false); };
            threw = false;
            try {
                use(apply_prune(plan, remove, options, state.report));
            } catch (const std::bad_alloc&) {
                threw = true;
            }
            INFO("thrower " << thrower << ", call " << throws);
            CHECK(fault_of_report(state) == nullptr);
        }
        CHECK(throws > 20);
    }
}

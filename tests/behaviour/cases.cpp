// SPDX-License-Identifier: BSL-1.0

// Tests of inputs that once lost an image, or did nothing and did not say so, and of others of their kinds: names that
// an image gets while a plan is applied, texts that live for one call, patterns, moments, names in other forms, plans
// that outlive what they were made of, and doubts.

#include "../support/catch.hpp"
#include "../support/live_store.hpp"
#include "../support/mock.hpp"

#include <pruneplan/pruneplan.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <filesystem>
#include <forward_list>
#include <iterator>
#include <list>
#include <memory>
#include <optional>
#include <ranges>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace {

using mock::FullRecord;
using pruneplan::build_index;
using pruneplan::Doubt;
using pruneplan::DoubtKind;
using pruneplan::ErrorCode;
using pruneplan::Glob;
using pruneplan::plan_prune;
using pruneplan::PruneOptions;
using pruneplan::PrunePlan;
using pruneplan::PruneReport;
using pruneplan::Reason;
using pruneplan::RemoveOutcome;
using pruneplan::RemoveStatus;
using pruneplan::Scope;
using pruneplan::Timestamp;
using pruneplan::UsageRule;
namespace usage_rules = pruneplan::usage_rules;
using Texts = std::vector<std::string>;

const PruneOptions all{.scope = Scope::unused};

/// Returns "sha256:" and 64 digits that begin with `begin`.
std::string digest(std::string_view begin) {
    return "sha256:" + std::string(begin) + std::string(64 - begin.size(), '0');
}

Texts kept(const PrunePlan& plan) {
    Texts out;
    for (const pruneplan::Decision& decision : plan)
        if (decision.action == pruneplan::Action::keep) out.emplace_back(decision.name);
    return out;
}

/// Returns each doubt as its kind and number, with "!" if it blocks.
std::string doubts(const PrunePlan& plan) {
    std::string out;
    for (const Doubt& doubt : plan.doubts())
        out += std::string(to_string(doubt.kind)) + " " + std::to_string(doubt.number) + (doubt.blocks ? "!; " : "; ");
    return out;
}

std::string steps(const PruneReport& report) {
    std::string out;
    for (const PruneReport::Step& step : report.steps)
        out += step.name + " " + std::string(to_string(step.status)) + "; ";
    return out;
}

/// Returns a copy of the text in a buffer of the thread, which the next call overwrites.
const char* in_buffer(std::string_view text) {
    thread_local char buffer[256];
    std::fill(std::begin(buffer), std::end(buffer), '\0');
    std::copy(text.begin(), text.end(), buffer);
    return buffer;
}

/// A range of texts, or of values made of one, which all stand in the buffer of the thread when they are read.
template <class Value = const char*>
class InBuffer {
public:
    struct Iterator {
        using value_type = Value;
        using difference_type = std::ptrdiff_t;
        const std::string* at = nullptr;
        Value operator*() const { return Value{in_buffer(*at)}; }
        Iterator& operator++() { return ++at, *this; }
        Iterator operator++(int) { return Iterator{at++}; }
        bool operator==(const Iterator&) const = default;
    };

    explicit InBuffer(const Texts& texts) : texts_(&texts) {}
    Iterator begin() const { return {texts_->data()}; }
    Iterator end() const { return {texts_->data() + texts_->size()}; }

private:
    const Texts* texts_;
};

}  // namespace

// ---- Names that an image gets while a plan is applied ----

namespace {

/// Applies a plan that deletes all records. The remover answers with `outcome` for "child:1", else with `removed`.
PruneReport applied_with(const std::vector<FullRecord>& records, const RemoveOutcome& outcome) {
    return *apply_prune(*plan_prune(mock::FullStore{records}, {}, all),
                        [&](std::string_view name, std::string_view, std::string_view) {
                            return name == "child:1" ? outcome : RemoveOutcome(RemoveStatus::removed);
                        });
}

}  // namespace

TEST_CASE("a base image is kept under a child that still has a name whatever the status of its removal is") {
    const std::vector<FullRecord> records{{.name = "base:1", .digest = "sha256:base", .needs = "sha256:root"},
                                          {.name = "base:2", .digest = "sha256:base", .needs = "sha256:root"},
                                          {.name = "child:1", .digest = "sha256:child", .needs = "sha256:base"},
                                          {.name = "other:1", .digest = "sha256:other"},
                                          {.name = "root:1", .digest = "sha256:root"}};
    for (const RemoveStatus status : {RemoveStatus::removed, RemoveStatus::not_found, RemoveStatus::changed}) {
        const PruneReport report = applied_with(records, {status, {}, true});
        CHECK(steps(report) == "child:1 " + std::string(to_string(status)) +
                                   "; base:1 needed; base:2 needed; other:1 removed; root:1 needed; ");
        CHECK(report.deleted() == Texts{"sha256:other"});
    }
    CHECK(applied_with(records, RemoveStatus::removed).deleted().size() == 4);
}

TEST_CASE("every image that an index needs is kept while the index still has a name") {
    struct Store {
        std::vector<std::pair<std::string, std::string>> records;
        const std::vector<std::pair<std::string, std::string>>& images() const { return records; }
        static const std::string& name(const std::pair<std::string, std::string>& record) { return record.first; }
        static const std::string& target(const std::pair<std::string, std::string>& record) { return record.second; }
        static std::vector<std::string> needs(const std::pair<std::string, std::string>& record) {
            return record.second == "index" ? Texts{"amd64", "arm64", "missing"} : Texts{};
        }
    };
    const Store store{{{"app:amd64", "amd64"}, {"app:arm64", "arm64"}, {"app:1", "index"}}};
    const auto remove = [](std::string_view name, std::string_view, std::string_view) -> RemoveOutcome {
        return {RemoveStatus::removed, {}, name == "app:1"};
    };
    CHECK(steps(*apply_prune(*plan_prune(store, {}, all), remove)) ==
          "app:1 removed; app:amd64 needed; app:arm64 needed; ");
}

TEST_CASE("a base image is kept under a child that gets a new tag after planning even if the planned tag moves") {
    for (const bool moved : {false, true}) {
        live::Store store;
        store.add_image("sha256:base", {});
        store.add_image("sha256:child", {{}, "sha256:base"});
        store.add_image("sha256:new", {});
        store.tag("base:1", "sha256:base");
        store.tag("child:1", "sha256:child");
        const PrunePlan plan = *plan_prune(store.snapshot(), {}, all);
        store.tag("child:2", "sha256:child");
        if (moved) store.tag("child:1", "sha256:new");
        const auto report = apply_prune(plan, store);
        CHECK(steps(*report) == (moved ? "child:1 changed; base:1 needed; " : "child:1 removed; base:1 needed; "));
        CHECK(store.broken().empty());
    }
}

// ---- Containers whose texts live for one call ----

namespace {

/// A container whose members return texts in one buffer of the thread.
struct Buffered {
    std::string id, ref, called;
    Texts mounted{};
    const char* image_id() const { return in_buffer(id); }
    const char* image_ref() const { return in_buffer(ref); }
    const char* name() const { return in_buffer(called); }
    InBuffer<> mounted_image_ids() const { return InBuffer(mounted); }
};

/// A container that returns arrays of characters.
struct Array {
    char id[72] = {}, ref[16] = {};
    const char (&image_id() const)[72] { return id; }
    const char (&image_ref() const)[16] { return ref; }
};

struct Final final {
    std::string id;
    std::string image_id() const { return id; }
    static const char* image_ref() { return nullptr; }
};

/// Rows of a cursor, read once. All rows share one buffer, which each step overwrites.
class Rows {
public:
    struct Row {
        std::string id, ref;
        std::string_view image_id() const { return id; }
        std::string_view image_ref() const { return ref; }
    };
    struct Iterator {
        using iterator_concept = std::input_iterator_tag;
        using value_type = Row;
        using difference_type = std::ptrdiff_t;
        Rows* rows = nullptr;
        const Row& operator*() const { return rows->row_; }
        Iterator& operator++() { return rows->step(), *this; }
        void operator++(int) { rows->step(); }
        bool operator==(std::default_sentinel_t) const { return rows->left_ == 0; }
    };

    explicit Rows(Texts ids) : ids_(std::move(ids)), left_(ids_.size() + 1) { step(); }
    Iterator begin() { return {this}; }
    static std::default_sentinel_t end() { return {}; }

private:
    void step() {
        std::fill(row_.id.begin(), row_.id.end(), '#');
        if (--left_ > 0) row_.id.assign(ids_[ids_.size() - left_]);
    }

    Texts ids_;
    std::size_t left_;
    Row row_;
};

/// Returns 100 images, more than the planner looks up at once, with a name each.
std::vector<std::pair<std::string, std::string>> hundred_images() {
    std::vector<std::pair<std::string, std::string>> out;
    for (int i = 100; i < 200; ++i)
        out.emplace_back("docker.io/library/app:" + std::to_string(i), digest(std::to_string(i)));
    return out;
}

/// A store that creates its records when it is read, and whose members return texts in one buffer of the thread.
struct BufferedStore final {
    struct Record final {
        std::string name, target, needs;
    };
    std::vector<Record> records;

    auto images() const {
        return std::views::iota(std::size_t{0}, records.size()) |
               std::views::transform([this](std::size_t i) { return records[i]; });
    }
    static const char* name(const Record& record) { return in_buffer(record.name); }
    static const char* target(const Record& record) { return in_buffer(record.target); }
    static const char* needs(const Record& record) { return in_buffer(record.needs); }
    static const char* label(const Record& record, std::string_view key) {
        return key == "name" ? in_buffer(record.name) : nullptr;
    }
};

/// Plans with the rule `strict`. Checks that all images with an even number are kept, and the others deleted.
template <class Containers>
void check_keeps_even(Containers&& containers) {
    BufferedStore store;
    for (auto& [name, target] : hundred_images()) store.records.push_back({name, target, {}});
    const auto plan = plan_prune(store, containers, all);
    REQUIRE(plan);
    CHECK(plan->kept_count() == 50);
    for (std::size_t i = 0; i < 100; i += 2) CHECK((*plan)[i].reason == Reason::last_name);
    CHECK(doubts(*plan) == "");
}

Texts even_ids() {
    Texts out;
    for (int i = 100; i < 200; i += 2) out.push_back(digest(std::to_string(i)));
    return out;
}

template <class Container, class Make>
std::vector<Container> even_containers(const Make& make) {
    std::vector<Container> out;
    for (const std::string& id : even_ids()) out.push_back(make(id));
    return out;
}

}  // namespace

TEST_CASE("containers that return texts in one buffer of a thread protect the images that they run and mount") {
    const auto make = [](const std::string& id) { return Buffered{id, "x", "c"}; };
    check_keeps_even(even_containers<Buffered>(make));
    const auto ids = even_ids();
    check_keeps_even(std::vector{Buffered{ids[0], "", "", ids}});

    const mock::Store store{{{"docker.io/library/a:1", "sha256:aa"}, {"docker.io/library/b:1", "sha256:bb"}}};
    const std::vector<Buffered> two{{"sha256:aa", "", "first"}, {"sha256:bb", "b:1", "second"}};
    const PrunePlan plan = *plan_prune(store, two, all);
    CHECK(explain(plan, 0) == "kept: container first runs sha256:aa, and this is the last name of that image");
    CHECK(explain(plan, 1) == "kept: container second was created from docker.io/library/b:1");
    check_keeps_even(pruneplan::summarize_usage(even_containers<Buffered>(make)));
}

TEST_CASE("containers can be created when they are read or share one object") {
    const Texts ids = even_ids();
    check_keeps_even(ids | std::views::transform([](const std::string& id) { return Final{id}; }));
    check_keeps_even(ids | std::views::transform([](const std::string& id) { return Buffered{id, "", ""}; }));
    // A view that returns a reference to one object, with another content each time.
    Rows::Row shared;
    check_keeps_even(ids | std::views::transform([&](const std::string& id) -> const Rows::Row& {
                         shared.id = id;
                         return shared;
                     }));
    // Two neighbours that are one object count as two containers.
    const Rows::Row spec{"sha256:aa", ""};
    const std::array numbers{0, 1};
    const auto neighbours = numbers | std::views::transform([&](int) -> const Rows::Row& { return spec; });
    const PrunePlan plan = *plan_prune(mock::Store(), neighbours, all);
    CHECK(doubts(plan) == "unmatched_container 0!; unmatched_container 1!; ");
    CHECK(pruneplan::summarize_usage(neighbours).size() == 1);
}

TEST_CASE("containers can be rows that are read once and overwritten") {
    check_keeps_even(Rows(even_ids()));
    Rows rows(even_ids());
    check_keeps_even(pruneplan::summarize_usage(rows));
}

TEST_CASE("containers can be final or arrays of characters and held by pointers of any kind in any range") {
    const auto final = [](const std::string& id) { return Final{id}; };
    const std::vector<Final> finals = even_containers<Final>(final);
    check_keeps_even(finals);
    check_keeps_even(std::list(finals.begin(), finals.end()));
    check_keeps_even(std::deque(finals.begin(), finals.end()));
    check_keeps_even(std::forward_list(finals.begin(), finals.end()));
    check_keeps_even(even_containers<Array>([](const std::string& id) {
        Array array;
        std::copy(id.begin(), id.end(), array.id);
        return array;
    }));
    check_keeps_even(even_containers<const Final*>([&](const std::string& id) {
        return &*std::find_if(finals.begin(), finals.end(), [&](const Final& one) { return one.id == id; });
    }));
    check_keeps_even(even_containers<std::unique_ptr<Final>>(
        [](const std::string& id) { return std::make_unique<Final>(Final{id}); }));
    check_keeps_even(even_containers<std::shared_ptr<const Final>>(
        [](const std::string& id) { return std::make_shared<const Final>(Final{id}); }));
    std::vector<Final> some = finals;
    some.push_back({digest("101")});
    check_keeps_even(some | std::views::filter([](const Final& one) { return one.id != digest("101"); }));
}

TEST_CASE("a store can be final and create its records when it is read and return texts in one buffer of a thread") {
    const BufferedStore store{{{"docker.io/library/base:1", digest("b"), ""},
                               {"docker.io/library/child:1", digest("c"), digest("b")},
                               {"docker.io/library/other:1", digest("d"), ""}}};
    const std::vector<Buffered> containers{{digest("c"), "child:1", "web"}};
    const PrunePlan plan = *plan_prune(store, containers, all);
    CHECK(plan[0].name == "docker.io/library/base:1");
    CHECK(plan[0].target == digest("b"));
    CHECK(plan[0].reason == Reason::needed);
    CHECK(plan[1].reason == Reason::name_in_use);
    CHECK(mock::deleted(plan) == std::vector<std::string_view>{"docker.io/library/other:1"});
    CHECK(build_index(store)->record(2).name == "docker.io/library/other:1");
    const PruneOptions labelled =
        *pruneplan::parse_filters(Texts{"dangling=false", "label=name=docker.io/library/other:1", "label!=other"}, {});
    CHECK(kept(*plan_prune(store, {}, labelled)) == Texts{"docker.io/library/base:1", "docker.io/library/child:1"});
}

TEST_CASE("a store can return texts by value and ranges of needs and blobs in one buffer of a thread") {
    struct Record {
        std::string name;
        Texts needed, layers;
    };
    struct Store {
        struct Blob {
            const char* digest;
            int size = 10;
        };
        std::vector<Record> records;
        const std::vector<Record>& images() const { return records; }
        static std::string name(const Record& record) { return "docker.io/library/" + record.name + ":1"; }
        static std::string target(const Record& record) { return "sha256:" + record.name; }
        static InBuffer<> needs(const Record& record) { return InBuffer<>(record.needed); }
        static InBuffer<Blob> blobs(const Record& record) { return InBuffer<Blob>(record.layers); }
        static bool pinned(const Record& record) { return record.name == "c"; }
    };
    const PrunePlan plan = *plan_prune(Store{{{"a", {}, {"shared", "of a"}},
                                              {"b", {}, {"of b", "shared"}},
                                              {"c", {"sha256:a", "sha256:missing", "sha256:b"}, {"shared", "of c"}},
                                              {"d", {}, {"of d", "shared", "more of d"}}}},
                                       {}, all);
    CHECK(plan[0].reason == Reason::needed);
    CHECK(plan[1].reason == Reason::needed);
    CHECK(mock::deleted(plan) == std::vector<std::string_view>{"docker.io/library/d:1"});
    CHECK(plan.space() == pruneplan::SpaceEstimate{20, 10, 40, 0});
}

// ---- Patterns of names to keep ----

namespace {

/// Returns the names that a pattern keeps, "error", or "nothing" if the plan says that it matches no record.
std::string kept_by(std::string_view pattern, const std::vector<mock::Record>& records) {
    const auto glob = Glob::compile(pattern);
    if (!glob) return glob.error().code == ErrorCode::bad_pattern ? "error" : "another error";
    PruneOptions options{.scope = Scope::unused};
    options.keep = {*glob};
    const PrunePlan plan = *plan_prune(mock::Store{records}, {}, options);
    std::string out;
    for (const std::string& name : kept(plan)) out += (out.empty() ? "" : " ") + name;
    const bool said = doubts(plan).starts_with("unmatched_pattern 0; ");
    CHECK(said == out.empty());
    return out.empty() ? "nothing" : out;
}

}  // namespace

TEST_CASE("a pattern without wildcards keeps the names that it means in any form of a reference or as an ID") {
    const std::string id = digest("aaaaaaaaaaaa"), other = digest("aaab");
    const std::string_view alpine = "docker.io/library/alpine:3.20", mine = "docker.io/myrepo/team/app:1",
                           ghcr = "ghcr.io/team/sub/app:1";
    const std::vector<mock::Record> records{{alpine, id}, {mine, other}, {ghcr, "sha256:cc"}};
    for (const std::string_view pattern :
         {"alpine", "library/alpine", "docker.io/alpine", "docker.io/library/alpine", "index.docker.io/library/alpine",
          "index.docker.io/alpine", "alpine:3.20", "library/alpine:3.20", "docker.io/alpine:3.20",
          "index.docker.io/library/alpine:3.20", "aaaaaaaaaaaa", "sha256:aaaaaaaaaaaa"}) {
        INFO(pattern);
        CHECK(kept_by(pattern, records) == alpine);
    }
    CHECK(kept_by(id, records) == alpine);
    CHECK(kept_by(id.substr(7), records) == alpine);
    CHECK(kept_by("myrepo/team/app", records) == mine);
    CHECK(kept_by("index.docker.io/myrepo/team/app:1", records) == mine);
    CHECK(kept_by("aaab", records) == mine);
    CHECK(kept_by("ghcr.io/team/sub/app", records) == ghcr);
    CHECK(kept_by("sha256:aaa", records) == std::string(alpine) + " " + std::string(mine));  // ambiguous: all
    for (const std::string_view pattern : {"Alpine", "ALPINE:3.20", "alpine:latest", "alpine:3", "library", "app",
                                           "quay.io/alpine", "sha256:dd", "http://alpine"}) {
        INFO(pattern);
        CHECK(kept_by(pattern, records) == "nothing");
    }
}

TEST_CASE("a pattern keeps a name in whatever form the store spells it") {
    for (const std::string_view name :
         {"alpine:3", "library/alpine:3", "docker.io/alpine:3", "index.docker.io/library/alpine:3"})
        for (const std::string_view pattern :
             {"alpine", "docker.io/library/alpine", "library/alpine:3", "docker.io/alp*", "library/*", "alp*:3",
              "index.docker.io/library/alp*", "**/alpine", "alpine:?"}) {
            INFO(name << " " << pattern);
            CHECK(kept_by(pattern, {{name, "sha256:1"}}) == name);
        }
    CHECK(kept_by("App:1", {{"App:1", "sha256:1"}}) == "App:1");
    CHECK(kept_by("App*", {{"App:1", "sha256:1"}}) == "App:1");
    CHECK(kept_by("alpine", {{"alpine", "sha256:1"}}) == "alpine");
    CHECK(kept_by("alpine:latest", {{"alpine", "sha256:1"}}) == "alpine");
}

TEST_CASE("a star of a pattern stops at a slash and two stars do not") {
    const std::vector<mock::Record> records{{"docker.io/library/alpine:3.20", "sha256:1"},
                                            {"docker.io/myrepo/team/app:1", "sha256:2"},
                                            {"ghcr.io/team/sub/app:1", "sha256:3"}};
    const std::string alpine(records[0].name), mine(records[1].name), ghcr(records[2].name);
    CHECK(kept_by("myrepo/*", records) == "nothing");
    CHECK(kept_by("myrepo/**", records) == mine);
    CHECK(kept_by("docker.io/myrepo/**", records) == mine);
    CHECK(kept_by("ghcr.io/*", records) == "nothing");
    CHECK(kept_by("ghcr.io/**", records) == ghcr);
    CHECK(kept_by("ghcr.io/**:1", records) == ghcr);
    CHECK(kept_by("**/app", records) == mine + " " + ghcr);
    CHECK(kept_by("**", records) == alpine + " " + mine + " " + ghcr);
    CHECK(kept_by("docker.io/**", records) == alpine + " " + mine);
    CHECK(kept_by("*", records) == alpine);
}

TEST_CASE("a pattern with blanks or control characters is an error") {
    using namespace std::string_view_literals;
    for (const std::string_view pattern : {"alpine\r"sv, "alpine "sv, " alpine"sv, "alpine\n"sv, "al pine"sv,
                                           "alpine\t*"sv, "alpine\0"sv, "\x7f"sv, "alpine\x1b[0m"sv}) {
        INFO(pattern);
        CHECK(kept_by(pattern, {}) == "error");
    }
}

TEST_CASE("each pattern that matches no record is a doubt even if another pattern or option keeps all records") {
    PruneOptions options{.scope = Scope::unused};
    for (const char* const pattern : {"a", "b", "a:1", "c*", "*:1", "Alpine", "sha256:1"})
        options.keep.push_back(*Glob::compile(pattern));
    const std::vector<FullRecord> records{{.name = "docker.io/library/a:1", .digest = "sha256:1", .pinned = true}};
    CHECK(doubts(*plan_prune(mock::FullStore{records}, {}, options)) ==
          "unmatched_pattern 1; unmatched_pattern 3; unmatched_pattern 5; ");
}

// ---- Moments ----

namespace {

/// Tells whether a record that was created then is kept by `keep_younger_than` of 24 hours.
bool is_kept_as_young(Timestamp created) {
    const auto now = Timestamp::from(std::chrono::system_clock::now());
    PruneOptions options{.scope = Scope::unused};
    options.keep_younger_than = *pruneplan::parse_age("24h", now);
    return plan_prune(mock::FullStore{{{.name = "a", .digest = "1", .created = created}}}, {}, options)->kept_count() ==
           1;
}

constexpr std::int64_t milliseconds_of_2026 = 1'795'000'000'000;

}  // namespace

TEST_CASE("the time of a file that was just written is now and keeps an image of that age") {
    const auto file = std::filesystem::temp_directory_path() / "pruneplan-cases-written-now";
    std::fclose(std::fopen(file.string().c_str(), "w"));
    const auto written = std::filesystem::last_write_time(file);
    std::filesystem::remove(file);
    const auto now = Timestamp::from(std::chrono::system_clock::now());
    CHECK(std::abs(Timestamp::from(written).seconds - now.seconds) < 60);
    CHECK(is_kept_as_young(Timestamp::from(written)));
    CHECK_FALSE(is_kept_as_young(Timestamp::from(written - std::chrono::hours(25))));
    CHECK(is_kept_as_young(Timestamp::from(std::filesystem::file_time_type::clock::now() - std::chrono::hours(23))));
    CHECK(is_kept_as_young(Timestamp::from(std::chrono::system_clock::now())));
    CHECK(is_kept_as_young(
        Timestamp::from(std::chrono::time_point_cast<std::chrono::minutes>(std::chrono::system_clock::now()))));
}

TEST_CASE("a now in milliseconds is an error wherever a moment is parsed") {
    for (const std::int64_t now : {milliseconds_of_2026, std::int64_t{253402300800}, INT64_MAX}) {
        const Timestamp later{now, 0};
        CHECK(pruneplan::parse_timestamp("24h", later).error().code == ErrorCode::bad_timestamp);
        CHECK(pruneplan::parse_age("24h", later).error().code == ErrorCode::bad_timestamp);
        CHECK(pruneplan::parse_filter("until=24h", later).error().code == ErrorCode::bad_timestamp);
        CHECK(pruneplan::parse_filters(Texts{"dangling=false", "until=24h"}, later).error().code ==
              ErrorCode::bad_timestamp);
    }
    CHECK(pruneplan::parse_timestamp("24h", {253402300799, 0}));
    CHECK_THAT(
        pruneplan::parse_filter("until=24h", {milliseconds_of_2026, 0}).error().message,
        Catch::Matchers::ContainsSubstring("1795000000000") && Catch::Matchers::ContainsSubstring("milliseconds"));
}

TEST_CASE("an age after now is an error") {
    const Timestamp now{1'795'000'000, 0};
    for (const std::string_view text : {"-24h", "-1ns", "2100-01-01", "1795000001"}) {
        INFO(text);
        CHECK(pruneplan::parse_age(text, now).error().code == ErrorCode::bad_timestamp);
    }
    CHECK(*pruneplan::parse_age("0h", now) == now);
    CHECK(*pruneplan::parse_age("1795000000", now) == now);
    CHECK(*pruneplan::parse_age("24h", now) == Timestamp{1'795'000'000 - 86'400, 0});
}

TEST_CASE("a negative budget is an error and deletes nothing") {
    const mock::FullStore store{{{.name = "a", .digest = "1", .blobs = {{"x", 10}}}}};
    for (const std::int64_t bytes : {std::int64_t{-10}, std::int64_t{-1}, INT64_MIN}) {
        PruneOptions options{.scope = Scope::unused};
        options.bytes_to_free = bytes;
        CHECK(plan_prune(store, {}, options).error().code == ErrorCode::bad_option);
        CHECK(plan_prune(*build_index(store), {}, options).deleted_count() == 0);
    }
    CHECK(pruneplan::bytes_to_reach(1000, 2000, 85, 80) == 0);  // more is available than there is
}

TEST_CASE("a record whose time has nanoseconds out of range is of unknown age and kept") {
    const auto now = Timestamp::from(std::chrono::system_clock::now());
    for (const std::int32_t nanoseconds : {-1, 1'000'000'000, INT32_MAX, INT32_MIN})
        CHECK(is_kept_as_young({now.seconds - 100'000, nanoseconds}));
    CHECK_FALSE(is_kept_as_young({now.seconds - 100'000, 999'999'999}));
}

// ---- Names in any form ----

namespace {

const std::vector<std::string_view> forms_of_alpine{"alpine:3",
                                                    "library/alpine:3",
                                                    "docker.io/alpine:3",
                                                    "docker.io/library/alpine:3",
                                                    "index.docker.io/alpine:3",
                                                    "index.docker.io/library/alpine:3"};

constexpr std::pair<std::string_view, UsageRule> rules[] = {
    {"strict", usage_rules::strict},
    {"containerd_snapshotter", usage_rules::containerd_snapshotter},
    {"graph_driver", usage_rules::graph_driver},
    {"whole_image", usage_rules::whole_image},
    {"names_only", usage_rules::names_only}};

}  // namespace

TEST_CASE("a name in use is kept in whatever form the store spells it and the user typed it") {
    for (const std::string_view name : forms_of_alpine) {
        const mock::Store store{{{name, "sha256:1"}, {"docker.io/library/alpine:4", "sha256:2"}}};
        for (const std::string_view typed : forms_of_alpine) {
            INFO(name << " " << typed);
            for (const std::string& ref : {std::string(typed), std::string(typed) + "@" + digest("f")})
                for (const auto& [rule, usage] : rules) {
                    if (!usage.names_in_use) continue;
                    const PrunePlan plan = *plan_prune(store, mock::Containers{{"sha256:2", ref}},
                                                       {.scope = Scope::unused, .usage = usage});
                    CHECK(plan[0].reason == Reason::name_in_use);
                }
            CHECK(*build_index(store)->find_image(typed) == 0);
        }
    }
}

TEST_CASE("a name without a tag and the default tag are one name") {
    for (const std::string_view name : {"alpine", "docker.io/library/alpine:latest", "library/alpine", "alpine:latest"})
        for (const std::string_view typed : {"alpine", "index.docker.io/library/alpine", "docker.io/alpine:latest"})
            CHECK((*plan_prune(mock::Store{{{name, "sha256:1"}}}, mock::Containers{{"", typed}}, all))[0].reason ==
                  Reason::name_in_use);
    CHECK((*plan_prune(mock::Store{{{"alpine", "sha256:1"}}}, mock::Containers{{"", "alpine:3"}}, all))[0].reason ==
          Reason::unused);
}

TEST_CASE("a name that is not a valid reference is in use if it was typed byte for byte") {
    const mock::Store store{{{"App:1", "sha256:1"}, {"app:1", "sha256:2"}, {"a b", "sha256:3"}}};
    CHECK(kept(*plan_prune(store, mock::Containers{{"", "App:1"}}, all)) == Texts{"App:1"});
    CHECK(kept(*plan_prune(store, mock::Containers{{"", "a b"}}, all)) == Texts{"a b"});
    CHECK(kept(*plan_prune(store, mock::Containers{{"", "docker.io/library/App:1"}}, all)).empty());
    // Names that consist of a digest, or of what a digest follows.
    for (const std::string& name :
         {"@" + digest("a"), "App@" + digest("a"), "@sha512:" + std::string(128, 'a'), std::string("@")})
        CHECK(
            kept(*plan_prune(mock::Store{{{name, "sha256:1"}, {"b", "sha256:2"}}}, mock::Containers{{"sha256:2", name}},
                             {.scope = Scope::unused, .usage = usage_rules::names_only})) == Texts{name});
}

TEST_CASE("the remover gets the name and the survivor in the spelling of the store") {
    const mock::Store store{
        {{"alpine:3", "sha256:1"}, {"index.docker.io/library/alpine:4", "sha256:1"}, {"library/b", "sha256:2"}}};
    Texts calls;
    const auto report =
        apply_prune(*plan_prune(store, mock::Containers{{"sha256:1", "docker.io/library/alpine:4"}}, all),
                    [&](std::string_view name, std::string_view target, std::string_view survivor) {
                        calls.push_back(std::string(name) + "|" + std::string(target) + "|" + std::string(survivor));
                        return RemoveStatus::removed;
                    });
    CHECK(calls == Texts{"alpine:3|sha256:1|index.docker.io/library/alpine:4", "library/b|sha256:2|"});
    CHECK(report->untagged() == Texts{"alpine:3", "b"});
}

TEST_CASE("records whose names differ only in form are all kept if one is in use and are a doubt") {
    std::vector<mock::Record> records;
    const std::vector<std::string> targets{"sha256:1", "sha256:2", "sha256:3", "sha256:4", "sha256:5", "sha256:6"};
    for (std::size_t i = 0; i < forms_of_alpine.size(); ++i) records.push_back({forms_of_alpine[i], targets[i]});
    records.push_back({"docker.io/library/alpine:4", "sha256:7"});
    for (const std::string_view typed : forms_of_alpine) {
        const PrunePlan plan = *plan_prune(mock::Store{records}, mock::Containers{{"", typed}}, all);
        CHECK(plan.count(Reason::name_in_use) == 6);
        CHECK(plan.deleted_count() == 1);
        CHECK(doubts(plan) == "same_name 1; same_name 2; same_name 3; same_name 4; same_name 5; ");
    }
    // They are kept, too, by the form with the tag alone.
    const std::string with_digest = "alpine:3@" + digest("f");
    CHECK(plan_prune(mock::Store{records}, mock::Containers{{"", with_digest}}, all)->count(Reason::name_in_use) == 6);
    CHECK(doubts(*plan_prune(mock::Store{{{"a", "1"}, {"a:1", "1"}, {"a/library", "1"}, {"quay.io/a", "1"}}}, {},
                             all)) == "");
}

// ---- Plans that outlive what they were made of ----

namespace {

/// Returns a plan whose store, containers and options are destroyed. It deletes an image with two names, what that
/// needs, and a spare name.
PrunePlan orphan(bool by_index) {
    struct Record {
        std::string name, target, needs;
    };
    struct Store {
        std::vector<std::unique_ptr<Record>> records;
        const std::vector<std::unique_ptr<Record>>& images() const { return records; }
        static const std::string& name(const Record& record) { return record.name; }
        static const std::string& target(const Record& record) { return record.target; }
        static const std::string& needs(const Record& record) { return record.needs; }
        static std::vector<pruneplan::Blob> blobs(const Record& record) {
            return {{record.target, 1000}, {record.name, 1}};
        }
    };
    const auto store = std::make_unique<Store>();
    for (const auto& [name, target, needs] :
         {std::array{"docker.io/library/an-app-with-a-long-name:1", "sha256:aa", "sha256:base"},
          std::array{"docker.io/library/an-app-with-a-long-name:2", "sha256:aa", ""},
          std::array{"docker.io/library/a-base-with-a-long-name:1", "sha256:base", ""},
          std::array{"docker.io/library/in-use-with-a-long-name:1", "sha256:used", ""},
          std::array{"docker.io/library/in-use-with-a-long-name:2", "sha256:used", ""},
          std::array{"docker.io/library/filtered-with-a-long-name:9", "sha256:cc", ""}})
        store->records.push_back(std::make_unique<Record>(Record{name, target, needs}));
    const auto containers = std::make_unique<std::vector<Buffered>>();
    containers->push_back({"sha256:used", "", "a-container-with-a-long-name", {}});
    containers->push_back({"sha256:an-image-that-no-record-has", "", "another-container-with-a-long-name", {}});
    const auto options = std::make_unique<PruneOptions>();
    options->scope = Scope::unused;
    options->filters = {*pruneplan::parse_filter("reference!=filtered-with-a-long-name", {})};
    options->keep = {*Glob::compile("a-pattern-with-a-long-text-that-matches-nothing")};
    if (!by_index) return *plan_prune(*store, *containers, *options);
    const auto index = std::make_unique<pruneplan::ImageIndex<Store>>(*build_index(*store));
    return plan_prune(*index, *containers, *options);
}

}  // namespace

TEST_CASE("a plan is read and applied after the store and the containers and the index and the options are destroyed") {
    for (const bool by_index : {false, true}) {
        const PrunePlan plan = orphan(by_index);
        CHECK(explain(plan, 4) ==
              "kept: container a-container-with-a-long-name runs sha256:used, and this is the last name of that image");
        CHECK(explain(plan, 5) == "kept: it does not match the filter \"reference!=filtered-with-a-long-name\"");
        CHECK(summary(plan) ==
              "4 of 6 records are deleted, 2 images, 2.0 kB freed; 2 are kept: 1 filtered, 1 in use; doubts: 1 "
              "unmatched_container, 1 unmatched_pattern");
        CHECK(plan.space() == pruneplan::SpaceEstimate{2002, 0, 2002, 0});
        CHECK(count_reasons(plan)[Reason::unused] == 3);
        CHECK(doubts(plan) == "unmatched_container 1!; unmatched_pattern 0; ");
        CHECK(
            plan.doubts()[0].sentence.starts_with("container another-container-with-a-long-name uses "
                                                  "\"sha256:an-image-that-no-record-has\", "));
        std::string json, dot;
        write_json_lines(plan, [&](std::string_view piece) { json += piece; });
        write_dot(plan, [&](std::string_view piece) { dot += piece; });
        CHECK(std::count(json.begin(), json.end(), '\n') == 8);
        CHECK_THAT(json, Catch::Matchers::ContainsSubstring("a-pattern-with-a-long-text-that-matches-nothing"));
        CHECK_THAT(dot, Catch::Matchers::ContainsSubstring("container a-container-with-a-long-name"));
        CHECK(diff(plan, orphan(!by_index)).changed() == 0);
        CHECK(plan == orphan(!by_index));
        const auto report = apply_prune(
            plan, [](std::string_view, std::string_view, std::string_view) { return RemoveStatus::removed; },
            {.accept = {DoubtKind::unmatched_container}});
        REQUIRE(report);
        CHECK(report->deleted() == Texts{"sha256:aa", "sha256:base"});
        CHECK(report->space_reclaimed == 2002);
    }
}

TEST_CASE("copies and moves of a plan are plans of their own") {
    std::optional<PrunePlan> original(orphan(false));
    const PrunePlan copy = *original;
    PrunePlan assigned;
    assigned = *original;
    const PrunePlan moved = *std::move(original);
    original.reset();
    for (const PrunePlan& plan : {copy, assigned, moved}) {
        CHECK(plan == copy);
        CHECK(plan.deletions()[0].name == "docker.io/library/an-app-with-a-long-name:1");
        CHECK(explain(plan, 5) == explain(copy, 5));
        CHECK(plan.doubts()[0].sentence == copy.doubts()[0].sentence);
        CHECK(plan.space() == copy.space());
    }
    assigned = PrunePlan();
    CHECK(assigned.empty());
    CHECK(copy.deletions()[0].name.data() != moved.deletions()[0].name.data());
}

// ---- Doubts ----

namespace {

/// Plans these containers and records, by their names and targets, under a rule.
std::string doubts_of(const std::vector<mock::Record>& records, const mock::Containers& containers,
                      const UsageRule& usage) {
    return doubts(*plan_prune(mock::Store{records}, containers, {.scope = Scope::unused, .usage = usage}));
}

/// Checks that a plan is not applied without `accept`, that nothing is removed then, and that it is applied with it.
void check_blocks(const PrunePlan& plan, DoubtKind kind) {
    std::size_t removed = 0;
    const auto remove = [&](std::string_view, std::string_view, std::string_view) {
        return ++removed, RemoveStatus::removed;
    };
    for (std::size_t other = 0; other < pruneplan::doubt_kind_count; ++other) {
        if (static_cast<DoubtKind>(other) == kind) continue;
        const auto report = apply_prune(plan, remove, {.accept = {static_cast<DoubtKind>(other)}});
        CHECK(report.error().code == ErrorCode::doubtful_plan);
    }
    CHECK(removed == 0);
    CHECK(apply_prune(plan, remove, {.accept = {kind}})->steps.size() == plan.deleted_count());
    CHECK(removed == plan.deleted_count());
    CHECK(removed > 0);
}

}  // namespace

TEST_CASE("a container whose image no record has is a doubt that blocks under every rule even if its name exists") {
    const std::vector<mock::Record> records{{"docker.io/library/app:1", "sha256:new"}, {"b", "sha256:b"}};
    for (const auto& [name, rule] : rules) {
        INFO(name);
        const PruneOptions options{.scope = Scope::unused, .usage = rule};
        for (const std::string_view typed : {"app:1", "docker.io/library/app:1", "missing", ""}) {
            const PrunePlan plan = *plan_prune(mock::Store{records}, mock::Containers{{"sha256:old", typed}}, options);
            CHECK(doubts(plan) == "unmatched_container 0!; ");
            check_blocks(plan, DoubtKind::unmatched_container);
            CHECK((plan[0].action == pruneplan::Action::keep) == (rule.names_in_use && typed.ends_with("app:1")));
        }
        // Without an ID, a record of the name is enough.
        CHECK(doubts_of(records, {{"", "app:1"}}, rule) == "");
        CHECK(doubts_of(records, {{"", "app:2"}}, rule) == "unmatched_container 0!; ");
        CHECK(doubts_of(records, {{"sha256:new", "app:1"}, {"", ""}}, rule) == "unmatched_container 1!; ");
    }
}

TEST_CASE("a mounted image that no record has is a doubt that blocks") {
    const std::vector<Buffered> containers{{"sha256:1", "", "web", {"sha256:1", "sha256:missing", ""}}};
    for (const auto& [name, rule] : rules) {
        const PrunePlan plan = *plan_prune(mock::Store{{{"a", "sha256:1"}, {"b", "sha256:2"}}}, containers,
                                           {.scope = Scope::unused, .usage = rule});
        CHECK(doubts(plan) == "unmatched_container 0!; ");
        CHECK(plan.doubts()[0].sentence.starts_with("container web uses \"sha256:missing\", "));
        check_blocks(plan, DoubtKind::unmatched_container);
    }
}

TEST_CASE("an image that a container runs and that loses its last name is a doubt that blocks") {
    const mock::Store store{
        {{"docker.io/library/app:latest", "sha256:new"}, {"docker.io/library/app:old", "sha256:old"}}};
    const mock::Containers containers{{"sha256:new", "app"}, {"sha256:old", "app"}, {"sha256:old", "app"}};
    for (const UsageRule& rule : {usage_rules::containerd_snapshotter, usage_rules::names_only}) {
        const PrunePlan plan = *plan_prune(store, containers, {.scope = Scope::unused, .usage = rule});
        CHECK(doubts(plan) == "unprotected_image 1!; ");
        check_blocks(plan, DoubtKind::unprotected_image);
    }
    for (const UsageRule& rule : {usage_rules::strict, usage_rules::graph_driver, usage_rules::whole_image})
        CHECK(doubts_of(store.records, containers, rule) == "");
    // A name that another option keeps is enough.
    PruneOptions options{.scope = Scope::unused, .usage = usage_rules::names_only};
    options.keep = {*Glob::compile("app:old")};
    CHECK(doubts(*plan_prune(store, containers, options)) == "");
}

TEST_CASE("an invalid image_ref is a doubt that blocks unless the rule protects the image by the container's ID") {
    for (const std::string_view typed :
         {"app\n", "docker://app", "App", " app", "app:", "app@sha256:12", ":1", "a//b"}) {
        INFO(typed);
        const std::vector<mock::Record> records{{"docker.io/library/app:latest", "sha256:1"}, {"b", "sha256:2"}};
        CHECK(doubts_of(records, {{"sha256:1", typed}}, usage_rules::strict) == "invalid_image_ref 0; ");
        CHECK(doubts_of(records, {{"sha256:1", typed}}, usage_rules::graph_driver) == "invalid_image_ref 0; ");
        CHECK(doubts_of(records, {{"sha256:1", typed}}, usage_rules::containerd_snapshotter) ==
              "unprotected_image 0!; invalid_image_ref 0!; ");
        CHECK(doubts_of(records, {{"sha256:9", typed}}, usage_rules::strict) ==
              "unmatched_container 0!; invalid_image_ref 0!; ");
    }
    for (const std::string_view typed : {"app", "b", "sha256:1", "", "deadbeef"})
        CHECK(doubts_of({{"docker.io/library/app:latest", "sha256:1"}, {"b", "sha256:1"}}, {{"sha256:1", typed}},
                        usage_rules::strict) == "");
    PruneOptions options{.scope = Scope::unused, .usage = usage_rules::names_only};
    const PrunePlan plan =
        *plan_prune(mock::Store{{{"App", "sha256:1"}, {"b", "sha256:2"}}}, mock::Containers{{"", "App"}}, options);
    CHECK(doubts(plan) == "invalid_image_ref 0!; invalid_name 0; ");
    CHECK(plan[0].reason == Reason::name_in_use);
    check_blocks(plan, DoubtKind::invalid_image_ref);
}

TEST_CASE("doubts about patterns and names do not block") {
    PruneOptions options{.scope = Scope::unused};
    options.keep = {*Glob::compile("missing")};
    const PrunePlan plan = *plan_prune(
        mock::Store{
            {{"App:1", "1"}, {"a", "1"}, {"a:latest", "1"}, {"moby-dangling@1", "1"}, {"<none>", "1"}, {"", "1"}}},
        {}, options);
    CHECK(doubts(plan) == "unmatched_pattern 0; invalid_name 0; invalid_name 4; invalid_name 5; same_name 2; ");
    const auto report =
        apply_prune(plan, [](std::string_view, std::string_view, std::string_view) { return RemoveStatus::removed; });
    REQUIRE(report);
    CHECK(report->steps.size() == 6);
}

TEST_CASE("an ID as a name and a dangling name by the store's own word are no doubts") {
    struct Store : mock::Store {
        static bool is_dangling(const mock::Record& record) { return record.name == "<none>"; }
    };
    Store store;
    const std::string id = digest("ab");
    store.records = {{"<none>", "sha256:1"}, {id, id}};
    CHECK(doubts(*plan_prune(store, {}, all)) == "");
}

TEST_CASE("under strict a container whose ID is unknown protects the images of the digest or ID in its image_ref") {
    const std::string a = digest("aaaa1"), b = digest("aaaa2"), c = digest("c");
    const std::vector<mock::Record> records{{"docker.io/library/a:1", a},
                                            {"docker.io/library/a:2", a},
                                            {"docker.io/library/b:1", b},
                                            {"docker.io/library/c:1", c}};
    const auto kept_by_strict = [&](std::string_view id, const std::string& typed,
                                    std::string_view expected_doubts = "") {
        const PrunePlan plan = *plan_prune(mock::Store{records}, mock::Containers{{id, typed}}, all);
        CHECK(doubts(plan) == expected_doubts);
        return kept(plan);
    };
    for (const std::string& id : {std::string("sha256:unknown"), digest("d"), std::string(64, 'e'), std::string()}) {
        INFO(id);
        for (const std::string& typed : {a, a.substr(7), std::string("aaaa1"), std::string("sha256:aaaa1"), "x@" + a,
                                         "x:1@" + a, "quay.io/x/y:1@" + a}) {
            INFO(typed);
            CHECK(kept_by_strict(id, typed) == Texts{"docker.io/library/a:2"});
        }
        // An ambiguous ID protects all images that it means, and a name what it names.
        CHECK(kept_by_strict(id, "aaaa") == Texts{"docker.io/library/a:2", "docker.io/library/b:1"});
        CHECK(kept_by_strict(id, "sha256:aaaa") == Texts{"docker.io/library/a:2", "docker.io/library/b:1"});
        CHECK(kept_by_strict(id, "a:1@" + a) == Texts{"docker.io/library/a:1"});
        CHECK(kept_by_strict(id, "b:1@" + c) == Texts{"docker.io/library/b:1", "docker.io/library/c:1"});
        CHECK(kept_by_strict(id, "dddd", "unmatched_container 0!; ").empty());
        CHECK(kept_by_strict(id, "x@" + digest("f"), "unmatched_container 0!; ").empty());
    }
    for (const auto& [name, rule] : rules)
        if (rule != usage_rules::strict)
            CHECK(doubts_of(records, {{"sha256:unknown", a}}, rule) == "unmatched_container 0!; ");
}

TEST_CASE("under strict an image_ref does not protect an image of its digest if the ID of the container is known") {
    const std::string a = digest("a"), b = digest("b");
    const std::vector<mock::Record> records{{"docker.io/library/a:1", a}, {"docker.io/library/b:1", b}};
    const std::string typed = "x@" + a;
    CHECK(kept(*plan_prune(mock::Store{records}, mock::Containers{{b, typed}}, all)) == Texts{"docker.io/library/b:1"});
}

// SPDX-License-Identifier: BSL-1.0

// Tests plans as values: decisions, deletions, counts, doubts, space, comparison and iterators.

#include "../support/check.hpp"
#include "../support/mock.hpp"

#include <pruneplan/plan.hpp>
#include <pruneplan/plan_prune.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <limits>
#include <list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace {

using mock::FullRecord;
using pruneplan::Action;
using pruneplan::Blob;
using pruneplan::Decision;
using pruneplan::DoubtKind;
using pruneplan::plan_prune;
using pruneplan::PruneOptions;
using pruneplan::PrunePlan;
using pruneplan::Reason;
using pruneplan::Scope;
using pruneplan::SpaceEstimate;
namespace usage_rules = pruneplan::usage_rules;

const PruneOptions all{.scope = Scope::unused};

PrunePlan planned(const std::vector<mock::Record>& records, const mock::Containers& containers = {},
                  const PruneOptions& options = all) {
    return *plan_prune(mock::Store{records}, containers, options);
}

constexpr PrunePlan planned_in_order(const std::vector<FullRecord>& records) {
    return mock::plan_of(mock::FullStore{records}, {}, {.scope = Scope::unused});
}

constexpr bool lists_each_image_before_what_it_needs_and_then_by_name() {
    const auto plan = planned_in_order({{.name = "b", .digest = "1"},
                                        {.name = "c", .digest = "1"},
                                        {.name = "z", .digest = "3", .needs = "2"},
                                        {.name = "a", .digest = "2"}});
    return mock::deleted(plan) == std::vector<std::string_view>{"z", "a", "b", "c"};
}

/// A copy has its own texts and the same content. A move leaves a plan behind that can be assigned to.
constexpr bool is_copied_and_moved() {
    auto plan = planned_in_order({{.name = "b", .digest = "1", .needs = "2"}, {.name = "a", .digest = "2"}});
    PrunePlan copy = plan;
    const PrunePlan moved = std::move(plan);
    if (copy != moved || copy[0].name.data() == moved[0].name.data() || moved.deletions()[1].name != "a") return false;
    plan = copy;
    copy = PrunePlan();
    return plan == moved && copy.empty() && copy == PrunePlan();
}

/// Returns what a plan that deletes all images but the target "kept" frees.
constexpr SpaceEstimate space(const std::vector<FullRecord>& records) {
    const mock::FullStore store{records};
    const auto index = pruneplan::build_index(store);
    return plan_prune(*index, mock::Containers{{"kept", "x"}}, {.scope = Scope::unused}).space();
}

constexpr FullRecord with(std::string_view name, std::string_view target, std::vector<Blob> blobs) {
    return {.name = name, .digest = target, .blobs = blobs};
}

constexpr auto most = std::numeric_limits<std::uint64_t>::max();

/// A store that creates a list of blobs, which own their digests, at each call.
struct BlobsByValue {
    struct OwnedBlob {
        std::string digest;
        long size;
    };
    std::vector<std::string> names;
    const std::vector<std::string>& images() const { return names; }
    static std::string_view name(const std::string& name) { return name; }
    static std::string_view target(const std::string& name) { return name; }
    static std::list<OwnedBlob> blobs(const std::string& name) {
        return {{"a digest that is too long for the small string buffer", 100},
                {"a digest of this image alone, also long: " + name, 10}};
    }
};

/// A store that lends one list, which creates a blob when it is read. The second blob is of unknown size.
struct BlobsCreatedAsRead : BlobsByValue {
    struct List {
        std::string digests[2];
        OwnedBlob operator[](std::size_t i) const { return {digests[i], i == 0 ? 100 : -1}; }
        pruneplan::detail::IndexIterator<List> begin() const { return {*this, 0}; }
        pruneplan::detail::IndexIterator<List> end() const { return {*this, 2}; }
    };
    List list{
        {"a digest that is too long for the small string buffer", "another long digest, of a blob of unknown size"}};
    const List& blobs(const std::string&) const { return list; }
};

template <class Store>
SpaceEstimate space_of(const Store& store) {
    return plan_prune(store, {}, all)->space();
}

/// Returns the doubts as "kind number blocks" and their sentences.
std::vector<std::string> doubts(const PrunePlan& plan) {
    std::vector<std::string> out;
    for (const pruneplan::Doubt& doubt : plan.doubts())
        out.push_back(std::string(to_string(doubt.kind)) + " " + std::to_string(doubt.number) +
                      (doubt.blocks ? " blocks: " : ": ") + doubt.sentence);
    return out;
}
using Doubts = std::vector<std::string>;

}  // namespace

TEST_CASE("deletions list each image before what it needs and then are sorted by name") {
    CHECK_TWICE(lists_each_image_before_what_it_needs_and_then_by_name());
}

TEST_CASE("a plan has name and target and action and reason of each record in the order of the store") {
    const PrunePlan plan = planned({{"moby-dangling@sha256:2", "sha256:2"},
                                    {"docker.io/library/app:1", "sha256:1"},
                                    {"docker.io/library/app:2", "sha256:3"}},
                                   {{"sha256:3", "app:2"}});
    CHECK(plan.size() == 3);
    CHECK(plan.deleted_count() == 2);
    CHECK(plan.kept_count() == 1);
    CHECK(plan[0] == Decision{0, "moby-dangling@sha256:2", "sha256:2", Action::erase, Reason::dangling, {}, false, {}});
    CHECK(plan[2] ==
          Decision{2, "docker.io/library/app:2", "sha256:3", Action::keep, Reason::name_in_use, 0, false, {}});
    const auto deletions = plan.deletions();
    REQUIRE(deletions.size() == 2);
    CHECK(deletions[0] == plan[1]);
    CHECK(deletions[1] == plan[0]);
    std::size_t number = 0;
    for (const Decision& decision : plan) CHECK(decision == plan[number++]);
    CHECK(number == 3);
}

TEST_CASE("a decision has the number of the container that caused it and tells if that only mounts the image") {
    struct Mounting : mock::Container {
        std::vector<std::string_view> mounted_image_ids() const { return {"2"}; }
    };
    const PrunePlan plan = *plan_prune(mock::Store{{{"a", "1"}, {"b", "2"}}}, {Mounting{{"1", ""}}}, all);
    CHECK((plan[0].container == 0u && !plan[0].mounted));
    CHECK((plan[1].container == 0u && plan[1].mounted));
}

TEST_CASE("a decision has the position of the filter or pattern or rule of newest that caused it") {
    const mock::FullStore store{{{.name = "docker.io/library/a:1", .digest = "1", .labels = {{"env", "x"}}},
                                 {.name = "docker.io/library/b:1", .digest = "2", .labels = {{"env", "x"}}},
                                 {.name = "docker.io/library/c:1", .digest = "3", .labels = {{"env", "y"}}}}};
    const auto options = [](std::vector<pruneplan::Filter> filters, std::vector<pruneplan::Glob> keep,
                            std::vector<pruneplan::KeepNewest> keep_newest) {
        return PruneOptions{.scope = Scope::unused,
                            .filters = std::move(filters),
                            .keep = std::move(keep),
                            .keep_newest = std::move(keep_newest)};
    };
    const auto glob = [](std::string_view pattern) { return *pruneplan::Glob::compile(pattern); };
    const auto filter = [](std::string_view text) { return *pruneplan::parse_filter(text, {}); };
    const PrunePlan filtered = *plan_prune(store, {}, options({filter("label=env"), filter("label=env=x")}, {}, {}));
    CHECK(filtered[2].reason == Reason::filtered);
    CHECK(filtered[2].option == 1u);
    CHECK_FALSE(filtered[0].option);
    const PrunePlan kept = *plan_prune(store, {}, options({}, {glob("x"), glob("b"), glob("c:1")}, {}));
    CHECK(kept[1].reason == Reason::kept_pattern);
    CHECK(kept[1].option == 1u);
    CHECK(kept[2].option == 2u);
    const PrunePlan newest = *plan_prune(store, {},
                                         options({}, {},
                                                 {{.count = 1, .names = glob("c"), .by = pruneplan::NewestBy::name},
                                                  {.count = 1, .by = pruneplan::NewestBy::name}}));
    CHECK(newest[0].option == 1u);
    CHECK(newest[2].reason == Reason::newest);
    CHECK(newest[2].option == 0u);
}

TEST_CASE("a default-constructed plan is empty") {
    const PrunePlan plan;
    CHECK(plan.empty());
    CHECK(plan.kept_count() == 0);
    CHECK(plan.deleted_count() == 0);
    CHECK(plan.deletions().empty());
    CHECK(plan.begin() == plan.end());
    CHECK(plan.doubts().empty());
    CHECK(plan.space() == SpaceEstimate());
}

TEST_CASE("a copy of a plan has its own texts and a plan can be assigned to after a move") {
    CHECK_TWICE(is_copied_and_moved());
}

TEST_CASE("plans are equal if they have the same decisions and doubts") {
    const std::vector<mock::Record> records{{"a", "1"}, {"b", "2"}};
    const PruneOptions rule{.scope = Scope::unused, .usage = usage_rules::graph_driver};
    const PrunePlan plan = planned(records, {{"1", ""}}, rule);
    CHECK(plan == planned(records, {{"1", ""}}, rule));
    CHECK(plan != planned(records, {}, rule));
    CHECK(plan != planned(records, {{"2", ""}}, rule));
    CHECK(plan != planned(records, {{"2", ""}, {"1", ""}}, rule));
    CHECK(plan != planned(records, {{"1", ""}, {"9", ""}}, rule));
    CHECK(plan != planned({records[1], records[0]}, {{"1", ""}}, rule));
    CHECK(plan != planned({records[0], {"b", "3"}}, {{"1", ""}}, rule));
}

TEST_CASE("a plan counts the records of a reason") {
    const PrunePlan plan = planned({{"a", "1"}, {"b", "1"}, {"c", "2"}, {"d", "3"}}, {{"1", ""}, {"3", "x"}},
                                   {.scope = Scope::unused, .usage = usage_rules::containerd_snapshotter});
    CHECK(plan.count(Reason::unused) == 1);
    CHECK(plan.count(Reason::unprotected) == 3);
    CHECK(plan.count(Reason::pinned) == 0);
}

TEST_CASE("plans and deletions have random-access iterators") {
    const PrunePlan plan = planned({{"b", "2"}, {"a", "1"}, {"c", "3"}});
    STATIC_REQUIRE(std::random_access_iterator<PrunePlan::iterator>);
    CHECK(plan.end() - plan.begin() == 3);
    CHECK(plan.begin()[1].name == "a");
    CHECK(plan.begin()->name == "b");
    const auto deletions = plan.deletions();
    const auto begin = deletions.begin(), end = deletions.end();
    STATIC_REQUIRE(std::random_access_iterator<decltype(deletions.begin())>);
    CHECK(end - begin == 3);
    CHECK((*(begin + 1)).name == "b");
    CHECK((*(end - 1)).name == "c");
    CHECK(begin[2].name == "c");
    CHECK(begin < end);
    auto at = 2 + begin;
    CHECK((*at--).name == "c");
    CHECK((*at++).name == "b");
    at -= 2;
    CHECK(at == begin);
    CHECK((*++at).name == "b");
    CHECK((*--at).name == "a");
    CHECK(std::ranges::lower_bound(deletions, std::string_view("b"), {}, &Decision::name) - begin == 1);
}

TEST_CASE("doubts are listed by kind with their numbers and sentences") {
    const mock::Store store{{{"docker.io/library/app:latest", "sha256:new"},
                             {"docker.io/library/app:old", "sha256:old"},
                             {"App:1", "sha256:x"},
                             {"app:latest", "sha256:y"}}};
    PruneOptions options{.scope = Scope::unused, .usage = usage_rules::containerd_snapshotter};
    options.keep = {*pruneplan::Glob::compile("b"), *pruneplan::Glob::compile("App:1"),
                    *pruneplan::Glob::compile("Alpine")};
    const PrunePlan plan = *plan_prune(
        store, mock::Containers{{"sha256:missing", "app"}, {"sha256:old", "app"}, {"sha256:x", "App\n"}}, options);
    CHECK(
        doubts(plan) ==
        Doubts{
            "unmatched_container 0 blocks: container 0 uses \"sha256:missing\", which no record has: show the planner "
            "all records, and the digests that the runtime reports",
            "unprotected_image 1 blocks: container 1 runs \"sha256:old\", which loses its last name: the usage rule "
            "does not protect it, strict does",
            "invalid_image_ref 2 blocks: container 2 was created from \"App%0A\", which is neither a reference nor an "
            "ID: give what its user typed",
            "unmatched_pattern 0: the pattern \"b\" of names to keep matches no record",
            "unmatched_pattern 2: the pattern \"Alpine\" of names to keep matches no record",
            "invalid_name 2: the name \"App:1\" of record 2 is neither a reference nor an ID",
            "same_name 3: the name \"app:latest\" of record 3 means the same as that of an earlier record"});
}

TEST_CASE("sentences of doubts call containers by their names") {
    struct Named : mock::Container {
        std::string name() const { return std::string(id) + "'s"; }
    };
    const PrunePlan plan = *plan_prune(mock::Store{}, {Named{{"sha256:1", "x"}}}, all);
    REQUIRE(plan.doubts().size() == 1);
    CHECK(plan.doubts()[0].sentence.starts_with("container sha256:1's uses \"sha256:1\", "));
}

TEST_CASE("a container that names no image is a doubt that says so") {
    const PrunePlan plan = *plan_prune(mock::Store{}, mock::Containers{{"", ""}}, all);
    CHECK(doubts(plan) ==
          Doubts{"unmatched_container 0 blocks: container 0 names no image: give the ID that its runtime "
                 "reports, or what its user typed"});
}

TEST_CASE("space tells freed bytes from kept ones and counts kept ones that deleted images share") {
    CHECK_TWICE(
        space({with("a", "kept", {{"base", 100}, {"own", 7}}), with("b", "deleted", {{"base", 100}, {"other", 20}}),
               with("c", "also deleted", {{"other", 20}, {"third", 3}})}) == SpaceEstimate{23, 100, 107, 0});
    CHECK_TWICE(space({}) == SpaceEstimate{});
}

TEST_CASE("space is zero for a store that does not tell blobs") {
    CHECK(planned({{"a", "1"}}).space() == SpaceEstimate{});
}

TEST_CASE("space counts nothing as freed for an image that keeps a name") {
    CHECK_TWICE(space({with("a:1", "kept", {{"x", 10}}), with("a:2", "kept", {{"x", 10}})}) ==
                SpaceEstimate{0, 0, 10, 0});
}

TEST_CASE("space saturates its sums") {
    CHECK_TWICE(space({with("a", "kept", {{"p", most}, {"q", 1}}),
                       with("b", "deleted", {{"r", most}, {"s", most}, {"p", most}, {"q", 1}})}) ==
                SpaceEstimate{most, most, most, 0});
}

TEST_CASE("space counts a blob that is listed with two sizes as inconsistent and in no sum") {
    CHECK_TWICE(space({with("a", "deleted", {{"x", 10}, {"y", 1}}), with("b", "also deleted", {{"x", 11}})}) ==
                SpaceEstimate{1, 0, 0, 1});
}

TEST_CASE("space counts blobs that the store creates when they are read and takes a negative size as 0") {
    CHECK(space_of(BlobsByValue{{"a", "b", "c"}}) == SpaceEstimate{130, 0, 0, 0});
    CHECK(space_of(BlobsCreatedAsRead{{{"a", "b", "c"}}}) == SpaceEstimate{100, 0, 0, 0});
}

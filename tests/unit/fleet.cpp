// SPDX-License-Identifier: BSL-1.0
#include "../support/check.hpp"
#include "../support/mock.hpp"

#include <pruneplan/fleet.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <initializer_list>
#include <iterator>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace {

using pruneplan::shard_of;
using pruneplan::summarize_usage;
using pruneplan::UsageSummary;
using Use = UsageSummary::Use;

static_assert(pruneplan::ContainerView<Use>);
static_assert(pruneplan::knows_mounted_images<Use>);

struct Mounting {
    std::string_view id, ref;
    std::vector<std::string_view> mounted{};

    constexpr std::string_view image_id() const { return id; }
    constexpr std::string_view image_ref() const { return ref; }
    constexpr const std::vector<std::string_view>& mounted_image_ids() const { return mounted; }
};

constexpr std::string_view digits = "5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03";
constexpr std::string_view digest = "sha256:5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03";

constexpr bool holds(const UsageSummary& summary, std::initializer_list<Use> uses) {
    return std::equal(summary.begin(), summary.end(), uses.begin(), uses.end()) && summary.size() == uses.size() &&
           summary.empty() == (uses.size() == 0);
}

constexpr bool adds_each_use_once() {
    UsageSummary summary;
    if (!holds(summary, {})) return false;
    summary.add(mock::Container{digest, "alpine"});
    summary.add(mock::Container{digest, "alpine"});
    summary.add(mock::Container{digest, digest});
    summary.add(mock::Container{digest, "alpine:latest"});
    summary.add(mock::Container{"", ""});
    summary.add(mock::Container{digest, digest});
    return holds(summary, {{digest, "alpine"}, {digest, digest}, {digest, "alpine:latest"}, {"", ""}});
}

constexpr bool makes_a_use_of_each_mounted_image() {
    UsageSummary summary;
    summary.add(Mounting{"a", "b", {"c", "d"}});
    summary.add(Mounting{"a", "b", {"d", "c", "c"}});
    summary.add(Mounting{"a", "b", {}});
    summary.add(Mounting{"a", "b", {""}});
    return holds(summary, {{"a", "b", "c"}, {"a", "b", "d"}, {"a", "b"}, {"a", "b", ""}});
}

constexpr bool merges_to_equal_summaries_in_any_order() {
    const UsageSummary a = summarize_usage(mock::Containers{{"1", "x"}, {"2", "y"}});
    const UsageSummary b = summarize_usage(std::vector<Mounting>{{"2", "y"}, {"3", "z", {"1"}}});
    UsageSummary ab = a, ba = b;
    ab.merge(b);
    ba.merge(a);
    if (ab != ba || ab.size() != 3 || ab == a || a == b) return false;
    ab.merge(b);
    ab.merge(ab);
    return ab == ba && summarize_usage(ab) == ab;
}

constexpr bool is_a_value() {
    UsageSummary summary = summarize_usage(mock::Containers{{"1", "x"}, {"2", "y"}});
    UsageSummary copy = summary, moved = std::move(summary);
    if (!summary.empty() || moved != copy) return false;
    summary.add(mock::Container{"3", "z"});
    if (!holds(summary, {{"3", "z"}})) return false;
    copy = summary;
    summary = std::move(moved);
    return moved.empty() && holds(copy, {{"3", "z"}}) && holds(summary, {{"1", "x"}, {"2", "y"}});
}

/// Makes its texts when it is asked.
struct Row {
    std::string id;
    std::string image_id() const { return "sha256:" + id; }
    std::string image_ref() const { return "library/" + id; }
};

/// Rows of the words of a stream.
struct Rows {
    struct Iterator {
        using iterator_concept = std::input_iterator_tag;
        using value_type = Row;
        using difference_type = std::ptrdiff_t;
        std::istream_iterator<std::string> at;
        Row operator*() const { return {*at}; }
        Iterator& operator++() { return ++at, *this; }
        void operator++(int) { ++at; }
        bool operator==(const Iterator& other) const { return at == other.at; }
    };

    std::istringstream& from;
    Iterator begin() { return {std::istream_iterator<std::string>(from)}; }
    Iterator end() { return {std::istream_iterator<std::string>()}; }
};

}  // namespace

TEST_CASE("a summary of usage has each use once, in the order in which they were added first") {
    CHECK_TWICE(adds_each_use_once());
}

TEST_CASE("a container that mounts images has a use for each of them") {
    CHECK_TWICE(makes_a_use_of_each_mounted_image());
}

TEST_CASE("merged in any order and any number of times, summaries of usage are equal") {
    CHECK_TWICE(merges_to_equal_summaries_in_any_order());
}

TEST_CASE("a summary of usage can be copied and moved, and is empty after a move") { CHECK_TWICE(is_a_value()); }

TEST_CASE("a summary of usage owns its texts, and keeps them as it grows") {
    UsageSummary summary;
    for (int round = 0; round < 2; ++round) {
        for (int i = 0; i < 5000; ++i) {
            const std::string id = "an ID too long to be stored in place " + std::to_string(i), ref = std::to_string(i);
            summary.add(mock::Container{id, ref});
        }
    }
    REQUIRE(summary.size() == 5000);
    int number = 0;
    for (const Use& use : summary) {
        REQUIRE(use.image_ref() == std::to_string(number));
        REQUIRE(use.image_id() == "an ID too long to be stored in place " + std::to_string(number));
        REQUIRE(use.mounted_image_ids().empty());
        ++number;
    }
}

TEST_CASE("a summary of usage tells uses of one image apart by their references and by what they mount") {
    UsageSummary summary;
    for (int round = 0; round < 2; ++round) {
        for (int i = 0; i < 2000; ++i) {
            const std::string text = std::to_string(i);
            summary.add(mock::Container{digest, text});
            summary.add(Mounting{digest, "app", {text}});
            summary.add(mock::Container{text, "app"});
        }
    }
    CHECK(summary.size() == 6000);
}

TEST_CASE("a summary of usage is made of containers that are read once, with texts made as they are read") {
    std::istringstream words("a b a");
    const UsageSummary summary = summarize_usage(Rows{words});
    CHECK(holds(summary, {{"sha256:a", "library/a"}, {"sha256:b", "library/b"}}));
}

TEST_CASE("a plan that is made with a summary of usage decides as one that is made with the containers") {
    const mock::Store store{{{"docker.io/library/alpine:latest", "sha256:1"},
                             {"docker.io/library/alpine:3", "sha256:1"},
                             {"docker.io/library/busybox:latest", "sha256:2"},
                             {"docker.io/library/redis:7", "sha256:3"}}};
    const auto index = mock::Index::build(store);
    const std::vector<Mounting> containers{
        {"sha256:1", "1"}, {"sha256:1", "1"}, {"sha256:2", "busybox", {"sha256:3"}}, {"sha256:4", "gone"}};
    const auto plan = plan_prune(*index, containers, {.scope = pruneplan::Scope::unused});
    const auto summary = summarize_usage(containers);
    const auto same = plan_prune(*index, summary, {.scope = pruneplan::Scope::unused});
    CHECK(mock::deleted(plan) == std::vector<std::string_view>{"docker.io/library/alpine:3"});
    for (std::size_t id = 0; id < index->size(); ++id)
        CHECK(plan.decisions()[id].reason == same.decisions()[id].reason);
    REQUIRE(same.unmatched_containers().size() == 1);
    CHECK(summary.begin()[same.unmatched_containers()[0]].image_ref() == "gone");
}

TEST_CASE("the shard of a target is the same in every release") {
    CHECK_TWICE(shard_of(digest, 1) == 0);
    CHECK_TWICE(shard_of(digest, 64) == 29);
    CHECK_TWICE(shard_of(digest, 1'000'000) == 86301);
    CHECK_TWICE(shard_of("", 1'000'000) == 80'641);
    CHECK_TWICE(shard_of("sha512:ab", 1'000'000) == 816'006);
}

TEST_CASE("a target without its algorithm has the shard of the same digits with it") {
    CHECK_TWICE(shard_of(digits, 1'000'003) == shard_of(digest, 1'000'003));
}

TEST_CASE("shards of many targets have about as many targets each") {
    std::array<int, 7> counts{};
    for (int i = 0; i < 70'000; ++i) ++counts[shard_of("sha256:" + std::to_string(i), counts.size())];
    for (const int count : counts) {
        CHECK(count > 9'500);
        CHECK(count < 10'500);
    }
}

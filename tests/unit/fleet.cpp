// SPDX-License-Identifier: BSL-1.0

// Tests summaries of usage, which nodes send to a planner, and the shards of targets.

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
static_assert(pruneplan::knows_mounted_image_ids<Use>);

struct MountingContainer {
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

constexpr bool adds_a_use_for_each_mounted_image() {
    UsageSummary summary;
    summary.add(MountingContainer{"a", "b", {"c", "d"}});
    summary.add(MountingContainer{"a", "b", {"d", "c", "c"}});
    summary.add(MountingContainer{"a", "b", {}});
    summary.add(MountingContainer{"a", "b", {""}});
    return holds(summary, {{"a", "b", "c"}, {"a", "b", "d"}, {"a", "b"}, {"a", "b", ""}});
}

constexpr bool merges_to_equal_summaries_in_any_order() {
    const UsageSummary a = summarize_usage(mock::Containers{{"1", "x"}, {"2", "y"}});
    const UsageSummary b = summarize_usage(std::vector<MountingContainer>{{"2", "y"}, {"3", "z", {"1"}}});
    UsageSummary ab = a, ba = b;
    ab.merge(b);
    ba.merge(a);
    if (ab != ba || ab.size() != 3 || ab == a || a == b) return false;
    ab.merge(b);
    ab.merge(ab);
    return ab == ba && summarize_usage(ab) == ab;
}

constexpr bool is_copied_and_moved() {
    UsageSummary summary = summarize_usage(mock::Containers{{"1", "x"}, {"2", "y"}});
    UsageSummary copy = summary, moved = std::move(summary);
    if (!summary.empty() || moved != copy) return false;
    summary.add(mock::Container{"3", "z"});
    if (!holds(summary, {{"3", "z"}})) return false;
    copy = summary;
    summary = std::move(moved);
    return moved.empty() && holds(copy, {{"3", "z"}}) && holds(summary, {{"1", "x"}, {"2", "y"}});
}

/// A container that returns its texts by value.
struct Row {
    std::string id;
    std::string image_id() const { return "sha256:" + id; }
    std::string image_ref() const { return "library/" + id; }
};

/// An input range with one container for each word of a stream.
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

TEST_CASE("a usage summary has each use once in the order of their first additions") {
    CHECK_TWICE(adds_each_use_once());
}

TEST_CASE("a container that mounts images adds one use for each of them") {
    CHECK_TWICE(adds_a_use_for_each_mounted_image());
}

TEST_CASE("usage summaries that are merged in any order and any number of times are equal") {
    CHECK_TWICE(merges_to_equal_summaries_in_any_order());
}

TEST_CASE("a usage summary can be copied and moved and is empty after a move") { CHECK_TWICE(is_copied_and_moved()); }

TEST_CASE("a usage summary owns its texts and they stay valid as it grows") {
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

TEST_CASE("uses of one image are distinct if their references or mounts differ") {
    UsageSummary summary;
    for (int round = 0; round < 2; ++round) {
        for (int i = 0; i < 2000; ++i) {
            const std::string text = std::to_string(i);
            summary.add(mock::Container{digest, text});
            summary.add(MountingContainer{digest, "app", {text}});
            summary.add(mock::Container{text, "app"});
        }
    }
    CHECK(summary.size() == 6000);
}

TEST_CASE("a usage summary can be made of an input range whose containers return texts by value") {
    std::istringstream words("a b a");
    const UsageSummary summary = summarize_usage(Rows{words});
    CHECK(holds(summary, {{"sha256:a", "library/a"}, {"sha256:b", "library/b"}}));
}

TEST_CASE("a plan made with a usage summary decides as one made with the containers") {
    const mock::Store store{{{"docker.io/library/alpine:latest", "sha256:1"},
                             {"docker.io/library/alpine:3", "sha256:1"},
                             {"docker.io/library/busybox:latest", "sha256:2"},
                             {"docker.io/library/redis:7", "sha256:3"}}};
    const std::vector<MountingContainer> containers{
        {"sha256:1", "1"}, {"sha256:1", "1"}, {"sha256:2", "busybox", {"sha256:3"}}, {"sha256:4", "missing"}};
    const pruneplan::PruneOptions options{.scope = pruneplan::Scope::unused};
    const auto plan = *plan_prune(store, containers, options);
    const auto summary = summarize_usage(containers);
    const auto same = *plan_prune(store, summary, options);
    CHECK(mock::deleted(plan) == std::vector<std::string_view>{"docker.io/library/alpine:3"});
    for (std::size_t id = 0; id < plan.size(); ++id) CHECK(plan[id].reason == same[id].reason);
    REQUIRE(same.doubts().size() == 1);
    CHECK(std::next(summary.begin(), static_cast<std::ptrdiff_t>(same.doubts()[0].number))->image_ref() == "missing");
}

TEST_CASE("the shard of a target is the same in every release") {
    CHECK_TWICE(shard_of(digest, 1) == 0);
    CHECK_TWICE(shard_of(digest, 64) == 29);
    CHECK_TWICE(shard_of(digest, 1'000'000) == 86301);
    CHECK_TWICE(shard_of("", 1'000'000) == 80'641);
    CHECK_TWICE(shard_of("sha512:ab", 1'000'000) == 816'006);
}

TEST_CASE("a digest without its algorithm is in the same shard as with sha256") {
    CHECK_TWICE(shard_of(digits, 1'000'003) == shard_of(digest, 1'000'003));
}

TEST_CASE("targets are spread evenly over shards") {
    std::array<int, 7> counts{};
    for (int i = 0; i < 70'000; ++i) ++counts[shard_of("sha256:" + std::to_string(i), counts.size())];
    for (const int count : counts) {
        CHECK(count > 9'500);
        CHECK(count < 10'500);
    }
}

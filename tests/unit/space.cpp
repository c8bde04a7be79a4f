// SPDX-License-Identifier: BSL-1.0
#include "../support/check.hpp"
#include "../support/mock.hpp"

#include <pruneplan/plan_prune.hpp>
#include <pruneplan/space.hpp>

#include <cstdint>
#include <limits>
#include <list>
#include <string>
#include <string_view>
#include <vector>

namespace {

using mock::FullRecord;
using pruneplan::Blob;
using pruneplan::SpaceEstimate;

constexpr FullRecord with(std::string_view name, std::string_view target, std::vector<Blob> blobs) {
    return {.name = name, .digest = target, .blobs = blobs};
}

/// What goes is everything but what the container runs.
constexpr SpaceEstimate space(const std::vector<FullRecord>& records) {
    const mock::FullStore store{records};
    const auto index = mock::FullIndex::build(store);
    const auto plan = plan_prune(*index, mock::Containers{{"kept", "x"}},
                                 {.scope = pruneplan::Scope::unused, .usage = pruneplan::usage_rules::strict});
    return estimate_space(plan, *index);
}

constexpr auto most = std::numeric_limits<std::uint64_t>::max();

/// A store that makes its blobs, digests and all, as it is asked.
struct MakesBlobs {
    struct Made {
        std::string digest;
        long size;
    };
    std::vector<std::string> names;
    const std::vector<std::string>& images() const { return names; }
    static std::string_view name(const std::string& name) { return name; }
    static std::string_view target(const std::string& name) { return name; }
    static std::list<Made> blobs(const std::string& name) {
        return {{"a digest that is too long for the small string buffer", 100}, {"of its own, and long enough, too: " + name, 10}};
    }
};

/// The same from a list that stands, of blobs that are made as it is read.
struct MakesBlobsOneByOne : MakesBlobs {
    struct List {
        std::string digests[2];
        Made operator[](std::size_t i) const { return {digests[i], i == 0 ? 100 : -1}; }
        pruneplan::detail::IndexIterator<List> begin() const { return {*this, 0}; }
        pruneplan::detail::IndexIterator<List> end() const { return {*this, 2}; }
    };
    List list{{"a digest that is too long for the small string buffer", "another one, of a size that nobody knows"}};
    const List& blobs(const std::string&) const { return list; }
};

/// A store that has more blobs each time that it is asked.
struct Grows : MakesBlobs {
    mutable int asked = 0;
    std::list<Made> blobs(const std::string&) const {
        std::list<Made> all;
        for (++asked; all.size() < static_cast<std::size_t>(asked * asked);) all.push_back({std::to_string(all.size()), 1});
        return all;
    }
};

}  // namespace

TEST_CASE("what is freed, what is shared and what stays") {
    CHECK_TWICE(space({with("a", "kept", {{"base", 100}, {"own", 7}}), with("b", "gone", {{"base", 100}, {"other", 20}}),
                       with("c", "also gone", {{"other", 20}, {"third", 3}})}) == SpaceEstimate{23, 100, 107, 0});
    CHECK_TWICE(space({}) == SpaceEstimate{});
}

TEST_CASE("an image frees nothing as long as a name of it stays") {
    CHECK_TWICE(space({with("a:1", "kept", {{"x", 10}}), with("a:2", "kept", {{"x", 10}})}) == SpaceEstimate{0, 0, 10, 0});
}

TEST_CASE("sums saturate, and never wrap") {
    CHECK_TWICE(space({with("a", "kept", {{"p", most}, {"q", 1}}), with("b", "gone", {{"r", most}, {"s", most}, {"p", most}, {"q", 1}})}) ==
                SpaceEstimate{most, most, most, 0});
}

TEST_CASE("a blob of two sizes is reported, and in no sum") {
    CHECK_TWICE(space({with("a", "gone", {{"x", 10}, {"y", 1}}), with("b", "also gone", {{"x", 11}})}) ==
                SpaceEstimate{1, 0, 0, 1});
}

TEST_CASE("blobs that are made as they are asked for are counted, too") {
    const MakesBlobs store{{"a", "b", "c"}};
    const auto index = pruneplan::ImageIndex<MakesBlobs>::build(store);
    const auto plan = plan_prune(*index, mock::Containers{}, {.scope = pruneplan::Scope::unused});
    CHECK(estimate_space(plan, *index) == SpaceEstimate{130, 0, 0, 0});
}

TEST_CASE("a list can stand whose blobs are made as it is read, and a size that is not known frees nothing") {
    const MakesBlobsOneByOne store{{{"a", "b", "c"}}};
    const auto index = pruneplan::ImageIndex<MakesBlobsOneByOne>::build(store);
    const auto plan = plan_prune(*index, mock::Containers{}, {.scope = pruneplan::Scope::unused});
    CHECK(estimate_space(plan, *index) == SpaceEstimate{100, 0, 0, 0});
}

TEST_CASE("blobs that a store has only when it is asked again are not all counted, and do no harm") {
    const Grows store{{{"a", "b"}}};
    const auto index = pruneplan::ImageIndex<Grows>::build(store);
    const auto plan = plan_prune(*index, mock::Containers{}, {.scope = pruneplan::Scope::unused});
    // 1 and 4 at first: there is room for 5 of those that come.
    CHECK(estimate_space(plan, *index) == SpaceEstimate{5, 0, 0, 0});
}

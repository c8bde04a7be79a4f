// SPDX-License-Identifier: BSL-1.0

// Tests `estimate_space`: the bytes that a plan frees, shares and keeps, and stores that create blobs when read.

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

/// Returns the estimate of a plan that deletes all images but the target "kept".
constexpr SpaceEstimate space(const std::vector<FullRecord>& records) {
    const mock::FullStore store{records};
    const auto index = mock::FullIndex::build(store);
    const auto plan = plan_prune(*index, mock::Containers{{"kept", "x"}},
                                 {.scope = pruneplan::Scope::unused, .usage = pruneplan::usage_rules::strict});
    return estimate_space(plan, *index);
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

/// A store that has more blobs at each call.
struct GrowingBlobs : BlobsByValue {
    mutable int calls = 0;
    std::list<OwnedBlob> blobs(const std::string&) const {
        std::list<OwnedBlob> all;
        for (++calls; all.size() < static_cast<std::size_t>(calls * calls);)
            all.push_back({std::to_string(all.size()), 1});
        return all;
    }
};

}  // namespace

TEST_CASE("estimate_space tells freed bytes from kept ones and counts kept ones that deleted images share") {
    CHECK_TWICE(
        space({with("a", "kept", {{"base", 100}, {"own", 7}}), with("b", "deleted", {{"base", 100}, {"other", 20}}),
               with("c", "also deleted", {{"other", 20}, {"third", 3}})}) == SpaceEstimate{23, 100, 107, 0});
    CHECK_TWICE(space({}) == SpaceEstimate{});
}

TEST_CASE("estimate_space counts nothing as freed for an image that keeps a name") {
    CHECK_TWICE(space({with("a:1", "kept", {{"x", 10}}), with("a:2", "kept", {{"x", 10}})}) ==
                SpaceEstimate{0, 0, 10, 0});
}

TEST_CASE("estimate_space saturates its sums") {
    CHECK_TWICE(space({with("a", "kept", {{"p", most}, {"q", 1}}),
                       with("b", "deleted", {{"r", most}, {"s", most}, {"p", most}, {"q", 1}})}) ==
                SpaceEstimate{most, most, most, 0});
}

TEST_CASE("estimate_space counts a blob that is listed with two sizes as inconsistent and in no sum") {
    CHECK_TWICE(space({with("a", "deleted", {{"x", 10}, {"y", 1}}), with("b", "also deleted", {{"x", 11}})}) ==
                SpaceEstimate{1, 0, 0, 1});
}

TEST_CASE("estimate_space counts blobs that the store returns by value") {
    const BlobsByValue store{{"a", "b", "c"}};
    const auto index = pruneplan::ImageIndex<BlobsByValue>::build(store);
    const auto plan = plan_prune(*index, mock::Containers{}, {.scope = pruneplan::Scope::unused});
    CHECK(estimate_space(plan, *index) == SpaceEstimate{130, 0, 0, 0});
}

TEST_CASE("estimate_space reads a lent list that creates its blobs when read and takes a negative size as 0") {
    const BlobsCreatedAsRead store{{{"a", "b", "c"}}};
    const auto index = pruneplan::ImageIndex<BlobsCreatedAsRead>::build(store);
    const auto plan = plan_prune(*index, mock::Containers{}, {.scope = pruneplan::Scope::unused});
    CHECK(estimate_space(plan, *index) == SpaceEstimate{100, 0, 0, 0});
}

TEST_CASE("estimate_space counts no more blobs than the store listed in the first pass") {
    const GrowingBlobs store{{{"a", "b"}}};
    const auto index = pruneplan::ImageIndex<GrowingBlobs>::build(store);
    const auto plan = plan_prune(*index, mock::Containers{}, {.scope = pruneplan::Scope::unused});
    // The first pass sees 1 + 4 blobs: that is the room for the second.
    CHECK(estimate_space(plan, *index) == SpaceEstimate{5, 0, 0, 0});
}

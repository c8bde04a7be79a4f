// SPDX-License-Identifier: BSL-1.0

// Tests the blobs that images list, and what their images free.

#include "../../../support/check.hpp"

#include <pruneplan/detail/index/blobs.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <random>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace {

using pruneplan::detail::BlobCollector;
using pruneplan::detail::BlobCounts;
using pruneplan::detail::Blobs;
using pruneplan::detail::HashKey;
using pruneplan::detail::saturating_sum;

struct Listed {
    std::string_view digest;
    std::uint64_t size;
};
using Images = std::vector<std::vector<Listed>>;

constexpr Blobs collected(const Images& images) {
    BlobCollector collector(images.size(), HashKey());
    for (const std::vector<Listed>& image : images) {
        collector.begin_record();
        for (const Listed& blob : image) collector.add(blob.digest, blob.size);
    }
    return collector.finish();
}

constexpr bool lists(const Images& images, std::size_t image, const std::vector<std::uint32_t>& expected) {
    const Blobs blobs = collected(images);
    const auto list = blobs.of(image);
    return std::equal(list.begin(), list.end(), expected.begin(), expected.end());
}

/// Tells whether the blobs that were collected have these sizes; 0 stands for one that is listed with several.
constexpr bool has_sizes(const Images& images, const std::vector<std::uint64_t>& expected) {
    const Blobs blobs = collected(images);
    if (blobs.blobs.size() != expected.size() || blobs.known() == images.empty()) return false;
    for (std::size_t i = 0; i < expected.size(); ++i)
        if (blobs.blobs[i].consistent != (expected[i] != 0) || (expected[i] != 0 && blobs.blobs[i].size != expected[i]))
            return false;
    return true;
}

/// Tells what images free when they are released in this order.
constexpr std::vector<std::uint64_t> freed(const Images& images, const std::vector<std::size_t>& order) {
    const Blobs blobs = collected(images);
    BlobCounts counts(blobs, [](std::size_t) { return true; });
    std::vector<std::uint64_t> out;
    for (const std::size_t image : order) out.push_back(counts.release(image));
    return out;
}

constexpr std::uint64_t most = UINT64_MAX;

}  // namespace

TEST_CASE("a sum that would overflow is the greatest number") {
    CHECK_TWICE(saturating_sum(1, 2) == 3);
    CHECK_TWICE(saturating_sum(most, 0) == most);
    CHECK_TWICE(saturating_sum(most, 1) == most);
    CHECK_TWICE(saturating_sum(1, most) == most);
    CHECK_TWICE(saturating_sum(most - 1, 1) == most);
    CHECK_TWICE(saturating_sum(most, most) == most);
}

TEST_CASE("a blob that images share is one blob that each of them lists") {
    constexpr auto images = [] { return Images{{{"base", 5}, {"x", 1}}, {}, {{"y", 2}, {"base", 5}}, {{"base", 5}}}; };
    CHECK_TWICE(has_sizes(images(), {5, 1, 2}));
    CHECK_TWICE(lists(images(), 0, {0, 1}));
    CHECK_TWICE(lists(images(), 1, {}));
    CHECK_TWICE(lists(images(), 2, {2, 0}));
    CHECK_TWICE(lists(images(), 3, {0}));
}

TEST_CASE("a blob that an image lists twice is listed once also with another blob between") {
    CHECK_TWICE(lists({{{"x", 1}, {"x", 1}}, {{"x", 1}, {"y", 2}, {"x", 1}}}, 0, {0}));
    CHECK_TWICE(lists({{{"x", 1}, {"x", 1}}, {{"x", 1}, {"y", 2}, {"x", 1}}}, 1, {0, 1}));
    CHECK_TWICE(has_sizes({{{"x", 1}, {"x", 1}}, {{"x", 1}, {"y", 2}, {"x", 1}}}, {1, 2}));
}

TEST_CASE("a blob that is listed with several sizes is not consistent and has the smallest") {
    CHECK_TWICE(has_sizes({{{"x", 7}}, {{"y", 2}, {"x", 6}}, {{"x", 9}}}, {0, 2}));
    CHECK_TWICE(has_sizes({{{"x", 7}, {"x", 6}}}, {0}));
    CHECK_TWICE(collected({{{"x", 7}}, {{"x", 6}}, {{"x", 9}}}).blobs[0].size == 6);
    CHECK_TWICE(collected({{{"x", 7}}, {{"x", 7}}}).blobs[0].consistent);
    CHECK_TWICE(freed({{{"x", 7}}, {{"x", 6}}}, {0, 1}) == std::vector<std::uint64_t>{0, 6});
}

TEST_CASE("sizes are known as soon as one blob has one") {
    CHECK_TWICE(!collected({}).known());
    CHECK_TWICE(!Blobs().known());
    CHECK_TWICE(Blobs().of(3).empty());
    CHECK_TWICE(!collected({{}, {}}).known());
    CHECK_TWICE(!collected({{{"x", 0}}, {{"y", 0}, {"y", 3}}}).known());
    CHECK_TWICE(lists({{{"x", 0}}, {}}, 0, {}));
    CHECK_TWICE(collected({{}, {{"x", 1}}}).known());
    CHECK_TWICE(lists({{}, {{"x", 1}}}, 1, {0}));
}

TEST_CASE("the last image that has a blob frees it") {
    constexpr auto images = [] { return Images{{{"base", 5}, {"x", 1}}, {}, {{"y", 2}, {"base", 5}}}; };
    CHECK_TWICE(freed(images(), {0, 1, 2}) == std::vector<std::uint64_t>{1, 0, 7});
    CHECK_TWICE(freed(images(), {2, 0, 1}) == std::vector<std::uint64_t>{2, 6, 0});
    CHECK_TWICE(freed({{{"x", most}, {"y", most}}}, {0}) == std::vector<std::uint64_t>{most});
    CHECK_TWICE(freed({{{"x", 0}}}, {0}) == std::vector<std::uint64_t>{0});
}

TEST_CASE("counts can be restricted to some images") {
    const Blobs blobs = collected({{{"base", 5}, {"x", 1}}, {{"base", 5}}, {{"y", 2}, {"base", 5}}});
    BlobCounts counts(blobs, [](std::size_t image) { return image != 1; });
    CHECK(counts[0] == 2);
    CHECK(counts[1] == 1);
    CHECK(counts.release(0) == 1);
    CHECK(counts.release(2) == 7);
    CHECK(counts[0] == 0);
}

TEST_CASE("digests are copied as they are listed") {
    std::string digest = "sha256:1";
    BlobCollector collector(2, HashKey());
    collector.begin_record();
    collector.add(digest, 1);
    digest = "sha256:2";
    collector.add(digest, 2);
    collector.begin_record();
    digest = "sha256:1";
    collector.add(digest, 1);
    digest = "gone";
    const Blobs blobs = collector.finish();
    CHECK(blobs.blobs.size() == 2);
    REQUIRE(blobs.of(1).size() == 1);
    CHECK(blobs.of(1)[0] == blobs.of(0)[0]);
}

TEST_CASE("many blobs in lists that span batches are those that a plain map collects") {
    const unsigned seed = 7;
    INFO("seed " << seed);
    std::mt19937 random(seed);
    for (const std::size_t different : {std::size_t{3}, std::size_t{100}, std::size_t{40'000}}) {
        std::vector<std::string> digests;
        for (std::size_t i = 0; i < different; ++i)
            digests.push_back("sha256:" + std::to_string(i) + std::string(i % 100 == 0 ? 500 : i % 3, 'f'));
        Images images;
        for (std::size_t i = 0; i < 700; ++i) {
            images.emplace_back();
            for (std::size_t left = random() % 4 == 0 ? 0 : random() % 200; left > 0; --left) {
                const std::size_t at = random() % different;
                images.back().push_back({digests[at], random() % 1000 == 0 ? 1 : at + 2});
            }
        }
        std::map<std::string_view, std::set<std::uint64_t>> sizes;
        std::map<std::string_view, std::uint32_t> images_with;
        std::vector<std::set<std::string_view>> expected;
        for (const auto& image : images) {
            expected.emplace_back();
            for (const Listed& blob : image) {
                sizes[blob.digest].insert(blob.size);
                if (expected.back().insert(blob.digest).second) ++images_with[blob.digest];
            }
        }
        const Blobs blobs = collected(images);
        REQUIRE(blobs.blobs.size() == sizes.size());
        std::map<std::uint32_t, std::string_view> digest_of;
        for (std::size_t i = 0; i < images.size(); ++i) {
            REQUIRE(blobs.of(i).size() == expected[i].size());
            // The list has each blob where the image lists it first.
            std::size_t place = 0;
            std::set<std::string_view> known;
            for (const Listed& blob : images[i]) {
                if (!known.insert(blob.digest).second) continue;
                const std::uint32_t number = blobs.of(i)[place++];
                REQUIRE(digest_of.try_emplace(number, blob.digest).first->second == blob.digest);
            }
        }
        const BlobCounts counts(blobs, [](std::size_t) { return true; });
        for (const auto& [number, digest] : digest_of) {
            REQUIRE(blobs.blobs[number].size == *sizes[digest].begin());
            REQUIRE(blobs.blobs[number].consistent == (sizes[digest].size() == 1));
            REQUIRE(counts[number] == images_with[digest]);
        }
    }
}

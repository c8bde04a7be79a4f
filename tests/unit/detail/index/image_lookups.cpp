// SPDX-License-Identifier: BSL-1.0

// Tests lookups of images by IDs of sha256, whole or truncated.

#include "../../../support/check.hpp"
#include "made_records.hpp"

#include <pruneplan/detail/index/image_lookups.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace {

using pruneplan::detail::ImageLookups;
using pruneplan::detail::Records;
using Found = std::vector<std::uint32_t>;

#define HEX60 "82d1e9d7ed48a7523bdebc18cf6290bdb97b82302a8a9c27d4fe885949ea"

/// Returns the images that are found, in their order, if several lookups find the same.
constexpr Found found(const Records& records, std::string_view id) {
    ImageLookups lookups(records);
    Found first;
    lookups.for_each_image(id, [&](std::uint32_t image) {
        first.push_back(image);
        return true;
    });
    std::size_t again = 0;
    lookups.for_each_image(id, [&](std::uint32_t image) {
        again += image == first[again];
        return true;
    });
    if (again != first.size()) first.push_back(99);
    std::sort(first.begin(), first.end());
    return first;
}

constexpr Records some() {
    return made_records({{"a", "sha256:82d1"},
                         {"b", "sha256:82d2"},
                         {"c", "sha256:0000"},
                         {"d", "sha256:82d1"},
                         {"e", "sha512:ffff"},
                         {"f", "sha256:ffff"},
                         {"g", "82d3"}});
}

constexpr bool has_any(const Records& records, std::uint32_t image, std::string_view id) {
    ImageLookups lookups(records);
    return lookups.has_any(image, lookups.find(id));
}

}  // namespace

TEST_CASE("an image has an ID of a range if one of its own is in it") {
    CHECK_TWICE(has_any(some(), 0, "82d1"));
    CHECK_TWICE(has_any(some(), 1, "sha256:82d"));
    CHECK_TWICE(!has_any(some(), 1, "82d1"));
    CHECK_TWICE(has_any(some(), 2, "0"));
    CHECK_TWICE(!has_any(some(), 2, "8"));
    CHECK_TWICE(!has_any(some(), 4, "f"));
    CHECK_TWICE(has_any(some(), 5, "f"));
}

TEST_CASE("images are found by a whole or truncated ID with or without its algorithm") {
    CHECK_TWICE(found(some(), "sha256:82d1") == Found{0});
    CHECK_TWICE(found(some(), "82d1") == Found{0});
    CHECK_TWICE(found(some(), "82d2") == Found{1});
    CHECK_TWICE(found(some(), "sha256:0") == Found{2});
    CHECK_TWICE(found(some(), "82d") == Found{0, 1});
    CHECK_TWICE(found(some(), "sha256:8") == Found{0, 1});
    CHECK_TWICE(found(some(), "f") == Found{5});
    CHECK_TWICE(found(some(), "00000").empty());
    CHECK_TWICE(found(some(), "g").empty());
    CHECK_TWICE(found(some(), "sha512:ffff").empty());
}

TEST_CASE("images with targets of 64 digits without an algorithm are found next to those with sha256") {
    constexpr auto bare = [](std::string_view id) {
        return found(made_records({{"a", HEX60 "0001"}, {"b", "sha256:" HEX60 "0002"}, {"c", "sha256:" HEX60 "0001"}}),
                     id);
    };
    CHECK_TWICE(bare("sha256:" HEX60) == Found{0, 1, 2});
    CHECK_TWICE(bare(HEX60 "0001") == Found{0, 2});
    CHECK_TWICE(bare("sha256:" HEX60 "0002") == Found{1});
}

TEST_CASE("an empty ID finds no image and neither does any among no records") {
    CHECK_TWICE(found(some(), "").empty());
    CHECK_TWICE(found(some(), "sha256:").empty());
    CHECK_TWICE(found(made_records({}), "0").empty());
}

TEST_CASE("a lookup ends when the caller has seen enough") {
    const Records records = some();
    ImageLookups lookups(records);
    int visits = 0;
    lookups.for_each_image("82d", [&](std::uint32_t) {
        ++visits;
        return false;
    });
    CHECK(visits == 1);
}

TEST_CASE("64 characters without an algorithm are an ID if all are lower-case hex digits") {
    constexpr auto store = [] {
        return made_records({{"a", HEX60 "0000"}, {"b", HEX60 "000G"}, {"c", "82D1" HEX60}, {"d", HEX60 "000A"}});
    };
    CHECK_TWICE(found(store(), "82d1") == Found{0});
    CHECK_TWICE(found(store(), "82D1").empty());
    CHECK_TWICE(found(store(), HEX60 "000").size() == 1);
}

TEST_CASE("in random stores lookups find the images whose targets begin with the ID") {
    const unsigned seed = 6;
    INFO("seed " << seed);
    std::mt19937 random(seed);
    const auto digits = [&](std::size_t most) {
        std::string text;
        for (auto count = random() % (most + 1); count > 0; --count) text += "012"[random() % 3];
        return text;
    };
    std::size_t one = 0, several = 0;
    for (int round = 0; round < 300; ++round) {
        std::vector<std::string> names, targets;
        for (std::size_t i = 0; i < 24; ++i) {
            names.push_back(std::to_string(i));
            targets.push_back((random() % 8 ? "sha256:" : "sha512:") + digits(6));
        }
        std::vector<Named> all;
        for (std::size_t i = 0; i < 24; ++i) all.push_back({names[i], targets[i]});
        const Records records = made_records(all);
        for (int i = 0; i < 60; ++i) {
            const std::string wanted = digits(7), typed = (random() % 4 ? "" : "sha256:") + wanted;
            Found expected;
            for (std::uint32_t image = 0; image < 24; ++image)
                if (!wanted.empty() && records.image(image) == image && targets[image].starts_with("sha256:" + wanted))
                    expected.push_back(image);
            INFO(typed);
            REQUIRE(found(records, typed) == expected);
            one += expected.size() == 1;
            several += expected.size() > 1;
        }
    }
    CHECK(one > 1000);
    CHECK(several > 1000);
}

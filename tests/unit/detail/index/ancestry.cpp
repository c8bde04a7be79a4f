// SPDX-License-Identifier: BSL-1.0

// Tests the depths of images, which order deletions, and circles of images that need each other.

#include "../../../support/check.hpp"
#include "made_records.hpp"

#include <pruneplan/detail/index/ancestry.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace {

using pruneplan::detail::Ancestry;
using pruneplan::detail::Records;
using Depths = std::vector<std::uint32_t>;

struct Link {
    std::string_view target, needed;
};

constexpr std::string_view names[] = {"a", "b", "c", "d", "e", "f"};

/// Returns the depths of records with these targets, each of which needs the second target unless that is missing.
constexpr Depths depths(const std::vector<Link>& links) {
    std::vector<Named> all;
    for (std::size_t i = 0; i < links.size(); ++i) all.push_back({names[i], links[i].target});
    const Records records = made_records(all);
    std::vector<std::pair<std::uint32_t, std::uint32_t>> needs;
    for (const Link& link : links)
        if (records.find_target(link.needed) != pruneplan::detail::no_record)
            needs.emplace_back(records.find_target(link.target), records.find_target(link.needed));
    const Ancestry found = pruneplan::detail::ancestry(records.texts(), made_graph(all.size(), needs));
    return Depths(found.depths.begin(), found.depths.end());
}

std::vector<std::uint32_t> circle(const Ancestry& ancestry, std::uint32_t image) {
    std::vector<std::uint32_t> others;
    ancestry.for_each_in_circle(image, [&](std::uint32_t other) { others.push_back(other); });
    std::sort(others.begin(), others.end());
    return others;
}

/// Returns as many images as are asked for, each with one record.
Records images(const std::vector<std::string>& texts) {
    std::vector<Named> all;
    for (const std::string& text : texts) all.push_back({text, text});
    return made_records(all);
}

std::vector<std::string> numbered(std::size_t count) {
    std::vector<std::string> texts;
    for (std::size_t i = 0; i < count; ++i) texts.push_back(std::to_string(i));
    return texts;
}

}  // namespace

TEST_CASE("an image is one deeper than what it needs in any listing order and a missing image does not count") {
    CHECK_TWICE(depths({{"1", ""}, {"2", "1"}, {"3", "2"}, {"4", "1"}}) == Depths{0, 1, 2, 1});
    CHECK_TWICE(depths({{"3", "2"}, {"4", "1"}, {"2", "1"}, {"1", ""}}) == Depths{2, 1, 1, 0});
    CHECK_TWICE(depths({{"1", "missing"}, {"2", "1"}}) == Depths{0, 1});
}

TEST_CASE("without needs there are no depths") {
    CHECK_TWICE(depths({{"1", ""}, {"2", ""}}).empty());
    CHECK_TWICE(depths({}).empty());
}

TEST_CASE("all records of an image have the same depth") {
    CHECK_TWICE(depths({{"2", "1"}, {"1", ""}, {"2", "1"}, {"3", "2"}, {"2", "1"}}) == Depths{1, 0, 1, 2, 1});
}

TEST_CASE("images in a circle have depth 0 and what needs them counts from there") {
    CHECK_TWICE(depths({{"1", "1"}}) == Depths{0});
    CHECK_TWICE(depths({{"1", "2"}, {"2", "3"}, {"3", "1"}}) == Depths{0, 0, 0});
    CHECK_TWICE(depths({{"5", "4"}, {"4", "1"}, {"1", "2"}, {"2", "1"}, {"6", "2"}}) == Depths{2, 1, 0, 0, 1});
    CHECK_TWICE(depths({{"1", "2"}, {"2", "1"}, {"4", "1"}, {"5", "4"}}) == Depths{0, 0, 1, 2});
}

TEST_CASE("an image that needs several others is deeper than each of them in any listing order") {
    CHECK_TWICE(depths({{"3", "1"}, {"3", "2"}, {"2", "1"}, {"1", ""}}) == Depths{2, 2, 1, 0});
    CHECK_TWICE(depths({{"3", "2"}, {"3", "1"}, {"2", "1"}, {"1", ""}}) == Depths{2, 2, 1, 0});
    CHECK_TWICE(depths({{"3", ""}, {"3", "2"}, {"2", "1"}, {"1", ""}}) == Depths{2, 2, 1, 0});
}

TEST_CASE("all images of a circle have one depth which is greater than that of what they need outside") {
    CHECK_TWICE(depths({{"1", "2"}, {"2", "1"}, {"2", "3"}, {"3", ""}, {"4", "1"}}) == Depths{1, 1, 1, 0, 2});
    CHECK_TWICE(depths({{"1", "2"}, {"1", "3"}, {"2", "1"}, {"3", "1"}}) == Depths{0, 0, 0, 0});
    CHECK_TWICE(depths({{"1", "2"}, {"2", "1"}, {"3", "4"}, {"4", "3"}, {"3", "1"}}) == Depths{0, 0, 1, 1, 1});
}

TEST_CASE("each image of a circle lists the others and an image outside lists none") {
    const auto texts = numbered(5);
    const Records records = images(texts);
    const Ancestry found =
        pruneplan::detail::ancestry(records.texts(), made_graph(5, {{0, 1}, {1, 2}, {2, 0}, {3, 0}, {4, 4}}));
    CHECK(circle(found, 0) == std::vector<std::uint32_t>{1, 2});
    CHECK(circle(found, 1) == std::vector<std::uint32_t>{0, 2});
    CHECK(circle(found, 2) == std::vector<std::uint32_t>{0, 1});
    CHECK(circle(found, 3).empty());
    CHECK(circle(found, 4).empty());
    const auto circles = found.circles();
    CHECK(std::vector<std::uint32_t>(circles.begin(), circles.end()) == std::vector<std::uint32_t>{0, 0, 0, 3, 4});
    CHECK_TWICE(Ancestry().circles().size() == 0);
}

TEST_CASE("in random graphs circles are the images that reach each other and depths count the longest path") {
    const unsigned seed = 21;
    INFO("seed " << seed);
    std::mt19937 random(seed);
    const auto texts = numbered(9);
    const Records records = images(texts);
    int circles = 0;
    for (int round = 0; round < 2000; ++round) {
        std::vector<std::pair<std::uint32_t, std::uint32_t>> links;
        bool reaches[9][9] = {};
        for (std::size_t left = 1 + random() % 18; left > 0; --left) {
            links.emplace_back(random() % 9, random() % 9);
            reaches[links.back().first][links.back().second] = true;
        }
        for (std::size_t through = 0; through < 9; ++through)
            for (std::size_t a = 0; a < 9; ++a)
                for (std::size_t b = 0; b < 9; ++b)
                    reaches[a][b] = reaches[a][b] || (reaches[a][through] && reaches[through][b]);
        const Ancestry found = pruneplan::detail::ancestry(records.texts(), made_graph(9, links));
        // The longest path that passes each circle once: one step more than that of any image that is needed outside.
        std::vector<std::uint32_t> longest(9, 0);
        for (std::size_t step = 0; step < 9; ++step)
            for (std::size_t a = 0; a < 9; ++a)
                for (std::size_t b = 0; b < 9; ++b)
                    if (reaches[a][b]) longest[a] = std::max(longest[a], longest[b] + !reaches[b][a]);
        for (std::uint32_t image = 0; image < 9; ++image) {
            INFO("round " << round << " image " << image);
            REQUIRE(found.depths[image] == longest[image]);
            std::vector<std::uint32_t> others;
            for (std::uint32_t other = 0; other < 9; ++other)
                if (other != image && reaches[image][other] && reaches[other][image]) others.push_back(other);
            REQUIRE(circle(found, image) == others);
            circles += !others.empty();
        }
    }
    CHECK(circles > 1000);
}

TEST_CASE("a chain or circle of 100000 images does not overflow the stack") {
    constexpr std::uint32_t count = 100'000;
    const auto texts = numbered(count);
    const Records records = images(texts);
    std::vector<std::pair<std::uint32_t, std::uint32_t>> links;
    for (std::uint32_t i = 0; i + 1 < count; ++i) links.emplace_back(i, i + 1);
    CHECK(pruneplan::detail::ancestry(records.texts(), made_graph(count, links)).depths[0] == count - 1);
    links.emplace_back(count - 1, 0);
    const Ancestry found = pruneplan::detail::ancestry(records.texts(), made_graph(count, links));
    CHECK(found.depths[7] == 0);
    CHECK(circle(found, 7).size() == count - 1);
}

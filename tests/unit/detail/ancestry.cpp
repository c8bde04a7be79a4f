// SPDX-License-Identifier: BSL-1.0

// Tests the depths of images, which order deletions, and circles of parents.

#include "../../support/check.hpp"
#include "../../support/mock.hpp"

#include <pruneplan/detail/ancestry.hpp>

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace {

using Depths = std::vector<std::uint32_t>;

struct Link {
    std::string_view target, parent;
};

constexpr std::string_view names[] = {"a", "b", "c", "d", "e", "f"};

constexpr Depths depths(std::vector<Link> links) {
    mock::FullStore store;
    for (std::size_t i = 0; i < links.size(); ++i)
        store.records.push_back({.name = names[i], .digest = links[i].target, .parent = links[i].parent});
    const auto index = mock::FullIndex::build(store);
    const auto found = pruneplan::detail::ancestry(*index).depths;
    return Depths(found.begin(), found.end());
}

}  // namespace

TEST_CASE("an image is one deeper than its parent in any listing order and a missing parent does not count") {
    CHECK_TWICE(depths({{"1", ""}, {"2", "1"}, {"3", "2"}, {"4", "1"}}) == Depths{0, 1, 2, 1});
    CHECK_TWICE(depths({{"3", "2"}, {"4", "1"}, {"2", "1"}, {"1", ""}}) == Depths{2, 1, 1, 0});
    CHECK_TWICE(depths({{"1", "missing"}, {"2", "1"}}) == Depths{0, 1});
}

TEST_CASE("all records of an image have the same depth") {
    CHECK_TWICE(depths({{"2", "1"}, {"1", ""}, {"2", "1"}, {"3", "2"}, {"2", "1"}}) == Depths{1, 0, 1, 2, 1});
}

TEST_CASE("images in a circle have depth 0 and descendants count from there") {
    CHECK_TWICE(depths({{"1", "1"}}) == Depths{0});
    CHECK_TWICE(depths({{"1", "2"}, {"2", "3"}, {"3", "1"}}) == Depths{0, 0, 0});
    CHECK_TWICE(depths({{"5", "4"}, {"4", "1"}, {"1", "2"}, {"2", "1"}, {"6", "2"}}) == Depths{2, 1, 0, 0, 1});
    CHECK_TWICE(depths({{"1", "2"}, {"2", "1"}, {"4", "1"}, {"5", "4"}}) == Depths{0, 0, 1, 2});
}

TEST_CASE("an image whose records name several parents is deeper than each of them in any listing order") {
    CHECK_TWICE(depths({{"3", "1"}, {"3", "2"}, {"2", "1"}, {"1", ""}}) == Depths{2, 2, 1, 0});
    CHECK_TWICE(depths({{"3", "2"}, {"3", "1"}, {"2", "1"}, {"1", ""}}) == Depths{2, 2, 1, 0});
    CHECK_TWICE(depths({{"3", ""}, {"3", "2"}, {"2", "1"}, {"1", ""}}) == Depths{2, 2, 1, 0});
}

TEST_CASE("all images of a circle have one depth which is greater than that of their parents outside") {
    CHECK_TWICE(depths({{"1", "2"}, {"2", "1"}, {"2", "3"}, {"3", ""}, {"4", "1"}}) == Depths{1, 1, 1, 0, 2});
    CHECK_TWICE(depths({{"1", "2"}, {"1", "3"}, {"2", "1"}, {"3", "1"}}) == Depths{0, 0, 0, 0});
    CHECK_TWICE(depths({{"1", "2"}, {"2", "1"}, {"3", "4"}, {"4", "3"}, {"3", "1"}}) == Depths{0, 0, 1, 1, 1});
}

TEST_CASE("each image of a circle lists the others and an image outside lists none") {
    const mock::FullStore store{{{.name = "a", .digest = "1", .parent = "2"},
                                 {.name = "b", .digest = "2", .parent = "3"},
                                 {.name = "c", .digest = "3", .parent = "1"},
                                 {.name = "d", .digest = "4", .parent = "1"},
                                 {.name = "e", .digest = "5", .parent = "5"}}};
    const auto index = mock::FullIndex::build(store);
    const auto ancestry = pruneplan::detail::ancestry(*index);
    const auto circle = [&](std::uint32_t image) {
        std::vector<std::uint32_t> others;
        ancestry.for_each_in_circle(image, [&](std::uint32_t other) { others.push_back(other); });
        std::sort(others.begin(), others.end());
        return others;
    };
    CHECK(circle(0) == std::vector<std::uint32_t>{1, 2});
    CHECK(circle(1) == std::vector<std::uint32_t>{0, 2});
    CHECK(circle(2) == std::vector<std::uint32_t>{0, 1});
    CHECK(circle(3).empty());
    CHECK(circle(4).empty());
}

TEST_CASE("a chain or circle of 100000 images does not overflow the stack") {
    std::vector<std::string> texts;
    for (int i = 0; i < 100'000; ++i) texts.push_back(std::to_string(i));
    mock::FullStore store;
    for (std::size_t i = 0; i < texts.size(); ++i)
        store.records.push_back({.name = texts[i], .digest = texts[i], .parent = texts[(i + 1) % texts.size()]});
    store.records.back().parent = {};
    const auto index = mock::FullIndex::build(store);
    CHECK(pruneplan::detail::ancestry(*index).depths[0] == 99'999);
    store.records.back().parent = texts[0];
    const auto circle = mock::FullIndex::build(store);
    CHECK(pruneplan::detail::ancestry(*circle).depths[7] == 0);
}

// SPDX-License-Identifier: BSL-1.0

// Tests the graph of images that need each other.

#include "../../../support/check.hpp"
#include "made_records.hpp"

#include <pruneplan/detail/index/graph.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <random>
#include <set>
#include <utility>
#include <vector>

namespace {

using pruneplan::detail::Graph;
using Links = std::vector<std::pair<std::uint32_t, std::uint32_t>>;

/// Tells whether an image of four has this list.
constexpr bool lists(const Links& links, std::size_t image, const std::vector<std::uint32_t>& expected) {
    const Graph graph = made_graph(4, links);
    const auto list = graph[image];
    return graph.empty() == links.empty() && std::equal(list.begin(), list.end(), expected.begin(), expected.end());
}

}  // namespace

TEST_CASE("each image lists what it needs in the order in which links are given") {
    CHECK_TWICE(lists({{0, 3}, {2, 1}, {0, 1}, {2, 0}}, 0, {3, 1}));
    CHECK_TWICE(lists({{0, 3}, {2, 1}, {0, 1}, {2, 0}}, 1, {}));
    CHECK_TWICE(lists({{0, 3}, {2, 1}, {0, 1}, {2, 0}}, 2, {1, 0}));
    CHECK_TWICE(lists({{0, 3}, {2, 1}, {0, 1}, {2, 0}}, 3, {}));
    CHECK_TWICE(lists({{3, 0}}, 3, {0}));
}

TEST_CASE("a link that is given several times counts once and other images can need the same") {
    CHECK_TWICE(lists({{1, 2}, {1, 2}, {0, 2}, {1, 3}, {1, 2}}, 1, {2, 3}));
    CHECK_TWICE(lists({{1, 2}, {1, 2}, {0, 2}, {1, 3}, {1, 2}}, 0, {2}));
}

TEST_CASE("an image can need itself") { CHECK_TWICE(lists({{1, 1}, {1, 0}, {1, 1}}, 1, {1, 0})); }

TEST_CASE("a graph without links is empty and lists nothing") {
    CHECK_TWICE(lists({}, 0, {}));
    CHECK_TWICE(lists({}, 3, {}));
    CHECK_TWICE(Graph().empty());
    CHECK_TWICE(Graph()[0].empty());
    CHECK_TWICE(made_graph(0, {}).empty());
}

TEST_CASE("in random graphs each image lists the set of what it needs") {
    const unsigned seed = 8;
    INFO("seed " << seed);
    std::mt19937 random(seed);
    for (int round = 0; round < 300; ++round) {
        const auto images = static_cast<std::uint32_t>(1 + random() % 20);
        Links links;
        std::vector<std::set<std::uint32_t>> expected(images);
        for (std::size_t left = random() % 100; left > 0; --left) {
            links.emplace_back(random() % images, random() % images);
            expected[links.back().first].insert(links.back().second);
        }
        const Graph graph = made_graph(images, links), copy = graph;
        for (std::uint32_t image = 0; image < images; ++image) {
            REQUIRE(graph[image].size() == expected[image].size());
            for (const std::uint32_t needed : copy[image]) REQUIRE(expected[image].contains(needed));
        }
    }
}

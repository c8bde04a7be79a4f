#include "../../support/check.hpp"
#include "../../support/mock.hpp"

#include <pruneplan/detail/generations.hpp>

#include <cstdint>
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
    const auto found = pruneplan::detail::generations(*index);
    return Depths(found.begin(), found.end());
}

}  // namespace

TEST_CASE("an image has one ancestor more than its parent, in whatever order they are listed") {
    CHECK_TWICE(depths({{"1", ""}, {"2", "1"}, {"3", "2"}, {"4", "1"}}) == Depths{0, 1, 2, 1});
    CHECK_TWICE(depths({{"3", "2"}, {"4", "1"}, {"2", "1"}, {"1", ""}}) == Depths{2, 1, 1, 0});
    CHECK_TWICE(depths({{"1", "nobody"}, {"2", "1"}}) == Depths{0, 1});
}

TEST_CASE("all names of an image are of one generation") {
    CHECK_TWICE(depths({{"2", "1"}, {"1", ""}, {"2", "1"}, {"3", "2"}, {"2", "1"}}) == Depths{1, 0, 1, 2, 1});
}

TEST_CASE("a circle has no ancestors, and what hangs on it counts from there") {
    CHECK_TWICE(depths({{"1", "1"}}) == Depths{0});
    CHECK_TWICE(depths({{"1", "2"}, {"2", "3"}, {"3", "1"}}) == Depths{0, 0, 0});
    CHECK_TWICE(depths({{"5", "4"}, {"4", "1"}, {"1", "2"}, {"2", "1"}, {"6", "2"}}) == Depths{2, 1, 0, 0, 1});
    CHECK_TWICE(depths({{"1", "2"}, {"2", "1"}, {"4", "1"}, {"5", "4"}}) == Depths{0, 0, 1, 2});
}

// SPDX-License-Identifier: BSL-1.0

// Tests the stable sort and the grouping of numbers.

#include "../../support/check.hpp"

#include <pruneplan/detail/groups.hpp>
#include <pruneplan/detail/sort.hpp>
#include <pruneplan/detail/vector.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace {

using pruneplan::detail::Vector;

/// Tells whether the shuffled numbers below `size` are sorted stably. They are compared by their quotient by `group`.
constexpr bool sorts(std::uint32_t size, std::uint32_t group, std::uint32_t seed) {
    Vector<std::uint32_t> numbers;
    for (std::uint32_t i = 0; i < size; ++i) numbers.push_back(i);
    std::uint32_t state = seed;
    for (std::uint32_t i = size; i > 1; --i) {
        state = 1664525 * state + 1013904223;
        const std::uint32_t other = (state >> 8) % i, previous = numbers[i - 1];
        numbers[i - 1] = numbers[other];
        numbers[other] = previous;
    }
    const auto less = [&](std::uint32_t a, std::uint32_t b) { return a / group < b / group; };
    std::vector<std::uint32_t> expected(numbers.begin(), numbers.end());
    // A sort by insertion is stable.
    for (std::size_t i = 1; i < expected.size(); ++i)
        for (std::size_t at = i; at > 0 && less(expected[at], expected[at - 1]); --at) {
            const std::uint32_t smaller = expected[at];
            expected[at] = expected[at - 1];
            expected[at - 1] = smaller;
        }
    pruneplan::detail::sort(numbers, less);
    return std::equal(numbers.begin(), numbers.end(), expected.begin(), expected.end());
}

/// Returns how many comparisons a sort takes, or 0 if its result is wrong.
constexpr std::size_t comparisons(std::uint32_t size, bool descending) {
    Vector<std::uint32_t> numbers;
    for (std::uint32_t i = 0; i < size; ++i) numbers.push_back(descending ? size - i : i);
    std::size_t count = 0;
    pruneplan::detail::sort(numbers, [&](std::uint32_t a, std::uint32_t b) {
        ++count;
        return a < b;
    });
    for (std::uint32_t i = 1; i < size; ++i)
        if (numbers[i - 1] > numbers[i]) return 0;
    return count;
}

}  // namespace

TEST_CASE("a sort is stable") {
    CHECK_TWICE(sorts(0, 1, 1));
    CHECK_TWICE(sorts(1, 1, 1));
    CHECK_TWICE(sorts(2, 1, 1) && sorts(2, 1, 2) && sorts(3, 1, 3));
    CHECK_TWICE(sorts(33, 1, 4));
    CHECK_TWICE(sorts(40, 7, 5));
    for (std::uint32_t size = 0; size < 70; ++size)
        for (const std::uint32_t group : {1u, 3u, 100u}) CHECK(sorts(size, group, size + group));
    CHECK(sorts(1000, 1, 6));
    CHECK(sorts(1024, 10, 7));
}

TEST_CASE("a sort of n numbers takes at most n log2 n comparisons and n - 1 if they are sorted already") {
    CHECK(comparisons(4096, false) == 4095);
    CHECK(comparisons(4096, true) <= 4096 * 12);
}

TEST_CASE("grouped numbers keep their order and numbers without a group are omitted") {
    using Numbers = std::vector<std::uint32_t>;
    constexpr auto are_grouped = [](const Numbers& groups, const Numbers& numbers, const Numbers& ends) {
        const auto out = pruneplan::detail::grouped(groups.size(), 3, [&](std::size_t i) { return groups[i]; });
        return Numbers(out.numbers.begin(), out.numbers.end()) == numbers &&
               Numbers(out.ends.begin(), out.ends.end()) == ends;
    };
    constexpr auto none = pruneplan::detail::no_group;
    CHECK_TWICE(are_grouped({2, 0, none, 2, 0}, {1, 4, 0, 3}, {2, 2, 4}));
    CHECK_TWICE(are_grouped({none}, {}, {0, 0, 0}));
    CHECK_TWICE(are_grouped({}, {}, {0, 0, 0}));
}

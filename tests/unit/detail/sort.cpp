// SPDX-License-Identifier: BSL-1.0
#include "../../support/check.hpp"

#include <pruneplan/detail/sort.hpp>
#include <pruneplan/detail/vector.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace {

using pruneplan::detail::Vector;

/// The numbers from 0 to `size`, shuffled, of which `less` sees only the quotient by `group`.
constexpr bool sorts(std::uint32_t size, std::uint32_t group, std::uint32_t seed) {
    Vector<std::uint32_t> numbers;
    for (std::uint32_t i = 0; i < size; ++i) numbers.push_back(i);
    std::uint32_t state = seed;
    for (std::uint32_t i = size; i > 1; --i) {
        state = 1664525 * state + 1013904223;
        const std::uint32_t other = (state >> 8) % i, kept = numbers[i - 1];
        numbers[i - 1] = numbers[other];
        numbers[other] = kept;
    }
    const auto less = [&](std::uint32_t a, std::uint32_t b) { return a / group < b / group; };
    std::vector<std::uint32_t> expected(numbers.begin(), numbers.end());
    // Equal ones stay in their order: a sort by insertion keeps it, too.
    for (std::size_t i = 1; i < expected.size(); ++i)
        for (std::size_t at = i; at > 0 && less(expected[at], expected[at - 1]); --at) {
            const std::uint32_t smaller = expected[at];
            expected[at] = expected[at - 1];
            expected[at - 1] = smaller;
        }
    pruneplan::detail::sort(numbers, less);
    return std::equal(numbers.begin(), numbers.end(), expected.begin(), expected.end());
}

constexpr std::size_t comparisons(std::uint32_t size, bool falling) {
    Vector<std::uint32_t> numbers;
    for (std::uint32_t i = 0; i < size; ++i) numbers.push_back(falling ? size - i : i);
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

TEST_CASE("numbers are sorted, and equal ones stay in their order") {
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

TEST_CASE("a sort compares a number no more than once for each doubling of the list") {
    CHECK(comparisons(4096, false) == 4095);
    CHECK(comparisons(4096, true) <= 4096 * 12);
}

TEST_CASE("what is grouped stays in order, and what has no group is left out") {
    using Numbers = std::vector<std::uint32_t>;
    constexpr auto are_grouped = [](const Numbers& groups, const Numbers& numbers, const Numbers& ends) {
        const auto out = pruneplan::detail::grouped(groups.size(), 3, [&](std::size_t i) { return groups[i]; });
        return Numbers(out.numbers.begin(), out.numbers.end()) == numbers && Numbers(out.ends.begin(), out.ends.end()) == ends;
    };
    constexpr auto none = pruneplan::detail::no_group;
    CHECK_TWICE(are_grouped({2, 0, none, 2, 0}, {1, 4, 0, 3}, {2, 2, 4}));
    CHECK_TWICE(are_grouped({none}, {}, {0, 0, 0}));
    CHECK_TWICE(are_grouped({}, {}, {0, 0, 0}));
}

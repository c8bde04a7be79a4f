#ifndef PRUNEPLAN_DETAIL_SORT_HPP
#define PRUNEPLAN_DETAIL_SORT_HPP

// SPDX-License-Identifier: BSL-1.0

// Sorts record numbers.

#include <pruneplan/detail/vector.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace pruneplan::detail {

/// Sorts numbers by the strict weak order `less`; stable. A merge sort, since std::stable_sort cannot be evaluated at
/// compile time before C++26; it costs as much otherwise. **Complexity:** O(n log n) comparisons, O(n) for a sorted
/// list. **Memory:** up to 4 bytes a number while it runs.
template <class Less>
constexpr void sort(Vector<std::uint32_t>& numbers, const Less& less) {
    Vector<std::uint32_t> left;
    const auto merge = [&](std::size_t first, std::size_t middle, std::size_t end) {
        if (!less(numbers[middle], numbers[middle - 1])) return;
        left.clear();
        left.append(&numbers[first], middle - first);
        std::size_t right = middle, at = first;
        for (const std::uint32_t number : left) {
            while (right != end && less(numbers[right], number)) numbers[at++] = numbers[right++];
            numbers[at++] = number;
        }
    };
    const std::size_t size = numbers.size();
    // Merges adjacent runs as soon as both have the same length, while they are in the cache.
    for (std::size_t end = 2; end < 2 * size; end += 2)
        for (std::size_t width = 1; end % (2 * width) == 0; width *= 2)
            if (end - width < size) merge(end - 2 * width, end - width, (std::min)(end, size));
}

}  // namespace pruneplan::detail

#endif

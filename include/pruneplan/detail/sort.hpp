#ifndef PRUNEPLAN_DETAIL_SORT_HPP
#define PRUNEPLAN_DETAIL_SORT_HPP

#include <pruneplan/detail/list.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>

namespace pruneplan::detail {

/// Sorts numbers by `less`, a strict order; equal ones stay in their order. A merge sort of our own, since what std::sort
/// is made of costs more to compile than all that it is used for here. Cost: at most one comparison a number for each
/// doubling of the list, one in all where it is sorted already; at most four bytes a number meanwhile.
template <class Less>
constexpr void sort(List<std::uint32_t>& numbers, const Less& less) {
    List<std::uint32_t> left;
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
    // All that two runs of equal length were made of lies close together, and is merged before the next is begun.
    for (std::size_t end = 2; end < 2 * size; end += 2)
        for (std::size_t width = 1; end % (2 * width) == 0; width *= 2)
            if (end - width < size) merge(end - 2 * width, end - width, (std::min)(end, size));
}

/// What `grouped` leaves out.
inline constexpr std::uint32_t no_group = 0xffffffff;

/// Numbers, one group after the other, and of each group where in `numbers` it ends.
struct Groups {
    List<std::uint32_t> numbers, ends;
};

/// The numbers below `count`, those of one group together, by the numbers of the groups, which are less than `groups`;
/// those of a group stay in their order. A counting sort: one step for each number and each group.
template <class GroupOf>
constexpr Groups grouped(std::size_t count, std::size_t groups, const GroupOf& group_of) {
    List<std::uint32_t> ends(groups + 1, 0);
    for (std::size_t i = 0; i < count; ++i)
        if (const std::uint32_t group = group_of(i); group != no_group) ++ends[group + 1];
    for (std::size_t i = 1; i < ends.size(); ++i) ends[i] += ends[i - 1];
    List<std::uint32_t> numbers(ends.back(), 0);
    for (std::size_t i = 0; i < count; ++i)
        if (const std::uint32_t group = group_of(i); group != no_group) numbers[ends[group]++] = static_cast<std::uint32_t>(i);
    ends.pop_back();
    return {std::move(numbers), std::move(ends)};
}

}  // namespace pruneplan::detail

#endif

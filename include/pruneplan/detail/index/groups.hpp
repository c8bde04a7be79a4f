#ifndef PRUNEPLAN_DETAIL_INDEX_GROUPS_HPP
#define PRUNEPLAN_DETAIL_INDEX_GROUPS_HPP

// SPDX-License-Identifier: BSL-1.0

// Groups numbers by a counting sort.

#include <pruneplan/detail/vector.hpp>

#include <cstddef>
#include <cstdint>
#include <utility>

namespace pruneplan::detail {

/// The group of numbers that `grouped` leaves out.
inline constexpr std::uint32_t no_group = 0xffffffff;

/// Holds numbers ordered by group, and for each group where it ends in `numbers`.
struct Groups {
    Vector<std::uint32_t> numbers, ends;
};

/// Groups the numbers below `count` by `group_of(number)`, which is less than `groups` or `no_group`. Numbers of one
/// group keep their order. A counting sort. **Complexity:** O(count + groups).
template <class GroupOf>
constexpr Groups grouped(std::size_t count, std::size_t groups, const GroupOf& group_of) {
    Vector<std::uint32_t> ends(groups + 1, 0);
    for (std::size_t i = 0; i < count; ++i)
        if (const std::uint32_t group = group_of(i); group != no_group) ++ends[group + 1];
    for (std::size_t i = 1; i < ends.size(); ++i) ends[i] += ends[i - 1];
    Vector<std::uint32_t> numbers(ends.back(), 0);
    for (std::size_t i = 0; i < count; ++i)
        if (const std::uint32_t group = group_of(i); group != no_group)
            numbers[ends[group]++] = static_cast<std::uint32_t>(i);
    ends.pop_back();
    return {std::move(numbers), std::move(ends)};
}

}  // namespace pruneplan::detail

#endif

#ifndef PRUNEPLAN_DETAIL_SORT_HPP
#define PRUNEPLAN_DETAIL_SORT_HPP

// SPDX-License-Identifier: BSL-1.0

// Replaces detail/sort.hpp to measure the cost of std::stable_sort: see toolbox.sh.

#include <pruneplan/detail/vector.hpp>

#include <algorithm>
#include <cstdint>

namespace pruneplan::detail {

template <class Less>
constexpr void sort(Vector<std::uint32_t>& numbers, const Less& less) {
    std::stable_sort(numbers.begin(), numbers.end(), less);
}

}  // namespace pruneplan::detail

#endif

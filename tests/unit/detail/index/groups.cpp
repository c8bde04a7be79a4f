// SPDX-License-Identifier: BSL-1.0

// Tests the grouping of numbers.

#include "../../../support/check.hpp"

#include <pruneplan/detail/index/groups.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace {

using Numbers = std::vector<std::uint32_t>;
constexpr std::uint32_t none = pruneplan::detail::no_group;

/// Tells whether the numbers of three groups are these, and the groups end there.
constexpr bool are_grouped(const Numbers& groups, const Numbers& numbers, const Numbers& ends) {
    const auto out = pruneplan::detail::grouped(groups.size(), 3, [&](std::size_t i) { return groups[i]; });
    return std::equal(out.numbers.begin(), out.numbers.end(), numbers.begin(), numbers.end()) &&
           std::equal(out.ends.begin(), out.ends.end(), ends.begin(), ends.end());
}

}  // namespace

TEST_CASE("grouped numbers keep their order and numbers without a group are omitted") {
    CHECK_TWICE(are_grouped({2, 0, none, 2, 0}, {1, 4, 0, 3}, {2, 2, 4}));
    CHECK_TWICE(are_grouped({none}, {}, {0, 0, 0}));
    CHECK_TWICE(are_grouped({}, {}, {0, 0, 0}));
}

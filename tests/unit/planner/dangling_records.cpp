// SPDX-License-Identifier: BSL-1.0

// Tests lookups of the dangling records of an image.

#include "../../support/check.hpp"
#include "drafted.hpp"

#include <pruneplan/planner/dangling_records.hpp>

#include <cstdint>
#include <string_view>
#include <vector>

namespace {

using pruneplan::detail::DanglingRecords;
using pruneplan::detail::ImageUse;

struct Store : mock::Store {
    static constexpr bool is_dangling(const mock::Record& record) { return record.name.starts_with('<'); }
};

/// Tells whether these are the dangling records of an image, in their order.
constexpr bool finds(std::uint32_t image, const std::vector<std::uint32_t>& expected, bool names_in_use = true) {
    const Drafted drafted(Store{{{{"<5>", "2"}, {"a", "1"}, {"<1>", "1"}, {"b", "3"}, {"<0>", "1"}, {"<2>", "2"}}}});
    ImageUse use(6);
    const DanglingRecords dangling(drafted.records(), names_in_use, use);
    std::vector<std::uint32_t> found;
    dangling.for_each(image, [&](std::uint32_t record) { found.push_back(record); });
    return found == expected && use[image].marked == !expected.empty();
}

}  // namespace

TEST_CASE("all dangling records of an image are found and mark it") {
    CHECK_TWICE(finds(0, {0, 5}));
    CHECK_TWICE(finds(1, {2, 4}));
    CHECK_TWICE(finds(3, {}));
}

TEST_CASE("a usage rule without names in use looks for no dangling record") {
    CHECK_TWICE(finds(0, {}, false));
    CHECK_TWICE(finds(1, {}, false));
}

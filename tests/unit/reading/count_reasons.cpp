// SPDX-License-Identifier: BSL-1.0

// Tests `count_reasons`.

#include "../../support/check.hpp"
#include "../../support/mock.hpp"

#include <pruneplan/plan_prune.hpp>
#include <pruneplan/reading/count_reasons.hpp>

#include <cstddef>

namespace {

using pruneplan::Reason;

constexpr pruneplan::ReasonCounts counts_of_five_records() {
    const mock::Store store{{{"a", "sha256:1"},
                             {"b", "sha256:1"},
                             {"c", "sha256:2"},
                             {"d", "sha256:3"},
                             {"moby-dangling@sha256:4", "sha256:4"}}};
    return count_reasons(mock::plan_of(store, {{"sha256:1", ""}}, {.scope = pruneplan::Scope::unused}));
}

constexpr std::size_t sum(const pruneplan::ReasonCounts& counts) {
    std::size_t sum = 0;
    for (std::size_t i = 0; i < pruneplan::reason_count; ++i) sum += counts[static_cast<Reason>(i)];
    return sum;
}

}  // namespace

TEST_CASE("every record is counted once under its reason") {
    CHECK_TWICE(sum(counts_of_five_records()) == 5);
    CHECK_TWICE(counts_of_five_records()[Reason::unused] == 2);
    CHECK_TWICE(counts_of_five_records()[Reason::dangling] == 1);
    CHECK_TWICE(counts_of_five_records()[Reason::spare_name] == 1);
    CHECK_TWICE(counts_of_five_records()[Reason::last_name] == 1);
}

TEST_CASE("the counts of an empty plan are zero") {
    CHECK_TWICE(count_reasons(pruneplan::PrunePlan()) == pruneplan::ReasonCounts());
}

// SPDX-License-Identifier: BSL-1.0

// Tests times as columns store them.

#include "../../../support/check.hpp"

#include <pruneplan/detail/index/facts.hpp>

#include <cstdint>

namespace {

using pruneplan::detail::Facts;
using pruneplan::detail::Moment;

constexpr Moment unknown{};

/// Returns facts about one record; a column with an unknown time has one, but an empty column has none.
constexpr Facts facts(const Moment* created, const Moment* last_used) {
    Facts facts;
    if (created != nullptr) facts.created.push_back(*created);
    if (last_used != nullptr) facts.last_used.push_back(*last_used);
    return facts;
}

constexpr Moment one{1, 0}, two{2, 0};

}  // namespace

TEST_CASE("moments are ordered by seconds and then by nanoseconds and an unknown one is later than any other") {
    CHECK_TWICE(Moment{1, 999'999'999} < Moment{2, 0});
    CHECK_TWICE(Moment{1, 4} < Moment{1, 5});
    CHECK_TWICE(Moment{-2, 0} < Moment{-1, 0});
    CHECK_TWICE(Moment{1, 5} == Moment{1, 5});
    CHECK_TWICE(Moment{INT64_MAX, 999'999'999} < unknown);
    CHECK_TWICE(!unknown.is_known());
    CHECK_TWICE(Moment{INT64_MAX, 999'999'999}.is_known());
    CHECK_TWICE(Moment{INT64_MIN, 0}.is_known());
}

TEST_CASE("a record was used when it was last used or else when it was created") {
    CHECK_TWICE(facts(&one, &two).used_at(0) == two);
    CHECK_TWICE(facts(&one, &unknown).used_at(0) == one);
    CHECK_TWICE(facts(&one, nullptr).used_at(0) == one);
    CHECK_TWICE(facts(nullptr, &two).used_at(0) == two);
    CHECK_TWICE(facts(nullptr, &unknown).used_at(0) == unknown);
    CHECK_TWICE(facts(nullptr, nullptr).used_at(0) == unknown);
}

TEST_CASE("a record was created at the time of its column or at an unknown time") {
    CHECK_TWICE(facts(&one, &two).created_at(0) == one);
    CHECK_TWICE(facts(&unknown, &two).created_at(0) == unknown);
    CHECK_TWICE(facts(nullptr, &two).created_at(0) == unknown);
}

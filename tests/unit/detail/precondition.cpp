// SPDX-License-Identifier: BSL-1.0

// Tests preconditions at compile time. consumers/misuse/ tests how they end a program.

#include "../../support/check.hpp"

#include <pruneplan/detail/precondition.hpp>

#include <cstddef>
#include <type_traits>

namespace {

using pruneplan::detail::require;
using pruneplan::detail::require_record;

template <bool holds>
concept Required = requires { typename std::bool_constant<(require(holds, "message"), true)>; };

template <std::size_t record, std::size_t size>
concept InRange = requires { typename std::bool_constant<(require_record(record, size), true)>; };

}  // namespace

TEST_CASE("a broken precondition is no constant expression") {
    STATIC_REQUIRE(Required<true>);
    STATIC_REQUIRE(!Required<false>);
}

TEST_CASE("a record's number must be less than the number of records") {
    STATIC_REQUIRE(InRange<0, 1>);
    STATIC_REQUIRE(InRange<6, 7>);
    STATIC_REQUIRE(!InRange<0, 0>);
    STATIC_REQUIRE(!InRange<7, 7>);
}

// SPDX-License-Identifier: BSL-1.0

// Tests that a type is known to be a Result.

#include "../../support/check.hpp"

#include <pruneplan/detail/is_result.hpp>

#include <string>

using pruneplan::detail::is_result;

TEST_CASE("a result is not checked yet and other types need no check") {
    STATIC_REQUIRE(is_result<pruneplan::Result<int>>);
    STATIC_REQUIRE(is_result<pruneplan::Result<void>>);
    STATIC_REQUIRE(!is_result<int>);
    STATIC_REQUIRE(!is_result<std::string>);
    STATIC_REQUIRE(!is_result<const pruneplan::Result<int>&>);
}

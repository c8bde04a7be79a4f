// SPDX-License-Identifier: BSL-1.0

// Tests the formatting of numbers without allocation.

#include "../../../support/check.hpp"

#include <pruneplan/detail/text/decimal.hpp>

#include <cstdint>
#include <string_view>

using pruneplan::detail::Decimal;

TEST_CASE("a number from 0 to 2^64 - 1 is formatted in decimal digits") {
    CHECK_TWICE(std::string_view(Decimal(0)) == "0");
    CHECK_TWICE(std::string_view(Decimal(9)) == "9");
    CHECK_TWICE(std::string_view(Decimal(10)) == "10");
    CHECK_TWICE(std::string_view(Decimal(1234567890)) == "1234567890");
    CHECK_TWICE(std::string_view(Decimal(UINT64_MAX)) == "18446744073709551615");
}

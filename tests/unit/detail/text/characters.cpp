// SPDX-License-Identifier: BSL-1.0

// Tests the classes of bytes, for all 256.

#include "../../../support/check.hpp"

#include <pruneplan/detail/text/characters.hpp>

#include <string_view>

namespace {

using namespace pruneplan::detail;

/// Tells whether the bytes of a class are those of a text, and no others.
constexpr bool has(unsigned classes, std::string_view bytes) {
    for (unsigned byte = 0; byte < 256; ++byte) {
        const char c = static_cast<char>(byte);
        if (is(c, classes) != (bytes.find(c) != bytes.npos)) return false;
    }
    return true;
}

}  // namespace

TEST_CASE("each class of bytes has its bytes and no others") {
    CHECK_TWICE(has(lower, "abcdefghijklmnopqrstuvwxyz"));
    CHECK_TWICE(has(upper, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"));
    CHECK_TWICE(has(digit, "0123456789"));
    CHECK_TWICE(has(hex_letter, "abcdefABCDEF"));
    CHECK_TWICE(has(underscore, "_"));
    CHECK_TWICE(has(dot_or_dash, ".-"));
    CHECK_TWICE(has(dot_or_colon, ".:"));
    CHECK_TWICE(has(digit | underscore, "_0123456789"));
    CHECK_TWICE(has(0, ""));
    CHECK_TWICE(is('\x80', beyond_ascii) && is('\xff', beyond_ascii) && !is('\x7f', beyond_ascii));
}

TEST_CASE("skip returns the first byte that is in none of the classes") {
    CHECK_TWICE(skip("abc1", 0, lower) == 3);
    CHECK_TWICE(skip("abc1", 0, lower | digit) == 4);
    CHECK_TWICE(skip("abc1", 3, lower) == 3);
    CHECK_TWICE(skip("abc1", 4, lower) == 4);
    CHECK_TWICE(skip("", 0, lower) == 0);
}

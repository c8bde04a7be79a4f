// SPDX-License-Identifier: BSL-1.0

// Tests the output of text with escapes, and of hex digits.

#include "../../../support/check.hpp"
#include "../../../support/written.hpp"

#include <pruneplan/detail/text/text_output.hpp>

#include <cstddef>
#include <string_view>

namespace {

using pruneplan::detail::Character;

/// Tells whether a text is written as `expected`, in so many pieces. `*` and malformed bytes are escaped by "<" before
/// and ">" behind them.
constexpr bool is_escaped_as(std::string_view text, std::string_view expected, std::size_t pieces) {
    Written out;
    const auto is_plain = [](const Character& character) { return character.well_formed && character.code != '*'; };
    const auto escape = [&](const Character&, std::string_view bytes) {
        out("<");
        out(bytes);
        out(">");
    };
    pruneplan::detail::write_escaped(text, is_plain, escape, out);
    return std::string_view(out) == expected && out.pieces() == pieces;
}

constexpr bool is_hex(unsigned number, unsigned digits, std::string_view expected) {
    Written out;
    pruneplan::detail::write_hex(number, digits, out);
    return std::string_view(out) == expected;
}

}  // namespace

TEST_CASE("adjacent plain characters are written as one piece") {
    CHECK_TWICE(is_escaped_as("", "", 0));
    CHECK_TWICE(is_escaped_as("plain \xc3\xa9", "plain \xc3\xa9", 1));
    CHECK_TWICE(is_escaped_as("*", "<*>", 3));
    CHECK_TWICE(is_escaped_as("a**b", "a<*><*>b", 8));
    CHECK_TWICE(is_escaped_as("*ab*", "<*>ab<*>", 7));
    CHECK_TWICE(is_escaped_as("\xc3\xa9\xff", "\xc3\xa9<\xff>", 4));
}

TEST_CASE("a number is written with the given number of hex digits") {
    CHECK_TWICE(is_hex(0, 4, "0000"));
    CHECK_TWICE(is_hex(0x2028, 4, "2028"));
    CHECK_TWICE(is_hex(0xaf, 2, "af"));
}

// SPDX-License-Identifier: BSL-1.0

// Tests how characters are read from texts that need not be valid UTF-8.

#include "../../../support/check.hpp"

#include <pruneplan/detail/text/utf8.hpp>

#include <string_view>

namespace {

using pruneplan::detail::character_at;
using pruneplan::detail::is_utf8;

constexpr bool reads(std::string_view text, char32_t code, std::size_t size) {
    const pruneplan::detail::Character read = character_at(text, 0);
    return read.code == code && read.size == size && read.well_formed && is_utf8(text);
}

/// Tells whether the first byte is read alone, as a character that no text has.
constexpr bool is_malformed(std::string_view text) {
    const pruneplan::detail::Character read = character_at(text, 0);
    const char32_t lead = static_cast<unsigned char>(text[0]);
    return read.code == 0xdc00 + lead && read.size == 1 && !read.well_formed && !is_utf8(text);
}

}  // namespace

TEST_CASE("a character of one to four bytes is read with its code") {
    CHECK_TWICE(reads("a", 'a', 1));
    CHECK_TWICE(reads("\x7f", 0x7f, 1));
    CHECK_TWICE(reads("\xc2\x80", 0x80, 2));
    CHECK_TWICE(reads("\xdf\xbf", 0x7ff, 2));
    CHECK_TWICE(reads("\xe0\xa0\x80", 0x800, 3));
    CHECK_TWICE(reads("\xe2\x82\xac", 0x20ac, 3));
    CHECK_TWICE(reads("\xed\x9f\xbf", 0xd7ff, 3));
    CHECK_TWICE(reads("\xf0\x90\x80\x80", 0x10000, 4));
    CHECK_TWICE(reads("\xf0\x9f\x98\x80", 0x1f600, 4));
    CHECK_TWICE(reads("\xf4\x8f\xbf\xbf", 0x10ffff, 4));
    CHECK_TWICE(is_utf8(""));
}

TEST_CASE("a byte that begins no well-formed character is read alone") {
    CHECK_TWICE(is_malformed("\x80"));
    CHECK_TWICE(is_malformed("\xc1\xbf"));  // overlong
    CHECK_TWICE(is_malformed("\xe0\x9f\xbf"));
    CHECK_TWICE(is_malformed("\xf0\x8f\xbf\xbf"));
    CHECK_TWICE(is_malformed("\xed\xa0\x80"));      // a surrogate
    CHECK_TWICE(is_malformed("\xf4\x90\x80\x80"));  // beyond U+10FFFF
    CHECK_TWICE(is_malformed("\xf5\x80\x80\x80"));
    CHECK_TWICE(is_malformed("\xe2\x82"));  // ends too early
    CHECK_TWICE(is_malformed("\xe2\x82("));
}

// SPDX-License-Identifier: BSL-1.0

// Tests loads of machine words, and comparisons of a text's beginning and end by them.

#include "../../support/check.hpp"

#include <pruneplan/detail/words.hpp>

#include <string>

using pruneplan::detail::begins;
using pruneplan::detail::ends;

namespace {

/// Tells whether `begins` and `ends` find this text, and notice a change of any of its bytes.
template <std::size_t SizeWithZero>
constexpr bool notices_every_byte(const char (&text)[SizeWithZero]) {
    char other[SizeWithZero + 2] = {};
    for (std::size_t i = 0; i < SizeWithZero; ++i) other[i + 1] = text[i];
    other[0] = other[SizeWithZero] = 'x';
    const std::string_view front(other + 1, SizeWithZero), back(other, SizeWithZero);
    if (!begins(front, text) || !ends(back, text) || begins(back, text) || ends(front, text)) return false;
    for (std::size_t i = 1; i < SizeWithZero; ++i) {
        other[i] ^= 1;
        if (begins(front, text) || ends(back, text)) return false;
        other[i] ^= 1;
    }
    return true;
}

}  // namespace

TEST_CASE("words are loaded as little-endian on every machine") {
    CHECK_TWICE(pruneplan::detail::load_8("abcdefgh") == 0x6867666564636261);
    CHECK_TWICE(pruneplan::detail::load_4("ab\xff\x01") == 0x01ff6261);
}

TEST_CASE("a difference in any byte of a beginning or end is noticed") {
    CHECK_TWICE(notices_every_byte("abcd"));
    CHECK_TWICE(notices_every_byte("sha256:"));
    CHECK_TWICE(notices_every_byte("library/"));
    CHECK_TWICE(notices_every_byte("docker.io/"));
    CHECK_TWICE(notices_every_byte("index.docker.io/"));
}

TEST_CASE("a text does not begin or end with a longer one") {
    CHECK_TWICE(!begins("", "abcd") && !ends("", "abcd"));
    CHECK_TWICE(!begins("abc", "abcd") && !ends("bcd", "abcd"));
    // the missing byte stands in memory, but not in the text
    CHECK_TWICE(!begins(std::string_view("abcd").substr(0, 3), "abcd"));
    CHECK_TWICE(!ends(std::string_view("abcd").substr(1), "abcd"));
    CHECK_TWICE(begins("abcd", "abcd") && ends("abcd", "abcd"));
}

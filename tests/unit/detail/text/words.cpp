// SPDX-License-Identifier: BSL-1.0

// Tests loads of machine words, and comparisons of a text's beginning and end by them.

#include "../../../support/check.hpp"

#include <pruneplan/detail/text/words.hpp>

#include <cstddef>
#include <string_view>

using pruneplan::detail::begins;
using pruneplan::detail::ends;
using pruneplan::detail::same;

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

TEST_CASE("words are loaded as big-endian so that their order is that of the texts") {
    CHECK_TWICE(pruneplan::detail::load_big_endian_4("abcd") == 0x61626364);
    CHECK_TWICE(pruneplan::detail::load_big_endian_4("\xff\x80\x7f\x01") == 0xff807f01);
}

TEST_CASE("a text is copied to a place and the end of the copy is returned") {
    constexpr auto copies = [](std::string_view text) {
        char place[10] = "xxxxxxxxx";
        return pruneplan::detail::copy_text(text, place + 1) == place + 1 + text.size() && place[0] == 'x' &&
               std::string_view(place + 1, text.size()) == text && place[1 + text.size()] == 'x';
    };
    CHECK_TWICE(copies("abcd"));
    CHECK_TWICE(copies(std::string_view("a\0b", 3)));
    CHECK_TWICE(copies(""));
    CHECK_TWICE(copies({}));
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
    // The missing byte is in memory, but not in the text.
    CHECK_TWICE(!begins(std::string_view("abcd").substr(0, 3), "abcd"));
    CHECK_TWICE(!ends(std::string_view("abcd").substr(1), "abcd"));
    CHECK_TWICE(begins("abcd", "abcd") && ends("abcd", "abcd"));
}

TEST_CASE("texts are compared with texts that are known only at run time") {
    constexpr std::string_view none, text = "abc", zero{"a\0b", 3};
    CHECK_TWICE(same(text, "abc") && same(none, "") && same(zero, zero));
    CHECK_TWICE(!same(text, "abd") && !same(text, "ab") && !same(zero, "abb") && !same(zero, "a"));
    CHECK_TWICE(begins(text, none) && begins(text, text.substr(0, 2)) && begins(text, text) && begins(none, none));
    CHECK_TWICE(!begins(text, zero) && !begins(text.substr(0, 2), text) && !begins(none, text));
    CHECK_TWICE(ends(text, none) && ends(text, text.substr(1)) && ends(text, text) && ends(none, none));
    CHECK_TWICE(!ends(text, text.substr(0, 2)) && !ends(text.substr(1), text) && !ends(none, text));
}

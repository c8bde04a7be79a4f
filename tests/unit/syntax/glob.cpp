// SPDX-License-Identifier: BSL-1.0

// Tests patterns, one by one and joined, against the rules of Go's `path.Match`.

#include "../../support/check.hpp"

#include <pruneplan/syntax/glob.hpp>

#include <algorithm>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace {

using pruneplan::ErrorCode;
using pruneplan::Glob;
using pruneplan::match_glob;

constexpr bool matches(std::string_view pattern, std::string_view text) { return *match_glob(pattern, text); }
constexpr bool is_rejected(std::string_view pattern) { return !match_glob(pattern, ""); }

/// Matches by trying every possibility. Knows literals, "?", "*" and "[ab]".
bool matches_by_search(std::string_view pattern, std::string_view text) {
    if (pattern.empty()) return text.empty();
    if (pattern[0] == '*') {
        if (matches_by_search(pattern.substr(1), text)) return true;
        return !text.empty() && text[0] != '/' && matches_by_search(pattern, text.substr(1));
    }
    if (text.empty()) return false;
    if (pattern.starts_with("[ab]"))
        return (text[0] == 'a' || text[0] == 'b') && matches_by_search(pattern.substr(4), text.substr(1));
    return (pattern[0] == '?' ? text[0] != '/' : pattern[0] == text[0]) &&
           matches_by_search(pattern.substr(1), text.substr(1));
}

}  // namespace

TEST_CASE("a pattern must match the whole text and literals match themselves") {
    CHECK_TWICE(matches("", ""));
    CHECK_TWICE(!matches("", "a"));
    CHECK_TWICE(matches("alpine", "alpine"));
    CHECK_TWICE(!matches("alpine", "alpine:3"));
    CHECK_TWICE(!matches("alpine:3", "alpine"));
}

TEST_CASE("a star matches any number of characters other than a slash") {
    CHECK_TWICE(matches("*", ""));
    CHECK_TWICE(matches("*", "alpine"));
    CHECK_TWICE(!matches("*", "team/app"));
    CHECK_TWICE(matches("*/*", "team/app"));
    CHECK_TWICE(matches("*/app", "team/app"));
    CHECK_TWICE(!matches("*app", "team/app"));
    CHECK_TWICE(matches("a**b", "ab"));
    CHECK_TWICE(matches("*ab", "aab"));
    CHECK_TWICE(matches("a*b*c", "a-b-b-c"));
    CHECK_TWICE(!matches("a*b*c", "a-c-b"));
}

TEST_CASE("a question mark matches one character other than a slash and a class matches one of its characters") {
    CHECK_TWICE(matches("a?c", "abc"));
    CHECK_TWICE(!matches("a?c", "a/c"));
    CHECK_TWICE(matches("?", "\xc3\xa9"));
    CHECK_TWICE(matches("?", "\x7f"));
    CHECK_TWICE(matches("?", "\x80"));
    CHECK_TWICE(matches("?", "\xc2\x80"));
    CHECK_TWICE(!matches("a", "\xc2\x80"));
    CHECK_TWICE(!matches("\x7f", "\x80"));
    CHECK_TWICE(matches("[a-c]", "b"));
    CHECK_TWICE(!matches("[a-c]", "d"));
    CHECK_TWICE(matches("[^a-c]", "d"));
    CHECK_TWICE(matches("[^a]", "/"));
    CHECK_TWICE(matches("[\xc3\xa0-\xc3\xbf]", "\xc3\xa9"));
    CHECK_TWICE(!matches("[a-c]", ""));
    CHECK_TWICE(matches("[x\\]]", "]"));
}

TEST_CASE("a backslash makes the next character literal") {
    CHECK_TWICE(matches("a\\*", "a*"));
    CHECK_TWICE(!matches("a\\*", "ab"));
    CHECK_TWICE(matches("\\a", "a"));
}

TEST_CASE("a malformed pattern is rejected for every text and the error states what is valid") {
    CHECK_TEXT_TWICE(is_rejected("["));
    CHECK_TEXT_TWICE(is_rejected("[]"));
    CHECK_TEXT_TWICE(is_rejected("[a"));
    CHECK_TEXT_TWICE(is_rejected("[a-"));
    CHECK_TEXT_TWICE(is_rejected("[a-]"));
    CHECK_TEXT_TWICE(is_rejected("[-a]"));
    CHECK_TEXT_TWICE(is_rejected("[^]"));
    CHECK_TEXT_TWICE(is_rejected("a\\"));
    CHECK_TEXT_TWICE(is_rejected("[\\"));
    CHECK_TEXT_TWICE(is_rejected("[\xc3]"));
    CHECK(match_glob("a[", "b").error().code == ErrorCode::bad_pattern);
    CHECK(match_glob("a[", "b").error().message ==
          "invalid pattern \"a[\": close each [, put a range such as a-z into it, and put a character after each \\");
}

TEST_CASE("a pattern of 1024 bytes is accepted and a longer one is rejected") {
    const std::string longest(1024, 'a');
    CHECK(matches(longest, longest));
    CHECK_FALSE(matches(longest, longest + "a"));
    CHECK(matches("*" + longest.substr(1), longest));
    CHECK(is_rejected(longest + "a"));
}

TEST_CASE("in random patterns and texts a match is what exhaustive search finds") {
    const unsigned seed = 3;
    INFO("seed " << seed);
    std::mt19937 random(seed);
    const std::string_view pieces[] = {"a", "b", "/", "?", "*", "[ab]", "a", "b"}, letters[] = {"a", "b", "/"};
    int matched = 0;
    for (int round = 0; round < 200000; ++round) {
        std::string pattern, text;
        for (auto count = random() % 9; count > 0; --count) pattern += pieces[random() % std::size(pieces)];
        for (auto count = random() % 9; count > 0; --count) text += letters[random() % std::size(letters)];
        INFO(pattern << " " << text);
        REQUIRE(matches(pattern, text) == matches_by_search(pattern, text));
        matched += matches(pattern, text);
    }
    CHECK(matched > 5000);
}

TEST_CASE("text between two stars matches at any offset and length around 64 characters") {
    for (std::size_t before = 0; before < 140; ++before)
        for (std::size_t size : {1u, 2u, 63u, 64u, 65u, 130u}) {
            const std::string head(before, 'h'), needle = std::string(size, 'x') + "y";
            const auto glob = Glob::compile(head + "*" + needle + "*z");
            REQUIRE(glob);
            CHECK(glob->matches(head + "xxx-" + std::string(size + 3, 'x') + "y..z"));
            CHECK_FALSE(glob->matches(head + "xxx-" + std::string(size - 1, 'x') + "y..z"));
        }
}

TEST_CASE("if a class matches a slash then only the first occurrence of the text between two stars counts") {
    CHECK_TWICE(!matches("*[^x]*", "a/"));
    CHECK_TWICE(matches("*[^x]*", "x/"));
    CHECK_TWICE(matches("*a[.-0]*b", "aaa/b"));
    CHECK_TWICE(!matches("*[^x]*b", "ab/b"));
    CHECK_TWICE(matches("[^x]b", "/b"));
    CHECK_FALSE(matches("*[^x]*" + std::string(70, 'b'), "a/" + std::string(70, 'b')));
    CHECK(matches("*[^x]*" + std::string(70, 'b'), "a" + std::string(70, 'b')));
    Glob glob = *Glob::compile("a");
    CHECK_FALSE(glob.join(*Glob::compile("[^x]")));
}

TEST_CASE("patterns with a class that matches a slash can be joined with each other but not with others") {
    constexpr auto joined = [](std::string_view text) {
        Glob glob = *Glob::compile("*[^x]*b");
        return glob.join(*Glob::compile("*[/x]y")) && glob.join(*Glob::compile("a[.-0]*c*[/x]*")) && glob.matches(text);
    };
    CHECK_TWICE(joined("ab"));
    CHECK_TWICE(!joined("xxab/b"));
    CHECK_TWICE(joined("team/y"));
    CHECK_TWICE(joined("appxy"));
    CHECK_TWICE(!joined("a/team/y"));
    CHECK_TWICE(joined("a/ccxd"));
    CHECK_TWICE(!joined("a/ccx/"));
    Glob glob = *Glob::compile("[^x]" + std::string(31, 'a'));
    CHECK(glob.join(*Glob::compile("[^x]" + std::string(29, 'b'))));
    CHECK_FALSE(glob.join(*Glob::compile("[^x]")));
    CHECK_FALSE(glob.join(*Glob::compile("x")));
}

TEST_CASE("a joined pattern matches what one of its patterns matches") {
    constexpr auto joined = [](std::string_view text) {
        Glob glob = *Glob::compile("*/app-[12]");
        return glob.join(*Glob::compile("")) && glob.join(*Glob::compile("[a-w1]?b*")) && glob.matches(text);
    };
    CHECK_TWICE(joined("team/app-1"));
    CHECK_TWICE(!joined("team/app-3"));
    CHECK_TWICE(joined(""));
    CHECK_TWICE(joined("a-b-c"));
    CHECK_TWICE(joined("1-b"));
    CHECK_TWICE(!joined("y-b-c"));
    // No match continues from the end of one pattern in the next.
    CHECK_TWICE(!joined("team/app-1a-b"));
}

TEST_CASE("a pattern can be joined with itself and a default-constructed pattern matches nothing") {
    constexpr auto twice = [](std::string_view text) {
        Glob glob = *Glob::compile("x*[0-9]");
        return glob.join(glob) && glob.join(Glob()) && glob.matches(text);
    };
    CHECK_TWICE(twice("x-1"));
    CHECK_TWICE(!twice("x-1/x-1"));
    Glob empty;
    CHECK_FALSE(empty.join(*Glob::compile("a")));
    CHECK_FALSE(empty.matches(""));
    pruneplan::detail::Globs globs;
    for (const std::string_view pattern : {"", "b*", "[^c]", "d*"})
        globs.add(pattern.empty() ? Glob() : *Glob::compile(pattern));
    const auto any = [&globs](std::string_view text) {
        return globs.any([text](const Glob& glob) { return glob.matches(text); });
    };
    for (const std::string_view text : {"bb", "x", "dd"}) CHECK(any(text));
    for (const std::string_view text : {"", "c", "xx"}) CHECK_FALSE(any(text));
}

TEST_CASE("patterns are joined while all their places fit into 64 bits") {
    // A pattern of n characters has n + 1 places.
    Glob glob = *Glob::compile(std::string(31, 'a'));
    CHECK(glob.join(*Glob::compile(std::string(31, 'b'))));
    CHECK_FALSE(glob.join(*Glob::compile("")));
    CHECK(glob.matches(std::string(31, 'a')));
    CHECK(glob.matches(std::string(31, 'b')));
    CHECK_FALSE(glob.matches(""));
    CHECK_FALSE(glob.matches(std::string(62, 'a')));
}

TEST_CASE("a run can begin and end at several pieces of a text") {
    // Returns 1 if a match ends after `text`, 2 if after ":3", 0 if at neither or both.
    constexpr auto ends = [](std::string_view pattern, std::string_view text) {
        const Glob glob = *Glob::compile(pattern);
        Glob::Run run(glob);
        std::string_view out = run.matches() ? "" : "no";
        run.begin();
        run.take("docker.io/");
        run.begin();
        run.take(text);
        const bool here = run.matches();
        run.take(":3");
        return out == "no" && here != run.matches() ? (here ? 1 : 2) : 0;
    };
    CHECK_TWICE(ends("alpine", "alpine") == 1);
    CHECK_TWICE(ends("alpine:3", "alpine") == 2);
    CHECK_TWICE(ends("docker.io/alpine", "alpine") == 1);
    CHECK_TWICE(ends("*/alpine:?", "alpine") == 2);
    CHECK_TWICE(ends("io/alpine", "alpine") == 0);
    // A match begins only where `begin` was called.
    CHECK_TWICE(ends("pine", "alpine") == 0);
}

TEST_CASE("in random sets of patterns a text matches if one of the patterns matches it") {
    const unsigned seed = 5;
    INFO("seed " << seed);
    std::mt19937 random(seed);
    const std::string_view pieces[] = {"a", "b", "/", "?", "*", "[ab]", "\xc3\xa9", "[^b]", "[.-a]", "*[/b]*"};
    const auto make = [&](std::size_t longest, std::size_t kinds) {
        std::string text;
        for (auto count = random() % longest; count > 0; --count) text += pieces[random() % kinds];
        return text;
    };
    int matched = 0;
    for (int round = 0; round < 3000; ++round) {
        std::vector<Glob> each;
        pruneplan::detail::Globs all;
        for (auto count = random() % 12; count > 0; --count) {
            each.push_back(*Glob::compile(make(random() % 8 == 0 ? 90 : 7, random() % 2 == 0 ? 7 : 10)));
            all.add(each.back());
        }
        for (int i = 0; i < 20; ++i) {
            const std::string text = make(6, 3) + (random() % 4 == 0 ? "\xc3\xa9" : "");
            const auto matches = [&](const Glob& glob) { return glob.matches(text); };
            const bool any = std::any_of(each.begin(), each.end(), matches);
            REQUIRE(all.any(matches) == any);
            matched += any;
        }
    }
    CHECK(matched > 10000);
}

TEST_CASE("patterns with many stars match a megabyte in linear time") {
    const std::string text(1 << 20, 'a');
    std::string pattern;
    for (int i = 0; i < 300; ++i) pattern += "*a";
    CHECK_FALSE(matches(pattern + "*b", text));
    CHECK_FALSE(matches("*" + std::string(1000, 'a') + "b", text));
    CHECK_FALSE(matches("*[a-a]?[a-a]?[a-a]b", text));
}

TEST_CASE("a character of three or four bytes is one character for a question mark and a class") {
    CHECK(*match_glob("?", "\xe2\x82\xac"));                  // U+20AC
    CHECK(*match_glob("?", "\xf0\x9f\x90\xb3"));              // U+1F433
    CHECK_FALSE(*match_glob("??", "\xf0\x9f\x90\xb3"));
    CHECK(*match_glob("[\xe2\x82\xa0-\xe2\x82\xbf]x", "\xe2\x82\xacx"));
    CHECK(*match_glob("[\xf0\x9f\x90\xb0-\xf0\x9f\x90\xbf]", "\xf0\x9f\x90\xb3"));
    CHECK_FALSE(*match_glob("[\xf0\x9f\x90\xb4-\xf0\x9f\x90\xbf]", "\xf0\x9f\x90\xb3"));
}

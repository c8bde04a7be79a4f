// SPDX-License-Identifier: BSL-1.0

// Tests patterns, one by one and joined: against the rules of Go's `path.Match`, and with "**".

#include "../../support/check.hpp"

#include <pruneplan/syntax/glob.hpp>

#include <algorithm>
#include <cstddef>
#include <initializer_list>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace {

using pruneplan::ErrorCode;
using pruneplan::Glob;
using pruneplan::detail::Stars;

constexpr bool matches(std::string_view pattern, std::string_view text) {
    return Glob::compile(pattern)->matches(text);
}
constexpr bool matches_as_docker(std::string_view pattern, std::string_view text) {
    return Glob::compile(pattern, Stars::as_docker)->matches(text);
}
constexpr bool is_rejected(std::string_view pattern) {
    return !Glob::compile(pattern) && !Glob::compile(pattern, Stars::as_docker);
}

/// Matches by trying every possibility. Knows literals, "?", "*", "**", "[ab]" and "[^a]".
bool matches_by_search(std::string_view pattern, std::string_view text, Stars stars = Stars::cross_slashes) {
    if (pattern.empty()) return text.empty();
    if (pattern[0] == '*') {
        const bool deep = stars == Stars::cross_slashes && pattern.starts_with("**");
        const std::size_t end = std::min(pattern.find_first_not_of('*'), pattern.size());
        for (std::size_t i = 0;; ++i) {
            if (matches_by_search(pattern.substr(end), text.substr(i), stars)) return true;
            if (i == text.size() || (text[i] == '/' && !deep)) return false;
        }
    }
    if (text.empty()) return false;
    const std::size_t size = pattern[0] == '[' ? 4 : 1;
    const bool matches = pattern.starts_with("[ab]")   ? text[0] == 'a' || text[0] == 'b'
                         : pattern.starts_with("[^a]") ? text[0] != 'a'
                         : pattern[0] == '?'           ? text[0] != '/'
                                                       : text[0] == pattern[0];
    return matches && matches_by_search(pattern.substr(size), text.substr(1), stars);
}

/// Returns all texts of up to `most` of the pieces.
std::vector<std::string> all_texts(std::size_t most, std::initializer_list<std::string_view> pieces) {
    std::vector<std::string> texts{""};
    for (std::size_t start = 0; most > 0; --most) {
        const std::size_t end = texts.size();
        for (; start < end; ++start)
            for (const std::string_view piece : pieces) texts.push_back(texts[start] + std::string(piece));
    }
    return texts;
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

TEST_CASE("two or more stars in a row match any number of characters with slashes") {
    CHECK_TWICE(matches("**", ""));
    CHECK_TWICE(matches("**", "ghcr.io/team/sub/app:1"));
    CHECK_TWICE(matches("ghcr.io/**", "ghcr.io/team/sub/app:1"));
    CHECK_TWICE(!matches("ghcr.io/*", "ghcr.io/team/sub/app:1"));
    CHECK_TWICE(!matches("ghcr.io/**", "ghcr.io"));
    CHECK_TWICE(matches("***/app:?", "ghcr.io/team/sub/app:1"));
    CHECK_TWICE(matches("**/sub/*:1", "ghcr.io/team/sub/app:1"));
    CHECK_TWICE(!matches("**/sub/*:1", "ghcr.io/team/sub/x/app:1"));
    CHECK_TWICE(matches("a**b**c", "a/b/b/c"));
    CHECK_TWICE(!matches("a**b**c", "a/c/b"));
    CHECK_TWICE(matches("**\xc3\xa9*", "a/\xe2\x82\xac/\xc3\xa9\xe2\x82\xac"));
    CHECK_TWICE(!matches("**\xc3\xa9*", "a/\xc3\xa9/a"));
}

TEST_CASE("in the filter reference two stars in a row match as one star does") {
    CHECK_TWICE(matches_as_docker("a**b", "ab"));
    CHECK_TWICE(matches_as_docker("**", "alpine"));
    CHECK_TWICE(!matches_as_docker("**", "team/app"));
    CHECK_TWICE(!matches_as_docker("ghcr.io/**", "ghcr.io/team/app"));
}

TEST_CASE("two stars in a row match across slashes also if a class matches a slash") {
    CHECK_TWICE(matches("**[^x]*", "a/"));
    CHECK_TWICE(matches("*[^x]**", "a/"));
    CHECK_TWICE(matches("*a[.-0]*b**", "aaa/b"));
    CHECK_TWICE(Glob::compile("*[^x]**")->simple());
    CHECK_TWICE(!Glob::compile("*[^x]*")->simple());
    CHECK_TWICE(!Glob::compile("*[^x]**", Stars::as_docker)->simple());
}

TEST_CASE("a backslash or a class takes the meaning of a star from it and from the star before it") {
    CHECK_TWICE(matches("a*\\*", "ab*"));
    CHECK_TWICE(!matches("a*\\*", "a/*"));
    CHECK_TWICE(!matches("a*[*]", "a/*"));
    CHECK_TWICE(matches("a[*]*", "a*b"));
    CHECK_TWICE(!matches("\\**", "*/"));
}

TEST_CASE("a pattern with a blank or control character is rejected") {
    CHECK_TEXT_TWICE(is_rejected("alpine\r"));
    CHECK_TEXT_TWICE(is_rejected("alpine "));
    CHECK_TEXT_TWICE(is_rejected(" alpine"));
    CHECK_TEXT_TWICE(is_rejected("team/*\n"));
    CHECK_TEXT_TWICE(is_rejected("a\tb"));
    CHECK_TEXT_TWICE(is_rejected("a\\ b"));
    CHECK_TEXT_TWICE(is_rejected("[ -z]"));
    CHECK_TEXT_TWICE(is_rejected("a\x7f"));
    CHECK_TEXT_TWICE(is_rejected({"a\0", 2}));
    CHECK(Glob::compile("alpine\r").error() ==
          pruneplan::Error{ErrorCode::bad_pattern,
                           "invalid pattern \"alpine%0D\": remove blanks and control characters"});
    CHECK(Glob::compile("alpine ").error().message ==
          "invalid pattern \"alpine \": remove blanks and control characters");
}

TEST_CASE("a question mark matches one character other than a slash and a class matches one of its characters") {
    CHECK_TWICE(matches("a?c", "abc"));
    CHECK_TWICE(!matches("a?c", "a/c"));
    CHECK_TWICE(matches("?", "\xc3\xa9"));
    CHECK_TWICE(matches("?", "\x7f"));
    CHECK_TWICE(matches("?", "\x80"));
    CHECK_TWICE(matches("?", "\xc2\x80"));
    CHECK_TWICE(!matches("a", "\xc2\x80"));
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

TEST_CASE("a malformed pattern is rejected and the error states what is valid") {
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
    CHECK(Glob::compile("a[").error().code == ErrorCode::bad_pattern);
    CHECK(Glob::compile("a[").error().message ==
          "invalid pattern \"a[\": close each [, put a range such as a-z into it, and put a character after each \\");
}

TEST_CASE("a pattern of 1024 bytes is accepted and a longer one is rejected") {
    const std::string longest(1024, 'a');
    CHECK(matches(longest, longest));
    CHECK_FALSE(matches(longest, longest + "a"));
    CHECK(matches("*" + longest.substr(1), longest));
    CHECK(is_rejected(longest + "a"));
}

TEST_CASE("every short pattern matches exactly the short texts that exhaustive search finds") {
    const auto texts = all_texts(5, {"a", "b", "/"});
    int matched = 0;
    for (const std::string& pattern : all_texts(5, {"a", "/", "?", "*", "[ab]", "[^a]"}))
        for (const Stars stars : {Stars::cross_slashes, Stars::as_docker}) {
            // Without "**", Go's rule for classes that match "/" differs: it has its own tests.
            const bool deep = stars == Stars::cross_slashes && pattern.find("**") != pattern.npos;
            if (!deep && pattern.find('^') != pattern.npos) continue;
            const Glob glob = *Glob::compile(pattern, stars);
            for (const std::string& text : texts) {
                const bool matches = glob.matches(text);
                if (matches != matches_by_search(pattern, text, stars)) FAIL(pattern << " " << text);
                matched += matches;
            }
        }
    CHECK(matched > 100000);
}

TEST_CASE("a pattern of more than 64 characters matches as its end does") {
    const auto texts = all_texts(4, {"a", "b", "/"});
    for (const std::string& pattern : all_texts(4, {"a", "/", "*", "[^a]"})) {
        if (pattern.find("**") == pattern.npos && pattern.find('^') != pattern.npos) continue;
        for (const std::size_t size : {61u, 62u, 63u, 64u, 126u}) {
            const std::string head(size, 'h');
            const Glob glob = *Glob::compile(head + pattern);
            for (const std::string& text : texts)
                if (glob.matches(head + text) != matches_by_search(pattern, text)) FAIL(size << pattern << " " << text);
        }
    }
}

TEST_CASE("in random patterns and texts a match is what exhaustive search finds") {
    const unsigned seed = 3;
    INFO("seed " << seed);
    std::mt19937 random(seed);
    const std::string_view pieces[] = {"a", "b", "/", "?", "*", "[ab]", "a", "b", "**"}, letters[] = {"a", "b", "/"};
    int matched = 0;
    for (int round = 0; round < 200000; ++round) {
        std::string pattern, text;
        for (auto count = random() % 9; count > 0; --count) pattern += pieces[random() % std::size(pieces)];
        for (auto count = random() % 9; count > 0; --count) text += letters[random() % std::size(letters)];
        const bool is_match = matches(pattern, text);
        if (is_match != matches_by_search(pattern, text)) FAIL(pattern << " " << text);
        matched += is_match;
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

TEST_CASE("patterns with two stars in a row can be joined with others that are simple") {
    constexpr auto joined = [](std::string_view text) {
        Glob glob = *Glob::compile("*/app");
        return glob.join(*Glob::compile("**/db")) && glob.join(*Glob::compile("**[^x]y")) &&
               !glob.join(*Glob::compile("[^x]")) && glob.matches(text);
    };
    CHECK_TWICE(joined("team/app"));
    CHECK_TWICE(!joined("a/team/app"));
    CHECK_TWICE(joined("a/team/db"));
    CHECK_TWICE(joined("a/team//y"));
    CHECK_TWICE(!joined("a/team/xy"));
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

TEST_CASE("a star accepts characters until a place behind it is reached and further ones after it") {
    const auto glob = Glob::compile("a*b");
    REQUIRE(glob);
    Glob::Run run(*glob);
    run.begin();
    std::string matches;
    for (const char c : std::string_view("acbcb/b")) {
        run.take({&c, 1});
        matches += run.matches() ? 'x' : '-';
    }
    CHECK(matches == "--x-x--");
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
    const std::string_view pieces[] = {"a", "b", "/", "?", "*", "[ab]", "\xc3\xa9", "[^b]", "[.-a]", "*[/b]*", "**"};
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
            each.push_back(*Glob::compile(make(random() % 8 == 0 ? 90 : 7, random() % 2 == 0 ? 7 : 11)));
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
    CHECK_FALSE(matches("**" + std::string(1000, 'a') + "b", text));
    CHECK_FALSE(matches("**a**a**a**a**[^x]**a**b", text));
    CHECK_FALSE(matches("*[a-a]?[a-a]?[a-a]b", text));
}

TEST_CASE("a character of three or four bytes is one character for a question mark and a class") {
    CHECK(matches("?", "\xe2\x82\xac"));      // U+20AC
    CHECK(matches("?", "\xf0\x9f\x90\xb3"));  // U+1F433
    CHECK_FALSE(matches("??", "\xf0\x9f\x90\xb3"));
    CHECK(matches("[\xe2\x82\xa0-\xe2\x82\xbf]x", "\xe2\x82\xacx"));
    CHECK(matches("[\xf0\x9f\x90\xb0-\xf0\x9f\x90\xbf]", "\xf0\x9f\x90\xb3"));
    CHECK_FALSE(matches("[\xf0\x9f\x90\xb4-\xf0\x9f\x90\xbf]", "\xf0\x9f\x90\xb3"));
}

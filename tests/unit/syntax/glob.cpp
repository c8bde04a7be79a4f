#include "../../support/check.hpp"

#include <pruneplan/syntax/glob.hpp>

#include <random>
#include <string>
#include <string_view>

namespace {

using pruneplan::ErrorCode;
using pruneplan::Glob;
using pruneplan::match_glob;

constexpr bool matches(std::string_view pattern, std::string_view text) { return *match_glob(pattern, text); }
constexpr bool refused(std::string_view pattern) { return !match_glob(pattern, ""); }

/// The rule as it reads, by trying everything: for short patterns of literals, "?", "*" and "[ab]".
bool plainly(std::string_view pattern, std::string_view text) {
    if (pattern.empty()) return text.empty();
    if (pattern[0] == '*') {
        if (plainly(pattern.substr(1), text)) return true;
        return !text.empty() && text[0] != '/' && plainly(pattern, text.substr(1));
    }
    if (text.empty()) return false;
    if (pattern.starts_with("[ab]")) return (text[0] == 'a' || text[0] == 'b') && plainly(pattern.substr(4), text.substr(1));
    return (pattern[0] == '?' ? text[0] != '/' : pattern[0] == text[0]) && plainly(pattern.substr(1), text.substr(1));
}

}  // namespace

TEST_CASE("literals match themselves, and the whole text has to match") {
    CHECK_TWICE(matches("", ""));
    CHECK_TWICE(!matches("", "a"));
    CHECK_TWICE(matches("alpine", "alpine"));
    CHECK_TWICE(!matches("alpine", "alpine:3"));
    CHECK_TWICE(!matches("alpine:3", "alpine"));
}

TEST_CASE("a star stands for anything but a slash") {
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

TEST_CASE("a question mark stands for one character, a class for one of several") {
    CHECK_TWICE(matches("a?c", "abc"));
    CHECK_TWICE(!matches("a?c", "a/c"));
    CHECK_TWICE(matches("?", "\xc3\xa9"));
    CHECK_TWICE(matches("[a-c]", "b"));
    CHECK_TWICE(!matches("[a-c]", "d"));
    CHECK_TWICE(matches("[^a-c]", "d"));
    CHECK_TWICE(matches("[^a]", "/"));
    CHECK_TWICE(matches("[\xc3\xa0-\xc3\xbf]", "\xc3\xa9"));
    CHECK_TWICE(!matches("[a-c]", ""));
    CHECK_TWICE(matches("[x\\]]", "]"));
}

TEST_CASE("a backslash takes the meaning off the next character") {
    CHECK_TWICE(matches("a\\*", "a*"));
    CHECK_TWICE(!matches("a\\*", "ab"));
    CHECK_TWICE(matches("\\a", "a"));
}

TEST_CASE("a malformed pattern is refused, whatever the text") {
    CHECK_TEXT_TWICE(refused("["));
    CHECK_TEXT_TWICE(refused("[]"));
    CHECK_TEXT_TWICE(refused("[a"));
    CHECK_TEXT_TWICE(refused("[a-"));
    CHECK_TEXT_TWICE(refused("[a-]"));
    CHECK_TEXT_TWICE(refused("[-a]"));
    CHECK_TEXT_TWICE(refused("[^]"));
    CHECK_TEXT_TWICE(refused("a\\"));
    CHECK_TEXT_TWICE(refused("[\\"));
    CHECK_TEXT_TWICE(refused("[\xc3]"));
    CHECK(match_glob("a[", "b").error().code == ErrorCode::bad_pattern);
    CHECK(match_glob("a[", "b").error().message ==
          "\"a[\" is no pattern: close each [, put a range such as a-z into it, and put a character after each \\");
}

TEST_CASE("a pattern has at most 1,024 bytes") {
    const std::string longest(1024, 'a');
    CHECK(matches(longest, longest));
    CHECK_FALSE(matches(longest, longest + "a"));
    CHECK(matches("*" + longest.substr(1), longest));
    CHECK(refused(longest + "a"));
}

TEST_CASE("on random patterns and texts it does what the rule says") {
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
        REQUIRE(matches(pattern, text) == plainly(pattern, text));
        matched += matches(pattern, text);
    }
    CHECK(matched > 5000);
}

TEST_CASE("chunks that lie across the words of the machine match as others do") {
    for (std::size_t before = 0; before < 140; ++before)
        for (std::size_t size : {1u, 2u, 63u, 64u, 65u, 130u}) {
            const std::string head(before, 'h'), needle = std::string(size, 'x') + "y";
            const auto glob = Glob::compile(head + "*" + needle + "*z");
            REQUIRE(glob);
            CHECK(glob->matches(head + "xxx-" + std::string(size + 3, 'x') + "y..z"));
            CHECK_FALSE(glob->matches(head + "xxx-" + std::string(size - 1, 'x') + "y..z"));
        }
}

TEST_CASE("what would take others an age takes one pass") {
    const std::string text(1 << 20, 'a');
    std::string pattern;
    for (int i = 0; i < 300; ++i) pattern += "*a";
    CHECK_FALSE(matches(pattern + "*b", text));
    CHECK_FALSE(matches("*" + std::string(1000, 'a') + "b", text));
    CHECK_FALSE(matches("*[a-a]?[a-a]?[a-a]b", text));
}

// SPDX-License-Identifier: BSL-1.0

// Tests the sort of records by name, which gives the order of std::sort on the names.

#include "../../../support/check.hpp"

#include <pruneplan/detail/index/name_order.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace {

using pruneplan::detail::NameOrder;
using pruneplan::detail::RecordTexts;

template <class Text>
constexpr RecordTexts texts_of(const std::vector<Text>& names) {
    RecordTexts texts;
    texts.reserve(names.size());
    std::size_t size = 0;
    for (const std::string_view name : names) size += name.size();
    texts.make_room(size, names.size());
    for (const std::string_view name : names) texts.add(name, "", 0, false);
    return texts;
}

/// Tells whether names are sorted as std::sort does. Their records are given in their order, and in its reverse.
template <class Text>
constexpr bool sorts(std::vector<Text> names) {
    const RecordTexts texts = texts_of(names);
    NameOrder order(texts);
    std::vector<std::uint32_t> records;
    for (std::uint32_t i = 0; i < names.size(); ++i) records.push_back(i);
    std::sort(names.begin(), names.end());
    for (int time = 0; time < 2; ++time) {
        order.sort(records.data(), records.data() + records.size());
        for (std::size_t i = 0; i < names.size(); ++i)
            if (texts.name(records[i]) != names[i]) return false;
        std::reverse(records.begin(), records.end());
    }
    return true;
}

using Names = std::vector<std::string>;

/// Removes names that are there twice, and shuffles the others.
Names unique(Names names, std::mt19937& random) {
    std::sort(names.begin(), names.end());
    names.erase(std::unique(names.begin(), names.end()), names.end());
    std::shuffle(names.begin(), names.end(), random);
    return names;
}

}  // namespace

TEST_CASE("records are sorted by name bytewise also at compile time") {
    using Views = std::vector<std::string_view>;
    CHECK_TWICE(sorts(Views{}));
    CHECK_TWICE(sorts(Views{"a"}));
    CHECK_TWICE(sorts(Views{"b", "a", "", "ab", "aa"}));
    CHECK_TWICE(sorts(Views{"n", "m", "l", "k", "j", "i", "h", "g", "f", "e", "d", "c", "b", "a", "", "aa"}));
    CHECK_TWICE(sorts(Views{"az", "a\xff", "a", "a\x80", "a\x7f"}));
}

TEST_CASE("only the records of the given range are sorted and one order can sort several ranges") {
    const RecordTexts texts = texts_of(Names{"c", "b", "a", "f", "e", "d"});
    NameOrder order(texts);
    std::uint32_t records[] = {5, 4, 3, 2, 1, 0};
    order.sort(records + 1, records + 3);
    CHECK(std::equal(records, records + 6, std::vector<std::uint32_t>{5, 4, 3, 2, 1, 0}.begin()));
    order.sort(records + 3, records + 6);
    CHECK(std::equal(records, records + 6, std::vector<std::uint32_t>{5, 4, 3, 2, 1, 0}.begin()));
    order.sort(records + 2, records + 5);
    CHECK(std::equal(records, records + 6, std::vector<std::uint32_t>{5, 4, 2, 1, 3, 0}.begin()));
    order.sort(records + 2, records + 2);
    order.sort(records, records + 6);
    CHECK(std::equal(records, records + 6, std::vector<std::uint32_t>{2, 1, 0, 5, 4, 3}.begin()));
}

TEST_CASE("names that end in different numbers of zeros are sorted by length") {
    Names names;
    for (const char* const beginning : {"", "a", "ab", "abc", "abcd", "abcde", "b"})
        for (std::size_t zeros = 0; zeros < 14; ++zeros) {
            names.push_back(beginning + std::string(zeros, '\0'));
            names.push_back(beginning + std::string(zeros, '\0') + '\1');
            names.push_back(beginning + std::string(zeros, '\0') + "\xff");
        }
    std::mt19937 random(2);
    CHECK(sorts(unique(names, random)));
}

TEST_CASE("in random populations records are sorted as std::sort sorts their names") {
    const unsigned seed = 9;
    INFO("seed " << seed);
    std::mt19937 random(seed);
    const std::string alphabets[] = {"ab", std::string("\0a", 2), std::string("\0\x01\x7f\x80\xff", 5),
                                     "abcdefghijklmnop"};
    for (int round = 0; round < 400; ++round) {
        const std::string& letters = alphabets[random() % 4];
        const std::size_t most = std::size_t{1} << random() % 7;
        Names beginnings{""}, names;
        for (std::size_t i = 0; i < 3; ++i)
            beginnings.push_back(std::string(random() % 50, letters[random() % letters.size()]));
        for (std::size_t left = random() % 200; left > 0; --left) {
            std::string name = beginnings[random() % beginnings.size()];
            for (std::size_t size = random() % (most + 1); size > 0; --size) name += letters[random() % letters.size()];
            // Names that are prefixes of others.
            if (!names.empty() && random() % 4 == 0)
                name = names[random() % names.size()] + name.substr(0, random() % 5);
            names.push_back(name);
        }
        INFO("round " << round);
        REQUIRE(sorts(unique(names, random)));
    }
}

TEST_CASE("10000 names with common prefixes are sorted as std::sort sorts them") {
    const unsigned seed = 10;
    INFO("seed " << seed);
    std::mt19937 random(seed);
    const char* const prefixes[] = {"docker.io/library/", "ghcr.io/team/",
                                    "registry.example.com:5000/a/long/path/to/an/", ""};
    Names names;
    for (std::size_t i = 0; i < 10'000; ++i) {
        names.push_back(prefixes[random() % 4] + ("app" + std::to_string(random() % 300)) + ":" +
                        std::to_string(random() % 900));
        if (random() % 50 == 0) names.back().insert(random() % names.back().size(), 1, '\0');
        if (random() % 50 == 0) names.back().insert(random() % names.back().size(), "\xc3\xa4");
    }
    names.push_back("");
    CHECK(sorts(unique(names, random)));
}

// If the sort took quadratic time, these would take minutes.

TEST_CASE("30000 names that differ only behind a long prefix are sorted in time") {
    std::mt19937 random(3);
    Names names;
    for (std::size_t i = 0; i < 30'000; ++i) names.push_back(std::string(300, 'p') + std::to_string(random()));
    CHECK(sorts(unique(names, random)));
}

TEST_CASE("names of which each is a prefix of the next are sorted in time") {
    std::mt19937 random(4);
    for (const char letter : {'a', '\0'}) {
        Names names;
        for (std::size_t size = 0; size < 1500; ++size) names.emplace_back(size, letter);
        CHECK(sorts(unique(names, random)));
    }
}

TEST_CASE("names of which each leaves the common prefix four bytes later are sorted in time") {
    std::mt19937 random(5);
    Names names;
    for (std::size_t i = 0; i < 1000; ++i) {
        names.emplace_back(4000, 'b');
        names.back()[4 * i] = i % 2 == 0 ? 'a' : 'c';
    }
    CHECK(sorts(unique(names, random)));
}

TEST_CASE("a few names with megabytes in common are sorted") {
    std::mt19937 random(6);
    Names names;
    for (const char* const end : {"", "a", "b", "ab", "ba", "\xff", "abcdefgh"})
        names.push_back(std::string(1 << 20, 'x') + end);
    CHECK(sorts(unique(names, random)));
}

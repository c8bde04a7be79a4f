// SPDX-License-Identifier: BSL-1.0

// Tests where the names and targets of records stand.

#include "../../../support/check.hpp"

#include <pruneplan/detail/index/record_texts.hpp>

#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace {

using pruneplan::detail::RecordTexts;

struct Text {
    std::string_view name, target;
    std::uint32_t image;
    bool dangling = false;
};

/// Adds records in blocks of `together`.
constexpr RecordTexts texts_of(const std::vector<Text>& all, std::size_t together) {
    RecordTexts texts;
    texts.reserve(all.size());
    for (std::size_t begin = 0; begin < all.size(); begin += together) {
        std::size_t size = 0;
        for (std::size_t i = begin; i < all.size() && i < begin + together; ++i)
            size += all[i].name.size() + all[i].target.size();
        texts.make_room(size, together);
        for (std::size_t i = begin; i < all.size() && i < begin + together; ++i)
            texts.add(all[i].name, all[i].target, all[i].image, all[i].dangling);
    }
    return texts;
}

constexpr bool hold(const RecordTexts& texts, const std::vector<Text>& all) {
    if (texts.size() != all.size()) return false;
    for (std::size_t i = 0; i < all.size(); ++i) {
        texts.prefetch(i);
        texts.prefetch_name(i);
        texts.prefetch_names_after(i);
        texts.prefetch_target(texts.image(i));
        if (texts.name(i) != all[i].name || texts.target(i) != all[all[i].image].target) return false;
        if (texts.image(i) != all[i].image || texts.is_first(i) != (all[i].image == i)) return false;
        if (texts.is_dangling(i) != all[i].dangling) return false;
    }
    return true;
}

/// Tells whether these records hold their texts, and their copies and the texts that are moved do.
constexpr bool holds(const std::vector<Text>& all, std::size_t together) {
    RecordTexts texts = texts_of(all, together), assigned;
    if (!hold(texts, all)) return false;
    const RecordTexts copy = texts;
    assigned = texts;
    if (all.size() > 0 && copy.name(0).data() == texts.name(0).data()) return false;
    const RecordTexts moved = std::move(texts);
    texts = RecordTexts();
    return hold(copy, all) && hold(assigned, all) && hold(moved, all);
}

}  // namespace

TEST_CASE("each record has its name and each image the target of its first record") {
    constexpr auto some = [] {
        return std::vector<Text>{{"a:1", "sha256:1", 0},
                                 {"b:1", "sha256:2", 1},
                                 {"a:2", "", 0, true},
                                 {"a:3", "sha256:1", 0},
                                 {"c:1", "sha256:3", 4, true}};
    };
    CHECK_TWICE(holds(some(), 5));
    CHECK_TWICE(holds({}, 1));
}

TEST_CASE("names and targets can be empty and contain zeros") {
    constexpr auto some = [] {
        return std::vector<Text>{
            {"", "", 0}, {std::string_view("a\0", 2), std::string_view("\0", 1), 1}, {"\xff\x80", "", 0}, {"x", "", 1}};
    };
    CHECK_TWICE(holds(some(), 4));
    CHECK(holds({{"a", "1", 0}, {"", "", 0}}, 2));
}

TEST_CASE("texts in several blocks can be copied") {
    constexpr auto some = [] {
        return std::vector<Text>{{"a:1", "sha256:1", 0}, {"b:1", "sha256:2", 1}, {"a:2", "", 0}, {"", "", 1},
                                 {"c:1", "sha256:3", 4}, {"d:1", "sha256:3", 4}};
    };
    for (const std::size_t together : {1u, 2u, 3u, 5u}) CHECK(holds(some(), together));
    CHECK_TWICE(holds(some(), 2));
}

TEST_CASE("in one block names and targets of very different sizes keep their places") {
    const unsigned seed = 4;
    INFO("seed " << seed);
    std::mt19937 random(seed);
    const std::string large(100'000, 'x');
    for (int round = 0; round < 200; ++round) {
        std::vector<Text> all;
        const auto text = [&] {
            const std::size_t most[] = {0, 3, 40, 300, 100'000};
            return std::string_view(large).substr(0, random() % (most[random() % 5] + 1));
        };
        for (std::uint32_t i = 0; i < 40; ++i) {
            const auto image = random() % 3 == 0 && i > 0 ? all[random() % i].image : i;
            all.push_back({text(), text(), image, random() % 2 == 0});
        }
        REQUIRE(holds(all, 1 + random() % 40));
    }
}

TEST_CASE("texts do not move while records are added") {
    RecordTexts texts;
    texts.make_room(5, 1);
    texts.add("first", "", 0, false);
    const char* const place = texts.name(0).data();
    for (std::uint32_t i = 1; i < 3000; ++i) {
        texts.make_room(5, 1);
        texts.add("other", "", i, false);
    }
    CHECK(texts.name(0).data() == place);
    CHECK(texts.name(2999) == "other");
}

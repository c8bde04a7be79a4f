// SPDX-License-Identifier: BSL-1.0

// Tests `ImageIds`, the further IDs of images.

#include "../../../support/check.hpp"

#include <pruneplan/detail/hash.hpp>
#include <pruneplan/detail/index/image_ids.hpp>
#include <pruneplan/detail/index/record_texts.hpp>

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace {

using pruneplan::detail::HashKey;
using pruneplan::detail::ImageIds;
using pruneplan::detail::no_record;
using Images = std::vector<std::uint32_t>;

constexpr HashKey key{0x1234567890abcdef, 0xfedcba0987654321};

/// Returns the images of an ID, where image 9 has the target "t".
constexpr Images images(std::initializer_list<std::pair<std::string_view, std::uint32_t>> added, std::string_view id) {
    ImageIds ids(key);
    for (const auto& [text, image] : added) ids.add(text, image);
    ids.finish(10, [](std::string_view text) { return text == "t" ? 9u : no_record; });
    const std::uint32_t number = ids.find(id, pruneplan::detail::hash(id, key));
    if (number == no_record || ids[number] != id) return {};
    return Images(ids.images(number).begin(), ids.images(number).end());
}

}  // namespace

TEST_CASE("an ID finds the images that have it in ascending order, each once") {
    CHECK_TWICE(images({}, "a").empty());
    CHECK_TWICE(images({{"a", 3}}, "a") == Images{3});
    CHECK_TWICE(images({{"a", 3}}, "b").empty());
    CHECK_TWICE(images({{"a", 5}, {"b", 4}, {"a", 3}, {"a", 5}}, "a") == Images{3, 5});
    CHECK_TWICE(images({{"a", 5}, {"b", 4}, {"a", 3}}, "b") == Images{4});
}

TEST_CASE("the image whose target an ID is has it, too") {
    CHECK_TWICE(images({{"t", 3}}, "t") == Images{3, 9});
    CHECK_TWICE(images({{"t", 9}}, "t") == Images{9});
}

TEST_CASE("a thousand IDs are found, whatever their number was when they were added") {
    ImageIds ids(key);
    const auto text = [](std::size_t number) { return "sha256:" + std::to_string(number); };
    CHECK(ids.empty());
    for (std::uint32_t number = 0; number < 1000; ++number) ids.add(text(number), number / 2);
    for (std::uint32_t number = 0; number < 1000; number += 2) ids.add(text(number), 999);
    ids.finish(1000, [](std::string_view) { return no_record; });
    REQUIRE(ids.size() == 1000);
    for (std::uint32_t number = 0; number < 1000; ++number) {
        const std::uint32_t found = ids.find(text(number), pruneplan::detail::hash(text(number), key));
        REQUIRE(found == number);
        const auto list = ids.images(found);
        REQUIRE(Images(list.begin(), list.end()) == (number % 2 == 0 ? Images{number / 2, 999} : Images{number / 2}));
    }
}

// SPDX-License-Identifier: BSL-1.0

// Tests lookups of many images by whole or truncated ID, which find what `find_image` finds.

#include "../../support/check.hpp"
#include "../../support/mock.hpp"

#include <pruneplan/image_lookups.hpp>

#include <cstddef>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace {

using pruneplan::detail::ImageLookups;

/// Tells whether twelve lookups give this answer. The first ones scan all records, later ones search a sorted list.
constexpr bool finds(const std::vector<mock::Record>& records, std::string_view typed,
                     std::optional<std::size_t> expected, bool several = false) {
    const mock::Store store{records};
    const auto index = mock::Index::build(store);
    ImageLookups<mock::Index> images(*index);
    for (int i = 0; i < 12; ++i) {
        bool ambiguous = false;
        if (images.find(typed, ambiguous) != expected || ambiguous != several) return false;
    }
    return true;
}

}  // namespace

TEST_CASE("an image is found by name or ID or truncated ID in each of several lookups") {
    const auto records = [] {
        return std::vector<mock::Record>{{"docker.io/library/b:latest", "sha256:82d1"},
                                         {"a", "sha256:82d2"},
                                         {"docker.io/library/ffff:latest", "sha256:0000"},
                                         {"c", "sha256:82d1"},
                                         {"d", "sha512:ffff"},
                                         {"e", "sha256:ffff"}};
    };
    CHECK_TWICE(finds(records(), "a", 1));
    CHECK_TWICE(finds(records(), "b", 0));
    CHECK_TWICE(finds(records(), "sha256:82d1", 0));
    CHECK_TWICE(finds(records(), "82d1", 0));
    CHECK_TWICE(finds(records(), "82d2", 1));
    CHECK_TWICE(finds(records(), "sha256:0", 2));
    CHECK_TWICE(finds(records(), "0000", 2));
    CHECK_TWICE(finds(records(), "00000", std::nullopt));
    CHECK_TWICE(finds(records(), "fff", 5));
    CHECK_TWICE(finds(records(), "ffff", 2));
    CHECK_TWICE(finds(records(), "g", std::nullopt));
    CHECK_TWICE(finds(records(), "", std::nullopt));
    CHECK_TWICE(finds(records(), "sha256:", std::nullopt));
    CHECK_TWICE(finds({}, "0", std::nullopt));
}

TEST_CASE("a truncated ID of several images is ambiguous in each of several lookups") {
    CHECK_TWICE(finds({{"a", "sha256:82d1"}, {"b", "sha256:82d2"}}, "82d", std::nullopt, true));
    CHECK_TWICE(finds({{"a", "sha256:82d1"}, {"b", "sha256:82d2"}}, "sha256:8", std::nullopt, true));
    CHECK_TWICE(finds({{"a", "sha256:82d1"}, {"b", "sha256:82d1"}}, "82d", 0));
}

TEST_CASE("in random stores many lookups find what find_image finds") {
    const unsigned seed = 6;
    INFO("seed " << seed);
    std::mt19937 random(seed);
    const auto digits = [&](std::size_t most) {
        std::string text;
        for (auto count = random() % (most + 1); count > 0; --count) text += "012"[random() % 3];
        return text;
    };
    std::size_t found = 0, several = 0;
    for (int round = 0; round < 300; ++round) {
        std::vector<std::string> texts;
        for (int i = 0; i < 24; ++i) texts.push_back((random() % 8 ? "sha256:" : "sha512:") + digits(6));
        mock::Store store;
        std::vector<std::string> names;
        for (std::size_t i = 0; i < texts.size(); ++i)
            names.push_back("docker.io/library/" + std::to_string(100 + i) + ":latest");
        for (std::size_t i = 0; i < texts.size(); ++i) store.records.push_back({names[i], texts[i]});
        const auto index = mock::Index::build(store);
        ImageLookups<mock::Index> images(*index);
        for (int i = 0; i < 60; ++i) {
            const std::string typed = (random() % 4 ? "" : "sha256:") + digits(7);
            bool ambiguous = false, ambiguous_there = false;
            INFO(typed);
            REQUIRE(images.find(typed, ambiguous) == index->find_image(typed, ambiguous_there));
            REQUIRE(ambiguous == ambiguous_there);
            found += index->find_image(typed, ambiguous_there).has_value();
            several += ambiguous;
        }
    }
    CHECK(found > 1000);
    CHECK(several > 1000);
}

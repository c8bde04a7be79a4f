// SPDX-License-Identifier: BSL-1.0

// Tests lists of texts that are copied as a whole.

#include "../../../support/check.hpp"

#include <pruneplan/detail/text/text_list.hpp>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace {

using pruneplan::detail::TextList;

/// Tells whether a list and its copy hold these texts.
constexpr bool holds(const std::vector<std::string_view>& texts) {
    TextList list;
    for (const std::string_view text : texts) list.add(text);
    const TextList copy = list;
    list.add("more");
    const TextList moved = std::move(list);
    if (copy.size() != texts.size() || copy.empty() != texts.empty()) return false;
    for (std::size_t i = 0; i < texts.size(); ++i)
        if (copy[i] != texts[i] || moved[i] != texts[i] || copy[i].data() == moved[i].data()) return false;
    return moved.size() == texts.size() + 1 && moved[texts.size()] == "more";
}

}  // namespace

TEST_CASE("a list of texts holds copies of them in their order with empty ones and embedded zeros") {
    CHECK_TWICE(holds({}));
    CHECK_TWICE(holds({""}));
    CHECK_TWICE(holds({"", "a", "", "bc", std::string_view("d\0e", 3), ""}));
}

TEST_CASE("a list of texts grows to many texts of very different sizes") {
    TextList list;
    std::string text;
    for (std::size_t i = 0; i < 2000; ++i) {
        text.assign(i % 7 == 0 ? 3 * i : i % 5, static_cast<char>('a' + i % 26));
        list.add(text);
    }
    for (std::size_t i = 0; i < 2000; ++i) {
        text.assign(i % 7 == 0 ? 3 * i : i % 5, static_cast<char>('a' + i % 26));
        REQUIRE(list[i] == text);
    }
}

// SPDX-License-Identifier: BSL-1.0

// Tests the arena that owns copied texts.

#include "../../../support/check.hpp"

#include <pruneplan/detail/index/string_arena.hpp>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

using pruneplan::detail::StringArena;

namespace {

constexpr bool keeps_texts() {
    StringArena arena;
    std::vector<std::string_view> stored;
    char digit = '0';
    for (int i = 0; i < 200; ++i, digit = digit == '9' ? '0' : static_cast<char>(digit + 1)) {
        const char text[] = {'n', 'a', 'm', 'e', '-', 'o', 'f', '-', digit};
        stored.push_back(arena.add({text, sizeof text}));
    }
    const StringArena moved = std::move(arena);
    for (std::size_t i = 0; i < stored.size(); ++i)
        if (stored[i].substr(0, 8) != "name-of-" || stored[i][8] != static_cast<char>('0' + i % 10)) return false;
    return true;
}

}  // namespace

TEST_CASE("texts in an arena keep their addresses as it grows and moves") { CHECK_TWICE(keeps_texts()); }

TEST_CASE("an arena stores empty texts and texts of a megabyte") {
    StringArena arena;
    const std::string large(1 << 20, 'x');
    CHECK(arena.add("").empty());
    const std::string_view stored = arena.add(large);
    CHECK(arena.add("after") == "after");
    CHECK(stored == large);
}

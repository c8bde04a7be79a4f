// SPDX-License-Identifier: BSL-1.0
#include "../../support/check.hpp"

#include <pruneplan/detail/string_arena.hpp>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

using pruneplan::detail::StringArena;

namespace {

constexpr bool keeps_what_it_was_given() {
    StringArena arena;
    std::vector<std::string_view> kept;
    char digit = '0';
    for (int i = 0; i < 200; ++i, digit = digit == '9' ? '0' : static_cast<char>(digit + 1)) {
        const char text[] = {'n', 'a', 'm', 'e', '-', 'o', 'f', '-', digit};
        kept.push_back(arena.add({text, sizeof text}));
    }
    const StringArena moved = std::move(arena);
    for (std::size_t i = 0; i < kept.size(); ++i)
        if (kept[i].substr(0, 8) != "name-of-" || kept[i][8] != static_cast<char>('0' + i % 10)) return false;
    return true;
}

}  // namespace

TEST_CASE("texts stay where they were put, as more come and the arena moves") {
    CHECK_TWICE(keeps_what_it_was_given());
}

TEST_CASE("a text larger than any block is kept whole, an empty one is kept empty") {
    StringArena arena;
    const std::string large(1 << 20, 'x');
    CHECK(arena.add("").empty());
    const std::string_view kept = arena.add(large);
    CHECK(arena.add("after") == "after");
    CHECK(kept == large);
}

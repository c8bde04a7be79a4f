// SPDX-License-Identifier: BSL-1.0
#include "../../support/check.hpp"

#include <pruneplan/detail/vector.hpp>

#include <cstddef>
#include <utility>

namespace {

using pruneplan::detail::Vector;

constexpr bool holds(const Vector<int>& list, std::size_t size) {
    if (list.size() != size || list.empty() != (size == 0)) return false;
    int expected = 0;
    for (const int value : list)
        if (value != expected++) return false;
    return expected == static_cast<int>(size);
}

constexpr Vector<int> counted(int size) {
    Vector<int> list;
    for (int i = 0; i < size; ++i) list.push_back(i);
    return list;
}

constexpr bool gives_back_what_was_put() {
    for (const int size : {0, 1, 2, 100})
        if (!holds(counted(size), static_cast<std::size_t>(size))) return false;
    Vector<int> list(3, 7);
    if (list.size() != 3 || list[0] != 7 || list[1] != 7 || list.back() != 7) return false;
    for (std::size_t i = 0; i < 3; ++i) list[i] = static_cast<int>(i);
    list.back() = 2;
    return holds(list, 3) && holds(Vector<int>(0, 7), 0);
}

constexpr bool appends_many_at_once() {
    const Vector<int> more = counted(50);
    Vector<int> list;
    list.append(more.data(), 0);
    if (!list.empty()) return false;
    list.append(more.data(), 20);
    list.append(more.data() + 20, 30);
    return holds(list, 50);
}

constexpr bool puts_what_lies_in_itself() {
    Vector<int> list(1, 0);
    for (int i = 0; i < 40; ++i) {
        list.push_back(list.back());
        ++list.back();
    }
    return holds(list, 41);
}

constexpr bool copies_and_moves() {
    Vector<int> list = counted(10);
    const Vector<int> copy = list;
    list[0] = 99;
    if (!holds(copy, 10)) return false;
    const int* const data = list.data();
    Vector<int> moved = std::move(list);
    if (moved.data() != data || moved[0] != 99) return false;
    moved = copy;
    if (!holds(moved, 10) || moved.data() == copy.data()) return false;
    const Vector<int>& itself = moved;
    moved = itself;
    list = std::move(moved);
    return holds(list, 10) && holds(copy, 10);
}

constexpr bool shrinks_and_keeps_its_room() {
    Vector<int> list;
    list.reserve(64);
    const int* const data = list.data();
    for (int i = 0; i < 64; ++i) list.push_back(i);
    if (list.data() != data || list.capacity() != 64) return false;
    list.pop_back();
    list.reserve(10);
    if (!holds(list, 63) || list.capacity() != 64) return false;
    list.clear();
    return holds(list, 0) && list.data() == data;
}

constexpr bool holds_lists() {
    Vector<Vector<int>> lists;
    for (int i = 0; i < 20; ++i) lists.push_back(counted(i));
    const Vector<Vector<int>> copy = lists;
    lists.clear();
    for (std::size_t i = 0; i < 20; ++i)
        if (!holds(copy[i], i)) return false;
    return true;
}

}  // namespace

TEST_CASE("a list gives back what was put, in its order") {
    CHECK_TWICE(gives_back_what_was_put());
    CHECK_TWICE(appends_many_at_once());
    CHECK_TWICE(puts_what_lies_in_itself());
}

TEST_CASE("a copy of a list is a list of its own, and a move takes what there is") {
    CHECK_TWICE(copies_and_moves());
}

TEST_CASE("a list that shrinks keeps its memory") {
    CHECK_TWICE(shrinks_and_keeps_its_room());
}

TEST_CASE("lists can be put into lists") {
    CHECK_TWICE(holds_lists());
}

TEST_CASE("a list that is full becomes twice as large") {
    constexpr auto capacity_after = [](int size) { return counted(size).capacity(); };
    CHECK_TWICE(capacity_after(1) == 1);
    CHECK_TWICE(capacity_after(3) == 4);
    CHECK_TWICE(capacity_after(5) == 8);
    CHECK_TWICE(capacity_after(65) == 128);
}

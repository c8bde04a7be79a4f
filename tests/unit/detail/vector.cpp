// SPDX-License-Identifier: BSL-1.0

// Tests the library's own vector.

#include "../../support/check.hpp"

#include <pruneplan/detail/vector.hpp>

#include <cstddef>
#include <utility>

namespace {

using pruneplan::detail::Vector;

/// Tells whether a vector holds the numbers from 0 to `size` - 1.
constexpr bool holds(const Vector<int>& vector, std::size_t size) {
    if (vector.size() != size || vector.empty() != (size == 0)) return false;
    int expected = 0;
    for (const int value : vector)
        if (value != expected++) return false;
    return expected == static_cast<int>(size);
}

constexpr Vector<int> counted(int size) {
    Vector<int> vector;
    for (int i = 0; i < size; ++i) vector.push_back(i);
    return vector;
}

constexpr bool has_added_elements() {
    for (const int size : {0, 1, 2, 100})
        if (!holds(counted(size), static_cast<std::size_t>(size))) return false;
    Vector<int> vector(3, 7);
    if (vector.size() != 3 || vector[0] != 7 || vector[1] != 7 || vector.back() != 7) return false;
    for (std::size_t i = 0; i < 3; ++i) vector[i] = static_cast<int>(i);
    vector.back() = 2;
    return holds(vector, 3) && holds(Vector<int>(0, 7), 0);
}

constexpr bool appends_many_at_once() {
    const Vector<int> more = counted(50);
    Vector<int> vector;
    vector.append(more.data(), 0);
    if (!vector.empty()) return false;
    vector.append(more.data(), 20);
    vector.append(more.data() + 20, 30);
    return holds(vector, 50);
}

constexpr bool extends() {
    Vector<int> vector = counted(3);
    vector.make_room(2);
    const int* const data = vector.data();
    int* const added = vector.extend(2);
    added[0] = 3;
    added[1] = 4;
    if (vector.data() != data || added != data + 3 || !holds(vector, 5)) return false;
    vector.extend(0);
    *vector.extend(1) = 5;
    vector.shrink(6);
    return holds(vector, 6) && vector == counted(6) && !(vector == counted(5));
}

constexpr bool appends_own_element() {
    Vector<int> vector(1, 0);
    for (int i = 0; i < 40; ++i) {
        vector.push_back(vector.back());
        ++vector.back();
    }
    return holds(vector, 41);
}

constexpr bool copies_and_moves() {
    Vector<int> vector = counted(10);
    const Vector<int> copy = vector;
    vector[0] = 99;
    if (!holds(copy, 10)) return false;
    const int* const data = vector.data();
    Vector<int> moved = std::move(vector);
    if (moved.data() != data || moved[0] != 99) return false;
    moved = copy;
    if (!holds(moved, 10) || moved.data() == copy.data()) return false;
    const Vector<int>& itself = moved;
    moved = itself;
    vector = std::move(moved);
    return holds(vector, 10) && holds(copy, 10);
}

constexpr bool shrinks_and_keeps_capacity() {
    Vector<int> vector;
    vector.reserve(64);
    const int* const data = vector.data();
    for (int i = 0; i < 64; ++i) vector.push_back(i);
    if (vector.data() != data || vector.capacity() != 64) return false;
    vector.pop_back();
    vector.reserve(10);
    if (!holds(vector, 63) || vector.capacity() != 64) return false;
    vector.clear();
    return holds(vector, 0) && vector.data() == data;
}

constexpr bool holds_vectors() {
    Vector<Vector<int>> vectors;
    for (int i = 0; i < 20; ++i) vectors.push_back(counted(i));
    const Vector<Vector<int>> copy = vectors;
    vectors.clear();
    for (std::size_t i = 0; i < 20; ++i)
        if (!holds(copy[i], i)) return false;
    return true;
}

}  // namespace

TEST_CASE("a vector has the elements that were added in their order") {
    CHECK_TWICE(has_added_elements());
    CHECK_TWICE(appends_many_at_once());
    CHECK_TWICE(appends_own_element());
    CHECK_TWICE(extends());
}

TEST_CASE("a copied vector is independent and a moved one takes over the memory") { CHECK_TWICE(copies_and_moves()); }

TEST_CASE("a vector keeps its capacity when elements are removed") { CHECK_TWICE(shrinks_and_keeps_capacity()); }

TEST_CASE("a vector can hold vectors") { CHECK_TWICE(holds_vectors()); }

TEST_CASE("a full vector doubles its capacity") {
    constexpr auto capacity_after = [](int size) { return counted(size).capacity(); };
    CHECK_TWICE(capacity_after(1) == 1);
    CHECK_TWICE(capacity_after(3) == 4);
    CHECK_TWICE(capacity_after(5) == 8);
    CHECK_TWICE(capacity_after(65) == 128);
}

// SPDX-License-Identifier: BSL-1.0

// Tests the flat index, which maps hashes to records.

#include "../../../support/check.hpp"

#include <pruneplan/detail/hash.hpp>
#include <pruneplan/detail/index/flat_index.hpp>

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace {

using pruneplan::detail::FlatIndex;
using pruneplan::detail::hash;
using pruneplan::detail::no_record;

constexpr bool finds_all_of(std::size_t count) {
    FlatIndex index(count);
    std::vector<std::uint64_t> keys;
    for (std::size_t i = 0; i < count; ++i) keys.push_back(hash(std::string_view("abcdefghij").substr(i % 10), {i, 7}));
    const auto equal_to = [&](std::uint64_t key) { return [&keys, key](std::uint32_t i) { return keys[i] == key; }; };
    for (std::uint32_t i = 0; i < count; ++i)
        if (index.find(index.search(keys[i]), equal_to(keys[i])) != no_record)
            return false;
        else if (index.find_or_insert(index.search(keys[i]), i, equal_to(keys[i])) != i)
            return false;
    for (std::uint32_t i = 0; i < count; ++i)
        if (index.find(index.search(keys[i]), equal_to(keys[i])) != i ||
            index.find_or_insert(index.search(keys[i]), 99, equal_to(keys[i])) != i)
            return false;
    return true;
}

/// Tells whether searches, advanced or not, find records that are inserted later.
constexpr bool finds_later_insertions(std::size_t count) {
    FlatIndex index(count);
    std::vector<FlatIndex::Search> searches;
    for (std::uint32_t i = 0; i < count; ++i) {
        searches.push_back(index.search(std::uint64_t{i % 3} << 57));
        if (i % 2 == 0) index.advance(searches.back());
        if (index.record_at(searches.back()) != no_record) return false;
    }
    for (std::uint32_t i = 0; i < count; ++i)
        if (index.find_or_insert(searches[i], i, [i](std::uint32_t other) { return other == i; }) != i) return false;
    for (std::uint32_t i = 0; i < count; ++i)
        if (index.find(searches[i], [i](std::uint32_t other) { return other == i; }) != i) return false;
    return true;
}

constexpr bool finds_all_with_one_hash(std::size_t count) {
    FlatIndex index(count);
    for (std::uint32_t i = 0; i < count; ++i)
        if (index.find_or_insert(index.search(~0ull), i, [&](std::uint32_t other) { return other == i; }) != i)
            return false;
    return index.find(index.search(~0ull), [](std::uint32_t) { return false; }) == no_record;
}

/// Tells whether one bucket tells apart all 128 tags. Neighbouring tags differ in one bit to all bits.
constexpr bool tells_tags_apart() {
    FlatIndex index(128);
    const auto hash_of = [](std::uint64_t i) { return i << 57; };
    const auto equal_to = [](std::uint32_t i) { return [i](std::uint32_t other) { return other == i; }; };
    for (std::uint32_t i = 0; i < 128; ++i) {
        FlatIndex::Search search = index.search(hash_of(i));
        index.advance(search);
        if (index.record_at(search) != no_record || index.find_or_insert(search, i, equal_to(i)) != i) return false;
    }
    for (std::uint32_t i = 0; i < 128; ++i) {
        FlatIndex::Search search = index.search(hash_of(i));
        index.advance(search);
        if (index.record_at(search) != i || index.find(search, equal_to(i + 1)) != no_record) return false;
    }
    return true;
}

}  // namespace

TEST_CASE("a flat index finds each inserted record and nothing else") {
    CHECK_TWICE(finds_all_of(0));
    CHECK_TWICE(finds_all_of(1));
    CHECK_TWICE(finds_all_of(2));
    CHECK_TWICE(finds_all_of(100));
    CHECK(finds_all_of(2000));
}

TEST_CASE("a flat index has room for the entries that it is made for rounded down to a multiple of four") {
    CHECK_TWICE(FlatIndex().room() == 0);
    for (const std::size_t count : {1u, 3u, 4u, 100u, 1000u}) {
        const std::size_t room = FlatIndex(count).room();
        CHECK(room + 4 > count);
        CHECK(room <= count);
    }
}

TEST_CASE("a search in steps finds records that were inserted after it began") {
    CHECK_TWICE(finds_later_insertions(1));
    CHECK_TWICE(finds_later_insertions(50));
}

TEST_CASE("an advanced search is at the record with its tag even if tags differ in one bit") {
    CHECK_TWICE(tells_tags_apart());
}

TEST_CASE("a flat index finds all records that have the same hash and wraps at the end of its table") {
    CHECK_TWICE(finds_all_with_one_hash(1));
    CHECK_TWICE(finds_all_with_one_hash(50));
}

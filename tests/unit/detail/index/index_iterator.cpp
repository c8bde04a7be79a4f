// SPDX-License-Identifier: BSL-1.0

// Tests iterators over sequences whose elements are computed.

#include "../../../support/check.hpp"

#include <pruneplan/detail/index/index_iterator.hpp>

#include <algorithm>
#include <compare>
#include <cstddef>
#include <iterator>
#include <type_traits>
#include <vector>

namespace {

struct Square {
    std::size_t root = 0;
    constexpr std::size_t value() const { return root * root; }
};

/// Views the first squares from `first` on.
struct Squares {
    std::size_t first = 0;
    constexpr Square operator[](std::size_t at) const { return {first + at}; }
};

using Iterator = pruneplan::detail::IndexIterator<Squares>;

constexpr Iterator begin{Squares{2}, 0}, end{Squares{2}, 5};

constexpr bool steps() {
    Iterator at = begin;
    if (at++ != begin || ++at != begin + 2 || at-- != begin + 2 || --at != begin) return false;
    at += 4;
    at -= 1;
    return at == begin + 3 && at == 3 + begin && at - 3 == begin && at - begin == 3 && begin - at == -3;
}

}  // namespace

static_assert(std::random_access_iterator<Iterator>);
static_assert(std::is_same_v<std::iter_value_t<Iterator>, Square>);
static_assert(std::is_nothrow_default_constructible_v<Iterator>);

TEST_CASE("an iterator returns the elements of its view by value") {
    CHECK_TWICE((*begin).root == 2);
    CHECK_TWICE(begin->value() == 4);
    CHECK_TWICE(begin[3].root == 5);
    CHECK_TWICE((begin + 4)->root == 6);
}

TEST_CASE("an iterator advances and compares as a pointer does") {
    CHECK_TWICE(steps());
    CHECK_TWICE(begin < end);
    CHECK_TWICE((end <=> begin) == std::strong_ordering::greater);
    CHECK_TWICE(begin + 5 == end);
    CHECK_TWICE(Iterator() == Iterator());
}

TEST_CASE("an iterator works with algorithms and holds a copy of its view") {
    std::vector<std::size_t> roots;
    {
        const Squares squares{3};
        const Iterator first(squares, 0);
        std::transform(first, first + 4, std::back_inserter(roots), [](Square square) { return square.root; });
    }
    CHECK(roots == std::vector<std::size_t>{3, 4, 5, 6});
    const auto found =
        std::lower_bound(begin, end, 25u, [](Square a, std::size_t wanted) { return a.value() < wanted; });
    CHECK(found - begin == 3);
    CHECK(std::distance(begin, end) == 5);
}

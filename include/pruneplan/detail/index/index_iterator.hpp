#ifndef PRUNEPLAN_DETAIL_INDEX_INDEX_ITERATOR_HPP
#define PRUNEPLAN_DETAIL_INDEX_INDEX_ITERATOR_HPP

// SPDX-License-Identifier: BSL-1.0

// An iterator for sequences whose elements are computed.

#include <compare>
#include <cstddef>
#include <type_traits>
#include <utility>

namespace pruneplan::detail {

/// Iterates over what a view's `operator[]` returns by value, with random access. Holds a copy of the view.
template <class View>
class IndexIterator {
public:
    using value_type = std::remove_cvref_t<decltype(std::declval<const View&>()[0])>;
    using difference_type = std::ptrdiff_t;

    constexpr IndexIterator() = default;
    constexpr IndexIterator(const View& view, std::size_t at) noexcept
        : view_(view), at_(static_cast<difference_type>(at)) {}

    /// Holds the value that `operator->` points at, until the end of the expression.
    struct Pointer {
        value_type value;
        constexpr const value_type* operator->() const noexcept { return &value; }
    };

    constexpr Pointer operator->() const noexcept { return {**this}; }
    constexpr value_type operator*() const noexcept { return view_[static_cast<std::size_t>(at_)]; }
    constexpr value_type operator[](difference_type n) const noexcept { return *(*this + n); }

    constexpr IndexIterator& operator+=(difference_type n) noexcept {
        at_ += n;
        return *this;
    }
    constexpr IndexIterator& operator-=(difference_type n) noexcept { return *this += -n; }
    constexpr IndexIterator& operator++() noexcept { return *this += 1; }
    constexpr IndexIterator& operator--() noexcept { return *this -= 1; }
    constexpr IndexIterator operator++(int) noexcept {
        const IndexIterator before = *this;
        ++*this;
        return before;
    }
    constexpr IndexIterator operator--(int) noexcept {
        const IndexIterator before = *this;
        --*this;
        return before;
    }

    friend constexpr IndexIterator operator+(IndexIterator it, difference_type n) noexcept { return it += n; }
    friend constexpr IndexIterator operator+(difference_type n, IndexIterator it) noexcept { return it += n; }
    friend constexpr IndexIterator operator-(IndexIterator it, difference_type n) noexcept { return it -= n; }
    friend constexpr difference_type operator-(const IndexIterator& a, const IndexIterator& b) noexcept {
        return a.at_ - b.at_;
    }
    friend constexpr bool operator==(const IndexIterator& a, const IndexIterator& b) noexcept { return a.at_ == b.at_; }
    friend constexpr std::strong_ordering operator<=>(const IndexIterator& a, const IndexIterator& b) noexcept {
        return a.at_ <=> b.at_;
    }

private:
    View view_{};
    difference_type at_ = 0;
};

}  // namespace pruneplan::detail

#endif

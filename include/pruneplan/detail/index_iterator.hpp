#ifndef PRUNEPLAN_DETAIL_INDEX_ITERATOR_HPP
#define PRUNEPLAN_DETAIL_INDEX_ITERATOR_HPP

#include <cstddef>
#include <type_traits>
#include <utility>

namespace pruneplan::detail {

/// Goes through what a sequence gives by number, and gives it by value. It lives no longer than the sequence.
template <class Sequence>
class IndexIterator {
public:
    using value_type = std::remove_cvref_t<decltype(std::declval<const Sequence&>()[0])>;
    using difference_type = std::ptrdiff_t;

    constexpr IndexIterator() = default;
    constexpr IndexIterator(const Sequence& sequence, std::size_t at) noexcept : sequence_(&sequence), at_(at) {}

    constexpr value_type operator*() const noexcept { return (*sequence_)[at_]; }
    constexpr IndexIterator& operator++() noexcept {
        ++at_;
        return *this;
    }
    constexpr IndexIterator operator++(int) noexcept {
        const IndexIterator before = *this;
        ++at_;
        return before;
    }
    friend constexpr bool operator==(const IndexIterator& a, const IndexIterator& b) noexcept { return a.at_ == b.at_; }

private:
    const Sequence* sequence_ = nullptr;
    std::size_t at_ = 0;
};

}  // namespace pruneplan::detail

#endif

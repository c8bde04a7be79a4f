#ifndef PRUNEPLAN_DETAIL_EMPTIED_BY_MOVE_HPP
#define PRUNEPLAN_DETAIL_EMPTIED_BY_MOVE_HPP

// SPDX-License-Identifier: BSL-1.0

// A plain value as a member of a class with a defaulted move.

#include <utility>

namespace pruneplan::detail {

/// Holds a plain value that is reset to `T{}` when moved from. A class with such members is empty after a defaulted
/// move.
template <class T>
class EmptiedByMove {
public:
    constexpr EmptiedByMove() = default;
    constexpr EmptiedByMove(const T& value) : value_(value) {}
    constexpr EmptiedByMove(const EmptiedByMove&) = default;
    constexpr EmptiedByMove(EmptiedByMove&& other) noexcept : value_(std::exchange(other.value_, T{})) {}
    constexpr EmptiedByMove& operator=(const EmptiedByMove&) = default;
    constexpr EmptiedByMove& operator=(EmptiedByMove&& other) noexcept {
        value_ = std::exchange(other.value_, T{});
        return *this;
    }

    constexpr T& operator*() noexcept { return value_; }
    constexpr const T& operator*() const noexcept { return value_; }
    constexpr T* operator->() noexcept { return &value_; }
    constexpr const T* operator->() const noexcept { return &value_; }

private:
    T value_{};
};

}  // namespace pruneplan::detail

#endif

#ifndef PRUNEPLAN_DETAIL_VECTOR_HPP
#define PRUNEPLAN_DETAIL_VECTOR_HPP

// SPDX-License-Identifier: BSL-1.0

// A dynamic array that compiles faster than std::vector.

#include <algorithm>
#include <cstddef>
#include <utility>

namespace pruneplan::detail {

/// Holds a dynamic array, with those members of std::vector that the library uses, and the same meaning. It saves
/// compile time: one more instantiation of std::vector costs a translation unit more than a small function, one of this
/// almost nothing. It default-constructs unused capacity, too, so `T` should be cheap to construct. **Memory:** O(n)
/// for n elements.
template <class T>
class Vector {
public:
    constexpr Vector() = default;
    constexpr explicit Vector(std::size_t size, T value) : Vector() {
        reserve(size);
        T* const places = data_;
        for (std::size_t i = 0; i < size; ++i) places[i] = value;
        size_ = size;
    }
    constexpr Vector(const Vector& other) : Vector() { append(other.data_, other.size_); }
    constexpr Vector(Vector&& other) noexcept : Vector() { swap(other); }
    constexpr Vector& operator=(const Vector& other) {
        Vector copy(other);
        swap(copy);
        return *this;
    }
    constexpr Vector& operator=(Vector&& other) noexcept {
        Vector moved(std::move(other));
        swap(moved);
        return *this;
    }
    constexpr ~Vector() { delete[] data_; }

    constexpr std::size_t size() const noexcept { return size_; }
    constexpr std::size_t capacity() const noexcept { return capacity_; }
    constexpr bool empty() const noexcept { return size_ == 0; }

    constexpr T* data() noexcept { return data_; }
    constexpr const T* data() const noexcept { return data_; }
    constexpr T* begin() noexcept { return data_; }
    constexpr const T* begin() const noexcept { return data_; }
    constexpr T* end() noexcept { return data_ + size_; }
    constexpr const T* end() const noexcept { return data_ + size_; }
    constexpr T& operator[](std::size_t at) noexcept { return data_[at]; }
    constexpr const T& operator[](std::size_t at) const noexcept { return data_[at]; }
    constexpr T& back() noexcept { return data_[size_ - 1]; }
    constexpr const T& back() const noexcept { return data_[size_ - 1]; }

    constexpr void reserve(std::size_t capacity) {
        if (capacity <= capacity_) return;
        T* const larger = new T[capacity];
        std::move(begin(), end(), larger);
        delete[] data_;
        data_ = larger;
        capacity_ = capacity;
    }

    /// Makes room for `count` more values.
    constexpr void make_room(std::size_t count) {
        if (capacity_ - size_ < count) reserve((std::max)(size_ + count, 2 * capacity_));
    }

    /// Takes `value` by value, since it may be an element of this.
    constexpr void push_back(T value) {
        make_room(1);
        data_[size_++] = std::move(value);
    }

    /// Appends `count` values, which must not be elements of this.
    constexpr void append(const T* values, std::size_t count) {
        make_room(count);
        std::copy_n(values, count, data_ + size_);
        size_ += count;
    }

    /// Adds `count` values, which the caller writes to the place that is returned.
    constexpr T* extend(std::size_t count) {
        make_room(count);
        size_ += count;
        return data_ + size_ - count;
    }

    constexpr void pop_back() noexcept { --size_; }
    /// Keeps the first `size` values. @pre There are at least as many.
    constexpr void shrink(std::size_t size) noexcept { size_ = size; }
    constexpr void clear() noexcept { size_ = 0; }

    friend constexpr bool operator==(const Vector& a, const Vector& b) {
        return std::equal(a.begin(), a.end(), b.begin(), b.end());
    }

private:
    constexpr void swap(Vector& other) noexcept {
        std::swap(data_, other.data_);
        std::swap(size_, other.size_);
        std::swap(capacity_, other.capacity_);
    }

    T* data_ = nullptr;
    std::size_t size_ = 0, capacity_ = 0;
};

}  // namespace pruneplan::detail

#endif

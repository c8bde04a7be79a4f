#ifndef PRUNEPLAN_DETAIL_VECTOR_HPP
#define PRUNEPLAN_DETAIL_VECTOR_HPP

// SPDX-License-Identifier: BSL-1.0

// Replaces detail/vector.hpp to measure the cost of std::vector: see toolbox.sh.

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

namespace pruneplan::detail {

template <class T>
class Vector : public std::vector<T> {
public:
    using std::vector<T>::vector;

    constexpr T* begin() noexcept { return this->data(); }
    constexpr const T* begin() const noexcept { return this->data(); }
    constexpr T* end() noexcept { return this->data() + this->size(); }
    constexpr const T* end() const noexcept { return this->data() + this->size(); }

    constexpr void append(const T* values, std::size_t count) {
        this->insert(std::vector<T>::end(), values, values + count);
    }
    constexpr void shrink(std::size_t size) { this->erase(std::vector<T>::begin() + size, std::vector<T>::end()); }
};

}  // namespace pruneplan::detail

#endif

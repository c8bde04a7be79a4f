#ifndef PRUNEPLAN_DETAIL_IS_RESULT_HPP
#define PRUNEPLAN_DETAIL_IS_RESULT_HPP

// SPDX-License-Identifier: BSL-1.0

// Declares Result, and tells whether a type is one, without its definition.

namespace pruneplan {

template <class T>
class Result;

namespace detail {

template <class T>
inline constexpr bool is_result = false;
template <class T>
inline constexpr bool is_result<Result<T>> = true;

}  // namespace detail
}  // namespace pruneplan

#endif

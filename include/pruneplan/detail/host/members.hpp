#ifndef PRUNEPLAN_DETAIL_HOST_MEMBERS_HPP
#define PRUNEPLAN_DETAIL_HOST_MEMBERS_HPP

// SPDX-License-Identifier: BSL-1.0

// Detects the members of a host's types: what stores, containers and removers have in common.

#include <pruneplan/detail/precondition.hpp>
#include <pruneplan/detail/text/text.hpp>

#include <concepts>
#include <iterator>
#include <type_traits>
#include <utility>

namespace pruneplan::detail {

template <class Range>
using IteratorOf = decltype(std::begin(std::declval<Range&>()));

template <class Range>
concept Iterable = requires(Range& range) {
    { std::begin(range) } -> std::input_iterator;
    { std::begin(range) != std::end(range) } -> std::convertible_to<bool>;
};

template <class Element>
concept Dereferenceable = requires(const Element& element) { *element; };

/// Returns what an element of a range points at. A null pointer ends the program.
template <Dereferenceable Element>
constexpr const auto& pointed_at(const Element& element) noexcept {
    if constexpr (requires { static_cast<bool>(element); })
        require(static_cast<bool>(element), "a record or a container is a null pointer: leave it out of the range");
    return *element;
}

template <class Range>
concept TextRange = Iterable<Range> && TextLike<std::iter_reference_t<IteratorOf<Range>>>;

/// A type that a class can derive from.
template <class T>
concept Derivable = std::is_class_v<T> && !std::is_final_v<T>;

/// Inherits the member of `Named`. If `T` has a member of the same name, whatever its access, overloads or constraints,
/// the name is ambiguous, and `&Both::name` does not compile. If `T` is final, only an accessible member that is
/// neither overloaded nor a template is found.
template <Derivable T, class Named>
struct Both : T, Named {};

}  // namespace pruneplan::detail

#endif

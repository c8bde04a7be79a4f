#ifndef PRUNEPLAN_DETAIL_TEXT_HPP
#define PRUNEPLAN_DETAIL_TEXT_HPP

// Text in the making, and text kept.

#include <pruneplan/detail/list.hpp>

#include <span>
#include <string_view>
#include <type_traits>

namespace pruneplan::detail {

/// A growing text. Not std::string, which some compilers of our time cannot evaluate at compile time.
using Text = List<char>;

constexpr void append(Text& out, std::string_view piece) { out.append(piece.data(), piece.size()); }

/// Whether a text given as `T` stays where it is after the call: a reference, a pointer, or a view. What is given by
/// value goes with the expression, and has to be copied.
template <class T>
inline constexpr bool borrowed_text =
    std::is_lvalue_reference_v<T> || std::is_pointer_v<T> || std::ranges::enable_borrowed_range<std::remove_cv_t<T>>;

}  // namespace pruneplan::detail

#endif

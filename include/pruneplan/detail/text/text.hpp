#ifndef PRUNEPLAN_DETAIL_TEXT_TEXT_HPP
#define PRUNEPLAN_DETAIL_TEXT_TEXT_HPP

// SPDX-License-Identifier: BSL-1.0

// A string type for text under construction, and access to the texts that a host's members return.

#include <pruneplan/detail/text/words.hpp>
#include <pruneplan/detail/vector.hpp>

#include <concepts>
#include <cstddef>
#include <optional>
#include <span>
#include <string_view>
#include <type_traits>

namespace pruneplan::detail {

/// A string. Not std::string, which some supported compilers cannot evaluate at compile time.
using String = Vector<char>;

constexpr void append(String& out, std::string_view piece) { copy_text(piece, out.extend(piece.size())); }

template <class T>
concept TextLike = std::convertible_to<T, std::string_view>;

/// Tells whether a text returned as `T` outlives the expression, as a reference, a pointer or a view does. Other texts
/// have to be copied.
template <class T>
inline constexpr bool borrowed_text =
    std::is_lvalue_reference_v<T> || std::is_pointer_v<T> || std::ranges::enable_borrowed_range<std::remove_cv_t<T>>;

/// Returns a view of a text that a host's member returned. A null pointer is an empty text. An array of characters ends
/// at its first zero, or at its end.
template <class Given>
constexpr std::string_view text_of(const Given& given) {
    if constexpr (std::is_array_v<Given>) {
        const std::string_view all(given, std::extent_v<Given>);
        return all.substr(0, all.find('\0'));
    } else if constexpr (std::is_pointer_v<Given>) {
        return given == nullptr ? std::string_view() : std::string_view(given);
    } else {
        return given;
    }
}

/// An optional text: a pointer to characters, an optional, or a pointer to a text.
template <class Given>
concept MaybeText = (std::is_pointer_v<std::remove_cvref_t<Given>> && TextLike<Given>) || requires(const Given& given) {
    static_cast<bool>(given);
    { *given } -> TextLike;
};

/// Returns the text of a `MaybeText`, or nothing. A null pointer is no text, also within an optional.
template <MaybeText Given>
constexpr std::optional<std::string_view> maybe_text(const Given& given) {
    if (!static_cast<bool>(given)) return std::nullopt;
    if constexpr (TextLike<Given>) {
        return text_of(given);
    } else {
        if constexpr (std::is_pointer_v<std::remove_cvref_t<decltype(*given)>>)
            if (*given == nullptr) return std::nullopt;
        return text_of(*given);
    }
}

}  // namespace pruneplan::detail

#endif

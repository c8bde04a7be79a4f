#ifndef PRUNEPLAN_WORDS_HPP
#define PRUNEPLAN_WORDS_HPP

// SPDX-License-Identifier: BSL-1.0

// Parses the words that `to_string` writes for actions and reasons.

#include <pruneplan/detail/message.hpp>
#include <pruneplan/detail/text.hpp>
#include <pruneplan/plan.hpp>
#include <pruneplan/syntax/result.hpp>

#include <cstddef>
#include <string_view>

namespace pruneplan {

namespace detail {

/// Returns the enumerator of `Word`, which has `count` of them, that `to_string` writes as `text`. The message names
/// `kind`.
template <class Word>
constexpr Result<Word> parse_word(std::string_view text, std::size_t count, std::string_view kind) {
    for (std::size_t i = 0; i < count; ++i)
        if (text == to_string(static_cast<Word>(i))) return static_cast<Word>(i);
    String words;
    for (std::size_t i = 0; i < count; ++i) {
        append(words, i == 0 ? "" : i + 1 == count ? " or " : ", ");
        append(words, to_string(static_cast<Word>(i)));
    }
    return Error{ErrorCode::invalid_format,
                 joined({"invalid ", kind, " ", quoted(text), ": use ", {words.data(), words.size()}})};
}

}  // namespace detail

/// Parses the word of a reason, as `to_string(Reason)` writes it: "unused", "last_name".
/// **Errors:** `invalid_format` for any other text, such as a reason in upper case or with blanks around it.
/// **Complexity:** O(1).
constexpr Result<Reason> parse_reason(std::string_view text) {
    return detail::parse_word<Reason>(text, reason_count, "reason");
}

/// Parses the word of an action, as `to_string(Action)` writes it: "keep" or "delete".
/// **Errors:** `invalid_format` for any other text, such as an action in upper case or with blanks around it.
/// **Complexity:** O(1).
constexpr Result<Action> parse_action(std::string_view text) { return detail::parse_word<Action>(text, 2, "action"); }

}  // namespace pruneplan

#endif

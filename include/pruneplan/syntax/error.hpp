#ifndef PRUNEPLAN_SYNTAX_ERROR_HPP
#define PRUNEPLAN_SYNTAX_ERROR_HPP

// SPDX-License-Identifier: BSL-1.0

// Error codes and errors: why an input was rejected.

#include <pruneplan/detail/platform.hpp>

#include <string>
#include <string_view>

namespace pruneplan {

/// Tells what is wrong with an input.
enum class ErrorCode : unsigned char {
    invalid_format,         ///< a reference does not match the grammar, or a word is not that of an action or reason
    uppercase,              ///< a repository name contains an upper-case letter, or is not UTF-8
    identifier,             ///< 64 hex digits are an ID, not a name
    name_too_long,          ///< the path of a repository has more than 255 bytes
    digest_unsupported,     ///< a digest's algorithm is neither sha256 nor sha512
    digest_invalid_length,  ///< a digest has too few or too many hex digits for its algorithm
    digest_invalid_format,  ///< a digest is not algorithm:hex in lower case
    bad_timestamp,          ///< a time is not a duration, a date or Unix seconds, or is later than allowed
    bad_pattern,            ///< a shell pattern is malformed, has blanks or control characters, or is over 1,024 bytes
    unknown_filter,         ///< a filter has an unknown key
    bad_filter,             ///< a filter is not key=value, or its value is invalid for its key
    label_too_long,         ///< a label's key and value have more than 4,096 bytes together
    contradictory_filters,  ///< two filters contradict each other
    bad_threshold,          ///< percentages are out of range or order, or a size is invalid
    missing_ability,        ///< an option needs a member that the store does not have
    image_not_found,        ///< no record has this name or ID
    ambiguous_id,           ///< an ID matches several images
    duplicate_name,         ///< two records of a store have the same name
    text_too_long,          ///< a record's name or target has 2 GiB or more
    too_many_records,       ///< a store has 2^31 - 1 records or more
    bad_option,             ///< an option's value is invalid: a negative number of bytes, nanoseconds out of range
    doubtful_plan,          ///< a plan has doubts that the host did not accept
    store_changed,          ///< a store's range yielded other records when it was read again
};

/// Returns the enumerator's name, for logs and tests. It is stable across releases.
constexpr std::string_view to_string(ErrorCode code) noexcept {
    constexpr std::string_view names[] = {"invalid_format",        "uppercase",          "identifier",
                                          "name_too_long",         "digest_unsupported", "digest_invalid_length",
                                          "digest_invalid_format", "bad_timestamp",      "bad_pattern",
                                          "unknown_filter",        "bad_filter",         "label_too_long",
                                          "contradictory_filters", "bad_threshold",      "missing_ability",
                                          "image_not_found",       "ambiguous_id",       "duplicate_name",
                                          "text_too_long",         "too_many_records",   "bad_option",
                                          "doubtful_plan",         "store_changed"};
    return detail::word_at(names, static_cast<std::size_t>(code));
}

/// Tells why an input was rejected: `code` for programs, `message` for people. The message is one line of printable
/// ASCII. It quotes a rejected text, escaped and truncated to 80 bytes, and tells what would be valid.
struct [[nodiscard]] Error {
    ErrorCode code{};     ///< the kind of fault, for programs
    std::string message;  ///< the explanation, for people

    /// Compares code and message.
    friend constexpr bool operator==(const Error& a, const Error& b) noexcept {
        return a.code == b.code && std::string_view(a.message) == std::string_view(b.message);
    }
};

}  // namespace pruneplan

#endif

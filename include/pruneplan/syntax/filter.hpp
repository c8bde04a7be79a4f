#ifndef PRUNEPLAN_SYNTAX_FILTER_HPP
#define PRUNEPLAN_SYNTAX_FILTER_HPP

// SPDX-License-Identifier: BSL-1.0

// Filters, in the syntax of `docker image prune --filter`:
//
//   until=TIME         created strictly before TIME
//   label=KEY[=VALUE]  has the label, with this value if one is given
//   label!=…           does not match label=…; a KEY that ends in "!" negates once more
//   reference=GLOB     one form of the name matches GLOB
//   reference!=GLOB    no form of the name matches GLOB
//   before=IMAGE       created strictly before IMAGE, which is a name or an ID
//   since=IMAGE        created strictly after IMAGE
//   dangling=BOOL      true or 1, false or 0: sets the scope; only for `parse_filters`
//
// Of several filters of one kind, all must match; of several `reference`, one must match.
//
// A record does not match a filter that needs an unknown time; in a store without labels, no record matches one of
// labels. A label that a record does not have is not unknown: it does not match `label=`, and matches `label!=`. A name
// that is not a valid reference matches neither `reference` nor `reference!`. The dangling name of a whole digest is a
// valid reference, to the repository "moby-dangling".
//
// Sources: `until`, `label` and `dangling` are filters of `docker image prune`; `reference`, `before` and `since` are
// filters of `docker image ls` and `podman images`. `reference!` is an extension. Docker rejects a second `until`;
// here, as in Podman, all of them must match.

#include <pruneplan/detail/platform.hpp>
#include <pruneplan/detail/text/characters.hpp>
#include <pruneplan/detail/text/message.hpp>
#include <pruneplan/detail/text/text.hpp>
#include <pruneplan/syntax/glob.hpp>
#include <pruneplan/syntax/result.hpp>
#include <pruneplan/syntax/timestamp.hpp>

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string_view>
#include <utility>

namespace pruneplan {

/// Names the kinds of filters.
enum class FilterKind : unsigned char { until, label, reference, before, since };

/// Holds one filter, as `parse_filter` returns it. Records that do not match it are kept. **Lifetime:** a filter owns
/// its texts. Views that it returns are valid until it is assigned, moved or destroyed.
class Filter {
public:
    constexpr Filter(const Filter&) = default;
    constexpr Filter(Filter&&) noexcept = default;
    /// Copies completely, or leaves this object unchanged if an allocation fails.
    constexpr Filter& operator=(const Filter& other) { return *this = Filter(other); }
    constexpr Filter& operator=(Filter&&) noexcept = default;
    constexpr ~Filter() = default;

    /// Returns the kind.
    constexpr FilterKind kind() const noexcept { return kind_; }
    /// Tells whether a `label` or `reference` matches what the plain filter does not match.
    constexpr bool negated() const noexcept { return negated_; }
    /// Returns the moment of an `until`.
    constexpr Timestamp moment() const noexcept { return moment_; }
    /// Returns the pattern of a `reference`.
    constexpr const Glob& glob() const noexcept { return glob_; }
    /// Returns the key of a `label`, without a "!" at its end.
    constexpr std::string_view key() const noexcept { return {key_.data(), key_.size()}; }
    /// Returns the value of a `label`, or nothing if any value matches. Returns the image of a `before` or `since`.
    constexpr std::optional<std::string_view> value() const noexcept {
        if (!has_value_) return std::nullopt;
        return std::string_view(value_.data(), value_.size());
    }
    /// Returns the text that the filter was parsed from.
    constexpr std::string_view text() const noexcept { return {text_.data(), text_.size()}; }

private:
    friend constexpr Result<Filter> parse_filter(std::string_view, Timestamp);

    constexpr Filter(FilterKind kind, bool negated, std::string_view text) : kind_(kind), negated_(negated) {
        detail::append(text_, text);
    }

    constexpr void set_label(std::string_view label) {
        const std::size_t equals = label.find('=');
        std::string_view key = label.substr(0, equals);
        if (key.ends_with('!')) {
            key.remove_suffix(1);
            negated_ = !negated_;
        }
        detail::append(key_, key);
        if (equals != label.npos) set_value(label.substr(equals + 1));
    }
    constexpr void set_value(std::string_view value) {
        has_value_ = true;
        detail::append(value_, value);
    }

    FilterKind kind_;
    bool negated_;
    Timestamp moment_;
    Glob glob_;
    detail::String text_, key_, value_;
    bool has_value_ = false;
};

namespace detail {

inline constexpr std::size_t longest_label = 4096;

struct FilterKey {
    std::string_view name;
    FilterKind kind;
    bool negated = false;
};

inline constexpr FilterKey filter_keys[] = {
    {"until", FilterKind::until},         {"label", FilterKind::label},   {"label!", FilterKind::label, true},
    {"reference", FilterKind::reference}, {"before", FilterKind::before}, {"reference!", FilterKind::reference, true},
    {"since", FilterKind::since},
};

constexpr std::string_view trimmed(std::string_view text) noexcept {
    constexpr std::string_view blanks = " \t\n\v\f\r";
    const std::size_t start = text.find_first_not_of(blanks);
    if (start == text.npos) return {};
    return text.substr(start, text.find_last_not_of(blanks) - start + 1);
}

/// Tells whether the key of a filter is `name`, in any case and with blanks around it. @pre `name` is in lower case.
constexpr bool has_key(std::string_view filter, std::string_view name) noexcept {
    const std::string_view key = trimmed(filter.substr(0, filter.find('=')));
    return std::equal(key.begin(), key.end(), name.begin(), name.end(),
                      [](char typed, char c) { return typed == c || (is(typed, upper) && typed - 'A' + 'a' == c); });
}

/// Returns the known key that a filter has, or null.
constexpr const FilterKey* key_of(std::string_view filter) noexcept {
    for (const FilterKey& known : filter_keys)
        if (has_key(filter, known.name)) return &known;
    return nullptr;
}

/// Returns the value of a filter `dangling`, or an error `bad_filter` if it is invalid. Returns nothing for a text that
/// is not a filter `dangling`.
constexpr std::optional<Result<bool>> dangling_value(std::string_view text) {
    const std::size_t equals = text.find('=');
    if (equals == text.npos || !has_key(text, "dangling")) return std::nullopt;
    const std::string_view word = trimmed(text.substr(equals + 1));
    for (const std::string_view valid : {"true", "1", "false", "0"})
        if (word == valid) return Result<bool>(valid == "true" || valid == "1");
    return Error{ErrorCode::bad_filter,
                 joined({"invalid value ", quoted(word), " of dangling: write true, false, 1 or 0"})};
}

}  // namespace detail

/// Parses a filter, "key=value". Ignores blanks around key and value, and the case of the key, as Docker's command line
/// does.
/// @param text the filter.
/// @param now the moment that durations count back from.
/// **Errors:** `bad_filter` for a text without "=", an invalid value, or a filter `dangling`; `unknown_filter` for an
/// unknown key; `label_too_long` for a label of more than 4,096 bytes; and those of `parse_timestamp` and
/// `Glob::compile`.
/// **Complexity:** O(n) for n bytes. **Lifetime:** the result owns its texts.
/// **Source:** docker/cli, `opts.FilterOpt`; moby, daemon/containerd/image_list.go, `setupFilters` and
/// `setupLabelFilter`; containerd, pkg/labels, `Validate`; tests/oracle/vectors/prune_filters.tsv.
constexpr Result<Filter> parse_filter(std::string_view text, Timestamp now) {
    const auto fail = [](ErrorCode code, std::string_view what, std::string_view input, std::string_view advice) {
        return Error{code, detail::joined({what, detail::quoted(input), advice})};
    };
    const std::size_t equals = text.find('=');
    if (equals == text.npos)
        return fail(ErrorCode::bad_filter, "invalid filter ", text, ": write key=value, such as until=24h");
    const std::string_view value = detail::trimmed(text.substr(equals + 1));
    if (detail::has_key(text, "dangling"))
        return fail(ErrorCode::bad_filter, "invalid filter ", text, ": dangling selects the scope, use parse_filters");
    const detail::FilterKey* key = detail::key_of(text);
    if (key == nullptr)
        return fail(ErrorCode::unknown_filter, "unknown filter ", detail::trimmed(text.substr(0, equals)),
                    ": use one of until, label, label!, reference, reference!, before, since, dangling");
    Filter filter(key->kind, key->negated, text);
    switch (key->kind) {
        case FilterKind::until: {
            auto moment = parse_timestamp(value, now);
            if (!moment) return std::move(moment).error();
            filter.moment_ = *moment;
            break;
        }
        case FilterKind::label:
            if (value.size() - (value.find('=') == value.npos ? 0 : 1) > detail::longest_label)
                return fail(ErrorCode::label_too_long, "label ", value,
                            " is too long: key and value have at most 4,096 bytes together");
            filter.set_label(value);
            break;
        case FilterKind::reference: {
            auto glob = Glob::compile(value, detail::Stars::as_docker);
            if (!glob) return std::move(glob).error();
            filter.glob_ = *std::move(glob);
            break;
        }
        case FilterKind::before:
        case FilterKind::since:
            if (value.empty())
                return fail(ErrorCode::bad_filter, "invalid filter ", text, ": give the name or ID of an image");
            filter.set_value(value);
    }
    return filter;
}

}  // namespace pruneplan

#endif

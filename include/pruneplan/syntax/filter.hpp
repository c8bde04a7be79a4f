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
//   dangling=BOOL      true or 1, false or 0: sets the scope
//
// Of several filters of one kind, all must match; of several `reference`, one must match.
//
// A record does not match a filter that needs an unknown time or label. A name that is not a valid reference matches
// neither `reference` nor `reference!`. The dangling name of a whole digest is a valid reference, to the repository
// "moby-dangling".
//
// Sources: `until`, `label` and `dangling` are filters of `docker image prune`; `reference`, `before` and `since` are
// filters of `docker image ls` and `podman images`. `reference!` is an extension. Docker rejects a second `until`;
// here, as in Podman, all of them must match.

#include <pruneplan/detail/emptied_by_move.hpp>
#include <pruneplan/detail/text.hpp>
#include <pruneplan/detail/vector.hpp>
#include <pruneplan/syntax/glob.hpp>
#include <pruneplan/syntax/reference.hpp>
#include <pruneplan/syntax/result.hpp>
#include <pruneplan/syntax/timestamp.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

namespace pruneplan {

/// Names the kinds of filters.
enum class FilterKind : unsigned char { until, label, reference, before, since, dangling };

/// Holds one filter of the kind `kind`. Records that do not match it are kept. **Lifetime:** a filter owns its texts.
/// Views that it returns are valid until it is changed, moved or destroyed.
struct Filter {
    /// The kind.
    FilterKind kind = FilterKind::dangling;
    bool negated = false;      ///< `label` and `reference`: matches records that the plain filter does not match
    Timestamp moment;          ///< `until`: the moment
    bool flag = false;         ///< `dangling`: the value
    std::optional<Glob> glob;  ///< `reference`: the pattern

    /// Returns the key of a `label`, without a "!" at its end.
    constexpr std::string_view key() const noexcept { return {key_.data(), key_.size()}; }
    /// Returns the value of a `label`, or nothing if any value matches. Returns the image of a `before` or `since`.
    constexpr std::optional<std::string_view> value() const noexcept {
        if (!*has_value_) return std::nullopt;
        return std::string_view(value_.data(), value_.size());
    }

    /// Returns the text that the filter was parsed from; empty for a filter that was not parsed.
    constexpr std::string_view text() const noexcept { return {text_.data(), text_.size()}; }

    /// Sets what `text()` returns.
    constexpr void set_text(std::string_view text) {
        text_.clear();
        detail::append(text_, text);
    }
    /// Sets what `key()` returns.
    constexpr void set_key(std::string_view key) {
        key_.clear();
        detail::append(key_, key);
    }
    /// Sets what `value()` returns.
    constexpr void set_value(std::string_view value) {
        value_.clear();
        detail::append(value_, value);
        *has_value_ = true;
    }

private:
    detail::String text_, key_, value_;
    detail::EmptiedByMove<bool> has_value_;
};

namespace detail {

inline constexpr std::size_t longest_label = 4096;

struct FilterKey {
    std::string_view name;
    FilterKind kind;
    bool negated;
};

inline constexpr FilterKey filter_keys[] = {
    {"until", FilterKind::until, false},          {"label", FilterKind::label, false},
    {"label!", FilterKind::label, true},          {"reference", FilterKind::reference, false},
    {"reference!", FilterKind::reference, true},  {"before", FilterKind::before, false},
    {"since", FilterKind::since, false},          {"dangling", FilterKind::dangling, false},
};

constexpr std::string_view trimmed(std::string_view text) noexcept {
    constexpr std::string_view blanks = " \t\n\v\f\r";
    const std::size_t start = text.find_first_not_of(blanks);
    if (start == text.npos) return {};
    return text.substr(start, text.find_last_not_of(blanks) - start + 1);
}

/// Fills in a filter `label`. **Source:** moby, daemon/containerd/image_list.go, `setupLabelFilter`; containerd,
/// pkg/labels, `Validate`.
constexpr Result<Filter> label_filter(Filter filter, std::string_view label) {
    const std::size_t equals = label.find('=');
    std::string_view key = label.substr(0, equals);
    if (label.size() - (equals == label.npos ? 0 : 1) > longest_label)
        return Error{
            ErrorCode::label_too_long,
            joined({"label ", quoted(label), " is too long: key and value have at most 4,096 bytes together"})};
    if (key.ends_with('!')) {
        key.remove_suffix(1);
        filter.negated = !filter.negated;
    }
    filter.set_key(key);
    if (equals != label.npos) filter.set_value(label.substr(equals + 1));
    return filter;
}

constexpr Result<Filter> dangling_filter(Filter filter, std::string_view word) {
    filter.flag = word == "true" || word == "1";
    if (!filter.flag && word != "false" && word != "0")
        return Error{ErrorCode::bad_filter,
                     joined({"invalid value ", quoted(word), " of dangling: write true, false, 1 or 0"})};
    return filter;
}

/// Caches what was parsed of a record's name.
struct ParsedName {
    enum Kind : unsigned char {
        unknown,
        invalid,    ///< not a valid reference
        canonical,  ///< canonical, with a tag or a digest: nearly all names of nearly all stores
        other,      ///< a valid reference in another form, which is parsed again by each `NameForms::read`
    };

    std::uint32_t end_of_name = 0;  ///< where the tag or digest of the canonical form begins
    unsigned char implied = 0;      ///< the length of the prefix that the familiar form omits
    bool tagged = false;            ///< the canonical form has a tag, which can be the default one
    Kind kind = unknown;
};
static_assert(sizeof(ParsedName) == 8, "there is one for each record");

/// Matches patterns against the forms of a name. Holds one name at a time. The forms are the familiar form with and
/// without tag and digest, the canonical form with the default tag, and the canonical form without tag and digest.
/// **Source:** moby, daemon/containerd/image_list.go, the filter `reference`; tests/vectors/reference_globs.tsv.
class NameForms {
public:
    NameForms() = default;
    NameForms(const NameForms&) = delete;
    NameForms& operator=(const NameForms&) = delete;

    /// Reads a name, in place of the previous one. Returns false if it is not a valid reference, and has no forms.
    /// `parsed` caches what an earlier call parsed of this name.
    constexpr bool read(std::string_view name, ParsedName& parsed) {
        text_ = name;
        bare_ = false;
        if (parsed.kind == ParsedName::unknown || parsed.kind == ParsedName::other) parse(name, parsed);
        end_of_name_ = parsed.end_of_name;
        implied_ = parsed.implied;
        return parsed.kind != ParsedName::invalid;
    }
    /// @overload
    constexpr bool read(std::string_view name) {
        ParsedName parsed;
        return read(name, parsed);
    }

    /// Returns the canonical form without tag and digest: "docker.io/library/alpine".
    constexpr std::string_view name() const noexcept { return part(0, end_of_name_); }

    /// Tells whether a pattern matches one of the forms. Takes one pass for a simple pattern, since all forms begin in
    /// two places and end in two places.
    constexpr bool match(const Glob& glob) const noexcept {
        if (!glob.simple()) return match_from(0, glob) || (implied_ != 0 && match_from(implied_, glob));
        Glob::Run run(glob);
        run.begin();
        run.take(part(0, implied_));
        run.begin();
        run.take(part(implied_, end_of_name_));
        if (run.matches()) return true;
        // The text has the default tag, but the familiar form of a name without tag and digest has none.
        if (bare_) return glob.matches(text_);
        run.take(part(end_of_name_, text_.size()));
        return run.matches();
    }

    /// Tells whether one of the patterns matches one of the forms.
    constexpr bool match_any(const Globs& globs) const noexcept {
        return globs.any([this](const Glob& glob) { return match(glob); });
    }

private:
    /// Tells whether a pattern matches the canonical form without its first `start` bytes, with or without its tag and
    /// digest.
    constexpr bool match_from(std::size_t start, const Glob& glob) const noexcept {
        Glob::Run run(glob);
        run.begin();
        run.take(part(start, end_of_name_));
        if (run.matches()) return true;
        // The text has the default tag, but the familiar form of a name without tag and digest has none.
        if (bare_ && start != 0) return false;
        run.take(part(end_of_name_, text_.size()));
        return run.matches();
    }

    constexpr void parse(std::string_view name, ParsedName& parsed) {
        ReferenceParts parts;
        if (!split_reference(name, parts)) {
            parsed.kind = ParsedName::invalid;
            return;
        }
        parsed.kind = is_canonical(name, parts) ? ParsedName::canonical : ParsedName::other;
        bare_ = parts.tag.empty() && parts.digest.empty();
        if (parsed.kind == ParsedName::other) {
            written_.clear();
            append_name(parts, written_);
            const char* const end_of_path = parts.path.data() + parts.path.size();
            append(written_, bare_ ? ":latest" : name.substr(static_cast<std::size_t>(end_of_path - name.data())));
            text_ = {written_.data(), written_.size()};
        }
        const std::size_t start_of_path = parts.domain.empty() ? 0 : parts.domain.size() + 1;
        const std::size_t end_of_name = start_of_path + parts.path_size();
        parsed.end_of_name = static_cast<std::uint32_t>(end_of_name);
        parsed.implied = static_cast<unsigned char>(implied_prefix(parts.domain, part(start_of_path, end_of_name)));
        parsed.tagged = bare_ || !parts.tag.empty();
    }

    /// Tells whether a name is written in its canonical form, with a tag or a digest.
    static constexpr bool is_canonical(std::string_view name, const ReferenceParts& parts) noexcept {
        return !parts.official && (!parts.tag.empty() || !parts.digest.empty()) && name.starts_with(parts.domain) &&
               parts.path.data() == name.data() + parts.domain.size() + (parts.domain.empty() ? 0 : 1);
    }

    constexpr std::string_view part(std::size_t start, std::size_t end) const noexcept {
        return {text_.data() + start, end - start};
    }

    std::string_view text_;  // the canonical form: the name, or `written_`
    String written_;
    std::size_t implied_ = 0, end_of_name_ = 0;
    bool bare_ = false;  // the name has neither tag nor digest
};

/// Tells whether a pattern matches a form of a name, or the name itself if it is not a valid reference.
constexpr bool matches_any(const Globs& globs, std::string_view name, ParsedName& parsed, NameForms& forms) {
    return forms.read(name, parsed) ? forms.match_any(globs)
                                    : globs.any([name](const Glob& glob) { return glob.matches(name); });
}

/// Holds what was parsed of each record's name, for all stages. **Memory:** eight bytes a record, from the first access
/// on.
class ParsedNames {
public:
    constexpr explicit ParsedNames(std::size_t records) : records_(records) {}

    constexpr ParsedName& operator[](std::size_t id) {
        if (names_.empty()) names_ = Vector<ParsedName>(records_, ParsedName{});
        return names_[id];
    }

private:
    std::size_t records_;
    Vector<ParsedName> names_;
};

}  // namespace detail

/// Parses a filter, "key=value". Ignores blanks around key and value, and the case of the key, as Docker's command line
/// does.
/// @param text the filter.
/// @param now the moment that durations count back from.
/// **Errors:** `bad_filter` for a text without "=" or an invalid value, `unknown_filter` for an unknown key,
/// `label_too_long` for a label of more than 4,096 bytes, and those of `parse_timestamp` and `Glob::compile`.
/// **Complexity:** O(n) for n bytes. **Lifetime:** the result owns its texts.
/// **Source:** docker/cli, `opts.FilterOpt`; moby, daemon/containerd/image_list.go, `setupFilters`;
/// tests/vectors/prune_filters.tsv.
constexpr Result<Filter> parse_filter(std::string_view text, Timestamp now) {
    const std::size_t equals = text.find('=');
    if (equals == text.npos)
        return Error{ErrorCode::bad_filter,
                     detail::joined({"invalid filter ", detail::quoted(text), ": write key=value, such as until=24h"})};
    detail::String key;
    for (const char c : detail::trimmed(text.substr(0, equals)))
        key.push_back(detail::is(c, detail::upper) ? static_cast<char>(c - 'A' + 'a') : c);
    const std::string_view name(key.data(), key.size()), value = detail::trimmed(text.substr(equals + 1));
    for (const detail::FilterKey& known : detail::filter_keys) {
        if (name != known.name) continue;
        Filter filter;
        filter.set_text(text);
        filter.kind = known.kind;
        filter.negated = known.negated;
        switch (known.kind) {
            case FilterKind::until: {
                auto moment = parse_timestamp(value, now);
                if (!moment) return std::move(moment).error();
                filter.moment = *moment;
                return filter;
            }
            case FilterKind::label: return detail::label_filter(std::move(filter), value);
            case FilterKind::reference: {
                auto glob = Glob::compile(value);
                if (!glob) return std::move(glob).error();
                filter.glob = *std::move(glob);
                return filter;
            }
            case FilterKind::before:
            case FilterKind::since:
                if (value.empty())
                    return Error{ErrorCode::bad_filter, detail::joined({"invalid filter ", detail::quoted(text),
                                                                        ": give the name or ID of an image"})};
                filter.set_value(value);
                return filter;
            case FilterKind::dangling: return detail::dangling_filter(std::move(filter), value);
        }
    }
    detail::String allowed;
    for (const detail::FilterKey& known : detail::filter_keys) {
        if (!allowed.empty()) detail::append(allowed, ", ");
        detail::append(allowed, known.name);
    }
    return Error{ErrorCode::unknown_filter, detail::joined({"unknown filter ", detail::quoted(name), ": use one of ",
                                                            std::string_view(allowed.data(), allowed.size())})};
}

}  // namespace pruneplan

#endif

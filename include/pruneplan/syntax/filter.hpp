#ifndef PRUNEPLAN_SYNTAX_FILTER_HPP
#define PRUNEPLAN_SYNTAX_FILTER_HPP

// Filters, in the syntax of `docker image prune --filter`:
//
//   until=TIME         created strictly before TIME; several: all hold
//   label=KEY[=VALUE]  has the label; with VALUE: and it has that value; several: all hold
//   label!=…           the contrary, of each; a KEY that ends in "!" turns it round once more
//   reference=GLOB     one of the forms of the name matches; several: any does
//   reference!=GLOB    none does; several: none of them
//   before=IMAGE       created strictly before IMAGE, a name or an ID; several: all hold
//   since=IMAGE        created strictly after it
//   dangling=BOOL      true or 1, false or 0: the scope
//
// What a filter cannot judge, it does not match: a name that is no reference stays under reference and reference! both.
// A dangling name of a whole digest is a reference, to a repository "moby-dangling".
//
// until, label and dangling are Docker's for `prune`; reference, before and since are Docker's and Podman's for `ls`;
// reference! is ours. Where Docker refuses a second `until`, we go with Podman's list and let all hold.

#include <pruneplan/detail/emptied_by_move.hpp>
#include <pruneplan/detail/list.hpp>
#include <pruneplan/detail/text.hpp>
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

enum class FilterKind : unsigned char { until, label, reference, before, since, dangling };

/// One filter, of the kind that `kind` says. It owns its texts. A record that a filter does not match is no candidate.
struct Filter {
    FilterKind kind = FilterKind::dangling;
    bool negated = false;      ///< of `label` and `reference`
    Timestamp moment;          ///< of `until`
    bool flag = false;         ///< of `dangling`
    std::optional<Glob> glob;  ///< of `reference`

    /// Of `label`: the key, without the "!" that turned it round.
    constexpr std::string_view key() const noexcept { return {key_.data(), key_.size()}; }
    /// Of `label`: the value, or nothing where it is enough that the label is there. Of `before` and `since`: the image.
    constexpr std::optional<std::string_view> value() const noexcept {
        if (!*has_value_) return std::nullopt;
        return std::string_view(value_.data(), value_.size());
    }

    /// The filter as it was parsed; empty for one made by hand.
    constexpr std::string_view text() const noexcept { return {text_.data(), text_.size()}; }

    constexpr void set_text(std::string_view text) {
        text_.clear();
        detail::append(text_, text);
    }
    constexpr void set_key(std::string_view key) {
        key_.clear();
        detail::append(key_, key);
    }
    constexpr void set_value(std::string_view value) {
        value_.clear();
        detail::append(value_, value);
        *has_value_ = true;
    }

private:
    detail::Text text_, key_, value_;
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

/// Rule: moby, setupLabelFilter; containerd, labels.Validate.
constexpr Result<Filter> label_filter(Filter filter, std::string_view label) {
    const std::size_t equals = label.find('=');
    std::string_view key = label.substr(0, equals);
    if (label.size() - (equals == label.npos ? 0 : 1) > longest_label)
        return Error{ErrorCode::label_too_long,
                     joined({"label ", quoted(label),
                             " is too long: key and value have at most 4,096 bytes together"})};
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

/// What is known of a name that was read before, so that it need not be taken apart again.
struct NameCut {
    enum Kind : unsigned char {
        unknown,
        no_reference,
        canonical,  ///< with a tag or a digest: as nearly all stores have nearly all their names
        other,
    };

    std::uint32_t end_of_name = 0;  ///< where the canonical form's tag or digest begins
    unsigned char implied = 0;      ///< how much of the canonical form the familiar one leaves out
    bool tagged = false;            ///< the canonical form has a tag, which can be the default tag
    Kind kind = unknown;
};
static_assert(sizeof(NameCut) == 8, "there is one for each record");

/// The forms of a record's name that a pattern is held against: the familiar form, with and without tag and digest, and
/// the canonical form, with the default tag and without tag and digest. One name at a time; the next one takes its place.
/// Rule: moby, the `reference` filter; vectors/reference_globs.tsv.
class NameForms {
public:
    NameForms() = default;
    NameForms(const NameForms&) = delete;
    NameForms& operator=(const NameForms&) = delete;

    /// False, where the name is no reference, and has no forms. `cut` is what an earlier reading of this name left.
    constexpr bool read(std::string_view name, NameCut& cut) {
        text_ = name;
        bare_ = false;
        if (cut.kind == NameCut::unknown || cut.kind == NameCut::other) take_apart(name, cut);
        end_of_name_ = cut.end_of_name;
        implied_ = cut.implied;
        return cut.kind != NameCut::no_reference;
    }
    constexpr bool read(std::string_view name) {
        NameCut cut;
        return read(name, cut);
    }

    /// The canonical form without tag and digest: "docker.io/library/alpine".
    constexpr std::string_view name() const noexcept { return part(0, end_of_name_); }

    /// Whether the pattern matches one of them: as a rule in one pass, since they begin and end in two places each.
    constexpr bool match(const Glob& glob) const noexcept {
        if (!glob.simple()) return match_from(0, glob) || (implied_ != 0 && match_from(implied_, glob));
        Glob::Run run(glob);
        run.begin();
        run.take(part(0, implied_));
        run.begin();
        run.take(part(implied_, end_of_name_));
        if (run.matches()) return true;
        // The familiar form has no tag then.
        if (bare_) return glob.matches(text_);
        run.take(part(end_of_name_, text_.size()));
        return run.matches();
    }

    constexpr bool match_any(const Globs& globs) const noexcept {
        return globs.any([this](const Glob& glob) { return match(glob); });
    }

private:
    /// Whether the pattern matches the canonical form, less its first `start` bytes, with or without its end.
    constexpr bool match_from(std::size_t start, const Glob& glob) const noexcept {
        Glob::Run run(glob);
        run.begin();
        run.take(part(start, end_of_name_));
        if (run.matches()) return true;
        // The familiar form has no tag then.
        if (bare_ && start != 0) return false;
        run.take(part(end_of_name_, text_.size()));
        return run.matches();
    }

    constexpr void take_apart(std::string_view name, NameCut& cut) {
        ReferenceParts parts;
        if (!split_reference(name, parts)) {
            cut.kind = NameCut::no_reference;
            return;
        }
        cut.kind = is_canonical(name, parts) ? NameCut::canonical : NameCut::other;
        bare_ = parts.tag.empty() && parts.digest.empty();
        if (cut.kind == NameCut::other) {
            written_.clear();
            append_name(parts, written_);
            const char* const end_of_path = parts.path.data() + parts.path.size();
            append(written_, bare_ ? ":latest" : name.substr(static_cast<std::size_t>(end_of_path - name.data())));
            text_ = {written_.data(), written_.size()};
        }
        const std::size_t start_of_path = parts.domain.empty() ? 0 : parts.domain.size() + 1;
        const std::size_t end_of_name = start_of_path + parts.path_size();
        cut.end_of_name = static_cast<std::uint32_t>(end_of_name);
        cut.implied = static_cast<unsigned char>(implied_prefix(parts.domain, part(start_of_path, end_of_name)));
        cut.tagged = bare_ || !parts.tag.empty();
    }

    /// Whether it is written in its canonical form, with a tag or a digest.
    static constexpr bool is_canonical(std::string_view name, const ReferenceParts& parts) noexcept {
        return !parts.official && (!parts.tag.empty() || !parts.digest.empty()) && name.starts_with(parts.domain) &&
               parts.path.data() == name.data() + parts.domain.size() + (parts.domain.empty() ? 0 : 1);
    }

    constexpr std::string_view part(std::size_t start, std::size_t end) const noexcept {
        return {text_.data() + start, end - start};
    }

    std::string_view text_;  // the canonical form: the name itself, or else written out
    Text written_;
    std::size_t implied_ = 0, end_of_name_ = 0;
    bool bare_ = false;
};

/// Whether a pattern matches a name, which need not be a reference.
constexpr bool matches_any(const Globs& globs, std::string_view name, NameCut& cut, NameForms& forms) {
    return forms.read(name, cut) ? forms.match_any(globs) : globs.any([name](const Glob& glob) { return glob.matches(name); });
}

/// One for each record, made when the first is asked for: eight bytes each. The planner's stages hand it on.
class NameCuts {
public:
    constexpr explicit NameCuts(std::size_t records) : records_(records) {}

    constexpr NameCut& operator[](std::size_t id) {
        if (cuts_.empty()) cuts_ = {records_, NameCut{}};
        return cuts_[id];
    }

private:
    std::size_t records_;
    List<NameCut> cuts_;
};

}  // namespace detail

/// Parses a filter, "key=value"; `now` is what a duration counts back from. Blanks around key and value do not count,
/// and neither does the case of the key, as on Docker's command line. The result owns its texts.
/// Refuses a text without "=" or a value that is none for its key (`bad_filter`), a key that there is not
/// (`unknown_filter`), and what `parse_timestamp` and `Glob::compile` refuse; a label over 4,096 bytes
/// (`label_too_long`). Rule: docker/cli, opts.FilterOpt; moby, setupFilters; vectors/prune_filters.tsv.
constexpr Result<Filter> parse_filter(std::string_view text, Timestamp now) {
    const std::size_t equals = text.find('=');
    if (equals == text.npos)
        return Error{ErrorCode::bad_filter,
                     detail::joined({"invalid filter ", detail::quoted(text), ": write key=value, such as until=24h"})};
    detail::Text key;
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
                    return Error{ErrorCode::bad_filter,
                                 detail::joined({"invalid filter ", detail::quoted(text),
                                                 ": give the name or ID of an image"})};
                filter.set_value(value);
                return filter;
            case FilterKind::dangling: return detail::dangling_filter(std::move(filter), value);
        }
    }
    detail::Text allowed;
    for (const detail::FilterKey& known : detail::filter_keys) {
        if (!allowed.empty()) detail::append(allowed, ", ");
        detail::append(allowed, known.name);
    }
    return Error{ErrorCode::unknown_filter, detail::joined({"unknown filter ", detail::quoted(name), ": use one of ",
                                                            std::string_view(allowed.data(), allowed.size())})};
}

}  // namespace pruneplan

#endif

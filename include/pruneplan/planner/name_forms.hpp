#ifndef PRUNEPLAN_PLANNER_NAME_FORMS_HPP
#define PRUNEPLAN_PLANNER_NAME_FORMS_HPP

// SPDX-License-Identifier: BSL-1.0

// The forms of a name that patterns are matched against.

#include <pruneplan/detail/text/text.hpp>
#include <pruneplan/detail/vector.hpp>
#include <pruneplan/syntax/glob.hpp>
#include <pruneplan/syntax/reference.hpp>

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace pruneplan::detail {

/// Tells whether a name is an ID, with or without its algorithm: "sha256:" and 64 hex digits are not a repository
/// "sha256" with a tag.
constexpr bool is_whole_id(std::string_view name) noexcept { return is_digest(name) || is_identifier(name); }

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
/// **Source:** moby, daemon/containerd/image_list.go, the filter `reference`; tests/oracle/vectors/reference_globs.tsv.
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

}  // namespace pruneplan::detail

#endif

#ifndef PRUNEPLAN_PLANNER_KEEP_PATTERNS_HPP
#define PRUNEPLAN_PLANNER_KEEP_PATTERNS_HPP

// SPDX-License-Identifier: BSL-1.0

// Matches names against patterns that people wrote, in any of the forms that a reference has.

#include <pruneplan/detail/text/text.hpp>
#include <pruneplan/detail/vector.hpp>
#include <pruneplan/plan.hpp>
#include <pruneplan/planner/draft.hpp>
#include <pruneplan/planner/name_forms.hpp>
#include <pruneplan/syntax/digest.hpp>
#include <pruneplan/syntax/glob.hpp>
#include <pruneplan/syntax/reference.hpp>

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

namespace pruneplan::detail {

constexpr bool has_wildcard(std::string_view pattern) noexcept {
    return pattern.find_first_of("*?[\\") != pattern.npos;
}

/// Returns the pattern as it matches canonical names: without wildcards, the canonical form of a reference; else with
/// the parts that names omit, "docker.io/alp*" and "library/alp*" as "docker.io/library/alp*".
constexpr String normalized_pattern(std::string_view pattern) {
    String out;
    if (ReferenceParts parts; !has_wildcard(pattern) && split_reference(pattern, parts)) {
        append_name(parts, out);
        const char* const end_of_path = parts.path.data() + parts.path.size();
        append(out, pattern.substr(static_cast<std::size_t>(end_of_path - pattern.data())));
        return out;
    }
    if (pattern.starts_with("index.docker.io/")) pattern.remove_prefix(legacy_part.size());
    const bool at_home = pattern.starts_with(home_prefix);
    const std::string_view path = at_home ? pattern.substr(home_prefix.size()) : pattern;
    const bool one_component = path.find('/') == path.npos && path.find("**") == path.npos;
    const bool official = path.starts_with(library) && path.find('/', library.size()) == path.npos;
    if (at_home || official) append(out, home_prefix);
    if (at_home && one_component) append(out, library);
    append(out, at_home || official ? path : pattern);
    return out;
}

/// Compiles a normalized pattern; the pattern itself if that is too long.
constexpr Glob normalized_glob(const Glob& glob) {
    const String text = normalized_pattern(glob.pattern());
    auto normalized = Glob::compile({text.data(), text.size()});
    if (!normalized) return glob;
    return *std::move(normalized);
}

/// Finds the records that the patterns of `PruneOptions::keep` match.
/// **Complexity:** O(n * p) for n records and p patterns with wildcards or without a tag, of which short ones are
/// matched together; O(1) on average for any other pattern.
class KeepPatterns {
public:
    constexpr explicit KeepPatterns(Draft& draft) : draft_(draft), matched_(draft.keep.size(), false) {
        for (const bool simple : {true, false})
            for (std::uint32_t number = 0; number < matched_.size(); ++number)
                if (draft.keep[number].simple() == simple) add(draft.keep[number], number);
    }

    /// Keeps the records that a pattern matches, and adds a doubt for each pattern that matches none.
    constexpr void keep() {
        for (std::size_t id = 0; id < draft_.records.size() && !groups_.empty(); ++id) {
            draft_.records.texts().prefetch_names_after(id);
            keep_matching(id);
        }
        keep_ids();
        for (std::size_t number = 0; number < matched_.size(); ++number)
            if (!matched_[number])
                draft_.doubt(DoubtKind::unmatched_pattern, number, false, draft_.keep[number].pattern());
    }

private:
    struct Pattern {
        Glob glob;
        std::uint32_t number = 0;
    };
    /// Patterns that are matched together, from the end of the previous group on.
    struct Group {
        Glob joined;
        std::size_t end = 0;
        bool complete = false;  ///< each of its patterns has matched a record
    };

    constexpr void add(const Glob& glob, std::uint32_t number) {
        const std::string_view pattern = glob.pattern();
        if (!has_wildcard(pattern) && keep_named(glob, number)) return;
        patterns_.push_back({normalized_glob(glob), number});
        const Glob& normalized = patterns_.back().glob;
        if (groups_.empty() || !groups_.back().joined.join(normalized)) groups_.push_back({normalized});
        groups_.back().end = patterns_.size();
    }

    /// Keeps the records that a pattern without wildcards names. Returns whether that is all that it can match: it is
    /// not a repository.
    constexpr bool keep_named(const Glob& glob, std::uint32_t number) {
        const std::string_view typed = glob.pattern();
        draft_.records.find_name(typed, [&](std::uint32_t record) {
            const std::string_view name = draft_.records.name(record);
            if (name == typed || is_same_reference(name, typed, false) ||
                (forms_.read(name, draft_.names[record]) && forms_.match(glob)))
                keep(record, number);
            return false;
        });
        ReferenceParts parts;
        return !split_reference(typed, parts) || !parts.tag.empty() || !parts.digest.empty();
    }

    constexpr void keep(std::size_t record, std::uint32_t number) {
        matched_[number] = true;
        draft_.decisions.decide(record, Reason::kept_pattern, by_option(number));
    }

    constexpr void keep_matching(std::size_t id) {
        if (!forms_.read(draft_.records.name(id), draft_.names[id])) {
            keep_invalid(id);
            return;
        }
        const auto matches = [this](const Glob& glob) { return forms_.match(glob); };
        bool found = !draft_.decisions.deletes(id);
        std::size_t begin = 0;
        for (Group& group : groups_) {
            if (!(found && group.complete) && matches(group.joined)) {
                group.complete = true;
                for (std::size_t i = begin; i < group.end; ++i) {
                    const std::uint32_t number = patterns_[i].number;
                    if ((!found || !matched_[number]) && matches(patterns_[i].glob)) {
                        keep(id, number);
                        found = true;
                    }
                    group.complete = group.complete && matched_[number];
                }
            }
            begin = group.end;
        }
    }

    /// Keeps a name that is not a valid reference if a pattern matches it as both are written.
    constexpr void keep_invalid(std::size_t id) {
        bool found = !draft_.decisions.deletes(id);
        for (const Pattern& pattern : patterns_) {
            if (found && matched_[pattern.number]) continue;
            if (!draft_.keep[pattern.number].matches(draft_.records.name(id))) continue;
            keep(id, pattern.number);
            found = true;
        }
    }

    /// Keeps the images whose ID a pattern is that matches no name. A truncated ID keeps all images that it matches.
    constexpr void keep_ids() {
        Vector<std::uint32_t> kept_by;  // by image
        for (std::uint32_t number = 0; number < matched_.size(); ++number) {
            const std::string_view id = draft_.keep[number].pattern();
            if (matched_[number] || !is_id(id)) continue;
            const auto keep_image = [&](std::uint32_t image) {
                if (kept_by.empty()) kept_by = Vector<std::uint32_t>(draft_.records.size(), no_record);
                kept_by[image] = number;
                matched_[number] = true;
                return true;
            };
            room_.clear();
            append_full_id(id, room_);
            draft_.records.for_each(draft_.records.find_id({room_.data(), room_.size()}), keep_image);
            if (!matched_[number]) draft_.images.for_each_image(id, keep_image);
        }
        for (std::size_t id = 0; id < kept_by.size(); ++id)
            if (const std::uint32_t number = kept_by[draft_.records.image(id)]; number != no_record) keep(id, number);
    }

    Draft& draft_;
    Vector<Pattern> patterns_;
    Vector<Group> groups_;
    Vector<char> matched_;  // by pattern
    NameForms forms_;
    String room_;  // for one ID
};

}  // namespace pruneplan::detail

#endif

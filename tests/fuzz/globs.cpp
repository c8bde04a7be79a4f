// SPDX-License-Identifier: BSL-1.0 Fuzzes patterns. The input is lines of patterns, an empty line, and lines of texts.
// Compares each match with a translation of Go's path.Match, or, of a pattern with "**", with a plain automaton; the
// match of all patterns together with that of each; and the match of a reference with that of its forms.

#include "targets.hpp"

#include <pruneplan/planner/name_forms.hpp>
#include <pruneplan/syntax/glob.hpp>
#include <pruneplan/syntax/reference.hpp>

#include <algorithm>
#include <cstddef>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace {

using fuzz::require;
using pruneplan::Glob;

// A translation of Go's path/match.go, for well-formed ASCII patterns.

/// Removes a bound of a range from the front of the chunk. Returns its character.
char take_bound(std::string_view& chunk) {
    if (chunk[0] == '\\') chunk.remove_prefix(1);
    const char c = chunk[0];
    chunk.remove_prefix(1);
    return c;
}

/// Go's `matchChunk`: tells whether the text begins with a match of the chunk, and sets `rest` to the text behind it.
bool match_chunk(std::string_view chunk, std::string_view text, std::string_view& rest) {
    while (!chunk.empty()) {
        if (text.empty()) return false;
        const char c = text[0];
        switch (chunk[0]) {
            case '[': {
                chunk.remove_prefix(1);
                const bool negated = chunk[0] == '^';
                if (negated) chunk.remove_prefix(1);
                bool matches = false;
                for (bool any = false; !any || chunk[0] != ']'; any = true) {
                    const char low = take_bound(chunk);
                    char high = low;
                    if (chunk[0] == '-') {
                        chunk.remove_prefix(1);
                        high = take_bound(chunk);
                    }
                    matches = matches || (low <= c && c <= high);
                }
                chunk.remove_prefix(1);
                if (matches == negated) return false;
                break;
            }
            case '?':
                if (c == '/') return false;
                chunk.remove_prefix(1);
                break;
            case '\\': chunk.remove_prefix(1); [[fallthrough]];
            default:
                if (chunk[0] != c) return false;
                chunk.remove_prefix(1);
        }
        text.remove_prefix(1);
    }
    rest = text;
    return true;
}

/// Go's `scanChunk`: removes the first chunk from the pattern, and tells whether a star precedes it.
bool take_chunk(std::string_view& pattern, std::string_view& chunk) {
    const std::size_t stars = std::min(pattern.find_first_not_of('*'), pattern.size());
    pattern.remove_prefix(stars);
    bool in_range = false;
    std::size_t end = 0;
    for (; end < pattern.size() && (in_range || pattern[end] != '*'); ++end) {
        if (pattern[end] == '\\')
            ++end;
        else if (pattern[end] == '[')
            in_range = true;
        else if (pattern[end] == ']')
            in_range = false;
    }
    chunk = pattern.substr(0, end);
    pattern.remove_prefix(end);
    return stars > 0;
}

/// Go's `Match`.
bool match_plainly(std::string_view pattern, std::string_view text) {
    while (!pattern.empty()) {
        std::string_view chunk;
        const bool star = take_chunk(pattern, chunk);
        if (star && chunk.empty()) return text.find('/') == text.npos;
        std::string_view rest;
        if (match_chunk(chunk, text, rest) && (rest.empty() || !pattern.empty())) {
            text = rest;
            continue;
        }
        bool found = false;
        for (std::size_t i = 0; star && !found && i < text.size() && text[i] != '/'; ++i)
            if (match_chunk(chunk, text.substr(i + 1), rest) && (rest.empty() || !pattern.empty())) {
                text = rest;
                found = true;
            }
        if (!found) return false;
    }
    return text.empty();
}

/// Returns where the item at a place of a well-formed ASCII pattern ends.
std::size_t end_of_item(std::string_view pattern, std::size_t place) {
    std::string_view rest = pattern.substr(place);
    if (rest[0] == '\\') return place + 2;
    if (rest[0] != '[') return place + 1;
    rest.remove_prefix(rest.starts_with("[^") ? 2 : 1);
    do {
        take_bound(rest);
        if (rest[0] != '-') continue;
        rest.remove_prefix(1);
        take_bound(rest);
    } while (rest[0] != ']');
    return pattern.size() - rest.size() + 1;
}

/// Tells whether a well-formed ASCII pattern has a "**", other than in a class.
bool crosses_slashes(std::string_view pattern) {
    for (std::size_t place = 0; place < pattern.size(); place = end_of_item(pattern, place))
        if (pattern.substr(place).starts_with("**")) return true;
    return false;
}

/// Matches a well-formed ASCII pattern in which "**" matches "/", too. Follows all places that a match can have
/// reached.
bool match_crossing(std::string_view pattern, std::string_view text) {
    std::set<std::size_t> places{0};
    const auto pass_stars = [&] {
        for (const std::size_t place : std::set(places))
            places.insert(std::min(pattern.find_first_not_of('*', place), pattern.size()));
    };
    for (const char c : text) {
        pass_stars();
        std::set<std::size_t> next;
        for (const std::size_t place : places) {
            const std::string_view rest = pattern.substr(place);
            std::string_view unmatched;
            if (rest.starts_with('*')) {
                if (c != '/' || rest.starts_with("**")) next.insert(place);
            } else if (!rest.empty()) {
                const std::size_t end = end_of_item(pattern, place);
                if (match_chunk(pattern.substr(place, end - place), {&c, 1}, unmatched)) next.insert(end);
            }
        }
        places = std::move(next);
    }
    pass_stars();
    return places.contains(pattern.size());
}

bool is_ascii(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

/// Matches as the filter `reference` does: the familiar form, the familiar name, the canonical form with the default
/// tag, and the canonical name.
bool any_form_matches(const std::vector<Glob>& globs, const pruneplan::Reference& reference) {
    const pruneplan::Reference tagged = reference.with_default_tag();
    const std::string_view name = reference.name();
    const std::string_view familiar_name = name.substr(reference.canonical().size() - reference.familiar().size());
    for (const Glob& glob : globs)
        for (const std::string_view form : {reference.familiar(), familiar_name, tagged.canonical(), name})
            if (glob.matches(form)) return true;
    return false;
}

}  // namespace

void fuzz::globs(std::string_view bytes) {
    const std::size_t split = std::min(bytes.find("\n\n"), bytes.size());
    std::vector<Glob> globs;
    pruneplan::detail::Globs together;
    for (const std::string_view pattern : fuzz::lines_of(bytes.substr(0, split), 24)) {
        auto glob = Glob::compile(pattern);
        const auto as_docker = Glob::compile(pattern, pruneplan::detail::Stars::as_docker);
        require(glob.has_value() == as_docker.has_value(), "what stars mean does not make a pattern invalid");
        if (!glob) {
            require(glob.error().code == pruneplan::ErrorCode::bad_pattern,
                    "a rejected pattern has the error bad_pattern");
            continue;
        }
        require(glob->pattern() == pattern, "a pattern has the text that it was compiled from");
        for (const Glob& known : {*std::move(glob), *as_docker}) {
            together.add(known);
            globs.push_back(known);
        }
    }
    for (const std::string_view text : lines_of(bytes.substr(std::min(split + 2, bytes.size())))) {
        bool any = false;
        for (std::size_t i = 0; i < globs.size(); ++i) {
            const bool matches = globs[i].matches(text);
            any = any || matches;
            const std::string_view pattern = globs[i].pattern();
            if (!is_ascii(pattern) || !is_ascii(text)) continue;
            // Each pattern is there twice: first as it crosses slashes, then as Docker's.
            if (i % 2 == 0 && crosses_slashes(pattern))
                require(matches == match_crossing(pattern, text), "two stars match slashes");
            else
                require(matches == match_plainly(pattern, text), "a pattern matches the texts that path.Match matches");
        }
        require(together.any([&](const Glob& glob) { return glob.matches(text); }) == any,
                "patterns together match the texts that any of them matches");
        const auto reference = pruneplan::parse_reference(text);
        pruneplan::detail::NameForms forms;
        require(forms.read(text) == reference.has_value(), "a name has forms if it is a valid reference");
        if (reference)
            require(forms.match_any(together) == any_form_matches(globs, *reference),
                    "patterns match a name if they match one of its four forms");
    }
}

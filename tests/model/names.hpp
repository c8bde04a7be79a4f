#ifndef PRUNEPLAN_TESTS_MODEL_NAMES_HPP
#define PRUNEPLAN_TESTS_MODEL_NAMES_HPP

// SPDX-License-Identifier: BSL-1.0

// Parses references and matches patterns for the model, with regular expressions and plain loops. Shares no code with
// the library.

#include <cstddef>
#include <optional>
#include <regex>
#include <string>
#include <unordered_map>
#include <vector>

namespace model {

/// A reference with the parts that users may omit: its domain, and "library/" for an official image of Docker Hub.
struct Reference {
    std::string domain, path, tag, digest;

    /// "docker.io/library/alpine". The domain is empty if the first component is not a valid domain.
    std::string repository() const { return domain.empty() ? path : domain + "/" + path; }

    /// The whole reference. One with neither tag nor digest gets the tag "latest".
    std::string canonical() const { return repository() + suffix(tag.empty() && digest.empty() ? "latest" : tag); }

    /// The short form that people type: without "docker.io/", and without "library/" before a single component.
    std::string familiar_repository() const {
        if (domain != "docker.io") return repository();
        const bool official = path.starts_with("library/") && path.find('/', 8) == path.npos;
        return official ? path.substr(8) : path;
    }

    /// The familiar repository with tag and digest. Gets no default tag.
    std::string familiar() const { return familiar_repository() + suffix(tag); }

private:
    std::string suffix(const std::string& with_tag) const {
        return (with_tag.empty() ? "" : ":" + with_tag) + (digest.empty() ? "" : "@" + digest);
    }
};

/// Tells whether a text is an ID without its algorithm: 64 hex digits. Such a text is never a reference.
inline bool is_bare_id(const std::string& text) {
    return text.size() == 64 && text.find_first_not_of("0123456789abcdef") == text.npos;
}

inline std::optional<Reference> parse_reference_slowly(const std::string& text) {
    if (is_bare_id(text)) return std::nullopt;

    // The part before the first "/" is a domain if it is "localhost" or holds a ".", a ":" or an upper-case letter.
    std::string domain = "docker.io", rest = text;
    const std::string first = text.substr(0, text.find('/'));
    if (first.size() < text.size() &&
        (first == "localhost" || first.find_first_of(".:ABCDEFGHIJKLMNOPQRSTUVWXYZ") != first.npos)) {
        domain = first;
        rest = text.substr(first.size() + 1);
    }
    if (domain == "index.docker.io") domain = "docker.io";
    if (domain == "docker.io" && rest.find('/') == rest.npos) rest = "library/" + rest;

    static const std::string component = "[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?";
    static const std::string host = "(?:" + component + "(?:\\." + component + ")*|\\[[a-fA-F0-9:]+\\])(?::[0-9]+)?";
    static const std::string path_component = "[a-z0-9]+(?:(?:\\.|__?|-+)[a-z0-9]+)*";
    static const std::regex grammar("(?:(" + host + ")/)?(" + path_component + "(?:/" + path_component + ")*)" +
                                    "(?::([A-Za-z0-9_][A-Za-z0-9_.-]{0,127}))?" +
                                    "(?:@(sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128}))?");
    const std::string whole = domain + "/" + rest;
    std::smatch part;
    if (!std::regex_match(whole, part, grammar) || part[2].length() > 255) return std::nullopt;
    return Reference{part[1], part[2], part[3], part[4]};
}

/// Like `parse_reference_slowly`, but parses each text once: regular expressions are slow, and worlds have few texts.
inline const std::optional<Reference>& parse_reference(const std::string& text) {
    thread_local std::unordered_map<std::string, std::optional<Reference>> known;
    const auto found = known.find(text);
    if (found != known.end()) return found->second;
    return known.emplace(text, parse_reference_slowly(text)).first->second;
}

/// Tells whether the item of a valid pattern at `at` matches the character; moves `at` behind the item. ASCII only.
inline bool item_matches(const std::string& pattern, std::size_t& at, char c) {
    const char item = pattern[at++];
    if (item == '?') return c != '/';
    if (item == '\\') return pattern[at++] == c;
    if (item != '[') return item == c;
    const bool negated = pattern[at] == '^';
    if (negated) ++at;
    const auto bound = [&] {
        if (pattern[at] == '\\') ++at;
        return pattern[at++];
    };
    bool among = false;
    do {
        const char low = bound();
        char high = low;
        if (pattern[at] == '-') {
            ++at;
            high = bound();
        }
        among = among || (low <= c && c <= high);
    } while (pattern[at] != ']');
    ++at;
    return among != negated;
}

/// Tells whether a valid pattern matches the whole text, as Go's path.Match does: "*" matches any characters but "/".
/// If the rest does not match, the last "*" is extended by one character.
inline bool matches_pattern(const std::string& pattern, const std::string& text) {
    constexpr std::size_t none = std::string::npos;
    std::size_t at = 0, next = 0, after_star = none, taken = 0;
    for (;;) {
        if (at < pattern.size() && pattern[at] == '*') {
            after_star = ++at;
            taken = next;
            continue;
        }
        if (at == pattern.size() && next == text.size()) return true;
        if (at < pattern.size() && next < text.size()) {
            std::size_t behind = at;
            if (item_matches(pattern, behind, text[next])) {
                at = behind;
                ++next;
                continue;
            }
        }
        if (after_star == none || taken == text.size() || text[taken] == '/') return false;
        next = ++taken;
        at = after_star;
    }
}

/// Tells whether a pattern matches one of the four forms of a reference: familiar or canonical, whole or repository.
inline bool matches_reference(const std::string& pattern, const Reference& reference) {
    return matches_pattern(pattern, reference.familiar()) ||
           matches_pattern(pattern, reference.familiar_repository()) ||
           matches_pattern(pattern, reference.canonical()) || matches_pattern(pattern, reference.repository());
}

}  // namespace model

#endif

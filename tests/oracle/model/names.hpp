#ifndef PRUNEPLAN_TESTS_MODEL_NAMES_HPP
#define PRUNEPLAN_TESTS_MODEL_NAMES_HPP

// SPDX-License-Identifier: BSL-1.0

// Parses references and versions, and matches patterns for the model, with regular expressions and plain loops. Shares
// no code with the library.

#include <algorithm>
#include <array>
#include <compare>
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

inline bool is_hex(const std::string& text) { return text.find_first_not_of("0123456789abcdef") == text.npos; }

/// Tells whether a text is an ID without its algorithm: 64 hex digits. Such a text is never a reference.
inline bool is_bare_id(const std::string& text) { return text.size() == 64 && is_hex(text); }

/// Tells whether a text is a digest of a supported algorithm.
inline bool is_digest(const std::string& text) {
    return (text.size() == 71 && text.starts_with("sha256:") && is_hex(text.substr(7))) ||
           (text.size() == 135 && text.starts_with("sha512:") && is_hex(text.substr(7)));
}

/// Tells whether a text is a whole ID, with or without its algorithm.
inline bool is_whole_id(const std::string& text) { return is_bare_id(text) || is_digest(text); }

/// Tells whether a text is an ID, whole or truncated. Only IDs of sha256 are truncated.
inline bool is_id(const std::string& text) {
    const std::string digits = text.starts_with("sha256:") ? text.substr(7) : text;
    return is_whole_id(text) || (!digits.empty() && digits.size() <= 64 && is_hex(digits));
}

/// The digest at the end of a typed text, if it has one.
inline std::optional<std::string> digest_in(const std::string& typed) {
    const std::size_t at = typed.rfind('@');
    if (at == typed.npos || !is_digest(typed.substr(at + 1))) return std::nullopt;
    return typed.substr(at + 1);
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
inline bool matches_as_docker(const std::string& pattern, const std::string& text) {
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

/// Tells whether the rest of a valid pattern matches the rest of a text. "**" matches any characters, "*" any but "/".
/// Tries every length for each star.
inline bool matches_rest(const std::string& pattern, std::size_t at, const std::string& text, std::size_t next) {
    if (at == pattern.size()) return next == text.size();
    if (pattern[at] != '*')
        return next < text.size() && item_matches(pattern, at, text[next]) && matches_rest(pattern, at, text, next + 1);
    const std::size_t behind = std::min(pattern.find_first_not_of('*', at), pattern.size());
    for (;; ++next) {
        if (matches_rest(pattern, behind, text, next)) return true;
        if (next == text.size() || (behind - at == 1 && text[next] == '/')) return false;
    }
}

/// Tells whether a valid pattern matches the whole text, where "**" matches "/", too.
inline bool matches_pattern(const std::string& pattern, const std::string& text) {
    return pattern.find("**") == pattern.npos ? matches_as_docker(pattern, text) : matches_rest(pattern, 0, text, 0);
}

/// Tells whether a pattern matches one of the four forms of a reference: familiar or canonical, whole or repository.
template <class Matches>
bool matches_reference(const std::string& pattern, const Reference& reference, const Matches& matches) {
    return matches(pattern, reference.familiar()) || matches(pattern, reference.familiar_repository()) ||
           matches(pattern, reference.canonical()) || matches(pattern, reference.repository());
}

/// Matches as the filter `reference` does: two stars in a row are one.
inline bool matches_filter(const std::string& pattern, const Reference& reference) {
    return matches_reference(pattern, reference, matches_as_docker);
}

inline bool has_wildcard(const std::string& pattern) { return pattern.find_first_of("*?[\\") != pattern.npos; }

/// Adds to a pattern with wildcards what people omit: "docker.io/alp*" and "library/alp*" mean
/// "docker.io/library/alp*", and "index.docker.io/" means "docker.io/".
inline std::string completed(const std::string& pattern) {
    const auto is_one_component = [](const std::string& path) {
        return path.find('/') == path.npos && path.find("**") == path.npos;
    };
    std::string rest = pattern.starts_with("index.docker.io/") ? pattern.substr(6) : pattern;
    if (rest.starts_with("docker.io/") && is_one_component(rest.substr(10)))
        return "docker.io/library/" + rest.substr(10);
    if (rest.starts_with("library/") && rest.find('/', 8) == rest.npos) return "docker.io/" + rest;
    return rest;
}

/// Tells whether a pattern of the options `keep` and `keep_newest` matches a name. A pattern must match one of the four
/// forms of the name, and can omit what people omit. A pattern without wildcards can also be a reference in any form,
/// to the name or its repository. A name that is not a valid reference is matched as it is.
inline bool matches_name(const std::string& pattern, const std::string& name) {
    const auto& reference = parse_reference(name);
    if (!reference) return matches_pattern(pattern, name);
    if (matches_reference(pattern, *reference, matches_pattern)) return true;
    if (has_wildcard(pattern)) return matches_reference(completed(pattern), *reference, matches_pattern);
    const auto& named = parse_reference(pattern);
    return named && (named->canonical() == reference->canonical() ||
                     (named->tag.empty() && named->digest.empty() && named->repository() == reference->repository()));
}

/// A version of Semantic Versioning. Its numbers have no leading zeros.
struct Version {
    std::array<std::string, 3> numbers;
    std::vector<std::string> pre_release{};
};

/// Parses a version: "v" and the second and third number can be missing.
inline std::optional<Version> parse_version(const std::string& text) {
    static const std::string identifiers = "[0-9A-Za-z-]+(?:\\.[0-9A-Za-z-]+)*";
    static const std::regex grammar("v?([0-9]+)(?:\\.([0-9]+))?(?:\\.([0-9]+))?(?:-(" + identifiers + "))?(?:\\+" +
                                    identifiers + ")?");
    static const std::regex leading_zeros("^0+");
    std::smatch part;
    if (!std::regex_match(text, part, grammar)) return std::nullopt;
    Version version;
    for (std::size_t i = 0; i < 3; ++i) version.numbers[i] = std::regex_replace(part[i + 1].str(), leading_zeros, "");
    static const std::regex identifier("[^.]+");
    const std::string pre_release = part[4];
    for (std::sregex_iterator at(pre_release.begin(), pre_release.end(), identifier), end; at != end; ++at)
        version.pre_release.push_back(at->str());
    return version;
}

/// Compares two numbers without leading zeros.
inline std::strong_ordering compare_numbers(const std::string& a, const std::string& b) {
    return a.size() != b.size() ? a.size() <=> b.size() : a.compare(b) <=> 0;
}

/// Compares two identifiers of pre-releases: numbers by value, and less than other identifiers.
inline std::strong_ordering compare_identifiers(const std::string& a, const std::string& b) {
    const auto is_number = [](const std::string& text) { return text.find_first_not_of("0123456789") == text.npos; };
    const auto without_zeros = [](const std::string& text) {
        return text.substr(std::min(text.find_first_not_of('0'), text.size()));
    };
    if (is_number(a) != is_number(b)) return is_number(a) ? std::strong_ordering::less : std::strong_ordering::greater;
    return is_number(a) ? compare_numbers(without_zeros(a), without_zeros(b)) : a.compare(b) <=> 0;
}

/// Compares two tags as versions. A tag that is not a version is less than every version.
inline std::strong_ordering compare_tags_slowly(const std::string& a, const std::string& b) {
    const auto first = parse_version(a), second = parse_version(b);
    if (!first || !second) return first.has_value() <=> second.has_value();
    for (std::size_t i = 0; i < 3; ++i)
        if (const auto order = compare_numbers(first->numbers[i], second->numbers[i]); order != 0) return order;
    const auto &of_a = first->pre_release, &of_b = second->pre_release;
    if (of_a.empty() || of_b.empty()) return of_a.empty() <=> of_b.empty();
    for (std::size_t i = 0; i < of_a.size() && i < of_b.size(); ++i)
        if (const auto order = compare_identifiers(of_a[i], of_b[i]); order != 0) return order;
    return of_a.size() <=> of_b.size();
}

/// Like `compare_tags_slowly`, but compares each two tags once.
inline std::strong_ordering compare_tags(const std::string& a, const std::string& b) {
    thread_local std::unordered_map<std::string, std::strong_ordering> known;
    const std::string both = a + '/' + b;
    const auto found = known.find(both);
    if (found != known.end()) return found->second;
    return known.emplace(both, compare_tags_slowly(a, b)).first->second;
}

}  // namespace model

#endif

#ifndef PRUNEPLAN_SYNTAX_REFERENCE_GRAMMAR_HPP
#define PRUNEPLAN_SYNTAX_REFERENCE_GRAMMAR_HPP

// SPDX-License-Identifier: BSL-1.0

// Splits and compares references to images, without allocations. The grammar is that of distribution/reference:
//
//   reference       = name [ ":" tag ] [ "@" digest ]
//   name            = [ domain "/" ] path
//   domain          = host [ ":" 1*[0-9] ]
//   host            = component *( "." component )  |  "[" 1*[a-fA-F0-9:] "]"
//   component       = 1*[a-zA-Z0-9-], which neither begins nor ends with "-"
//   path            = path-component *( "/" path-component )              at most 255 bytes
//   path-component  = alphanumeric *( separator alphanumeric )
//   alphanumeric    = 1*[a-z0-9]
//   separator       = "." | "_" | "__" | 1*"-"
//   tag             = [A-Za-z0-9_] *127[A-Za-z0-9_.-]
//   digest          = algorithm ":" 32*[0-9a-fA-F]                        then checked as in digest.hpp
//
// Typed text is normalized first. The part before the first "/" is a domain if it is "localhost" or contains a ".", a
// ":" or an upper-case letter. Otherwise the domain is docker.io, where a path of one component is prefixed by
// "library/".

#include <pruneplan/detail/text/automaton.hpp>
#include <pruneplan/detail/text/characters.hpp>
#include <pruneplan/detail/text/text.hpp>
#include <pruneplan/detail/text/utf8.hpp>
#include <pruneplan/detail/text/words.hpp>
#include <pruneplan/syntax/digest.hpp>
#include <pruneplan/syntax/error.hpp>

#include <cstddef>
#include <string_view>

namespace pruneplan {

namespace detail {

inline constexpr std::string_view home_prefix = "docker.io/", official_prefix = "docker.io/library/";
inline constexpr std::string_view legacy_part = "index.";  // "index.docker.io" is an old name of "docker.io"
inline constexpr std::string_view default_domain = home_prefix.substr(0, home_prefix.size() - 1);
inline constexpr std::string_view library = official_prefix.substr(home_prefix.size()), default_tag = "latest";
inline constexpr std::size_t longest_path = 255, longest_tag = 128;

/// Holds the parts of a reference, as views into the parsed text. An implied domain is a view of a constant.
struct ReferenceParts {
    std::string_view domain;  ///< empty for a path such as "a_b.c/d", whose first component is not a valid domain
    bool official = false;    ///< "library/" precedes the path
    std::string_view path, tag, digest;

    constexpr std::string_view prefix() const noexcept { return official ? library : std::string_view(); }
    constexpr std::size_t path_size() const noexcept { return prefix().size() + path.size(); }

    friend constexpr bool operator==(const ReferenceParts&, const ReferenceParts&) = default;
};

/// Tells whether lower-casing leaves the text unchanged. Go's `strings.ToLower` replaces bytes that are not UTF-8.
constexpr bool is_lower_case(std::string_view text, unsigned classes) noexcept {
    return (classes & upper) == 0 && ((classes & beyond_ascii) == 0 || is_utf8(text));
}
constexpr unsigned classes_of(std::string_view text) noexcept {
    unsigned classes = 0;
    for (const char c : text) classes |= character_classes[static_cast<unsigned char>(c)];
    return classes;
}

inline constexpr std::string_view lower_or_digit = "abcdefghijklmnopqrstuvwxyz0123456789";
inline constexpr std::string_view letter_or_digit = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";

/// domain = host [ ":" port ]
struct DomainGrammar {
    enum State : unsigned { wrong, start, component, dash, dot, bracket, address, bracketed, colon, port };
    static constexpr Automaton automaton{
        {start, letter_or_digit, component},
        {start, "[", bracket},
        {component, letter_or_digit, component},
        {component, "-", dash},
        {component, ".", dot},
        {component, ":", colon},
        {dash, letter_or_digit, component},
        {dash, "-", dash},
        {dot, letter_or_digit, component},
        {bracket, "0123456789abcdefABCDEF:", address},
        {address, "0123456789abcdefABCDEF:", address},
        {address, "]", bracketed},
        {bracketed, ":", colon},
        {colon, "0123456789", port},
        {port, "0123456789", port},
    };
};

constexpr bool is_domain(std::string_view text) noexcept {
    const unsigned end = DomainGrammar::automaton.run(text);
    return end == DomainGrammar::component || end == DomainGrammar::bracketed || end == DomainGrammar::port;
}

/// Tells whether the part before the first "/" is meant as a domain. **Source:** distribution/reference,
/// `splitDockerDomain`.
constexpr bool names_domain(std::string_view first) noexcept {
    unsigned seen = 0;
    for (const char c : first) {
        seen |= character_classes[static_cast<unsigned char>(c)];
        if ((seen & dot_or_colon) != 0) return true;
    }
    return first == "localhost" || !is_lower_case(first, seen);
}

/// path [ ":" tag ], of any length
struct PathGrammar {
    enum State : unsigned { wrong, start, path, one_underscore, dashes, colon, tag };
    static constexpr Automaton automaton{
        {start, lower_or_digit, path},
        {path, lower_or_digit, path},
        {path, "/.", start},
        {path, "_", one_underscore},
        {path, "-", dashes},
        {path, ":", colon},
        {one_underscore, lower_or_digit, path},
        {one_underscore, "_", start},
        {dashes, lower_or_digit, path},
        {dashes, "-", dashes},
        {colon, letter_or_digit, tag},
        {colon, "_", tag},
        {tag, letter_or_digit, tag},
        {tag, "_.-", tag},
    };
};

/// digest, as far as the grammar of references defines it
constexpr bool is_digest_part(std::string_view text) {
    std::size_t at = 0;
    for (;; ++at) {
        if (at == text.size() || !is(text[at], lower | upper)) return false;
        at = skip(text, at, lower | upper | digit);
        if (at == text.size()) return false;
        if (text[at] == ':') break;
        if (!is(text[at], dot_or_dash | underscore) && text[at] != '+') return false;
    }
    return text.size() - (at + 1) >= 32 && skip(text, at + 1, digit | hex_letter) == text.size();
}

/// Holds the parts of "[domain/]path[:tag]", of any length. Its canonical form is `implied`, followed by the text from
/// `written` on.
struct NameParts {
    std::string_view implied;  ///< "docker.io/library/", "docker.io/" or empty
    std::string_view domain;   ///< empty for a path such as "a_b.c/d", whose first component is not a valid domain
    const char* written = nullptr;
    const char* path = nullptr;         ///< as it is written: without an implied "library/"
    unsigned end = PathGrammar::wrong;  ///< how the path ends: `path`, or `tag` if there is a tag
};

/// Splits a name. Returns false if it does not match the grammar. **Complexity:** O(n) for n bytes.
///
/// | text | `implied` | `domain` | `path`, up to the end |
/// |---|---|---|---|
/// | alpine:3 | docker.io/library/ | docker.io | alpine:3 |
/// | index.docker.io/alpine | docker.io/library/ | docker.io | alpine |
/// | team/app | docker.io/ | docker.io | team/app |
/// | localhost/app | | localhost | app |
/// | ghcr.io:443/team/app:1 | | ghcr.io:443 | team/app:1 |
constexpr bool match_name(std::string_view text, NameParts& parts) noexcept {
    const char* const end = text.data() + text.size();
    if (begins(text, "index.docker.io/")) text.remove_prefix(legacy_part.size());
    const bool at_home = begins(text, "docker.io/");
    if (at_home) text.remove_prefix(home_prefix.size());
    parts.written = parts.path = text.data();

    const std::string_view first = text.substr(0, text.find('/'));
    const bool has_slash = first.size() < text.size();
    if (at_home || !has_slash || !names_domain(first)) {
        parts.domain = default_domain;
        parts.implied = has_slash ? home_prefix : official_prefix;
    } else if (is_domain(first)) {
        parts.domain = first;
        parts.path = first.data() + first.size() + 1;
    }  // else it can still be the beginning of a path.

    parts.end = PathGrammar::automaton.run({parts.path, static_cast<std::size_t>(end - parts.path)});
    return parts.end == PathGrammar::path || parts.end == PathGrammar::tag;
}

/// Splits a reference, whatever the length of its path. Returns false if it does not match the grammar, or its tag is
/// too long.
/// @param digest the offset of its digest, which is not checked, or npos.
constexpr bool match_reference(std::string_view text, std::size_t digest, ReferenceParts& parts) noexcept {
    const bool digested = digest != text.npos;
    if (digested) parts.digest = {text.data() + digest, text.size() - digest};
    const std::string_view undigested(text.data(), digested ? digest - 1 : text.size());
    NameParts name;
    if (!match_name(undigested, name)) return false;
    parts.domain = name.domain;
    parts.official = name.implied.size() == official_prefix.size();
    parts.path = {name.path, undigested.size() - static_cast<std::size_t>(name.path - undigested.data())};
    if (name.end == PathGrammar::tag) {
        const std::size_t size = parts.path.rfind(':');
        parts.tag = {parts.path.data() + size + 1, parts.path.size() - size - 1};
        parts.path = {parts.path.data(), size};
    }
    return parts.tag.size() <= longest_tag;
}

/// Returns the offset of the digest in a reference, or npos if it has no digest of a supported length.
/// **Complexity:** O(1).
constexpr std::size_t start_of_digest(std::string_view text) noexcept {
    for (const DigestAlgorithm& algorithm : digest_algorithms) {
        const std::size_t size = algorithm.digest_size();
        if (text.size() > size && text[text.size() - size - 1] == '@') return text.size() - size;
    }
    return text.npos;
}

/// Splits a valid reference. Returns false if it is invalid; `reference_fault` tells why. **Complexity:** O(n) for n
/// bytes; no allocation.
constexpr bool split_reference(std::string_view text, ReferenceParts& parts) noexcept {
    // Another "@" than that of a valid digest makes the name invalid.
    const std::size_t digest = start_of_digest(text);
    return !is_identifier(text) && match_reference(text, digest, parts) && parts.path_size() <= longest_path &&
           (digest == text.npos || is_digest(parts.digest));
}

/// Tells whether a text is a valid reference. **Complexity:** O(n) for n bytes; no allocation.
constexpr bool is_reference(std::string_view text) noexcept {
    ReferenceParts parts;
    return split_reference(text, parts);
}

/// Tells whether `name` is the canonical form, with the default tag, of the reference `typed`. It is faster than
/// splitting `typed` and comparing. With `by_tag_alone`, compares with the form without the digest, which only a
/// reference with both tag and digest has.
constexpr bool is_canonical_form(std::string_view name, std::string_view typed, bool by_tag_alone) noexcept {
    const std::size_t digest = start_of_digest(typed);
    const bool digested = digest != typed.npos;
    const std::string_view undigested(typed.data(), digested ? digest - 1 : typed.size());
    NameParts parts;
    if (!match_name(undigested, parts) || (by_tag_alone && !digested)) return false;
    if (digested ? !is_digest({typed.data() + digest, typed.size() - digest}) : is_identifier(typed)) return false;
    // Shorter references cannot have a part that is too long.
    if (undigested.size() > longest_tag && !is_reference(typed)) return false;

    const char* const end = by_tag_alone ? undigested.data() + undigested.size() : typed.data() + typed.size();
    const std::string_view written(parts.written, static_cast<std::size_t>(end - parts.written));
    const std::size_t size = parts.implied.size() + written.size();
    // Compares sizes first, since the processor can still be busy with `parts.end`.
    const bool gets_tag = !digested && name.size() == size + 1 + default_tag.size();
    if (gets_tag ? parts.end != PathGrammar::path || !ends(name, ":latest")
                 : name.size() != size || ((by_tag_alone || !digested) && parts.end != PathGrammar::tag))
        return false;
    return begins(name, parts.implied) && stands_at(name.data() + parts.implied.size(), written);
}

/// Tells whether `name`, in any form, and the reference `typed` have the same canonical form with the default tag. With
/// `by_tag_alone`, compares with the form of `typed` without its digest, which only a reference with both tag and
/// digest has. Returns false if one of them is invalid. **Complexity:** O(n) for n bytes; no allocation.
constexpr bool is_same_reference(std::string_view name, std::string_view typed, bool by_tag_alone) noexcept {
    if (is_canonical_form(name, typed, by_tag_alone)) return true;
    ReferenceParts a, b;
    if (!split_reference(name, a) || !split_reference(typed, b)) return false;
    if (by_tag_alone) {
        if (b.tag.empty() || b.digest.empty()) return false;
        b.digest = {};
    }
    for (ReferenceParts* parts : {&a, &b}) {
        if (parts->tag.empty() && parts->digest.empty()) parts->tag = default_tag;
        if (parts->official || parts->domain != default_domain || !parts->path.starts_with(library)) continue;
        parts->official = true;
        parts->path.remove_prefix(library.size());
    }
    return a == b;
}

/// Appends the canonical name, such as "docker.io/library/alpine", to `out`.
constexpr void append_name(const ReferenceParts& parts, String& out) {
    append(out, parts.domain);
    if (!parts.domain.empty()) append(out, "/");
    append(out, parts.prefix());
    append(out, parts.path);
}

/// Returns the length of the prefix of a canonical name that its familiar form omits. **Source:**
/// distribution/reference, `familiarizeName`.
constexpr std::size_t implied_prefix(std::string_view domain, std::string_view path) noexcept {
    if (domain != default_domain) return 0;
    const bool official = path.starts_with(library) && path.find('/', library.size()) == path.npos;
    return official ? official_prefix.size() : home_prefix.size();
}

/// Returns why `split_reference` returned false. **Source:** the checks of distribution/reference, in their order.
constexpr ErrorCode reference_fault(std::string_view text) {
    if (is_identifier(text)) return ErrorCode::identifier;
    const std::string_view first = text.substr(0, text.find('/'));
    const bool has_domain = first.size() < text.size() && names_domain(first);
    const std::string_view remainder = has_domain ? text.substr(first.size() + 1) : text;
    const std::string_view repository = remainder.substr(0, remainder.find(':'));
    if (!is_lower_case(repository, classes_of(repository))) return ErrorCode::uppercase;
    const auto match = [](std::string_view typed, ReferenceParts& parts) {
        const std::size_t at = typed.find('@');
        return match_reference(typed, at == typed.npos ? at : at + 1, parts) &&
               (at == typed.npos || is_digest_part(parts.digest));
    };
    ReferenceParts parts;
    if (!match(text, parts)) {
        String lowered;
        for (const char c : text) lowered.push_back(is(c, upper) ? static_cast<char>(c - 'A' + 'a') : c);
        // Here, lower-casing turns no invalid domain into a valid one, so only the path can be wrong by its case.
        return match({lowered.data(), lowered.size()}, parts) ? ErrorCode::uppercase : ErrorCode::invalid_format;
    }
    if (parts.path_size() > longest_path) return ErrorCode::name_too_long;
    return digest_fault(parts.digest).value_or(ErrorCode::invalid_format);
}

constexpr std::string_view reference_advice(ErrorCode fault) noexcept {
    switch (fault) {
        case ErrorCode::uppercase: return "repository names are lower-case";
        case ErrorCode::identifier: return "64 hex digits are an ID, not a name";
        case ErrorCode::name_too_long: return "a repository path has at most 255 bytes";
        case ErrorCode::invalid_format: return "write [domain[:port]/]path[:tag][@digest]";
        default: return digest_advice(fault);
    }
}

}  // namespace detail

}  // namespace pruneplan

#endif

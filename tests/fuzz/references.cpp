// SPDX-License-Identifier: BSL-1.0
// Fuzzes references. Compares parse_reference with the regular expression that distribution/reference builds, and the
// forms of a reference with each other.

#include "targets.hpp"

#include <pruneplan/detail/text/significant_part.hpp>
#include <pruneplan/pruneplan.hpp>

#include <regex>
#include <string>
#include <string_view>

namespace {

using fuzz::require;
using pruneplan::ErrorCode;

/// The regular expression of distribution/reference, regexp.go. Its groups: domain, path, tag, digest.
const std::regex& grammar() {
    static const std::string component = "[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?";
    static const std::string host = "(?:" + component + "(?:\\." + component + ")*|\\[[a-fA-F0-9:]+\\])(?::[0-9]+)?";
    static const std::string part = "[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*";
    static const std::regex made("(?:(" + host + ")/)?(" + part + "(?:/" + part +
                                     ")*)(?::([A-Za-z0-9_][A-Za-z0-9_.-]{0,127}))?"
                                     "(?:@([A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}))?",
                                 std::regex::optimize);
    return made;
}

struct Parts {
    std::string domain, path, tag, digest;
};

bool is_hex(std::string_view text) { return text.find_first_not_of("0123456789abcdef") == text.npos; }

bool is_digest(std::string_view text) {
    return (text.size() == 71 && text.starts_with("sha256:") && is_hex(text.substr(7))) ||
           (text.size() == 135 && text.starts_with("sha512:") && is_hex(text.substr(7)));
}

bool has_upper(std::string_view text) { return text.find_first_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ") != text.npos; }

/// A translation of `ParseNormalizedNamed` in distribution/reference, normalize.go, for ASCII.
bool parse_plainly(const std::string& text, Parts& out) {
    if (text.size() == 64 && is_hex(text)) return false;
    std::string domain = "docker.io", remainder = text;
    const std::size_t slash = text.find('/');
    if (slash != text.npos) {
        const std::string first = text.substr(0, slash);
        if (first.find_first_of(".:") != first.npos || first == "localhost" || has_upper(first)) {
            domain = first == "index.docker.io" ? "docker.io" : first;
            remainder = text.substr(slash + 1);
        }
    }
    if (domain == "docker.io" && remainder.find('/') == remainder.npos) remainder = "library/" + remainder;
    if (has_upper(std::string_view(remainder).substr(0, remainder.find(':')))) return false;
    std::smatch match;
    const std::string whole = domain + "/" + remainder;
    if (!std::regex_match(whole, match, grammar())) return false;
    out = {match[1], match[2], match[3], match[4]};
    return out.path.size() <= 255 && (out.digest.empty() || is_digest(out.digest));
}

void check_against_grammar(const std::string& text) {
    // std::regex is recursive, and parse_plainly is for ASCII.
    if (text.size() > 600 || text.find_first_of(std::string("\n\r\0", 3)) != text.npos) return;
    for (const char c : text)
        if (static_cast<unsigned char>(c) >= 0x80) return;
    Parts parts;
    const bool valid = parse_plainly(text, parts);
    const auto reference = pruneplan::parse_reference(text);
    require(reference.has_value() == valid, "parse_reference accepts the references that the original accepts");
    if (!valid) return;
    require(reference->domain() == parts.domain && reference->path() == parts.path && reference->tag() == parts.tag &&
                reference->digest() == parts.digest,
            "the parts of a reference are those that the original finds");
}

void check_forms(const std::string& text, const pruneplan::Reference& reference) {
    std::string joined(reference.domain());
    if (!joined.empty()) joined += '/';
    joined += reference.path();
    require(joined == reference.name(), "a name consists of domain and path");
    if (!reference.tag().empty()) joined += ":" + std::string(reference.tag());
    if (!reference.digest().empty()) joined += "@" + std::string(reference.digest());
    require(joined == reference.canonical(), "the canonical form consists of its parts");
    require(reference.digest().empty() || pruneplan::parse_digest(reference.digest()).has_value(),
            "the digest of a reference is valid");

    const auto again = pruneplan::parse_reference(reference.canonical());
    require(again && *again == reference, "the canonical form is parsed to the same reference");
    const auto familiar = pruneplan::parse_reference(reference.familiar());
    // If a path at docker.io begins like a domain, the familiar form means another image, also in the original. So does
    // an image of Docker's library whose name is like an ID.
    const std::string_view first = reference.path().substr(0, reference.path().find('/'));
    const bool like_domain = first.find_first_of(".:") != first.npos || first == "localhost";
    const bool like_id = reference.familiar().size() == 64 && is_hex(reference.familiar());
    if (!(reference.domain() == "docker.io" && (like_domain || like_id)))
        require(familiar && *familiar == reference, "the familiar form is parsed to the same reference");

    const pruneplan::Reference tagged = reference.with_default_tag();
    require(tagged.with_default_tag() == tagged, "a second default tag changes nothing");
    require(tagged.name() == reference.name() && (!tagged.tag().empty() || !tagged.digest().empty()),
            "a default tag does not change the name");

    const std::string canonical(tagged.canonical());
    require(pruneplan::detail::is_canonical_form(canonical, text, false),
            "is_canonical_form accepts the canonical form of a typed reference");
    require(pruneplan::canonical_name(text) == canonical, "canonical_name is the canonical form with the default tag");
    for (const std::string& form : {canonical, std::string(reference.canonical()), text}) {
        require(pruneplan::detail::is_same_reference(form, text, false) &&
                    pruneplan::detail::is_same_reference(text, form, false),
                "two forms of one reference are the same reference");
        require(pruneplan::detail::significant_part(form) == pruneplan::detail::significant_part(text),
                "two forms of one reference have the same significant part");
    }
}

}  // namespace

void fuzz::references(std::string_view bytes) {
    const std::string text(bytes);
    check_against_grammar(text);
    const auto reference = pruneplan::parse_reference(text);
    require(pruneplan::detail::is_reference(text) == reference.has_value(), "is_reference and parse_reference agree");
    if (reference) {
        check_forms(text, *reference);
        return;
    }
    const pruneplan::Error& error = reference.error();
    require(error.code <= ErrorCode::digest_invalid_format, "a rejected reference has an error of references");
    for (const char c : error.message)
        require(static_cast<unsigned char>(c) >= 0x20 && static_cast<unsigned char>(c) < 0x7f,
                "a message is one line of ASCII");
    require(!pruneplan::detail::is_canonical_form(text, text, false) &&
                !pruneplan::detail::is_same_reference(text, text, false) && pruneplan::canonical_name(text) == text,
            "an invalid reference has no canonical form");
}

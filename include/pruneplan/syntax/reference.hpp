#ifndef PRUNEPLAN_SYNTAX_REFERENCE_HPP
#define PRUNEPLAN_SYNTAX_REFERENCE_HPP

// SPDX-License-Identifier: BSL-1.0

// References to images, as users type them ("alpine") and as stores keep them ("docker.io/library/alpine:latest").

#include <pruneplan/detail/platform.hpp>
#include <pruneplan/detail/text/message.hpp>
#include <pruneplan/detail/text/text.hpp>
#include <pruneplan/syntax/reference_grammar.hpp>
#include <pruneplan/syntax/result.hpp>

#include <compare>
#include <cstddef>
#include <string>
#include <string_view>

namespace pruneplan {

/// Holds a reference in its canonical form: with its domain, and with "library/" for an official image of Docker Hub.
/// **Lifetime:** a reference owns its text. Views that it returns are valid until it is changed or destroyed.
class [[nodiscard]] Reference {
public:
    /// Returns the domain: "docker.io", "localhost:5000". Empty if the first component looks like a domain and is
    /// invalid as one, as in "a_b.c/d".
    constexpr std::string_view domain() const noexcept { return part(0, sizes_.domain); }
    /// Returns the path: "library/alpine".
    constexpr std::string_view path() const noexcept {
        const std::size_t start = sizes_.domain == 0 ? 0 : sizes_.domain + 1;
        return part(start, sizes_.name - start);
    }
    /// Returns domain and path: "docker.io/library/alpine".
    constexpr std::string_view name() const noexcept { return part(0, sizes_.name); }
    /// Returns the tag, such as "3.20", or an empty text.
    constexpr std::string_view tag() const noexcept { return part(sizes_.name + 1, sizes_.tag); }
    /// Returns the digest, such as "sha256:…", or an empty text.
    constexpr std::string_view digest() const noexcept { return part(text_.size() - sizes_.digest, sizes_.digest); }
    /// Returns the whole reference: "docker.io/library/alpine:3.20@sha256:…". Parsing it returns an equal reference.
    constexpr std::string_view canonical() const noexcept { return {text_.data(), text_.size()}; }

    /// Returns the form that users type and read: "alpine:3.20". To store a reference, use `canonical()`. Parsing the
    /// familiar form returns an equal reference, with two exceptions, as in distribution/reference. The first component
    /// of a path on docker.io can look like a domain: the familiar form of "docker.io/docker.io/a" is "docker.io/a". A
    /// path of 64 hex digits below "docker.io/library/", without tag and digest, has a familiar form that is an ID.
    /// **Source:** distribution/reference, `FamiliarString`.
    constexpr std::string_view familiar() const noexcept {
        return canonical().substr(detail::implied_prefix(domain(), path()));
    }

    /// Returns this reference, with the tag "latest" if it has neither tag nor digest. **Source:**
    /// distribution/reference, `TagNameOnly`.
    constexpr Reference with_default_tag() const {
        if (sizes_.tag != 0 || sizes_.digest != 0) return *this;
        Reference tagged = *this;
        tagged.append_tag(detail::default_tag);
        return tagged;
    }

    /// Compares canonical forms.
    friend constexpr bool operator==(const Reference& a, const Reference& b) noexcept {
        return a.canonical() == b.canonical();
    }
    /// Orders by canonical form, bytewise.
    friend constexpr std::strong_ordering operator<=>(const Reference& a, const Reference& b) noexcept {
        return a.canonical() <=> b.canonical();
    }

private:
    friend constexpr Result<Reference> parse_reference(std::string_view);

    constexpr explicit Reference(const detail::ReferenceParts& parts) {
        sizes_.domain = parts.domain.size();
        detail::append_name(parts, text_);
        sizes_.name = text_.size();
        if (!parts.tag.empty()) append_tag(parts.tag);
        if (parts.digest.empty()) return;
        detail::append(text_, "@");
        detail::append(text_, parts.digest);
        sizes_.digest = parts.digest.size();
    }

    constexpr void append_tag(std::string_view tag) {
        detail::append(text_, ":");
        detail::append(text_, tag);
        sizes_.tag = tag.size();
    }

    constexpr std::string_view part(std::size_t start, std::size_t size) const noexcept {
        // A reference that was moved from is empty.
        return size == 0 || text_.empty() ? std::string_view() : canonical().substr(start, size);
    }

    struct Sizes {
        std::size_t domain = 0, name = 0, tag = 0, digest = 0;
    };

    detail::String text_;
    Sizes sizes_;
};

/// Parses a reference as users type it: familiar or canonical, with or without tag and digest.
/// **Errors:** `identifier`, `uppercase`, `invalid_format`, `name_too_long`, or one of the three digest codes, checked
/// in this order.
/// **Complexity:** O(n) for n bytes. **Lifetime:** the result owns its text.
/// **Source:** distribution/reference, `ParseNormalizedNamed`; tests/oracle/vectors/references.tsv. Only ASCII letters
/// count as upper-case.
constexpr Result<Reference> parse_reference(std::string_view text) {
    if (detail::ReferenceParts parts; detail::split_reference(text, parts)) return Reference(parts);
    const ErrorCode fault = detail::reference_fault(text);
    return Error{fault,
                 detail::joined({"invalid reference ", detail::quoted(text), ": ", detail::reference_advice(fault)})};
}

/// Returns the canonical form of a reference with the default tag: "docker.io/library/alpine:latest" for "alpine". A
/// reference with a digest gets no tag. A text that is not a valid reference is returned unchanged.
/// **Complexity:** O(n) for n bytes.
template <class Text = std::string>  // a template: not every supported compiler evaluates std::string at compile time
constexpr Text canonical_name(std::string_view text) {
    if (!detail::is_reference(text)) return Text(text);
    const Reference reference = parse_reference(text)->with_default_tag();
    return Text(reference.canonical());
}

}  // namespace pruneplan

#endif

#ifndef PRUNEPLAN_SYNTAX_DIGEST_HPP
#define PRUNEPLAN_SYNTAX_DIGEST_HPP

// SPDX-License-Identifier: BSL-1.0

// Digests, in the grammar of the OCI image specification (descriptor.md, "Digests"):
//
//   digest     = algorithm ":" encoded
//   algorithm  = component *( [+._-] component )       component = 1*[a-z0-9]
//   encoded    = 1*[a-zA-Z0-9=_-]                      of a supported algorithm: lower-case hex of its length

#include <pruneplan/detail/text/characters.hpp>
#include <pruneplan/detail/text/full_id.hpp>
#include <pruneplan/detail/text/words.hpp>
#include <pruneplan/syntax/result.hpp>

#include <array>
#include <cstddef>
#include <optional>
#include <string_view>

namespace pruneplan {

/// Holds the two parts of a digest, as views into the text that was parsed.
struct Digest {
    std::string_view algorithm;  ///< "sha256" or "sha512"
    std::string_view encoded;    ///< lower-case hex: 64 or 128 digits

    /// Compares both parts.
    friend constexpr bool operator==(const Digest&, const Digest&) = default;
};

namespace detail {

/// Describes an algorithm that is supported.
struct DigestAlgorithm {
    char name_and_colon[8];
    std::size_t hex_digits;

    constexpr std::string_view name() const noexcept { return {name_and_colon, sizeof name_and_colon - 2}; }
    constexpr std::size_t digest_size() const noexcept { return sizeof name_and_colon - 1 + hex_digits; }
};

inline constexpr std::array<DigestAlgorithm, 2> digest_algorithms{{{"sha256:", 64}, {"sha512:", 128}}};

/// Tells whether `text` is a digest of a supported algorithm. **Complexity:** O(n) for n bytes, O(1) for an unsupported
/// length.
constexpr bool is_digest(std::string_view text) noexcept {
    for (const DigestAlgorithm& algorithm : digest_algorithms)
        if (text.size() == algorithm.digest_size())
            return stands_at(text.data(), algorithm.name_and_colon) &&
                   is_lower_hex(text.substr(text.size() - algorithm.hex_digits));
    return false;
}

/// Tells whether `text` is an ID, in full or truncated: 1 to 64 hex digits of sha256, with or without "sha256:", or a
/// whole digest of a supported algorithm.
constexpr bool is_id(std::string_view text) noexcept {
    if (is_digest(text)) return true;
    text = without_algorithm(text);
    return !text.empty() && text.size() <= digest_algorithms[0].hex_digits && is_lower_hex(text);
}

/// Tells whether `text` has the form of a digest of some algorithm, supported or not.
constexpr bool looks_like_digest(std::string_view text) noexcept {
    std::size_t at = 0;
    for (;; ++at) {
        const std::size_t end = skip(text, at, lower | digit);
        if (end == at || end == text.size()) return false;
        at = end;
        if (text[at] == ':') break;
        if (!is(text[at], dot_or_dash | underscore) && text[at] != '+') return false;
    }
    const std::string_view encoded = text.substr(at + 1);
    for (const char c : encoded)
        if (!is(c, lower | upper | digit | underscore) && c != '=' && c != '-') return false;
    return !encoded.empty();
}

/// Returns what is wrong with a digest, or nothing. **Source:** the checks and their order are those of
/// opencontainers/go-digest, `Digest.Validate`.
constexpr std::optional<ErrorCode> digest_fault(std::string_view text) noexcept {
    if (is_digest(text)) return std::nullopt;
    const std::size_t colon = text.find(':');
    if (colon == text.npos || colon == 0 || colon + 1 == text.size()) return ErrorCode::digest_invalid_format;
    for (const DigestAlgorithm& algorithm : digest_algorithms)
        if (algorithm.name() == text.substr(0, colon))
            return text.size() == algorithm.digest_size() ? ErrorCode::digest_invalid_format
                                                          : ErrorCode::digest_invalid_length;
    return looks_like_digest(text) ? ErrorCode::digest_unsupported : ErrorCode::digest_invalid_format;
}

/// Returns what a valid digest would be, for a message.
constexpr std::string_view digest_advice(ErrorCode fault) noexcept {
    switch (fault) {
        case ErrorCode::digest_unsupported: return "the algorithm must be sha256 or sha512";
        case ErrorCode::digest_invalid_length: return "sha256 has 64 hex digits, sha512 has 128";
        default: return "write algorithm:hex, in lower case";
    }
}

}  // namespace detail

/// Parses a digest such as "sha256:82d1e9d7…".
/// **Errors:** `digest_unsupported`, `digest_invalid_length` or `digest_invalid_format`.
/// **Complexity:** O(n) for n bytes; no allocation.
/// **Lifetime:** the parts of the result are views into `text`.
/// **Source:** OCI image specification, descriptor.md, "Registered algorithms"; opencontainers/go-digest,
/// `Digest.Validate`. Rejects sha384, which is not registered, as distribution/reference does; for both, see
/// tests/oracle/vectors/references.tsv.
constexpr Result<Digest> parse_digest(std::string_view text) {
    if (const auto fault = detail::digest_fault(text))
        return Error{*fault,
                     detail::joined({"invalid digest ", detail::quoted(text), ": ", detail::digest_advice(*fault)})};
    const std::size_t colon = text.find(':');
    return Digest{text.substr(0, colon), text.substr(colon + 1)};
}

}  // namespace pruneplan

#endif

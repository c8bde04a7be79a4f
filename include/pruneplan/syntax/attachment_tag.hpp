#ifndef PRUNEPLAN_SYNTAX_ATTACHMENT_TAG_HPP
#define PRUNEPLAN_SYNTAX_ATTACHMENT_TAG_HPP

// SPDX-License-Identifier: BSL-1.0

// The tags by which cosign attaches signatures, attestations and SBOMs to images.

#include <pruneplan/syntax/digest.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace pruneplan {

/// Returns the digest of the image that a record is attached to by cosign's naming: "sha256:82d1…" for the tag
/// "sha256-82d1….sig", with 64 lower-case hex digits, or with the ending ".att" or ".sbom"; nothing for any other tag.
/// "sha256-82d1…" alone is another tag: the fallback of OCI's referrers, which names an index of them. A store's member
/// `subject` can return the result as it is, if its targets are plain digests.
/// @param name the record's name with the tag, such as "r.io/app:sha256-82d1….sig", or the tag alone.
/// **Complexity:** O(n) for n bytes.
/// **Source:** sigstore/cosign, specs/SIGNATURE_SPEC.md and specs/SBOM_SPEC.md.
template <class Text = std::string>
[[nodiscard]] constexpr std::optional<Text> attachment_subject(std::string_view name) {
    constexpr std::string_view algorithm = "sha256-", endings[] = {".sig", ".att", ".sbom"};
    name = name.substr(0, name.find('@'));
    const std::string_view tag = name.substr(name.rfind(':') + 1);
    if (!tag.starts_with(algorithm)) return std::nullopt;
    const std::string_view hex = tag.substr(algorithm.size(), 64), ending = tag.substr(algorithm.size() + hex.size());
    if (!detail::is_identifier(hex)) return std::nullopt;
    for (const std::string_view known : endings) {
        if (ending != known) continue;
        Text digest("sha256:");
        digest.append(hex.data(), hex.size());
        return digest;
    }
    return std::nullopt;
}

}  // namespace pruneplan

#endif

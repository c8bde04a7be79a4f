#ifndef PRUNEPLAN_DETAIL_TEXT_SIGNIFICANT_PART_HPP
#define PRUNEPLAN_DETAIL_TEXT_SIGNIFICANT_PART_HPP

// SPDX-License-Identifier: BSL-1.0

// The part of a reference by which names are hashed.

#include <pruneplan/detail/text/words.hpp>

#include <cstddef>
#include <string_view>

namespace pruneplan::detail {

/// Returns a reference without the parts that can be omitted. All texts with the same canonical form (with the default
/// tag) have the same result. At most twelve texts have the same result. **Complexity:** O(1).
constexpr std::string_view significant_part(std::string_view text) noexcept {
    if (begins(text, "index.docker.io/")) text.remove_prefix(6);
    if (begins(text, "docker.io/")) text.remove_prefix(10);
    if (begins(text, "library/")) text.remove_prefix(8);
    if (ends(text, ":latest")) text.remove_suffix(7);
    return text;
}

/// Tells whether a name ends in "@" and a text of the length of a sha256 or sha512 digest.
constexpr bool ends_in_digest(std::string_view name) noexcept {
    constexpr std::size_t sha256 = 72, sha512 = 136;
    return (name.size() >= sha256 && name[name.size() - sha256] == '@') ||
           (name.size() >= sha512 && name[name.size() - sha512] == '@');
}

}  // namespace pruneplan::detail

#endif

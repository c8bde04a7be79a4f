#ifndef PRUNEPLAN_DETAIL_SIGNIFICANT_PART_HPP
#define PRUNEPLAN_DETAIL_SIGNIFICANT_PART_HPP

// SPDX-License-Identifier: BSL-1.0

#include <pruneplan/detail/words.hpp>

#include <string_view>

namespace pruneplan::detail {

/// Returns a reference without its omissible parts. The result is the same for all texts with the same canonical form
/// (with the default tag), and for at most eleven others. **Complexity:** O(1).
constexpr std::string_view significant_part(std::string_view text) noexcept {
    if (begins(text, "index.docker.io/")) text.remove_prefix(6);
    if (begins(text, "docker.io/")) text.remove_prefix(10);
    if (begins(text, "library/")) text.remove_prefix(8);
    if (ends(text, ":latest")) text.remove_suffix(7);
    return text;
}

}  // namespace pruneplan::detail

#endif

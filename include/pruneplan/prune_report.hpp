#ifndef PRUNEPLAN_PRUNE_REPORT_HPP
#define PRUNEPLAN_PRUNE_REPORT_HPP

// SPDX-License-Identifier: BSL-1.0

// The report on applying a plan.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace pruneplan {

/// Tells why a record of a plan was not removed.
enum class SkipReason : unsigned char {
    not_found,           ///< the store has no such name any more
    changed,             ///< the name now points at another target
    in_use,              ///< the store reports that the name is in use, or that the survivor is gone
    vetoed,              ///< the host's `before` returned false
    survivor_gone,       ///< no kept name of its image is left, so this may be its last name
    survivor_unchecked,  ///< the remover cannot check that a kept name of its image is left
    child_stays,         ///< an image that is built on its image was kept
};

/// Returns the enumerator's name. It is stable across releases.
constexpr std::string_view to_string(SkipReason reason) noexcept {
    switch (reason) {
        case SkipReason::not_found: return "not_found";
        case SkipReason::changed: return "changed";
        case SkipReason::in_use: return "in_use";
        case SkipReason::vetoed: return "vetoed";
        case SkipReason::survivor_gone: return "survivor_gone";
        case SkipReason::survivor_unchecked: return "survivor_unchecked";
        case SkipReason::child_stays: return "child_stays";
    }
    return "unknown";
}

/// Reports what was done, in the terms of Docker's report. Each step is in one of `untagged`, `failures` and `skipped`,
/// or in none if the run was cancelled, or ended by an exception, before its result was known. `name` is the record's
/// name in the store, and `familiar` its familiar form, as Docker prints it (see `Reference::familiar`).
/// **Lifetime:** the report owns its texts.
struct [[nodiscard]] PruneReport {
    /// A record that was removed.
    struct Untagged {
        std::string name;      ///< its name in the store
        std::string familiar;  ///< its familiar name
        std::string target;    ///< its target

        /// Returns the familiar name, which earlier versions listed alone.
        [[deprecated("use familiar")]] constexpr operator const std::string&() const& noexcept { return familiar; }
    };
    /// A record that the store failed to remove, with the store's message.
    struct Failure {
        std::string name;      ///< its name in the store
        std::string familiar;  ///< its familiar name
        std::string target;    ///< its target
        std::string error;     ///< the store's message
    };
    /// A record that was not removed, with the reason.
    struct Skip {
        std::string name;      ///< its name in the store
        std::string familiar;  ///< its familiar name
        std::string target;    ///< its target
        SkipReason reason;     ///< why it was not removed
    };

    std::vector<Untagged> untagged;    ///< the records that were removed
    std::vector<std::string> deleted;  ///< targets of the images whose last name was removed
    /// Bytes of the blobs that only deleted images have. 0 if the store has no `blobs`. A blob that is
    /// listed with different sizes counts with the smallest.
    std::uint64_t space_reclaimed = 0;
    /// Records that the store failed to remove.
    std::vector<Failure> failures;
    /// Records that were not removed for another reason.
    std::vector<Skip> skipped;
    bool cancelled = false;  ///< `should_stop` returned true before the last step
};

}  // namespace pruneplan

#endif

#ifndef PRUNEPLAN_PRUNE_REPORT_HPP
#define PRUNEPLAN_PRUNE_REPORT_HPP

// What applying a plan did.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace pruneplan {

/// Why a record that was to go is still there, or was not ours to remove.
enum class SkipReason : unsigned char {
    not_found,           ///< somebody else removed it since the plan
    changed,             ///< it points at another target since the plan
    in_use,              ///< the store says that somebody needs it
    vetoed,              ///< the host's `before` said no
    survivor_gone,       ///< the names that should keep its image in use vanished: it may be the last
    survivor_unchecked,  ///< the same could be so, and the remover has no way to tell
    child_stays,         ///< an image that is built on its image stays after all
};

/// The enumerator's own name. Stable from release to release.
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

/// What was done, in the terms of Docker's report. It owns its texts. A step is in one of `untagged`, `failures` and
/// `skipped`, or, where the run was cancelled, in none. In all of them `name` is the record's name as the store has it
/// and `familiar` its familiar form, as Docker prints it; see `Reference::familiar`.
struct [[nodiscard]] PruneReport {
    struct Untagged {
        std::string name, familiar, target;
    };
    struct Failure {
        std::string name, familiar, target, error;
    };
    struct Skip {
        std::string name, familiar, target;
        SkipReason reason;
    };

    std::vector<Untagged> untagged;    ///< the records that were removed
    std::vector<std::string> deleted;  ///< targets of the images whose last record was removed
    /// Bytes: of the blobs that no image has any more, since the last that had them was deleted here. 0, if the store
    /// has no `blobs`. A blob of two sizes counts with the lesser.
    std::uint64_t space_reclaimed = 0;
    std::vector<Failure> failures;
    std::vector<Skip> skipped;
    bool cancelled = false;  ///< `should_stop` returned true before the last step
};

}  // namespace pruneplan

#endif

#ifndef PRUNEPLAN_PLANNER_PROTECTION_HPP
#define PRUNEPLAN_PLANNER_PROTECTION_HPP

// SPDX-License-Identifier: BSL-1.0

// The second stage of the planner: keeps records that options protect, or the store pins.

#include <pruneplan/image_index.hpp>
#include <pruneplan/options.hpp>
#include <pruneplan/plan.hpp>
#include <pruneplan/planner/draft.hpp>
#include <pruneplan/planner/keep_patterns.hpp>
#include <pruneplan/planner/newest.hpp>

#include <cstddef>
#include <cstdint>

namespace pruneplan::planner {

/// Second stage: keeps records that are pinned, match a pattern, are among the newest, or are too young. Attachments
/// are neither new nor young.
/// **Complexity:** O(n) for n records; for patterns, see `detail::KeepPatterns`; for the newest,
/// `detail::Repositories`.
/// **Source:** README.md, "The rule", paragraph 5.
constexpr void protection(detail::Draft& draft) {
    const PruneOptions& options = draft.options;
    for (std::size_t id = 0; id < draft.facts.pinned.size(); ++id)
        if (draft.facts.pinned[id]) draft.decisions.decide(id, Reason::pinned);

    if (!draft.keep.empty()) detail::KeepPatterns(draft).keep();

    if (!draft.keep_newest.empty()) {
        detail::Repositories repositories(draft);
        for (std::uint32_t rule = 0; rule < draft.keep_newest.size(); ++rule)
            if (draft.keep_newest[rule].count > 0) repositories.keep_newest(draft.keep_newest[rule], rule);
    }

    if (options.keep_younger_than) {
        const detail::Moment moment = detail::moment_of(options.keep_younger_than);
        // An unknown time is later than any other, and a moment that is not valid keeps all.
        for (std::size_t id = 0; id < draft.records.size(); ++id) {
            const detail::Moment used = draft.facts.used_at(id);
            if (!draft.records.is_attachment(id) && (!moment.is_known() || !(used < moment)))
                draft.decisions.decide(id, Reason::too_young, {.mark = !used.is_known()});
        }
    }
}

}  // namespace pruneplan::planner

#endif

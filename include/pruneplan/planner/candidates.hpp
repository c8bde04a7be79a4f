#ifndef PRUNEPLAN_PLANNER_CANDIDATES_HPP
#define PRUNEPLAN_PLANNER_CANDIDATES_HPP

// SPDX-License-Identifier: BSL-1.0

// The first stage of the planner: decides which records are candidates, by scope and filters.

#include <pruneplan/detail/index/facts.hpp>
#include <pruneplan/options.hpp>
#include <pruneplan/plan.hpp>
#include <pruneplan/planner/draft.hpp>
#include <pruneplan/planner/record_filters.hpp>

#include <cstddef>
#include <cstdint>

namespace pruneplan::planner {

/// First stage: keeps records outside of the scope, and records that do not match the filters. Attachments are no
/// candidates of their own: they follow what they are attached to, unless a later stage keeps them.
/// **Complexity:** O(n) for n records; for filters, see `detail::RecordFilters`.
/// **Source:** README.md, "The rule", paragraph 1; for filters, syntax/filter.hpp.
constexpr void candidates(detail::Draft& draft) {
    for (std::size_t id = 0; id < draft.records.size(); ++id) {
        if (draft.records.is_attachment(id))
            draft.decisions.decide(id, Reason::attached_to_deleted, detail::by_image(draft.records.subjects[id][0]));
        else if (draft.records.is_dangling(id))
            draft.decisions.decide(id, Reason::dangling);
        else if (draft.options.scope == Scope::dangling)
            draft.decisions.decide(id, Reason::not_dangling);
    }
    if (draft.filters.empty()) return;
    detail::RecordFilters filters(draft);
    for (std::size_t id = 0; id < draft.records.size(); ++id) {
        if (!draft.decisions.deletes(id) || draft.records.is_attachment(id)) continue;
        const std::uint32_t filter = filters.rejecting(id);
        if (filter != detail::Facts::no_option)
            draft.decisions.decide(id, Reason::filtered, detail::by_option(filter, filters.lacks_time(id, filter)));
    }
}

}  // namespace pruneplan::planner

#endif

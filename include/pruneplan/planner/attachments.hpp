#ifndef PRUNEPLAN_PLANNER_ATTACHMENTS_HPP
#define PRUNEPLAN_PLANNER_ATTACHMENTS_HPP

// SPDX-License-Identifier: BSL-1.0

// The fifth stage of the planner: attachments follow their subjects.

#include <pruneplan/detail/index/records.hpp>
#include <pruneplan/plan.hpp>
#include <pruneplan/planner/draft.hpp>
#include <pruneplan/planner/kept_images.hpp>

#include <cstdint>

namespace pruneplan::planner {

/// Fifth stage: keeps the records that are attached to a kept image. **Complexity:** O(n + m) for n records and m
/// subjects.
/// **Source:** README.md, "The rule", paragraph 7.
constexpr void attachments(detail::Draft& draft, const detail::KeptImages& kept) {
    if (draft.records.subjects.empty()) return;
    for (std::uint32_t id = 0; id < draft.records.size(); ++id) {
        const std::uint32_t subject = kept.subject_of(draft.records, id);
        if (subject != detail::no_record) draft.decisions.decide(id, Reason::attached, detail::by_image(subject));
    }
}

}  // namespace pruneplan::planner

#endif

#ifndef PRUNEPLAN_STAGES_CANDIDATES_HPP
#define PRUNEPLAN_STAGES_CANDIDATES_HPP

// SPDX-License-Identifier: BSL-1.0

// The first stage of the planner: decides which records are candidates, by scope and filters.

#include <pruneplan/image_index.hpp>
#include <pruneplan/options.hpp>
#include <pruneplan/plan.hpp>
#include <pruneplan/record_filters.hpp>
#include <pruneplan/syntax/filter.hpp>

#include <cstddef>

namespace pruneplan {

namespace stages {

/// First stage: keeps records outside of the scope, and records that do not match the filters.
/// **Complexity:** O(n) for n records, O(n * f) for f filters on labels or patterns of names. For filters `before` and
/// `since`, see `detail::ImageLookups`.
/// **Source:** README.md, "The rule", paragraph 1; for filters, syntax/filter.hpp.
template <class Store>
constexpr void candidates(const ImageIndex<Store>& index, const PruneOptions& options,
                          detail::ParsedNames& parsed_names, Decisions& decisions) {
    detail::FilterSet<Store> filters(index, options.filters);
    for (std::size_t id = 0; id < index.size(); ++id) {
        if (index.is_dangling(id))
            decisions.decide(id, Reason::dangling);
        else if (options.scope == Scope::dangling)
            decisions.decide(id, Reason::not_dangling);
        if (!options.filters.empty() && decisions.deletes(id) && !filters.matches(id, parsed_names))
            decisions.decide(id, Reason::filtered);
    }
}

}  // namespace stages
}  // namespace pruneplan

#endif

#ifndef PRUNEPLAN_STAGES_CANDIDATES_HPP
#define PRUNEPLAN_STAGES_CANDIDATES_HPP

#include <pruneplan/image_index.hpp>
#include <pruneplan/options.hpp>
#include <pruneplan/plan.hpp>
#include <pruneplan/record_filters.hpp>
#include <pruneplan/syntax/filter.hpp>

#include <cstddef>

namespace pruneplan {

namespace stages {

/// First stage: which records may go at all. Cost: a look at each record, and one at its labels and its name for each
/// filter on them. Rule: pruneplan's design, section 3, 1; of the filters, see syntax/filter.hpp.
template <class Store>
constexpr void candidates(const ImageIndex<Store>& index, const PruneOptions& options, detail::NameCuts& cuts,
                          Decisions& decisions) {
    detail::FilterSet<Store> filters(index, options.filters);
    for (std::size_t id = 0; id < index.size(); ++id) {
        if (index.is_dangling(id))
            decisions.decide(id, Reason::dangling);
        else if (options.scope == Scope::dangling)
            decisions.decide(id, Reason::not_dangling);
        if (!options.filters.empty() && decisions.deletes(id) && !filters.matches(id, cuts))
            decisions.decide(id, Reason::filtered);
    }
}

}  // namespace stages
}  // namespace pruneplan

#endif

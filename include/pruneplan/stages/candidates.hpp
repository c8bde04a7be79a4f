#ifndef PRUNEPLAN_STAGES_CANDIDATES_HPP
#define PRUNEPLAN_STAGES_CANDIDATES_HPP

#include <pruneplan/image_index.hpp>
#include <pruneplan/options.hpp>
#include <pruneplan/plan.hpp>

#include <cstddef>

namespace pruneplan::stages {

/// First stage: which records may go at all. Cost: a look at each record. Rule: pruneplan's design, section 3, 1.
template <class Store>
constexpr void candidates(const ImageIndex<Store>& index, const PruneOptions& options, Decisions& decisions) {
    for (std::size_t id = 0; id < index.size(); ++id) {
        if (index.is_dangling(id))
            decisions.decide(id, Reason::dangling);
        else if (options.scope == Scope::dangling)
            decisions.decide(id, Reason::not_dangling);
    }
}

}  // namespace pruneplan::stages

#endif

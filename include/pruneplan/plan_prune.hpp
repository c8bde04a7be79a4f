#ifndef PRUNEPLAN_PLAN_PRUNE_HPP
#define PRUNEPLAN_PLAN_PRUNE_HPP

// The planner: a pure function. It names the stages in their order.

#include <pruneplan/detail/generations.hpp>
#include <pruneplan/detail/list.hpp>
#include <pruneplan/host.hpp>
#include <pruneplan/image_index.hpp>
#include <pruneplan/options.hpp>
#include <pruneplan/plan.hpp>
#include <pruneplan/stages/budget.hpp>
#include <pruneplan/stages/candidates.hpp>
#include <pruneplan/stages/protection.hpp>
#include <pruneplan/stages/survivors.hpp>
#include <pruneplan/stages/usage.hpp>
#include <pruneplan/syntax/filter.hpp>

#include <cstdint>
#include <utility>

namespace pruneplan {

/// Decides for every record of `index` whether it may go, and why. `containers` is a range of `ContainerView`s, read
/// once: all containers, in whatever state; a container that is not shown protects nothing.
///
/// Total and pure: nothing is refused, nothing is touched, there is no clock and no I/O, and nothing is thrown but what
/// the host's own members or an allocation throw. The same records, containers and options give the same decisions, in
/// whatever order they are listed. The plan borrows the texts of `index`, which must live at least as long.
///
/// Cost: in step with records and containers, and the length of their texts; at the most 13 bytes a record while it
/// runs, 5 after, or 28 and 9 where the store knows parents; no allocation per record or container. Patterns, reference
/// filters, the newest of a repository and survivors by tag take 8 more; what the newest of a repository and a budget
/// take besides stands with their stages.
template <class Store, class Containers>
constexpr PrunePlan plan_prune(const ImageIndex<Store>& index, const Containers& containers,
                               const PruneOptions& options = {}) {
    static_assert(detail::fits_containers<Containers>());
    detail::List<std::uint32_t> generations;
    if constexpr (detail::HasParent<Store>) generations = detail::generations(index);
    detail::NameCuts cuts(index.size());
    Decisions decisions(index.size());
    stages::candidates(index, options, cuts, decisions);
    stages::protection(index, options, cuts, decisions);
    detail::TargetUse use = stages::usage(index, containers, options.usage, decisions);
    stages::survivors(index, use, options, cuts, decisions);
    stages::budget(index, options, generations, decisions);
    return PrunePlan(index.table(), std::move(decisions), std::move(generations));
}

}  // namespace pruneplan

#endif

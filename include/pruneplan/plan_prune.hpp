#ifndef PRUNEPLAN_PLAN_PRUNE_HPP
#define PRUNEPLAN_PLAN_PRUNE_HPP

// SPDX-License-Identifier: BSL-1.0

// The planner: a pure function that runs the stages in order.

#include <pruneplan/detail/ancestry.hpp>
#include <pruneplan/detail/vector.hpp>
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
#include <initializer_list>
#include <span>
#include <string_view>
#include <type_traits>
#include <utility>

namespace pruneplan {

namespace detail {

/// The container type of an empty braced list.
struct NoContainer {
    static constexpr std::string_view image_id() noexcept { return {}; }
    static constexpr std::string_view image_ref() noexcept { return {}; }
};

}  // namespace detail

/// Plans a prune: decides for every record of `index` whether it is deleted, and why. Changes nothing.
///
/// The function is total and pure: it rejects nothing, reads no clock and does no I/O. The same records, containers and
/// options give every record the same action and reason, in whatever order they are listed. If the store lacks a member
/// that an option needs, the option keeps the records that it is about; to find such options, call `check_options`.
///
/// @param index the records.
/// @param containers all containers, in any state, as a range of `ContainerView`s that is read once, or as a braced
/// list. A container that is not in it protects nothing. For the lifetime of its texts, see `ContainerView`.
/// @param options what to delete and what to keep.
/// @return the plan. Check its `unmatched_containers()` and `unprotected_count()` before applying it.
/// **Throws:** only what the host's own members and allocations throw.
/// **Complexity:** O(n + c) for n records, c containers, and the length of their texts. Options add what their stage
/// says: a budget O(b + k log n) for b blobs that images list and k images taken. d dangling records add up to
/// O(d log d), and p parents O(p log p) if an image has several.
/// **Memory:** while it runs, at most 13 bytes a record, or 31 if the store has `parent`, and 12 more a dangling
/// record; then 5, or 9. Long chains of parents can take more: see `detail::AncestryBuilder`. 8 to 24 bytes for each
/// unmatched container. Patterns, filters `reference`, `keep_newest_per_repository` and `Survivor::tagged` take 8 more
/// a record. For `keep_newest_per_repository` and `bytes_to_free`, see `stages::protection` and `stages::budget`.
/// **Lifetime:** the plan borrows the texts of `index`.
/// **Source:** README.md, "The rule".
template <class Store, class Containers>
constexpr PrunePlan plan_prune(const ImageIndex<Store>& index PRUNEPLAN_LIFETIMEBOUND, Containers&& containers,
                               const PruneOptions& options = {}) {
    static_assert(detail::fits_containers<std::remove_reference_t<Containers>>());
    detail::Ancestry ancestry;
    if constexpr (detail::HasParent<Store>) ancestry = detail::ancestry(index);
    detail::ParsedNames parsed_names(index.size());
    Decisions decisions(index.size());
    stages::candidates(index, options, parsed_names, decisions);
    stages::protection(index, options, parsed_names, decisions);
    detail::ContainerUse use = stages::usage(index, containers, options.usage, decisions);
    stages::survivors(index, use.targets, options, parsed_names, decisions);
    stages::budget(index, options, ancestry, decisions);
    return PrunePlan(index.table(), std::move(decisions), std::move(ancestry.depths), std::move(use.unmatched));
}

/// Plans for a braced list of containers, which can be empty.
template <class Store, class Container = detail::NoContainer>
constexpr PrunePlan plan_prune(const ImageIndex<Store>& index PRUNEPLAN_LIFETIMEBOUND,
                               std::initializer_list<Container> containers, const PruneOptions& options = {}) {
    return plan_prune(index, std::span<const Container>(containers), options);
}

/// Deleted: a plan of a temporary index would read freed memory.
template <class Store, class Containers>
PrunePlan plan_prune(const ImageIndex<Store>&& temporary, Containers&&, const PruneOptions& = {}) = delete;
template <class Store, class Container = detail::NoContainer>
PrunePlan plan_prune(const ImageIndex<Store>&& temporary, std::initializer_list<Container>,
                     const PruneOptions& = {}) = delete;

}  // namespace pruneplan

#endif

#ifndef PRUNEPLAN_PLAN_PRUNE_HPP
#define PRUNEPLAN_PLAN_PRUNE_HPP

// SPDX-License-Identifier: BSL-1.0

// The planner: a pure function that runs the stages in order.

#include <pruneplan/detail/host/container_members.hpp>
#include <pruneplan/detail/host/store_members.hpp>
#include <pruneplan/detail/text/text.hpp>
#include <pruneplan/detail/text/text_list.hpp>
#include <pruneplan/detail/vector.hpp>
#include <pruneplan/host.hpp>
#include <pruneplan/image_index.hpp>
#include <pruneplan/options.hpp>
#include <pruneplan/plan.hpp>
#include <pruneplan/planner/attachments.hpp>
#include <pruneplan/planner/budget.hpp>
#include <pruneplan/planner/candidates.hpp>
#include <pruneplan/planner/check_options.hpp>
#include <pruneplan/planner/draft.hpp>
#include <pruneplan/planner/kept_images.hpp>
#include <pruneplan/planner/plan_content.hpp>
#include <pruneplan/planner/protection.hpp>
#include <pruneplan/planner/survivors.hpp>
#include <pruneplan/planner/usage.hpp>
#include <pruneplan/syntax/result.hpp>

#include <cstdint>
#include <initializer_list>
#include <iterator>
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

/// Reads containers, each once, and each text before the next member is called. Returns their names.
template <class Containers>
constexpr TextList read_containers(Containers& containers, planner::Usage& usage) {
    TextList names;
    const auto end = std::end(containers);
    for (auto at = std::begin(containers); at != end; ++at) {
        auto&& element = *at;
        const auto& container = container_in(element);
        using Container = std::remove_cvref_t<decltype(container)>;
        usage.add_image_id(text_of(container.image_id()));
        usage.add_image_ref(text_of(container.image_ref()));
        if constexpr (HasMountedImageIds<Container>) {
            auto&& mounted = container.mounted_image_ids();
            const auto last = std::end(mounted);
            for (auto image = std::begin(mounted); image != last; ++image) usage.mount(text_of(*image));
        }
        if constexpr (HasContainerName<Container>) names.add(text_of(container.name()));
        usage.add();
    }
    return names;
}

/// Runs the stages, each in a file of planner/. Paragraphs are those of README.md, "The rule".
///
/// | stage | paragraph | file | gives the reasons |
/// |---|---|---|---|
/// | `candidates` | 1, 5 | candidates.hpp, record_filters.hpp | dangling, not_dangling, filtered, attached_to_deleted |
/// | `protection` | 5 | protection.hpp, keep_patterns.hpp, newest.hpp | pinned, kept_pattern, newest, too_young |
/// | `Usage` | 2, 3 | usage.hpp, container_batch.hpp, dangling_records.hpp, shared_ids.hpp | name_in_use |
/// | `kept_images` | 6, 7 | kept_images.hpp | none: it finds which images are needed, and by what |
/// | `survivors` | 4, 6 | survivors.hpp | image_in_use, last_name, needed, spare_name, unprotected |
/// | `attachments` | 7 | attachments.hpp | attached |
/// | `budget` | 5 | budget.hpp | image_stays, enough_freed; needed, attached |
/// | `name_kept_images`, `deletion_depths` | 6 | plan_content.hpp | none |
///
/// A record on which no stage decides is `unused`.
///
/// A store without needs and subjects does not compile the stages that read them. `texts_of(records)` gives
/// the texts to the plan.
template <class Store, class Containers, class TextsOf>
constexpr PrunePlan plan(const Planning<Store>& planning, Containers& containers, const PruneOptions& options,
                         const TextsOf& texts_of) {
    static_assert(fits_containers<Containers>());
    const Facts facts = planning.facts(options);
    Blobs blobs = planning.blobs();
    constexpr bool linked = HasNeeds<Store> || HasSubject<Store>;
    Draft draft(planning.records(), facts, options);
    if constexpr (linked) draft.link();
    planner::candidates(draft);
    planner::protection(draft);
    planner::Usage usage(draft);
    TextList names = read_containers(containers, usage);
    ImageUse use = usage.finish();
    KeptImages kept;
    if constexpr (linked) kept = kept_images(draft, use);
    const bool any_unprotected = planner::survivors(draft, use, kept);
    if constexpr (HasSubject<Store>) planner::attachments(draft, kept);
    planner::budget(draft, blobs);
    if (any_unprotected) planner::doubt_unprotected(draft, use);
    Vector<std::uint32_t> depths;
    if constexpr (linked) {
        name_kept_images(draft);
        depths = deletion_depths(draft);
    }
    return PrunePlan(plan_content(draft, std::move(blobs), std::move(names), std::move(depths), texts_of));
}

}  // namespace detail

/// Checks that `options` are valid, and that the store of `index` provides every member that they need.
/// `plan_prune(store, …)` does so itself.
/// **Errors:** `missing_ability` if an option needs a member that the store lacks; `image_not_found` or `ambiguous_id`
/// if a filter `before` or `since` names no image or several; `bad_option` for a negative `bytes_to_free`, a
/// `delete_unused_before` without it, or a time whose nanoseconds are out of range.
/// **Complexity:** O(o) for o options; O(n log n) for n records if a filter names an image by a truncated ID.
template <class Store>
constexpr Result<void> check_options(const ImageIndex<Store>& index, const PruneOptions& options) {
    const detail::Planning<Store> planning(index);
    const detail::Abilities abilities = planning.abilities();
    return detail::OptionCheck(planning.records(), abilities).check(options);
}

/// Plans a prune of an index: decides for every record whether it is deleted, and why. Changes nothing.
///
/// The function is pure: it reads no clock and does no I/O. The same records, containers and options give every record
/// the same action and reason, in whatever order they are listed. It rejects nothing: an option that `check_options`
/// would reject keeps the records that it is about, but `delete_unused_before` without a budget, which has no effect.
/// So call `check_options` first.
///
/// @param index the records. Its store must not have changed since `build_index`.
/// @param containers all containers, in any state, as a range of `ContainerView`s, or of pointers to them, none of them
/// null, that is read once, or as a braced list. A container that is not in it protects nothing.
/// @param options what to delete and what to keep.
/// @return the plan, which owns all its texts. `apply_prune` does not apply it if it has doubts that block.
/// **Throws:** only what the host's own members and allocations throw.
/// **Complexity:** O(n + c) for n records, c containers, and the length of their texts, and O(d log d) for d deletions.
/// Options add what their stage says.
/// **Source:** README.md, "The rule".
template <class Store, class Containers>
constexpr PrunePlan plan_prune(const ImageIndex<Store>& index, Containers&& containers,
                               const PruneOptions& options = {}) {
    return detail::plan(detail::Planning<Store>(index), containers, options,
                        [](const detail::Records& records) { return records.texts(); });
}

/// @overload
template <class Store, class Container = detail::NoContainer>
constexpr PrunePlan plan_prune(const ImageIndex<Store>& index, std::initializer_list<Container> containers,
                               const PruneOptions& options = {}) {
    return plan_prune(index, std::span<const Container>(containers), options);
}

/// Plans a prune of a store, as `plan_prune` does of its index. The store is read before the function returns, and need
/// not stay as it is then.
/// **Errors:** those of `build_index` and `check_options`.
template <class Store, class Containers>
constexpr Result<PrunePlan> plan_prune(const Store& store, Containers&& containers, const PruneOptions& options = {}) {
    static_assert(detail::fits_store<Store>());
    auto index = build_index(store);
    if (!index) return std::move(index).error();
    if (auto checked = check_options(*index, options); !checked) return std::move(checked).error();
    return detail::plan(detail::Planning<Store>(*index), containers, options,
                        [&](const detail::Records&) { return detail::Planning<Store>::release(*index); });
}

/// @overload
template <class Store, class Container = detail::NoContainer>
constexpr Result<PrunePlan> plan_prune(const Store& store, std::initializer_list<Container> containers,
                                       const PruneOptions& options = {}) {
    return plan_prune(store, std::span<const Container>(containers), options);
}

}  // namespace pruneplan

#endif

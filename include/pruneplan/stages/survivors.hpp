#ifndef PRUNEPLAN_STAGES_SURVIVORS_HPP
#define PRUNEPLAN_STAGES_SURVIVORS_HPP

#include <pruneplan/detail/flat_index.hpp>
#include <pruneplan/detail/target_use.hpp>
#include <pruneplan/host.hpp>
#include <pruneplan/image_index.hpp>
#include <pruneplan/options.hpp>
#include <pruneplan/plan.hpp>
#include <pruneplan/syntax/reference.hpp>

#include <cstddef>
#include <cstdint>
#include <vector>

namespace pruneplan {

namespace detail {

/// How good a name is to keep, apart from how it sorts: a tag, a digest alone, a dangling name or none that is known.
template <class Store>
constexpr int rank_of_name(const ImageIndex<Store>& index, std::size_t id) {
    const auto parts = split_reference(index.name(id));
    return !parts || index.is_dangling(id) ? 0 : parts->tag.empty() && !parts->digest.empty() ? 1 : 2;
}

/// Whether record `a` is a better survivor than record `b`.
template <class Store>
constexpr bool survives(const ImageIndex<Store>& index, std::size_t a, std::size_t b, Survivor survivor) {
    switch (survivor) {
        case Survivor::last_by_name: break;
        case Survivor::first_by_name: return index.name(a) < index.name(b);
        case Survivor::newest:
        case Survivor::oldest: {
            const auto made_a = index.created(a), made_b = index.created(b);
            if (made_a == made_b) break;
            if (!made_a || !made_b) return made_a.has_value();
            return (*made_a > *made_b) == (survivor == Survivor::newest);
        }
        case Survivor::tagged: {
            const int rank_a = rank_of_name(index, a), rank_b = rank_of_name(index, b);
            if (rank_a != rank_b) return rank_a > rank_b;
        }
    }
    return index.name(a) > index.name(b);
}

/// Marks the ancestors of all images that keep a name, each as needed. Cost: one step for each image.
template <class Store>
constexpr std::vector<char> needed_parents(const ImageIndex<Store>& index, const TargetUse& use, const Decisions& decisions) {
    std::vector<char> needed(index.size(), false), stays(index.size(), false);
    std::vector<std::uint32_t> rising;
    const auto stay = [&](std::size_t target) {
        if (stays[target]) return;
        stays[target] = true;
        rising.push_back(static_cast<std::uint32_t>(target));
    };
    for (std::size_t id = 0; id < index.size(); ++id)
        if (!decisions.deletes(id) || use.in_use(index.table().target_id(id))) stay(index.target_id(id));
    while (!rising.empty()) {
        const auto parent = index.parent(rising.back());
        rising.pop_back();
        if (!parent) continue;
        needed[*parent] = true;
        stay(*parent);
    }
    return needed;
}

}  // namespace detail

namespace stages {

/// Fourth stage: an image in use keeps a name. Where all its names would go, the one that `survivor` says stays; or all
/// of them do, if the usage rule says so. An image that stays puts its parent in use, and so on upwards.
/// Cost: a few looks at each record. Rule: pruneplan's design, section 3, 4, and section 4.
template <class Store>
constexpr void survivors(const ImageIndex<Store>& index, const detail::TargetUse& use, const PruneOptions& options,
                         Decisions& decisions) {
    std::vector<char> parents;
    if constexpr (detail::HasParent<Store>) parents = detail::needed_parents(index, use, decisions);
    if (!use.any_in_use() && parents.empty()) return;

    const auto for_each_needed = [&](auto visit) {
        for (std::size_t id = 0; id < index.size(); ++id) {
            const std::uint32_t target = index.table().target_id(id);
            if (use.in_use(target))
                visit(id, target, true);
            else if (!parents.empty() && parents[target])
                visit(id, target, false);
        }
    };

    if (options.usage.names_kept == NamesKept::all) {
        for_each_needed([&](std::size_t id, std::uint32_t target, bool by_container) {
            if (by_container)
                decisions.decide(id, Reason::image_in_use, use.container(target));
            else
                decisions.decide(id, Reason::parent);
        });
        return;
    }

    // By target: the record that holds it, once all are seen. One that stays anyway comes before any that would go.
    std::vector<std::uint32_t> holders(index.size(), detail::no_record);
    for_each_needed([&](std::size_t id, std::uint32_t target, bool) {
        std::uint32_t& holder = holders[target];
        if (holder != detail::no_record && !decisions.deletes(holder)) return;
        if (holder == detail::no_record || !decisions.deletes(id) || detail::survives(index, id, holder, options.survivor))
            holder = static_cast<std::uint32_t>(id);
    });
    for_each_needed([&](std::size_t id, std::uint32_t target, bool by_container) {
        const Reason kept = by_container ? Reason::last_name : Reason::parent;
        decisions.decide(id, id == holders[target] ? kept : Reason::spare_name,
                         by_container ? use.container(target) : detail::no_container);
    });
}

}  // namespace stages
}  // namespace pruneplan

#endif

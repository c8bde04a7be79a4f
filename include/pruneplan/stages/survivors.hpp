#ifndef PRUNEPLAN_STAGES_SURVIVORS_HPP
#define PRUNEPLAN_STAGES_SURVIVORS_HPP

// SPDX-License-Identifier: BSL-1.0

// The fourth stage of the planner: an image in use, or one that a kept image is built on, keeps a name.

#include <pruneplan/detail/flat_index.hpp>
#include <pruneplan/detail/record_table.hpp>
#include <pruneplan/detail/target_use.hpp>
#include <pruneplan/detail/vector.hpp>
#include <pruneplan/host.hpp>
#include <pruneplan/image_index.hpp>
#include <pruneplan/options.hpp>
#include <pruneplan/plan.hpp>
#include <pruneplan/syntax/filter.hpp>

#include <array>
#include <cstddef>
#include <cstdint>

namespace pruneplan {

namespace detail {

/// Returns by target whether an image is an ancestor of one that is kept or in use. **Complexity:** O(n + p) for n
/// records and p parents, O(n + p log p) if an image has several. **Memory:** 2 bytes a record, and 4 to 12 an image,
/// while it runs.
template <class Store>
constexpr Vector<char> needed_parents(const ImageIndex<Store>& index, const TargetUse& use,
                                      const Decisions& decisions) {
    Vector<char> needed(index.size(), false), kept(index.size(), false);
    Vector<std::uint32_t> unvisited;
    const auto keep = [&](std::size_t target) {
        if (kept[target]) return;
        kept[target] = true;
        unvisited.push_back(static_cast<std::uint32_t>(target));
    };
    for (std::size_t id = 0; id < index.size(); ++id)
        if (!decisions.deletes(id) || use.in_use(index.table().target_id(id))) keep(index.target_id(id));
    while (!unvisited.empty()) {
        const std::size_t child = unvisited.back();
        unvisited.pop_back();
        for (std::size_t nth = 0;; ++nth) {
            const auto parent = index.parent(child, nth);
            if (!parent) break;
            needed[*parent] = true;
            keep(*parent);
        }
    }
    return needed;
}

/// Selects for each target the record that survives if all would be deleted. Compares names in batches, as `FlatIndex`
/// explains. **Memory:** 4 bytes a record.
template <class Store>
class SurvivorSelection {
public:
    constexpr SurvivorSelection(const ImageIndex<Store>& index, Survivor survivor, ParsedNames& parsed_names)
        : index_(index), survivor_(survivor), names_(parsed_names), selected_(index.size(), no_record) {}

    /// Adds a record to select from. All records of its target that would be deleted must be added.
    constexpr void add(std::uint32_t record, std::uint32_t target) {
        if (selected_[target] == no_record) {
            selected_[target] = record;
            return;
        }
        index_.table().prefetch_entry(record);
        index_.table().prefetch_entry(selected_[target]);
        waiting_[size_++] = {record, target};
        if (size_ == waiting_.size()) compare();
    }

    /// Compares what is left. Returns the selected record of each target, or `no_record` if none was added.
    constexpr const Vector<std::uint32_t>& finish() {
        compare();
        return selected_;
    }

private:
    struct Waiting {
        std::uint32_t record = 0, target = 0;
    };

    constexpr void compare() {
        for (std::size_t i = 0; i < size_; ++i) {
            index_.table().prefetch_name(waiting_[i].record);
            index_.table().prefetch_name(selected_[waiting_[i].target]);
        }
        for (std::size_t i = 0; i < size_; ++i) {
            std::uint32_t& selected = selected_[waiting_[i].target];
            if (survives(waiting_[i].record, selected)) selected = waiting_[i].record;
        }
        size_ = 0;
    }

    /// Tells whether record `a` is a better survivor than record `b`.
    constexpr bool survives(std::size_t a, std::size_t b) {
        switch (survivor_) {
            case Survivor::last_by_name: break;
            case Survivor::first_by_name: return index_.name(a) < index_.name(b);
            case Survivor::newest:
            case Survivor::oldest: {
                const auto made_a = index_.created(a), made_b = index_.created(b);
                if (made_a == made_b) break;
                if (!made_a || !made_b) return made_a.has_value();
                return (*made_a > *made_b) == (survivor_ == Survivor::newest);
            }
            case Survivor::tagged: {
                const int rank_a = rank_of_name(a), rank_b = rank_of_name(b);
                if (rank_a != rank_b) return rank_a > rank_b;
                break;
            }
        }
        return index_.name(a) > index_.name(b);
    }

    /// Ranks a name by its kind: 3 with a tag, 2 with a digest only, 1 not a valid reference, 0 dangling.
    constexpr int rank_of_name(std::size_t id) {
        if (index_.is_dangling(id)) return 0;
        ParsedName& parsed = names_[id];
        if (parsed.kind == ParsedName::unknown) forms_.read(index_.name(id), parsed);
        return parsed.kind == ParsedName::invalid ? 1 : parsed.tagged ? 3 : 2;
    }

    const ImageIndex<Store>& index_;
    Survivor survivor_;
    ParsedNames& names_;
    NameForms forms_;
    Vector<std::uint32_t> selected_;
    std::array<Waiting, batch_size> waiting_{};
    std::size_t size_ = 0;
};

}  // namespace detail

namespace stages {

/// Fourth stage: an image in use keeps a name. If all its names would be deleted, keeps the one that `survivor`
/// selects; under `NamesKept::all`, keeps all its names. A kept image puts its parents in use, and these theirs.
/// Records that are deleted although a container runs their image get the reason `spare_name` or `unprotected`.
/// **Complexity:** O(n + p) for n records and p parents, O(n + p log p) if an image has several.
/// **Source:** README.md, "The rule", paragraphs 4 to 6.
template <class Store>
constexpr void survivors(const ImageIndex<Store>& index, detail::TargetUse& use, const PruneOptions& options,
                         detail::ParsedNames& parsed_names, Decisions& decisions) {
    detail::Vector<char> parents;
    if constexpr (detail::HasParent<Store>) parents = detail::needed_parents(index, use, decisions);
    if (!use.any() && parents.empty()) return;

    const auto decide = [&](std::size_t id, std::uint32_t target, Reason by_container, Reason by_child) {
        if (use.in_use(target))
            decisions.decide(id, by_container, use.usage(target));
        else
            decisions.decide(id, by_child);
    };
    const auto needed = [&](std::uint32_t target) {
        if constexpr (detail::HasParent<Store>) return use.in_use(target) || parents[target];
        return use.in_use(target);
    };
    const auto for_each = [&](auto visit) {
        for (std::size_t id = 0; id < index.size(); ++id) {
            const std::size_t ahead = id + detail::batch_size;
            if (ahead < index.size()) use.prefetch(index.table().target_id(ahead));
            visit(id, index.table().target_id(id));
        }
    };

    detail::SurvivorSelection<Store> selection(index, options.survivor, parsed_names);
    bool any_exposed = false;
    for_each([&](std::size_t id, std::uint32_t target) {
        // Bitwise, because the branches would be unpredictable.
        const unsigned deleted = decisions.deletes(id), wanted = needed(target), run = use.is_run(target);
        use.keep_if(target, deleted == 0);
        any_exposed |= (deleted & run & (wanted ^ 1u)) != 0;
        if ((deleted & wanted) == 0) return;
        if (options.usage.names_kept == NamesKept::all) {
            decide(id, target, Reason::image_in_use, Reason::parent);
        } else {
            decide(id, target, Reason::spare_name, Reason::spare_name);
            selection.add(static_cast<std::uint32_t>(id), target);
        }
    });
    const detail::Vector<std::uint32_t>& last = selection.finish();
    for (std::uint32_t target = 0; target < last.size(); ++target)
        if (last[target] != detail::no_record && !use.is_kept(target))
            decide(last[target], target, Reason::last_name, Reason::parent);

    if (any_exposed)
        for_each([&](std::size_t id, std::uint32_t target) {
            if (use.is_run(target) && !needed(target))
                decisions.decide(id, use.is_kept(target) ? Reason::spare_name : Reason::unprotected, use.usage(target));
        });
}

}  // namespace stages
}  // namespace pruneplan

#endif

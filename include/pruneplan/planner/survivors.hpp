#ifndef PRUNEPLAN_PLANNER_SURVIVORS_HPP
#define PRUNEPLAN_PLANNER_SURVIVORS_HPP

// SPDX-License-Identifier: BSL-1.0

// The fourth stage of the planner: an image in use, or one that a kept image needs, keeps a name.

#include <pruneplan/detail/batch.hpp>
#include <pruneplan/detail/index/records.hpp>
#include <pruneplan/detail/vector.hpp>
#include <pruneplan/options.hpp>
#include <pruneplan/plan.hpp>
#include <pruneplan/planner/draft.hpp>
#include <pruneplan/planner/image_use.hpp>
#include <pruneplan/planner/kept_images.hpp>
#include <pruneplan/planner/name_forms.hpp>

#include <cstddef>
#include <cstdint>

namespace pruneplan {

namespace detail {

/// Selects for each image the record that survives if all would be deleted. Compares names in batches.
class SurvivorSelection {
public:
    constexpr explicit SurvivorSelection(Draft& draft)
        : draft_(draft), records_(draft.records), selected_(draft.records.size(), no_record) {}

    /// Adds a record to select from. All records of its image that would be deleted must be added.
    constexpr void add(std::uint32_t record, std::uint32_t image) {
        if (selected_[image] == no_record) {
            selected_[image] = record;
            return;
        }
        records_.texts().prefetch(record);
        records_.texts().prefetch(selected_[image]);
        batch_.next() = {record, image};
        if (batch_.full()) compare();
    }

    /// Compares what is left. Returns the selected record of each image, or `no_record` if none was added.
    constexpr const Vector<std::uint32_t>& finish() {
        compare();
        return selected_;
    }

private:
    struct Rival {
        std::uint32_t record = 0, image = 0;
    };

    constexpr void compare() {
        batch_.run(
            [this](const Rival& rival) {
                records_.texts().prefetch_name(rival.record);
                records_.texts().prefetch_name(selected_[rival.image]);
            },
            [this](const Rival& rival) {
                std::uint32_t& selected = selected_[rival.image];
                if (survives(rival.record, selected)) selected = rival.record;
            });
    }

    /// Tells whether record `a` is a better survivor than record `b`.
    constexpr bool survives(std::size_t a, std::size_t b) {
        const Survivor survivor = draft_.options.survivor;
        switch (survivor) {
            case Survivor::last_by_name: break;
            case Survivor::first_by_name: return records_.name(a) < records_.name(b);
            case Survivor::newest:
            case Survivor::oldest: {
                const Moment made_a = draft_.facts.created_at(a), made_b = draft_.facts.created_at(b);
                if (made_a == made_b) break;
                if (!made_a.is_known() || !made_b.is_known()) return made_a.is_known();
                return (made_a > made_b) == (survivor == Survivor::newest);
            }
            case Survivor::tagged: {
                const int rank_a = rank_of_name(a), rank_b = rank_of_name(b);
                if (rank_a != rank_b) return rank_a > rank_b;
                break;
            }
        }
        return records_.name(a) > records_.name(b);
    }

    /// Ranks a name by its kind: 4 with a tag, 3 with a digest only, 2 an ID, 1 not a valid reference, 0 dangling.
    constexpr int rank_of_name(std::size_t id) {
        if (records_.is_dangling(id)) return 0;
        if (is_whole_id(records_.name(id))) return 2;
        ParsedName& parsed = draft_.names[id];
        if (parsed.kind == ParsedName::unknown) forms_.read(records_.name(id), parsed);
        return parsed.kind == ParsedName::invalid ? 1 : parsed.tagged ? 4 : 3;
    }

    Draft& draft_;
    const Records& records_;
    NameForms forms_;
    Vector<std::uint32_t> selected_;
    Batch<Rival> batch_;
};

/// Decides on the names of images that are in use or needed.
class KeptNames {
    // Stands before its uses, because clang evaluates these at compile time only then.
    template <class Visit>
    constexpr void for_each_record(const Visit& visit) {
        for (std::size_t id = 0; id < records_.size(); ++id) {
            const std::size_t ahead = id + batch_size;
            if (ahead < records_.size()) use_.prefetch(records_.image(ahead));
            visit(id, records_.image(id));
        }
    }

public:
    constexpr KeptNames(Draft& draft, ImageUse& use, const KeptImages& kept)
        : draft_(draft), records_(draft.records), use_(use), kept_(kept) {}

    /// Keeps a name of each image that is in use or needed, or all its names. Returns whether a container runs an image
    /// that is neither, and of which a record is deleted.
    constexpr bool keep() {
        SurvivorSelection selection(draft_);
        bool any_exposed = false;
        for_each_record([&](std::size_t id, std::uint32_t image) {
            // Bitwise, because the branches would be unpredictable.
            const unsigned deleted = draft_.decisions.deletes(id), wanted = is_wanted(image), run = use_[image].run;
            const bool attached = records_.is_attachment(id);
            use_.keep_if(image, deleted == 0 || (attached && (wanted || kept_.subject_of(records_, id) != no_record)));
            any_exposed |= (deleted & run & (wanted ^ 1u)) != 0;
            if ((deleted & wanted) == 0) return;
            if (attached || draft_.options.usage.names_kept == NamesKept::all) {
                decide(id, image, Reason::image_in_use, Reason::needed);
            } else {
                decide(id, image, Reason::spare_name, Reason::spare_name);
                selection.add(static_cast<std::uint32_t>(id), image);
            }
        });
        const Vector<std::uint32_t>& last = selection.finish();
        for (std::uint32_t image = 0; image < last.size(); ++image)
            if (last[image] != no_record && !use_[image].kept)
                decide(last[image], image, Reason::last_name, Reason::needed);
        return any_exposed;
    }

    /// Gives the names of images that a container runs, and that the usage rule does not keep, their reason. Returns
    /// whether an image loses its last name.
    constexpr bool mark_unprotected() {
        bool any_unprotected = false;
        for_each_record([&](std::size_t id, std::uint32_t image) {
            if (!use_[image].run || is_wanted(image)) return;
            const Cause cause = by_container(use_[image].container, use_[image].mounts);
            draft_.decisions.decide(id, use_[image].kept ? Reason::spare_name : Reason::unprotected, cause);
            any_unprotected |= !use_[image].kept;
        });
        return any_unprotected;
    }

private:
    constexpr bool is_wanted(std::uint32_t image) const { return use_[image].in_use || kept_.is_needed(image); }

    /// Gives a record one of two reasons: the first if its image is in use.
    constexpr void decide(std::size_t id, std::uint32_t image, Reason in_use, Reason needed) {
        if (use_[image].in_use)
            draft_.decisions.decide(id, in_use, by_container(use_[image].container, use_[image].mounts));
        else if (needed == Reason::needed)
            draft_.decisions.decide(id, needed, by_image(kept_.needed_by[image]));
        else
            draft_.decisions.decide(id, needed);
    }

    Draft& draft_;
    const Records& records_;
    ImageUse& use_;
    const KeptImages& kept_;
};

}  // namespace detail

namespace planner {

/// Fourth stage: an image in use keeps a name. If all its names would be deleted, keeps the one that `survivor`
/// selects; under `NamesKept::all`, keeps all its names. So does an image that a kept image needs. The attachments
/// among its names are no candidates, and are kept. Records that are deleted although a container runs their image get
/// the reason `spare_name` or `unprotected`. Returns whether any is `unprotected`.
/// **Complexity:** O(n + m) for n records and m subjects.
/// **Source:** README.md, "The rule", paragraphs 4 to 6.
constexpr bool survivors(detail::Draft& draft, detail::ImageUse& use, const detail::KeptImages& kept) {
    if (!use.any() && kept.kept.empty()) return false;
    detail::KeptNames names(draft, use, kept);
    const bool any_exposed = names.keep();
    return any_exposed && names.mark_unprotected();
}

/// After the last stage: adds a doubt for each image that loses its last name although a container runs it. If a later
/// stage has kept a name of it, its deleted attachments are spare names.
constexpr void doubt_unprotected(detail::Draft& draft, detail::ImageUse& use) {
    for (std::uint32_t id = 0; id < draft.records.size(); ++id)
        use.keep_if(draft.records.image(id), !draft.decisions.deletes(id));
    for (std::uint32_t id = 0; id < draft.records.size(); ++id) {
        const std::uint32_t image = draft.records.image(id);
        if (draft.decisions.reason(id) != Reason::unprotected) continue;
        if (use[image].kept)
            draft.decisions.decide(id, Reason::spare_name, draft.decisions.cause(id));
        else if (image == id)
            draft.doubt_image(use[id].container, id);
    }
}

}  // namespace planner
}  // namespace pruneplan

#endif

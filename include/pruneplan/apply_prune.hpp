#ifndef PRUNEPLAN_APPLY_PRUNE_HPP
#define PRUNEPLAN_APPLY_PRUNE_HPP

// Carries a plan out, through the host's remover: the only header that changes anything.

#include <pruneplan/detail/blob_table.hpp>
#include <pruneplan/detail/flat_index.hpp>
#include <pruneplan/apply_options.hpp>
#include <pruneplan/detail/ancestry.hpp>
#include <pruneplan/detail/list.hpp>
#include <pruneplan/detail/text_arena.hpp>
#include <pruneplan/host.hpp>
#include <pruneplan/image_index.hpp>
#include <pruneplan/plan.hpp>
#include <pruneplan/prune_report.hpp>
#include <pruneplan/syntax/reference.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace pruneplan {

namespace detail {

/// The name as people type it; the name itself, where it is not a valid reference. A template, since not every supported
/// compiler evaluates std::string at compile time.
template <class String = std::string>
constexpr String familiar_name(std::string_view name) {
    const auto reference = parse_reference(name);
    return String(reference ? reference->familiar() : name);
}

/// Makes room for one more element.
template <class Element>
constexpr void make_room(std::vector<Element>& list) {
    if (list.size() == list.capacity()) list.reserve(list.size() < 4 ? 8 : 2 * list.size());
}

/// One run of a plan. Everything that it reads of the plan, the index and the store is copied before the first removal, and
/// everything that a step writes to the report is allocated before the step's removal. An image is named by the number of
/// its first record.
template <class Store, class Remover, class Options>
class Application {
    static constexpr bool checks_survivors = RemovesWithSurvivor<Remover> || HasHolds<Remover>;

public:
    constexpr Application(const PrunePlan& plan, const ImageIndex<Store>& index, Remover& remover, Options& options,
                          PruneReport& report)
        : remover_(remover), options_(options), report_(report), images_(index.size(), {}) {
        copy_steps(plan, index);
        for (std::size_t id = 0; id < index.size(); ++id) ++images_[index.target_id(id)].names;
        if constexpr (checks_survivors) copy_survivors(plan, index);
        if constexpr (HasParent<Store>) copy_parents(index);
        if constexpr (HasBlobs<Store>) blobs_.emplace(index);
    }

    constexpr void run() {
        report_.cancelled = false;
        for (const Step& step : steps_)
            if (!try_step(step)) return;
    }

private:
    struct Image {
        std::string_view target;             ///< where it has a step
        std::uint32_t names = 0;             ///< that are not known to be removed
        std::uint32_t survivor = no_record;  ///< the first kept name that is not known to be removed, in `survivors_`
        std::uint32_t end_of_parents = 0;    ///< in `parents_`; they begin where those of the image before end
        bool is_spare = false;               ///< a step needs a survivor
        bool child_stays = false;
    };

    struct Step {
        PlannedDeletion deletion;
        std::uint32_t image;
    };

    struct Kept {
        std::string_view name;
        std::uint32_t next;  ///< the next kept name of the same image
    };

    /// What a step writes to the report, whatever happens to it. The report has room for it.
    struct Entry {
        std::string name, familiar, target, deleted;
    };

    /// In the order in which they are tried: children before parents, and of each depth all other names before the
    /// dangling ones, so that an image that loses its names one by one loses that one last.
    constexpr void copy_steps(const PrunePlan& plan, const ImageIndex<Store>& index) {
        const Deletions deletions = plan.deletions();
        List<std::uint32_t> depths;
        if constexpr (HasParent<Store>) depths = ancestry(index).depths;
        steps_.reserve(deletions.size());
        for (std::size_t first = 0, end = 0; first != deletions.size(); first = end) {
            while (end != deletions.size() && (depths.empty() || depths[deletions[end].image] == depths[deletions[first].image]))
                ++end;
            for (const bool dangling : {false, true})
                for (std::size_t i = first; i != end; ++i)
                    if (index.is_dangling(deletions[i].image) == dangling)
                        copy_step(deletions[i], static_cast<std::uint32_t>(index.target_id(deletions[i].image)));
        }
    }

    constexpr void copy_step(PlannedDeletion deletion, std::uint32_t number) {
        Image& image = images_[number];
        if (image.target.data() == nullptr) image.target = texts_.keep(deletion.target);
        deletion.target = image.target;
        deletion.name = texts_.keep(deletion.name);
        image.is_spare |= deletion.reason == Reason::spare_name;
        steps_.push_back({deletion, number});
    }

    constexpr void copy_survivors(const PrunePlan& plan, const ImageIndex<Store>& index) {
        for (std::size_t id = index.size(); id-- > 0;) {
            Image& image = images_[index.target_id(id)];
            if (!image.is_spare || plan.decisions().deletes(id)) continue;
            survivors_.push_back({texts_.keep(index.name(id)), image.survivor});
            image.survivor = static_cast<std::uint32_t>(survivors_.size() - 1);
        }
    }

    constexpr void copy_parents(const ImageIndex<Store>& index) {
        for (std::size_t image = 0; image < index.size(); ++image) {
            for (std::size_t nth = 0; index.target_id(image) == image; ++nth) {
                const auto parent = index.parent(image, nth);
                if (!parent) break;
                parents_.push_back(static_cast<std::uint32_t>(*parent));
            }
            images_[image].end_of_parents = static_cast<std::uint32_t>(parents_.size());
        }
    }

    /// False, if the run is to end.
    constexpr bool try_step(const Step& step) {
        const PlannedDeletion& deletion = step.deletion;
        if constexpr (HasShouldStop<Options>)
            if (options_.should_stop()) {
                report_.cancelled = true;
                return false;
            }
        ++done_;
        make_room(report_.untagged);
        make_room(report_.deleted);
        make_room(report_.failures);
        make_room(report_.skipped);
        Entry entry{std::string(deletion.name), familiar_name(deletion.name), std::string(deletion.target),
                    std::string(deletion.target)};
        if (images_[step.image].child_stays)
            skip(step, std::move(entry), SkipReason::child_stays);
        else if (!is_wanted(deletion))
            skip(step, std::move(entry), SkipReason::vetoed);
        else if (deletion.reason == Reason::spare_name)
            remove_spare(step, std::move(entry));
        else
            settle(step, std::move(entry), remover_.remove(deletion.name, deletion.target));
        return true;
    }

    constexpr bool is_wanted(const PlannedDeletion& deletion) {
        if constexpr (HasBefore<Options>) return options_.before(deletion);
        return true;
    }

    /// Removes a name only while a kept name still points at its image.
    constexpr void remove_spare(const Step& step, Entry&& entry) {
        if constexpr (checks_survivors) {
            const PlannedDeletion& deletion = step.deletion;
            // A survivor that was removed does not come back: the list is walked once, however many names need one.
            std::uint32_t& survivor = images_[step.image].survivor;
            if constexpr (HasHolds<Remover>)
                while (survivor != no_record && !remover_.holds(survivors_[survivor].name, deletion.target))
                    survivor = survivors_[survivor].next;
            if (survivor == no_record) {
                skip(step, std::move(entry), SkipReason::survivor_gone);
                return;
            }
            if constexpr (RemovesWithSurvivor<Remover>)
                settle(step, std::move(entry),
                       remover_.remove(deletion.name, deletion.target, survivors_[survivor].name));
            else
                settle(step, std::move(entry), remover_.remove(deletion.name, deletion.target));
        } else {
            skip(step, std::move(entry), SkipReason::survivor_unchecked);
        }
    }

    /// Writes an outcome to the report before `after` is called, so that the report is true whatever `after` throws.
    constexpr void settle(const Step& step, Entry&& entry, RemoveOutcome outcome) {
        bool image_deleted = false;
        std::uint64_t reclaimed = 0;
        switch (outcome.status) {
            case RemoveStatus::removed:
                report_.untagged.push_back({std::move(entry.name), std::move(entry.familiar), std::move(entry.target)});
                image_deleted = is_last_name(step) && !outcome.still_named;
                if (image_deleted) {
                    report_.deleted.push_back(std::move(entry.deleted));
                    reclaimed = release(step);
                    report_.space_reclaimed = saturating_sum(report_.space_reclaimed, reclaimed);
                }
                break;
            case RemoveStatus::not_found:
                if (is_last_name(step) && !outcome.still_named) release(step);
                note(std::move(entry), SkipReason::not_found);
                break;
            case RemoveStatus::changed:
                if (is_last_name(step) && !outcome.still_named) release(step);
                note(std::move(entry), SkipReason::changed);
                break;
            case RemoveStatus::in_use: skip(step, std::move(entry), SkipReason::in_use); break;
            case RemoveStatus::failed:
                keep_parents(step);
                report_.failures.push_back({std::move(entry.name), std::move(entry.familiar), std::move(entry.target),
                                            std::move(outcome.error)});
                if constexpr (HasAfter<Options>) outcome.error = report_.failures.back().error;
                break;
        }
        if constexpr (HasAfter<Options>)
            options_.after(AppliedStep{done_, steps_.size(), step.deletion, outcome, image_deleted, reclaimed});
    }

    constexpr void note(Entry&& entry, SkipReason reason) {
        report_.skipped.push_back({std::move(entry.name), std::move(entry.familiar), std::move(entry.target), reason});
    }

    constexpr void skip(const Step& step, Entry&& entry, SkipReason reason) {
        note(std::move(entry), reason);
        keep_parents(step);
    }

    /// The image is kept after all, and so what it is built on must be kept, too.
    constexpr void keep_parents(const Step& step) {
        const std::uint32_t begin = step.image == 0 ? 0 : images_[step.image - 1].end_of_parents;
        for (std::uint32_t i = begin; i < images_[step.image].end_of_parents; ++i) images_[parents_[i]].child_stays = true;
    }

    constexpr bool is_last_name(const Step& step) { return --images_[step.image].names == 0; }

    constexpr std::uint64_t release(const Step& step) {
        if constexpr (HasBlobs<Store>) return blobs_->release(step.image);
        return 0;
    }

    Remover& remover_;
    Options& options_;
    PruneReport& report_;
    TextArena texts_;
    List<Image> images_;  // by first record
    List<Step> steps_;
    List<std::uint32_t> parents_;
    List<Kept> survivors_;
    struct NoBlobs {};
    std::conditional_t<HasBlobs<Store>, std::optional<BlobTable>, NoBlobs> blobs_;
    std::size_t done_ = 0;
};

}  // namespace detail

/// Applies `plan` through `remover`, an `ImageRemover`, and writes what happens into `report` as it happens: if the host's
/// own code throws, or an allocation fails, the report is true up to there.
///
/// The plan may be old. A name is removed only while it points at the target that was planned for; a spare name only while
/// another name keeps its image; an image only after those that are built on it, and not if one of them is kept. What the
/// store rejects, or fails at, is in the report, and the run goes on.
///
/// The remover may change, move or destroy the records that the index borrows its texts from, and the index itself: they
/// are read before its first call, and never after. If it does, nothing may be read from the index and its plans any more:
/// they can only be destroyed. Before the call, the records must be as they were when the index was built: a store that
/// others change meanwhile is indexed from a copy of its records, or returns its texts by value. Where the texts are others
/// than they were, the program ends with a message. A plan of such a copy can be applied twice: names that are no longer
/// there are skipped as `not_found`.
///
/// @param options callbacks: see `ApplyOptions`.
/// @pre `plan` was made of `index`, and the texts that the store lends have not changed since.
/// **Throws:** what the remover, the callbacks and allocations throw. An allocation never fails between a removal and its
/// entry in the report.
/// **Complexity:** O(n + d log d) for n records of which d are deleted, and their texts; one removal for each of the d.
/// **Memory:** 64 bytes a deletion and its texts, 32 a record, and what the report takes.
template <class Store, class Remover, class Options>
constexpr void apply_prune(const PrunePlan& plan, const ImageIndex<Store>& index, Remover&& remover, Options&& options,
                           PruneReport& report) {
    using Bare = std::remove_reference_t<Remover>;
    using BareOptions = std::remove_reference_t<Options>;
    static_assert(detail::fits_remover<Bare>());
    static_assert(detail::fits_apply_options<BareOptions>());
    detail::require_plan_of(plan, index);
    detail::require(index.table().has_its_texts(),
                    "the records of the store have changed since the index was built: build index and plan anew, or index a "
                    "copy of the records");
    detail::Application<Store, Bare, BareOptions>(plan, index, remover, options, report).run();
}

/// The same, and returns the report. Where the host's own code can throw, pass a report instead, so that it is not lost.
template <class Store, class Remover, class Options = const ApplyAll>
[[nodiscard]] constexpr PruneReport apply_prune(const PrunePlan& plan, const ImageIndex<Store>& index, Remover&& remover,
                                                Options&& options = ApplyAll{}) {
    PruneReport report;
    apply_prune(plan, index, remover, options, report);
    return report;
}

}  // namespace pruneplan

#endif

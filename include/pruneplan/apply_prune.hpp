#ifndef PRUNEPLAN_APPLY_PRUNE_HPP
#define PRUNEPLAN_APPLY_PRUNE_HPP

// SPDX-License-Identifier: BSL-1.0

// Applies a plan through the host's remover: the only header that changes anything.

#include <pruneplan/apply_options.hpp>
#include <pruneplan/detail/ancestry.hpp>
#include <pruneplan/detail/blob_table.hpp>
#include <pruneplan/detail/flat_index.hpp>
#include <pruneplan/detail/string_arena.hpp>
#include <pruneplan/detail/vector.hpp>
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

/// Returns the familiar form of a name, or the name if it is not a valid reference. A template: not every supported
/// compiler evaluates std::string at compile time.
template <class Name = std::string>
constexpr Name familiar_name(std::string_view name) {
    const auto reference = parse_reference(name);
    return Name(reference ? reference->familiar() : name);
}

/// Makes room for one more element, so that adding it cannot fail.
template <class Element>
constexpr void make_room(std::vector<Element>& list) {
    if (list.size() == list.capacity()) list.reserve(list.size() < 4 ? 8 : 2 * list.size());
}

/// Runs a plan once. It copies all that it reads of the plan, the index and the store before the first removal. It
/// allocates what a step writes to the report before the step's removal. Images are identified by the number of their
/// first record.
template <class Store, class Remover, class Options>
class Application {
public:
    constexpr Application(const PrunePlan& plan, const ImageIndex<Store>& index, Remover& remover, Options& options,
                          PruneReport& report)
        : remover_(remover), options_(options), report_(report), images_(index.size(), {}) {
        copy_steps(plan, index);
        for (std::size_t id = 0; id < index.size(); ++id) ++images_[index.target_id(id)].names;
        if constexpr (checks_survivors<Remover>) copy_survivors(plan, index);
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
        std::string_view target;             ///< set if the image has a step
        std::uint32_t names = 0;             ///< names that are not known to be removed
        std::uint32_t survivor = no_record;  ///< in `survivors_`, the first kept name not known to be removed
        std::uint32_t end_of_parents = 0;    ///< in `parents_`; the range begins where that of the previous image ends
        bool is_spare = false;               ///< a step needs a survivor
        bool child_kept = false;
    };

    struct Step {
        PlannedDeletion deletion;
        std::uint32_t image;
    };

    struct Kept {
        std::string_view name;
        std::uint32_t next;  ///< the next kept name of the same image, in `survivors_`
    };

    /// The texts that a step writes to the report, whatever its result.
    struct Entry {
        std::string name, familiar, target, deleted;
    };

    /// Orders the steps: children before parents; at equal depth, dangling names last. So an image loses its dangling
    /// name after its other names.
    constexpr void copy_steps(const PrunePlan& plan, const ImageIndex<Store>& index) {
        const Deletions deletions = plan.deletions();
        Vector<std::uint32_t> depths;
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
        if (image.target.data() == nullptr) image.target = texts_.add(deletion.target);
        deletion.target = image.target;
        deletion.name = texts_.add(deletion.name);
        image.is_spare |= deletion.reason == Reason::spare_name;
        steps_.push_back({deletion, number});
    }

    constexpr void copy_survivors(const PrunePlan& plan, const ImageIndex<Store>& index) {
        for (std::size_t id = index.size(); id-- > 0;) {
            Image& image = images_[index.target_id(id)];
            if (!image.is_spare || plan.decisions().deletes(id)) continue;
            survivors_.push_back({texts_.add(index.name(id)), image.survivor});
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

    /// Returns false if the run ends.
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
        if (images_[step.image].child_kept)
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

    /// Removes a name only while a kept name points at its image.
    constexpr void remove_spare(const Step& step, Entry&& entry) {
        if constexpr (checks_survivors<Remover>) {
            const PlannedDeletion& deletion = step.deletion;
            // A removed survivor stays removed, so all names of an image share one pass over this list.
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

    /// Writes the outcome to the report before it calls `after`, so that the report is correct if `after` throws.
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

    /// Keeps the parents of an image that was to be deleted but is kept.
    constexpr void keep_parents(const Step& step) {
        const std::uint32_t begin = step.image == 0 ? 0 : images_[step.image - 1].end_of_parents;
        for (std::uint32_t i = begin; i < images_[step.image].end_of_parents; ++i)
            images_[parents_[i]].child_kept = true;
    }

    /// Counts a name of the image as removed. Returns true if it was the last.
    constexpr bool is_last_name(const Step& step) { return --images_[step.image].names == 0; }

    constexpr std::uint64_t release(const Step& step) {
        if constexpr (HasBlobs<Store>) return blobs_->release(step.image);
        return 0;
    }

    Remover& remover_;
    Options& options_;
    PruneReport& report_;
    StringArena texts_;
    Vector<Image> images_;  // by first record
    Vector<Step> steps_;
    Vector<std::uint32_t> parents_;
    Vector<Kept> survivors_;
    struct NoBlobs {};
    std::conditional_t<HasBlobs<Store>, std::optional<BlobTable>, NoBlobs> blobs_;
    std::size_t done_ = 0;
};

}  // namespace detail

/// Applies `plan` through `remover`, an `ImageRemover`, and records each result in `report` at once. If the host's code
/// throws or an allocation fails, the report is correct up to that step.
///
/// The plan may be old. The function removes a name only while it points at its planned target, and a spare name only
/// while another name keeps its image. It removes an image only after all images that are built on it, and keeps it if
/// one of those is kept. If the store rejects a removal or fails, the report says so, and the run continues.
///
/// The remover may change, move or destroy the index, and the records that the index borrows its texts from: both are
/// read before the first call of the remover, and never after. If it does, the index and its plans can only be
/// destroyed.
///
/// Before the call, the records must be the same as when the index was built; if a text differs, the program ends with
/// a message. If others can change the store during that time, index a copy of its records, or return its texts by
/// value. A plan of such a copy can be applied twice: names that no longer exist are skipped as `not_found`.
///
/// @param plan the plan to apply.
/// @param index the index that the plan was made of.
/// @param remover the host's `ImageRemover`.
/// @param options callbacks: see `ApplyOptions`.
/// @param report gets the results; earlier entries are kept.
/// @pre `plan` was made of `index`, and the texts that the store lends have not changed since.
/// **Throws:** what the remover, the callbacks and allocations throw. No allocation happens between a removal and its
/// entry in the report.
/// **Complexity:** O(n + b + d log d) for n records, b blobs that images list and d deletions, and the length of their
/// texts; p parents add O(p log p) if an image has several. At most d removals.
/// **Memory:** 64 bytes a deletion and its texts, 32 bytes a record, and the report. Kept names of images with spare
/// names add 24 to 72 bytes and their texts. A store with `parent` adds what `detail::AncestryBuilder` takes, and 4 to
/// 12 bytes a parent; one with `blobs` adds `detail::BlobTable`.
template <class Store, class Remover, class Options>
constexpr void apply_prune(const PrunePlan& plan, const ImageIndex<Store>& index, Remover&& remover, Options&& options,
                           PruneReport& report) {
    using Bare = std::remove_reference_t<Remover>;
    using BareOptions = std::remove_reference_t<Options>;
    static_assert(detail::fits_remover<Bare>());
    static_assert(detail::fits_apply_options<BareOptions>());
    detail::require_plan_of(plan, index);
    detail::require(index.table().has_its_texts(),
                    "the records of the store have changed since the index was built: build index and plan again, or index a "
                    "copy of the records");
    detail::Application<Store, Bare, BareOptions>(plan, index, remover, options, report).run();
}

/// Like the function above, and returns the report. If the host's code can throw, pass a report instead, so that it is
/// not lost.
template <class Store, class Remover, class Options = const ApplyAll>
[[nodiscard]] constexpr PruneReport apply_prune(const PrunePlan& plan, const ImageIndex<Store>& index, Remover&& remover,
                                                Options&& options = ApplyAll{}) {
    PruneReport report;
    apply_prune(plan, index, remover, options, report);
    return report;
}

}  // namespace pruneplan

#endif

#ifndef PRUNEPLAN_APPLY_PRUNE_HPP
#define PRUNEPLAN_APPLY_PRUNE_HPP

// Carries a plan out, through the host's remover: the only header that changes anything.

#include <pruneplan/detail/blob_table.hpp>
#include <pruneplan/detail/flat_index.hpp>
#include <pruneplan/detail/generations.hpp>
#include <pruneplan/detail/list.hpp>
#include <pruneplan/host.hpp>
#include <pruneplan/image_index.hpp>
#include <pruneplan/plan.hpp>
#include <pruneplan/syntax/reference.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace pruneplan {

/// Why a record that was to go is still there, or was not ours to remove.
enum class SkipReason : unsigned char {
    not_found,           ///< somebody else removed it since the plan
    changed,             ///< it points at another target since the plan
    in_use,              ///< the store says that somebody needs it
    vetoed,              ///< the host's `before` said no
    survivor_gone,       ///< the names that should keep its image in use vanished: it may be the last
    survivor_unchecked,  ///< the same could be so, and the remover has no way to tell
    child_stays,         ///< an image that is built on its image stays after all
};

/// The enumerator's own name. Stable from release to release.
constexpr std::string_view to_string(SkipReason reason) noexcept {
    switch (reason) {
        case SkipReason::not_found: return "not_found";
        case SkipReason::changed: return "changed";
        case SkipReason::in_use: return "in_use";
        case SkipReason::vetoed: return "vetoed";
        case SkipReason::survivor_gone: return "survivor_gone";
        case SkipReason::survivor_unchecked: return "survivor_unchecked";
        case SkipReason::child_stays: return "child_stays";
    }
    return "unknown";
}

/// What was done, in the terms of Docker's report. It owns its texts. A step is in one of the four lists: `untagged`,
/// `failures`, `skipped`, or, where the run was cancelled, none.
struct PruneReport {
    struct Failure {
        std::string name, target, error;
    };
    struct Skip {
        std::string name, target;
        SkipReason reason;
    };

    std::vector<std::string> untagged;  ///< familiar names of the records that were removed
    std::vector<std::string> deleted;   ///< digests of the images of which the last record was removed
    /// Bytes: of the blobs that no image has any more, since the last that had them was deleted here. 0, if the store
    /// has no `blobs`. A blob of two sizes counts with the lesser.
    std::uint64_t space_reclaimed = 0;
    std::vector<Failure> failures;
    std::vector<Skip> skipped;
    bool cancelled = false;  ///< `should_stop` said so before the last step
};

/// What `after` is told: one step that was tried.
struct AppliedStep {
    std::size_t done, total;  ///< steps, this one among them; all steps of the plan
    PlannedDeletion deletion;
    const RemoveOutcome& outcome;  ///< only until `after` returns
    bool image_deleted;            ///< this was the last record of its image
    std::uint64_t space_reclaimed;  ///< by this step
};

/// What a host may want to say while a plan is applied: any type with these three members will do, functions or
/// callables. They are called and never copied or kept; what they throw passes through.
///
///     bool before(const PlannedDeletion&)    // a last look: false skips the step. Asked right before the removal.
///     void after(const AppliedStep&)         // after each removal that was tried: progress, events
///     bool should_stop()                     // asked before each step: true ends the run
template <class Before, class After, class ShouldStop>
struct ApplyOptions {
    Before before;
    After after;
    ShouldStop should_stop;
};
template <class Before, class After, class ShouldStop>
ApplyOptions(Before, After, ShouldStop) -> ApplyOptions<Before, After, ShouldStop>;

/// Goes through with all of it, in silence.
struct ApplyAll {
    static constexpr bool before(const PlannedDeletion&) noexcept { return true; }
    static constexpr void after(const AppliedStep&) noexcept {}
    static constexpr bool should_stop() noexcept { return false; }
};

namespace detail {

/// One run of a plan. What it learns about an image goes by the number of the image's first record.
template <class Store, class Remover, class Options>
class Application {
public:
    constexpr Application(const PrunePlan& plan, const ImageIndex<Store>& index, Remover& remover, Options& options,
                          PruneReport& report)
        : index_(index), remover_(remover), options_(options), report_(report), deletions_(plan.deletions()),
          images_(index.size(), {}), next_kept_(index.size(), no_record) {
        for (std::size_t id = index.size(); id-- > 0;) {
            Image& image = images_[index.target_id(id)];
            ++image.names;
            if (plan.decisions().deletes(id)) continue;
            next_kept_[id] = image.survivor;
            image.survivor = static_cast<std::uint32_t>(id);
        }
        if constexpr (HasBlobs<Store>) blobs_.emplace(index);
    }

    /// Children before parents, and of each generation all other names before the dangling ones, so that an image that
    /// loses its names one by one loses that one last.
    constexpr void run() {
        List<std::uint32_t> generations;
        if constexpr (HasParent<Store>) generations = detail::generations(index_);
        for (std::size_t first = 0, end = 0; first != deletions_.size(); first = end) {
            while (end != deletions_.size() && (generations.empty() || generations[deletions_[end].image] ==
                                                                           generations[deletions_[first].image]))
                ++end;
            for (const bool dangling : {false, true})
                for (std::size_t i = first; i != end; ++i)
                    if (index_.is_dangling(deletions_[i].image) == dangling && !step(deletions_[i])) return;
        }
    }

private:
    struct Image {
        std::uint32_t names = 0;             ///< that are not known to be gone
        std::uint32_t survivor = no_record;  ///< the first kept name that is not known to be gone
        bool child_stays = false;
    };

    constexpr std::size_t target_of(const PlannedDeletion& deletion) const { return index_.target_id(deletion.image); }

    /// False, if the run is to end.
    constexpr bool step(const PlannedDeletion& deletion) {
        if (options_.should_stop()) {
            report_.cancelled = true;
            return false;
        }
        ++done_;
        if (images_[target_of(deletion)].child_stays)
            skip(deletion, SkipReason::child_stays);
        else if (!options_.before(deletion))
            skip(deletion, SkipReason::vetoed);
        else if (deletion.reason == Reason::spare_name)
            remove_spare(deletion);
        else
            settle(deletion, remover_.remove(deletion.name, deletion.target));
        return true;
    }

    /// Removes a name only while a name that was to stay still holds its image.
    constexpr void remove_spare(const PlannedDeletion& deletion) {
        if constexpr (RemovesWithSurvivor<Remover> || HasHolds<Remover>) {
            // A survivor that is gone stays gone: the list is walked once, however many names lean on it.
            std::uint32_t& survivor = images_[target_of(deletion)].survivor;
            if constexpr (HasHolds<Remover>)
                while (survivor != no_record && !remover_.holds(index_.name(survivor), deletion.target))
                    survivor = next_kept_[survivor];
            if (survivor == no_record) {
                skip(deletion, SkipReason::survivor_gone);
                return;
            }
            if constexpr (RemovesWithSurvivor<Remover>)
                settle(deletion, remover_.remove(deletion.name, deletion.target, index_.name(survivor)));
            else
                settle(deletion, remover_.remove(deletion.name, deletion.target));
        } else {
            skip(deletion, SkipReason::survivor_unchecked);
        }
    }

    /// Writes an outcome into the report before anybody hears of it, so that the report is true whatever `after` throws.
    constexpr void settle(const PlannedDeletion& deletion, const RemoveOutcome& outcome) {
        bool image_deleted = false;
        std::uint64_t reclaimed = 0;
        switch (outcome.status) {
            case RemoveStatus::removed:
                report_.untagged.emplace_back(familiar(deletion.name));
                image_deleted = last_name_goes(deletion) && !outcome.still_named;
                if (image_deleted) {
                    report_.deleted.emplace_back(deletion.target);
                    reclaimed = release(deletion);
                    report_.space_reclaimed = saturating_sum(report_.space_reclaimed, reclaimed);
                }
                break;
            case RemoveStatus::not_found:
                if (last_name_goes(deletion)) release(deletion);
                note(deletion, SkipReason::not_found);
                break;
            case RemoveStatus::changed:
                if (last_name_goes(deletion)) release(deletion);
                note(deletion, SkipReason::changed);
                break;
            case RemoveStatus::in_use: skip(deletion, SkipReason::in_use); break;
            case RemoveStatus::failed:
                report_.failures.push_back({std::string(deletion.name), std::string(deletion.target), outcome.error});
                keep_parent(deletion);
                break;
        }
        options_.after(AppliedStep{done_, deletions_.size(), deletion, outcome, image_deleted, reclaimed});
    }

    constexpr void note(const PlannedDeletion& deletion, SkipReason reason) {
        report_.skipped.push_back({std::string(deletion.name), std::string(deletion.target), reason});
    }

    constexpr void skip(const PlannedDeletion& deletion, SkipReason reason) {
        note(deletion, reason);
        keep_parent(deletion);
    }

    /// The image stays after all, and what it is built on must stay, too.
    constexpr void keep_parent(const PlannedDeletion& deletion) {
        if (const auto parent = index_.parent(target_of(deletion))) images_[*parent].child_stays = true;
    }

    constexpr bool last_name_goes(const PlannedDeletion& deletion) { return --images_[target_of(deletion)].names == 0; }

    constexpr std::uint64_t release(const PlannedDeletion& deletion) {
        if constexpr (HasBlobs<Store>) return blobs_->release(target_of(deletion));
        return 0;
    }

    static constexpr std::string familiar(std::string_view name) {
        const auto reference = parse_reference(name);
        return std::string(reference ? reference->familiar() : name);
    }

    const ImageIndex<Store>& index_;
    Remover& remover_;
    Options& options_;
    PruneReport& report_;
    const Deletions deletions_;
    List<Image> images_;
    List<std::uint32_t> next_kept_;  // by record: the next kept name of its image
    struct NoBlobs {};
    std::conditional_t<HasBlobs<Store>, std::optional<BlobTable>, NoBlobs> blobs_;
    std::size_t done_ = 0;
};

}  // namespace detail

/// Applies `plan`, which was made of `index`, through `remover` (an `ImageRemover`), and writes what happens into
/// `report` as it happens: if the host's own code throws, the report is true up to there.
///
/// The plan may be old. A name goes only while it points at the target that was planned for; one that leans on another
/// name goes only while that one holds its image; an image goes only after those that are built on it, and stays if one
/// of them does. What the store refuses, or fails at, is in the report, and the run goes on. To apply a plan twice does
/// no harm: what is gone is skipped as `not_found`.
///
/// `options`: see `ApplyOptions`. Cost: a sort of the deletions, one removal for each, and a look or two.
template <class Store, class Remover, class Options>
constexpr void apply_prune(const PrunePlan& plan, const ImageIndex<Store>& index, Remover&& remover, Options&& options,
                           PruneReport& report) {
    using Bare = std::remove_reference_t<Remover>;
    static_assert(detail::fits_remover<Bare>());
    detail::Application<Store, Bare, std::remove_reference_t<Options>>(plan, index, remover, options, report).run();
}

/// The same, with a report of its own.
template <class Store, class Remover, class Options = const ApplyAll>
constexpr PruneReport apply_prune(const PrunePlan& plan, const ImageIndex<Store>& index, Remover&& remover,
                                  Options&& options = ApplyAll{}) {
    PruneReport report;
    apply_prune(plan, index, remover, options, report);
    return report;
}

}  // namespace pruneplan

#endif

#ifndef PRUNEPLAN_APPLY_PRUNE_HPP
#define PRUNEPLAN_APPLY_PRUNE_HPP

// SPDX-License-Identifier: BSL-1.0

// Applies a plan through the host's remover: the only header that changes anything.

#include <pruneplan/detail/host/remover_members.hpp>
#include <pruneplan/detail/index/blobs.hpp>
#include <pruneplan/detail/is_result.hpp>
#include <pruneplan/detail/text/message.hpp>
#include <pruneplan/detail/vector.hpp>
#include <pruneplan/host.hpp>
#include <pruneplan/plan.hpp>
#include <pruneplan/syntax/reference.hpp>
#include <pruneplan/syntax/result.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace pruneplan {

/// Reports what was done. It owns its texts.
struct [[nodiscard]] PruneReport {
    /// A step of the plan that was tried, or that was left out for the reason in `status`.
    struct Step {
        std::string name;      ///< the record's name, as the store spells it
        std::string familiar;  ///< its familiar form, as Docker prints it; the name if that is not a valid reference
        std::string target;    ///< the record's target
        RemoveStatus status = RemoveStatus::failed;  ///< the result
        std::string error{};                         ///< with `failed`: the store's message
        bool image_deleted = false;                  ///< the image lost its last name by this step
        std::uint64_t reclaimed = 0;                 ///< bytes of the blobs that only images deleted by then have
    };

    /// The steps, in the order in which they were taken.
    std::vector<Step> steps{};
    /// The sum of `Step::reclaimed`. 0 if no image has a size. A blob that is listed with different sizes counts
    /// with the smallest.
    std::uint64_t space_reclaimed = 0;
    bool cancelled = false;  ///< `should_stop` returned true before the last step

    /// Returns how many steps have this status. **Complexity:** O(s) for s steps.
    std::size_t count(RemoveStatus status) const noexcept {
        std::size_t count = 0;
        for (const Step& step : steps) count += step.status == status;
        return count;
    }
    /// Returns the familiar names of the records that were removed, as in Docker's report. **Complexity:** O(s) for s
    /// steps.
    std::vector<std::string> untagged() const {
        std::vector<std::string> names;
        for (const Step& step : steps)
            if (step.status == RemoveStatus::removed) names.push_back(step.familiar);
        return names;
    }
    /// Returns the targets of the images that were deleted, as in Docker's report. **Complexity:** O(s) for s steps.
    std::vector<std::string> deleted() const {
        std::vector<std::string> targets;
        for (const Step& step : steps)
            if (step.image_deleted) targets.push_back(step.target);
        return targets;
    }
};

/// Configures how a plan is applied. It owns its callbacks; each can be left empty. What they throw passes through.
struct ApplyOptions {
    /// Called before each removal, unless an image that needs this one, or that it is attached to, was kept; false
    /// leaves the step out. A container that was created after planning is not in the plan: ask the engine here.
    std::function<bool(const Decision&)> before{};
    /// Called after each step, with the step that was just written to the report.
    std::function<void(const PruneReport::Step&)> after{};
    /// Called before each step; true ends the run.
    std::function<bool()> should_stop{};
    /// The kinds of doubt that do not keep the plan from being applied. A kind stands for all its doubts: read
    /// each of them.
    std::vector<DoubtKind> accept{};
};

namespace detail {

/// Returns the place in the plan of the first doubt that blocks and is of no kind in `accept`; without such a doubt,
/// how many doubts the plan has.
inline std::size_t blocking_doubt(const PlanContent& plan, const std::vector<DoubtKind>& accept) noexcept {
    const auto accepts = [&](DoubtKind kind) {
        for (const DoubtKind accepted : accept)
            if (accepted == kind) return true;
        return false;
    };
    std::size_t at = 0;
    while (at < plan.doubts.size() && (!plan.doubts[at].blocks || accepts(plan.doubts[at].kind))) ++at;
    return at;
}

inline Error doubtful_plan(const PlanContent& plan, std::size_t doubt) {
    const DoubtEntry& entry = plan.doubts[doubt];
    return {ErrorCode::doubtful_plan, joined({"doubtful plan: ", doubt_sentence(plan, entry),
                                              "; to apply it nevertheless, accept ", to_string(entry.kind)})};
}

/// Applies a plan once. It allocates what a step writes to the report before the step's removal.
class Application {
public:
    Application(const PrunePlan& plan, const ApplyOptions& options, PruneReport& report)
        : plan_(plan),
          content_(content(plan)),
          options_(options),
          report_(report),
          images_(plan.size(), ImageNames{}),
          counts_(content_.blobs, [](std::size_t) { return true; }) {
        for (std::size_t id = 0; id < plan.size(); ++id) ++image_of(id).names;
        for (const std::uint32_t id : content_.order)
            if (content_.reasons[id] == Reason::spare_name) image_of(id).is_spare = true;
        // An empty name is no survivor: a remover would take it for none.
        for (auto id = static_cast<std::uint32_t>(plan.size()); id-- > 0;)
            if (!content_.deletes(id) && image_of(id).is_spare && !content_.records.name(id).empty()) {
                survivors_.push_back({id, image_of(id).survivor});
                image_of(id).survivor = static_cast<std::uint32_t>(survivors_.size() - 1);
            }
    }

    /// Takes all steps. `remove(name, target, survivor)` returns a RemoveOutcome.
    template <class Remove>
    void run(const Remove& remove) {
        report_.cancelled = false;
        const Vector<std::uint32_t>& order = content_.order;
        for (std::size_t begin = 0, end = 0; begin < order.size(); begin = end) {
            while (end < order.size() && depth_of(order[end]) == depth_of(order[begin])) ++end;
            // An image loses its dangling names after its other names.
            for (const bool dangling : {false, true})
                for (std::size_t i = begin; i < end; ++i)
                    if (content_.records.is_dangling(order[i]) == dangling && !take_step(order[i], remove)) return;
        }
    }

private:
    struct ImageNames {
        std::uint32_t names = 0;             ///< names that are not known to be removed
        std::uint32_t survivor = no_record;  ///< in `survivors_`: the first kept name that is not known to be gone
        bool is_spare = false;               ///< a step needs a survivor
        bool needed = false;                 ///< an image that needs it was kept
        bool still_named = false;            ///< it has a name that the plan does not know
    };
    struct Survivor {
        std::uint32_t record = no_record;
        std::uint32_t next = no_record;  ///< the next kept name of the same image, in `survivors_`
    };

    constexpr ImageNames& image_of(std::size_t record) noexcept { return images_[content_.records.image(record)]; }
    std::uint32_t depth_of(std::uint32_t record) const noexcept {
        return content_.depths.empty() ? 0 : content_.depths[record];
    }

    /// Returns false if the run ends.
    template <class Remove>
    bool take_step(std::uint32_t record, const Remove& remove) {
        if (options_.should_stop && options_.should_stop()) {
            report_.cancelled = true;
            return false;
        }
        const Decision decision = plan_[record];
        const auto reference = parse_reference(decision.name);
        PruneReport::Step step{std::string(decision.name),
                               std::string(reference ? reference->familiar() : decision.name),
                               std::string(decision.target)};
        if (report_.steps.size() == report_.steps.capacity()) report_.steps.reserve(2 * report_.steps.size() + 8);

        RemoveOutcome outcome(image_of(record).needed ? RemoveStatus::needed : RemoveStatus::attached);
        if (!image_of(record).needed && !has_subject(record))
            outcome = options_.before && !options_.before(decision) ? RemoveOutcome(RemoveStatus::vetoed)
                                                                    : try_remove(decision, image_of(record), remove);
        settle(record, std::move(step), std::move(outcome));
        if (options_.after) options_.after(report_.steps.back());
        return true;
    }

    /// Tells whether a record is attached to an image that still has a name.
    bool has_subject(std::uint32_t record) const noexcept {
        for (const std::uint32_t subject : content_.subjects[record])
            if (images_[subject].names > 0 || images_[subject].still_named) return true;
        return false;
    }

    /// Removes a name; if its image keeps another, only while that points at the image.
    template <class Remove>
    RemoveOutcome try_remove(const Decision& decision, ImageNames& image, const Remove& remove) {
        if (decision.reason != Reason::spare_name) return remove(decision.name, decision.target, std::string_view());
        // A name that is gone stays gone, so all steps of an image share one pass over this list.
        for (; image.survivor != no_record; image.survivor = survivors_[image.survivor].next) {
            const std::string_view survivor = content_.records.name(survivors_[image.survivor].record);
            RemoveOutcome outcome = remove(decision.name, decision.target, survivor);
            if (outcome.status != RemoveStatus::survivor_gone) return outcome;
        }
        return RemoveStatus::survivor_gone;
    }

    /// Writes the outcome to the report, without an allocation.
    void settle(std::uint32_t record, PruneReport::Step&& step, RemoveOutcome&& outcome) noexcept {
        step.status = outcome.status;
        step.error = std::move(outcome.error);
        const bool gone = outcome.status == RemoveStatus::removed || outcome.status == RemoveStatus::not_found ||
                          outcome.status == RemoveStatus::changed;
        ImageNames& image = image_of(record);
        // The last answer counts, but for that of a name that is not there, which need not tell.
        image.still_named = outcome.still_named || (image.still_named && outcome.status != RemoveStatus::removed);
        const bool was_last = gone && --image.names == 0;
        if (was_last && !image.still_named) {
            const std::uint64_t freed = counts_.release(content_.records.image(record));
            step.image_deleted = outcome.status == RemoveStatus::removed;
            step.reclaimed = step.image_deleted ? freed : 0;
            report_.space_reclaimed = saturating_sum(report_.space_reclaimed, step.reclaimed);
        }
        if (!gone || (was_last && image.still_named))
            for (const std::uint32_t needed : content_.needs[content_.records.image(record)])
                images_[needed].needed = true;
        report_.steps.push_back(std::move(step));
    }

    const PrunePlan& plan_;
    const PlanContent& content_;
    const ApplyOptions& options_;
    PruneReport& report_;
    Vector<ImageNames> images_;  // by image
    Vector<Survivor> survivors_;
    BlobCounts counts_;
};

}  // namespace detail

/// Applies `plan` through `remover`, an `ImageRemover`, and adds each step to `report` at once. If the host's code
/// throws or an allocation fails, the report is correct up to that step.
///
/// The plan may be old. A name is removed only while it points at its planned target, and a spare name only while
/// another name keeps its image. An image is removed only after all images that need it, and kept if one of those is
/// kept; likewise an attachment, after the images that it is attached to. Images that need each other in a circle have
/// no such order: if the store rejects the removal of one of them, those that it needs can be gone. If the store
/// rejects a removal or fails, the report says so, and the run continues.
///
/// @param plan the plan; it is not changed, and can be applied again: names that no longer exist are then `not_found`.
/// @param remover the host's `ImageRemover`: an object with a member `remove`, or a callable.
/// @param options callbacks, and doubts to accept: see `ApplyOptions`.
/// @param report gets the steps; earlier ones are kept.
/// **Errors:** `doubtful_plan` if the plan has a doubt that blocks and is not in `options.accept`; nothing is removed.
/// **Throws:** what the remover, the callbacks and allocations throw. No allocation happens between a removal and its
/// entry in the report.
/// **Complexity:** O(n + b + m) for n records, b blobs that images list and m needed images, and the length of the
/// texts of the deletions. One removal for each deletion, and one more for each survivor that is gone.
template <class Remover>
Result<void> apply_prune(const PrunePlan& plan, Remover&& remover, const ApplyOptions& options, PruneReport& report) {
    using Bare = std::remove_reference_t<Remover>;
    static_assert(detail::fits_remover<Bare>());
    const std::size_t doubt = detail::blocking_doubt(detail::content(plan), options.accept);
    if (doubt != detail::content(plan).doubts.size()) return detail::doubtful_plan(detail::content(plan), doubt);
    detail::Application(plan, options, report)
        .run([&](std::string_view name, std::string_view target, std::string_view survivor) -> RemoveOutcome {
            if constexpr (detail::RemovesAsMember<Bare>)
                return remover.remove(name, target, survivor);
            else
                return remover(name, target, survivor);
        });
    return {};
}

/// Like the function above, and returns the report. If the host's code can throw, pass a report instead, so that it is
/// not lost.
template <class Remover>
[[nodiscard]] Result<PruneReport> apply_prune(const PrunePlan& plan, Remover&& remover,
                                              const ApplyOptions& options = {}) {
    PruneReport report;
    if (auto applied = apply_prune(plan, remover, options, report); !applied) return std::move(applied).error();
    return report;
}

/// Rejected: the Result of `plan_prune` must be checked first.
template <class Plan, class Remover>
Result<PruneReport> apply_prune(const Result<Plan>&, Remover&&, const ApplyOptions& = {}) {
    static_assert(!detail::is_result<Result<Plan>>,
                  "pruneplan: this is a Result: check it, and pass its value, *result");
    return {};
}
/// @overload
template <class Plan, class Remover>
Result<void> apply_prune(const Result<Plan>&, Remover&&, const ApplyOptions&, PruneReport&) {
    static_assert(!detail::is_result<Result<Plan>>,
                  "pruneplan: this is a Result: check it, and pass its value, *result");
    return {};
}

}  // namespace pruneplan

#endif

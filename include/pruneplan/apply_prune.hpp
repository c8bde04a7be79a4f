#ifndef PRUNEPLAN_APPLY_PRUNE_HPP
#define PRUNEPLAN_APPLY_PRUNE_HPP

// Carries a plan out, through the host's remover: the only header that changes anything.

#include <pruneplan/detail/blob_table.hpp>
#include <pruneplan/detail/flat_index.hpp>
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

/// What `after` is told: one step that was tried. Its texts live until `apply_prune` returns.
struct AppliedStep {
    std::size_t done, total;  ///< steps, this one among them; all steps of the plan
    PlannedDeletion deletion;
    const RemoveOutcome& outcome;   ///< only until `after` returns
    bool image_deleted;             ///< this was the last record of its image
    std::uint64_t space_reclaimed;  ///< by this step
};

/// Lets all steps happen, in silence.
struct ApplyAll {
    static constexpr bool before(const PlannedDeletion&) noexcept { return true; }
    static constexpr void after(const AppliedStep&) noexcept {}
    static constexpr bool should_stop() noexcept { return false; }
};

namespace detail {

struct CallNothing {
    constexpr bool operator()(const PlannedDeletion&) const noexcept { return true; }
    constexpr void operator()(const AppliedStep&) const noexcept {}
    constexpr bool operator()() const noexcept { return false; }
};

}  // namespace detail

/// Callbacks for `apply_prune`, which takes any type that has one or more of these members, functions or callables:
///
///     bool before(const PlannedDeletion&)    // called right before a removal: false skips the step
///     void after(const AppliedStep&)         // called after each removal that was tried: progress, events
///     bool should_stop()                     // called before each step: true ends the run
///
/// They are called, never copied or kept; what they throw passes through.
template <class Before = detail::CallNothing, class After = detail::CallNothing, class ShouldStop = detail::CallNothing>
struct ApplyOptions {
    Before before{};
    After after{};
    ShouldStop should_stop{};
};
template <class Before, class After, class ShouldStop>
ApplyOptions(Before, After, ShouldStop) -> ApplyOptions<Before, After, ShouldStop>;

/// Returns options with one callback.
template <class Before>
constexpr ApplyOptions<Before> with_before(Before before) {
    return {std::move(before), {}, {}};
}
template <class After>
constexpr ApplyOptions<detail::CallNothing, After> with_after(After after) {
    return {{}, std::move(after), {}};
}
template <class ShouldStop>
constexpr ApplyOptions<detail::CallNothing, detail::CallNothing, ShouldStop> with_should_stop(ShouldStop should_stop) {
    return {{}, {}, std::move(should_stop)};
}

namespace detail {

template <class Options>
concept HasBefore = requires(Options& options, const PlannedDeletion& deletion) {
    { options.before(deletion) } -> std::convertible_to<bool>;
};
template <class Options>
concept HasAfter = requires(Options& options, const AppliedStep& step) { options.after(step); };
template <class Options>
concept HasShouldStop = requires(Options& options) {
    { options.should_stop() } -> std::convertible_to<bool>;
};

struct NamedBefore { int before; };
struct NamedAfter { int after; };
struct NamedShouldStop { int should_stop; };
template <class Options>
concept MentionsBefore = Derivable<Options> && !requires { &Both<Options, NamedBefore>::before; };
template <class Options>
concept MentionsAfter = Derivable<Options> && !requires { &Both<Options, NamedAfter>::after; };
template <class Options>
concept MentionsShouldStop = Derivable<Options> && !requires { &Both<Options, NamedShouldStop>::should_stop; };

template <class Options>
consteval bool fits_apply_options() {
    static_assert(!std::is_final_v<Options>,
                  "pruneplan: the options must not be final: their members are found by deriving from them");
    static_assert(HasBefore<Options> || !MentionsBefore<Options>,
                  "pruneplan: before(const PlannedDeletion&) must return bool");
    static_assert(HasAfter<Options> || !MentionsAfter<Options>, "pruneplan: after must take a const AppliedStep&");
    static_assert(HasShouldStop<Options> || !MentionsShouldStop<Options>, "pruneplan: should_stop() must return bool");
    static_assert(HasBefore<Options> || HasAfter<Options> || HasShouldStop<Options>,
                  "pruneplan: options to apply a plan need a member before, after or should_stop: see ApplyOptions");
    return true;
}

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

/// One run of a plan. Everything that it reads of the store is copied before the first removal, and everything that a
/// step writes to the report is allocated before the step's removal. An image is named by the number of its first record.
template <class Store, class Remover, class Options>
class Application {
    static constexpr bool checks_survivors = RemovesWithSurvivor<Remover> || HasHolds<Remover>;

public:
    constexpr Application(const PrunePlan& plan, const ImageIndex<Store>& index, Remover& remover, Options& options,
                          PruneReport& report)
        : index_(index), remover_(remover), options_(options), report_(report), images_(index.size(), {}) {
        copy_steps(plan);
        for (std::size_t id = 0; id < index.size(); ++id) ++images_[index.target_id(id)].names;
        if constexpr (checks_survivors) copy_survivors(plan);
        if constexpr (HasBlobs<Store>) blobs_.emplace(index);
    }

    constexpr void run() {
        for (const PlannedDeletion& deletion : steps_)
            if (!step(deletion)) return;
    }

private:
    struct Image {
        std::string_view target;             ///< where it has a step
        std::uint32_t names = 0;             ///< that are not known to be removed
        std::uint32_t survivor = no_record;  ///< the first kept name that is not known to be removed, in `survivors_`
        bool is_spare = false;               ///< a step needs a survivor
        bool child_stays = false;
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
    constexpr void copy_steps(const PrunePlan& plan) {
        const Deletions deletions = plan.deletions();
        List<std::uint32_t> depths;
        if constexpr (HasParent<Store>) depths = ancestry(index_).depths;
        steps_.reserve(deletions.size());
        for (std::size_t first = 0, end = 0; first != deletions.size(); first = end) {
            while (end != deletions.size() && (depths.empty() || depths[deletions[end].image] == depths[deletions[first].image]))
                ++end;
            for (const bool dangling : {false, true})
                for (std::size_t i = first; i != end; ++i)
                    if (index_.is_dangling(deletions[i].image) == dangling) copy_step(deletions[i]);
        }
    }

    constexpr void copy_step(PlannedDeletion deletion) {
        Image& image = image_of(deletion);
        if (image.target.data() == nullptr) image.target = texts_.keep(deletion.target);
        deletion.target = image.target;
        deletion.name = texts_.keep(deletion.name);
        image.is_spare |= deletion.reason == Reason::spare_name;
        steps_.push_back(deletion);
    }

    constexpr void copy_survivors(const PrunePlan& plan) {
        for (std::size_t id = index_.size(); id-- > 0;) {
            Image& image = images_[index_.target_id(id)];
            if (!image.is_spare || plan.decisions().deletes(id)) continue;
            survivors_.push_back({texts_.keep(index_.name(id)), image.survivor});
            image.survivor = static_cast<std::uint32_t>(survivors_.size() - 1);
        }
    }

    constexpr Image& image_of(const PlannedDeletion& deletion) { return images_[index_.target_id(deletion.image)]; }

    /// False, if the run is to end.
    constexpr bool step(const PlannedDeletion& deletion) {
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
        if (image_of(deletion).child_stays)
            skip(deletion, std::move(entry), SkipReason::child_stays);
        else if (!is_wanted(deletion))
            skip(deletion, std::move(entry), SkipReason::vetoed);
        else if (deletion.reason == Reason::spare_name)
            remove_spare(deletion, std::move(entry));
        else
            settle(deletion, std::move(entry), remover_.remove(deletion.name, deletion.target));
        return true;
    }

    constexpr bool is_wanted(const PlannedDeletion& deletion) {
        if constexpr (HasBefore<Options>) return options_.before(deletion);
        return true;
    }

    /// Removes a name only while a kept name still points at its image.
    constexpr void remove_spare(const PlannedDeletion& deletion, Entry&& entry) {
        if constexpr (checks_survivors) {
            // A survivor that was removed does not come back: the list is walked once, however many names need one.
            std::uint32_t& survivor = image_of(deletion).survivor;
            if constexpr (HasHolds<Remover>)
                while (survivor != no_record && !remover_.holds(survivors_[survivor].name, deletion.target))
                    survivor = survivors_[survivor].next;
            if (survivor == no_record) {
                skip(deletion, std::move(entry), SkipReason::survivor_gone);
                return;
            }
            if constexpr (RemovesWithSurvivor<Remover>)
                settle(deletion, std::move(entry),
                       remover_.remove(deletion.name, deletion.target, survivors_[survivor].name));
            else
                settle(deletion, std::move(entry), remover_.remove(deletion.name, deletion.target));
        } else {
            skip(deletion, std::move(entry), SkipReason::survivor_unchecked);
        }
    }

    /// Writes an outcome to the report before `after` is called, so that the report is true whatever `after` throws.
    constexpr void settle(const PlannedDeletion& deletion, Entry&& entry, RemoveOutcome outcome) {
        bool image_deleted = false;
        std::uint64_t reclaimed = 0;
        switch (outcome.status) {
            case RemoveStatus::removed:
                report_.untagged.push_back({std::move(entry.name), std::move(entry.familiar), std::move(entry.target)});
                image_deleted = is_last_name(deletion) && !outcome.still_named;
                if (image_deleted) {
                    report_.deleted.push_back(std::move(entry.deleted));
                    reclaimed = release(deletion);
                    report_.space_reclaimed = saturating_sum(report_.space_reclaimed, reclaimed);
                }
                break;
            case RemoveStatus::not_found:
                if (is_last_name(deletion)) release(deletion);
                note(std::move(entry), SkipReason::not_found);
                break;
            case RemoveStatus::changed:
                if (is_last_name(deletion)) release(deletion);
                note(std::move(entry), SkipReason::changed);
                break;
            case RemoveStatus::in_use: skip(deletion, std::move(entry), SkipReason::in_use); break;
            case RemoveStatus::failed:
                keep_parent(deletion);
                report_.failures.push_back({std::move(entry.name), std::move(entry.familiar), std::move(entry.target),
                                            std::move(outcome.error)});
                if constexpr (HasAfter<Options>) outcome.error = report_.failures.back().error;
                break;
        }
        if constexpr (HasAfter<Options>)
            options_.after(AppliedStep{done_, steps_.size(), deletion, outcome, image_deleted, reclaimed});
    }

    constexpr void note(Entry&& entry, SkipReason reason) {
        report_.skipped.push_back({std::move(entry.name), std::move(entry.familiar), std::move(entry.target), reason});
    }

    constexpr void skip(const PlannedDeletion& deletion, Entry&& entry, SkipReason reason) {
        note(std::move(entry), reason);
        keep_parent(deletion);
    }

    /// The image is kept after all, and so what it is built on must be kept, too.
    constexpr void keep_parent(const PlannedDeletion& deletion) {
        for (std::size_t nth = 0;; ++nth) {
            const auto parent = index_.parent(index_.target_id(deletion.image), nth);
            if (!parent) return;
            images_[*parent].child_stays = true;
        }
    }

    constexpr bool is_last_name(const PlannedDeletion& deletion) { return --image_of(deletion).names == 0; }

    constexpr std::uint64_t release(const PlannedDeletion& deletion) {
        if constexpr (HasBlobs<Store>) return blobs_->release(index_.target_id(deletion.image));
        return 0;
    }

    const ImageIndex<Store>& index_;
    Remover& remover_;
    Options& options_;
    PruneReport& report_;
    TextArena texts_;
    List<Image> images_;  // by first record
    List<PlannedDeletion> steps_;
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
/// store rejects, or fails at, is in the report, and the run goes on. Applying a plan twice does no harm: names that are no
/// longer there are skipped as `not_found`.
///
/// The remover may change, move or destroy the records that the index borrows its texts from: these are read before its
/// first call, and never after. Then nothing may be read from the index and its plans any more: destroy them.
///
/// @param options callbacks: see `ApplyOptions`.
/// @pre `plan` was made of `index`.
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

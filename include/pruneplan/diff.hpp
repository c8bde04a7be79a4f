#ifndef PRUNEPLAN_DIFF_HPP
#define PRUNEPLAN_DIFF_HPP

// SPDX-License-Identifier: BSL-1.0

// Compares two plans: what a changed option or a newer listing changes.

#include <pruneplan/detail/precondition.hpp>
#include <pruneplan/image_index.hpp>
#include <pruneplan/plan.hpp>

#include <cstddef>
#include <optional>
#include <string_view>

namespace pruneplan {

/// Tells what changed about a record. If several things did, it is the first in this order.
enum class ChangeKind : unsigned char {
    added,           ///< only the index after has it
    removed,         ///< only the index before has it
    newly_deleted,   ///< it was kept, and is deleted now
    newly_kept,      ///< it was deleted, and is kept now
    target_changed,  ///< it points at another target, and its action is the same
    reason_changed,  ///< its target and its action are the same, for another reason
};

/// The number of kinds.
inline constexpr std::size_t change_kind_count = 6;

/// Returns the enumerator's name. It is stable across releases.
constexpr std::string_view to_string(ChangeKind kind) noexcept {
    switch (kind) {
        case ChangeKind::added: return "added";
        case ChangeKind::removed: return "removed";
        case ChangeKind::newly_deleted: return "newly_deleted";
        case ChangeKind::newly_kept: return "newly_kept";
        case ChangeKind::target_changed: return "target_changed";
        case ChangeKind::reason_changed: return "reason_changed";
    }
    return "unknown";
}

/// Describes a record on which two plans differ.
/// **Lifetime:** the name belongs to the index after; if the record was removed, to the index before.
struct [[nodiscard]] RecordChange {
    ChangeKind kind;                      ///< what changed
    std::string_view name;                ///< the record's name
    std::optional<std::size_t> before;    ///< its number in the index before; empty if it was added
    std::optional<std::size_t> after;     ///< its number in the index after; empty if it was removed
    std::optional<Reason> reason_before;  ///< its reason in the plan before; empty if it was added
    std::optional<Reason> reason_after;   ///< its reason in the plan after; empty if it was removed
    bool target_changed = false;          ///< whether it points at another target, whatever `kind` is
};

/// Counts the records that changed, by kind, and those that did not.
class [[nodiscard]] PlanDiff {
public:
    constexpr PlanDiff() = default;

    /// Returns how many records changed in this way. @pre `kind` is one of the enumerators.
    constexpr std::size_t operator[](ChangeKind kind) const noexcept {
        detail::require(static_cast<std::size_t>(kind) < change_kind_count, "invalid ChangeKind: use one of its enumerators");
        return counts_[static_cast<std::size_t>(kind)];
    }
    /// Returns how many records have the same target in both indexes, and the same action and reason in both plans.
    constexpr std::size_t unchanged() const noexcept { return unchanged_; }
    /// Returns how many records changed in any way.
    constexpr std::size_t changed() const noexcept {
        std::size_t sum = 0;
        for (const std::size_t count : counts_) sum += count;
        return sum;
    }

    /// Counts a changed record. @pre `kind` is one of the enumerators.
    constexpr void add(ChangeKind kind) noexcept {
        detail::require(static_cast<std::size_t>(kind) < change_kind_count, "invalid ChangeKind: use one of its enumerators");
        ++counts_[static_cast<std::size_t>(kind)];
    }
    /// Counts a record that did not change.
    constexpr void add_unchanged() noexcept { ++unchanged_; }

    /// Tells whether all counts are equal.
    friend constexpr bool operator==(const PlanDiff&, const PlanDiff&) = default;

private:
    std::size_t counts_[change_kind_count] = {};
    std::size_t unchanged_ = 0;
};

namespace detail {

/// Visits no change, for a caller that needs only the counts.
struct IgnoredChanges {
    constexpr void operator()(const RecordChange&) const noexcept {}
};

template <class Visit>
concept VisitsChanges = requires(Visit& visit, const RecordChange& change) {
    visit(change);
};

/// Compares a record that both indexes have.
template <class Visit>
constexpr void compare_record(PlanDiff& counts, RecordChange change, Visit& visit) {
    const Action before = action_of(*change.reason_before), after = action_of(*change.reason_after);
    if (before != after)
        change.kind = after == Action::remove ? ChangeKind::newly_deleted : ChangeKind::newly_kept;
    else if (change.target_changed)
        change.kind = ChangeKind::target_changed;
    else if (*change.reason_before == *change.reason_after)
        return counts.add_unchanged();
    counts.add(change.kind);
    visit(static_cast<const RecordChange&>(change));
}

}  // namespace detail

/// Compares two plans of one index, record by record, such as plans with different options. Calls `visit(change)`,
/// with a `const RecordChange&`, for each record on which they differ, in the order of their numbers. Containers
/// that caused a decision are not compared: their positions differ from list to list.
/// @pre Both plans were made of `index`.
/// @return how many records changed, and how many did not.
/// **Complexity:** O(n) for n records. **Memory:** none but the result.
template <class Store, detail::VisitsChanges Visit>
constexpr PlanDiff diff(const PrunePlan& before, const PrunePlan& after, const ImageIndex<Store>& index,
                        Visit&& visit) {
    detail::require_plan_of(before, index);
    detail::require_plan_of(after, index);
    PlanDiff counts;
    for (std::size_t id = 0; id < index.size(); ++id)
        detail::compare_record(counts,
                               {ChangeKind::reason_changed, index.name(id), id, id, before.decisions().reason(id),
                                after.decisions().reason(id), false},
                               visit);
    return counts;
}

/// Like the function above, for a caller that needs only the counts.
template <class Store>
constexpr PlanDiff diff(const PrunePlan& before, const PrunePlan& after, const ImageIndex<Store>& index) {
    return diff(before, after, index, detail::IgnoredChanges());
}

/// Compares two plans of two indexes, such as those of a listing and a newer one: records of the same name are
/// compared. Calls `visit(change)`, with a `const RecordChange&`, for each change: first for the records of
/// `index_before`, in the order of their numbers, then for the added ones of `index_after`, in the order of theirs. The
/// stores can be of two types.
/// @pre Each plan was made of the index that follows it.
/// @return how many records changed, and how many did not.
/// **Complexity:** O(n + m) on average for n records before and m after. **Memory:** none but the result.
template <class StoreBefore, class StoreAfter, detail::VisitsChanges Visit>
constexpr PlanDiff diff(const PrunePlan& before, const ImageIndex<StoreBefore>& index_before, const PrunePlan& after,
                        const ImageIndex<StoreAfter>& index_after, Visit&& visit) {
    detail::require_plan_of(before, index_before);
    detail::require_plan_of(after, index_after);
    PlanDiff counts;
    const auto visit_one_sided = [&](const RecordChange& change) {
        counts.add(change.kind);
        visit(change);
    };
    for (std::size_t id = 0; id < index_before.size(); ++id) {
        const std::string_view name = index_before.name(id);
        const Reason reason = before.decisions().reason(id);
        if (const auto other = index_after.find(name))
            detail::compare_record(
                counts,
                {ChangeKind::reason_changed, index_after.name(*other), id, *other, reason,
                 after.decisions().reason(*other), index_before.target(id) != index_after.target(*other)},
                visit);
        else
            visit_one_sided({ChangeKind::removed, name, id, std::nullopt, reason, std::nullopt, false});
    }
    for (std::size_t id = 0; id < index_after.size(); ++id) {
        const std::string_view name = index_after.name(id);
        if (!index_before.find(name))
            visit_one_sided(
                {ChangeKind::added, name, std::nullopt, id, std::nullopt, after.decisions().reason(id), false});
    }
    return counts;
}

/// Like the function above, for a caller that needs only the counts.
template <class StoreBefore, class StoreAfter>
constexpr PlanDiff diff(const PrunePlan& before, const ImageIndex<StoreBefore>& index_before, const PrunePlan& after,
                        const ImageIndex<StoreAfter>& index_after) {
    return diff(before, index_before, after, index_after, detail::IgnoredChanges());
}

}  // namespace pruneplan

#endif

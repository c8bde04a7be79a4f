#ifndef PRUNEPLAN_READING_DIFF_HPP
#define PRUNEPLAN_READING_DIFF_HPP

// SPDX-License-Identifier: BSL-1.0

// Compares two plans: what a changed option or a newer listing changes.

#include <pruneplan/detail/hash.hpp>
#include <pruneplan/detail/index/flat_index.hpp>
#include <pruneplan/detail/index/record_texts.hpp>
#include <pruneplan/detail/precondition.hpp>
#include <pruneplan/plan.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace pruneplan {

/// Tells what changed about a record. If several things did, it is the first in this order.
enum class ChangeKind : unsigned char {
    added,           ///< only the plan after has it
    removed,         ///< only the plan before has it
    newly_deleted,   ///< it was kept, and is deleted now
    newly_kept,      ///< it was deleted, and is kept now
    target_changed,  ///< it points at another target, and its action is the same
    reason_changed,  ///< its target and its action are the same, for another reason
};

/// The number of kinds.
inline constexpr std::size_t change_kind_count = 6;

/// Returns the enumerator's name. It is stable across releases.
constexpr std::string_view to_string(ChangeKind kind) noexcept {
    constexpr std::string_view names[] = {"added",      "removed",        "newly_deleted",
                                          "newly_kept", "target_changed", "reason_changed"};
    return detail::word_at(names, static_cast<std::size_t>(kind));
}

/// Describes a record on which two plans differ. The name belongs to the plan after; if the record was removed, to the
/// plan before.
struct [[nodiscard]] RecordChange {
    ChangeKind kind;                      ///< what changed
    std::string_view name;                ///< the record's name
    std::optional<std::size_t> before;    ///< its number in the plan before; empty if it was added
    std::optional<std::size_t> after;     ///< its number in the plan after; empty if it was removed
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
        detail::require(static_cast<std::size_t>(kind) < change_kind_count,
                        "invalid ChangeKind: use one of its enumerators");
        return counts_[static_cast<std::size_t>(kind)];
    }
    /// Returns how many records have the same target, action and reason in both plans.
    constexpr std::size_t unchanged() const noexcept { return unchanged_; }
    /// Returns how many records changed in any way.
    constexpr std::size_t changed() const noexcept {
        std::size_t sum = 0;
        for (const std::size_t count : counts_) sum += count;
        return sum;
    }

    /// Counts a changed record. @pre `kind` is one of the enumerators.
    constexpr void add(ChangeKind kind) noexcept {
        detail::require(static_cast<std::size_t>(kind) < change_kind_count,
                        "invalid ChangeKind: use one of its enumerators");
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

template <class Visit>
concept VisitsChanges = requires(Visit& visit, const RecordChange& change) { visit(change); };

/// Finds the records of a plan by name.
class NamesOfPlan {
public:
    constexpr explicit NamesOfPlan(const PrunePlan& plan)
        : records_(content(plan).records), key_(key_from_addresses(this)), by_name_(plan.size()) {
        for (std::uint32_t id = 0; id < records_.size(); ++id)
            by_name_.find_or_insert(search(records_.name(id)), id, [](std::uint32_t) { return false; });
    }
    constexpr std::optional<std::size_t> find(std::string_view name) const {
        const std::uint32_t record =
            by_name_.find(search(name), [&](std::uint32_t other) { return records_.name(other) == name; });
        return record == no_record ? std::nullopt : std::optional<std::size_t>(record);
    }

private:
    constexpr FlatIndex::Search search(std::string_view name) const noexcept {
        FlatIndex::Search search = by_name_.search(hash(name, key_));
        by_name_.advance(search);
        return search;
    }

    const RecordTexts& records_;
    HashKey key_;
    FlatIndex by_name_;
};

/// Compares a record that both plans have.
template <class Visit>
constexpr void compare_record(PlanDiff& counts, RecordChange change, Visit& visit) {
    const Action before = action_of(*change.reason_before), after = action_of(*change.reason_after);
    if (before != after)
        change.kind = after == Action::erase ? ChangeKind::newly_deleted : ChangeKind::newly_kept;
    else if (change.target_changed)
        change.kind = ChangeKind::target_changed;
    else if (*change.reason_before == *change.reason_after)
        return counts.add_unchanged();
    counts.add(change.kind);
    visit(static_cast<const RecordChange&>(change));
}

}  // namespace detail

/// Compares two plans, such as those of a listing and a newer one, or with different options: records of the same name
/// are compared. Calls `visit(change)`, with a `const RecordChange&`, for each change: first for the records of
/// `before`, in the order of their numbers, then for the added ones of `after`, in the order of theirs. Containers that
/// caused a decision are not compared: their positions differ from list to list.
/// @return how many records changed, and how many did not.
/// **Complexity:** O(n + m) on average for n records before and m after.
template <detail::VisitsChanges Visit>
constexpr PlanDiff diff(const PrunePlan& before, const PrunePlan& after, Visit&& visit) {
    PlanDiff counts;
    const auto visit_one_sided = [&](const RecordChange& change) {
        counts.add(change.kind);
        visit(change);
    };
    const detail::NamesOfPlan names_before(before), names_after(after);
    for (const Decision old : before) {
        if (const auto other = names_after.find(old.name)) {
            const Decision now = after[*other];
            detail::compare_record(counts,
                                   {ChangeKind::reason_changed, now.name, old.record, now.record, old.reason,
                                    now.reason, old.target != now.target},
                                   visit);
        } else {
            visit_one_sided({ChangeKind::removed, old.name, old.record, std::nullopt, old.reason, std::nullopt, false});
        }
    }
    for (const Decision now : after)
        if (!names_before.find(now.name))
            visit_one_sided({ChangeKind::added, now.name, std::nullopt, now.record, std::nullopt, now.reason, false});
    return counts;
}

/// Like the function above, for a caller that needs only the counts.
constexpr PlanDiff diff(const PrunePlan& before, const PrunePlan& after) {
    return diff(before, after, [](const RecordChange&) {});
}

}  // namespace pruneplan

#endif

#ifndef PRUNEPLAN_READING_COUNT_REASONS_HPP
#define PRUNEPLAN_READING_COUNT_REASONS_HPP

// SPDX-License-Identifier: BSL-1.0

// Counts the records of a plan by reason.

#include <pruneplan/detail/precondition.hpp>
#include <pruneplan/plan.hpp>

#include <cstddef>

namespace pruneplan {

/// Counts the records of a plan that have each reason.
class [[nodiscard]] ReasonCounts {
public:
    constexpr ReasonCounts() = default;

    /// Returns how many records have this reason. @pre `reason` is one of the enumerators.
    constexpr std::size_t operator[](Reason reason) const noexcept {
        detail::require(static_cast<std::size_t>(reason) < reason_count, "invalid Reason: use one of its enumerators");
        return counts_[static_cast<std::size_t>(reason)];
    }
    /// Counts a record. @pre `reason` is one of the enumerators.
    constexpr void add(Reason reason) noexcept {
        detail::require(static_cast<std::size_t>(reason) < reason_count, "invalid Reason: use one of its enumerators");
        ++counts_[static_cast<std::size_t>(reason)];
    }

    /// Tells whether all counts are equal.
    friend constexpr bool operator==(const ReasonCounts&, const ReasonCounts&) = default;

private:
    std::size_t counts_[reason_count] = {};
};

/// Counts the records of `plan` by reason, in one pass. For one reason alone, see `PrunePlan::count`.
/// **Complexity:** O(n) for n records. **Memory:** allocates nothing.
constexpr ReasonCounts count_reasons(const PrunePlan& plan) noexcept {
    ReasonCounts counts;
    for (const Reason reason : detail::content(plan).reasons) counts.add(reason);
    return counts;
}

}  // namespace pruneplan

#endif

#ifndef PRUNEPLAN_PLANNER_DECISIONS_HPP
#define PRUNEPLAN_PLANNER_DECISIONS_HPP

// SPDX-License-Identifier: BSL-1.0

// The decisions that the planner's stages narrow.

#include <pruneplan/detail/platform.hpp>
#include <pruneplan/detail/vector.hpp>
#include <pruneplan/plan.hpp>

#include <cstddef>
#include <cstdint>
#include <utility>

namespace pruneplan::detail {

/// Returns a container as a cause.
constexpr Cause by_container(std::uint32_t container, bool mounts) noexcept {
    return {container & Cause::none, mounts};
}
/// Returns an option as a cause.
constexpr Cause by_option(std::size_t option, bool mark = false) noexcept {
    return {static_cast<std::uint32_t>(option) & Cause::none, mark};
}

/// Returns an image as a cause.
constexpr Cause by_image(std::uint32_t image) noexcept { return {image & Cause::none, false}; }

/// Holds one decision for each record, by the record's number. Stages change deletions to keeps, never keeps to
/// deletions.
class Decisions {
public:
    /// Decides to delete every record.
    constexpr explicit Decisions(std::size_t records)
        : reasons_(records, Reason::unused), causes_(records, Cause{}), deleted_(records) {}

    constexpr std::size_t size() const noexcept { return reasons_.size(); }
    constexpr std::size_t deleted_count() const noexcept { return deleted_; }
    constexpr Reason reason(std::size_t id) const noexcept { return reasons_[id]; }
    constexpr Cause cause(std::size_t id) const noexcept { return causes_[id]; }
    constexpr bool deletes(std::size_t id) const noexcept { return action_of(reasons_[id]) == Action::erase; }

    constexpr void prefetch(std::size_t id) const noexcept {
        detail::prefetch(reasons_.data() + id);
        detail::prefetch(causes_.data() + id);
    }

    /// Gives a deleted record a reason, and what caused it. Has no effect on a kept record.
    constexpr void decide(std::size_t id, Reason reason, Cause cause = {}) {
        if (!deletes(id)) return;
        reasons_[id] = reason;
        causes_[id] = cause;
        if (action_of(reason) == Action::keep) --deleted_;
    }

    /// Calls the cause of a decision otherwise.
    constexpr void name_cause(std::size_t id, Cause cause) noexcept { causes_[id] = cause; }

    /// Moves the columns into a plan.
    constexpr void move_to(PlanContent& plan) noexcept {
        plan.reasons = std::move(reasons_);
        plan.causes = std::move(causes_);
    }

private:
    Vector<Reason> reasons_;
    Vector<Cause> causes_;
    std::size_t deleted_;
};

}  // namespace pruneplan::detail

#endif

#ifndef PRUNEPLAN_DETAIL_BATCH_HPP
#define PRUNEPLAN_DETAIL_BATCH_HPP

// SPDX-License-Identifier: BSL-1.0

// Interleaves searches, so that they wait for memory together.

#include <array>
#include <cstddef>

namespace pruneplan::detail {

/// The number of searches that are interleaved.
inline constexpr std::size_t batch_size = 32;

/// Collects tasks, and runs them step by step. The steps of a search depend on each other's memory: each prefetches
/// what the next one reads. While one task's memory is on its way, the others take the same step.
template <class Task>
class Batch {
public:
    /// Adds a task, which the caller fills in. @pre The batch is not full.
    constexpr Task& next() noexcept { return tasks_[count_++]; }
    /// Returns the task that was added last. @pre There is one.
    constexpr Task& last() noexcept { return tasks_[count_ - 1]; }
    /// @overload
    constexpr const Task& last() const noexcept { return tasks_[count_ - 1]; }
    /// Tells whether the batch must run before the next task.
    constexpr bool full() const noexcept { return count_ == batch_size; }
    /// Tells whether there is no task.
    constexpr bool empty() const noexcept { return count_ == 0; }

    /// Takes each step for all tasks before the next step, then removes all tasks.
    template <class... Steps>
    constexpr void run(const Steps&... steps) {
        const auto take = [this](const auto& step) {
            for (std::size_t i = 0; i < count_; ++i) step(tasks_[i]);
        };
        (take(steps), ...);
        count_ = 0;
    }

private:
    std::array<Task, batch_size> tasks_{};
    std::size_t count_ = 0;
};

}  // namespace pruneplan::detail

#endif

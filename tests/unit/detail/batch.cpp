// SPDX-License-Identifier: BSL-1.0

// Tests batches, which take each step for all tasks before the next step.

#include "../../support/check.hpp"

#include <pruneplan/detail/batch.hpp>

#include <cstddef>
#include <vector>

namespace {

using pruneplan::detail::Batch;
using pruneplan::detail::batch_size;

struct Task {
    std::size_t number = 0, steps = 0;
};

/// Tells whether a batch of some tasks takes all first steps, then all second steps, in the order of the tasks.
constexpr bool runs(std::size_t tasks) {
    Batch<Task> batch;
    for (int time = 0; time < 2; ++time) {
        if (!batch.empty()) return false;
        for (std::size_t i = 0; i < tasks; ++i) {
            if (batch.full()) return false;
            batch.next() = {i, 0};
            if (batch.empty() || batch.last().number != i) return false;
        }
        if (batch.full() != (tasks == batch_size)) return false;
        std::vector<std::size_t> taken;
        const auto step = [&](std::size_t expected) {
            return [&taken, expected](Task& task) {
                if (task.steps++ == expected) taken.push_back(100 * expected + task.number);
            };
        };
        batch.run(step(0), step(1), step(2));
        if (taken.size() != 3 * tasks) return false;
        for (std::size_t i = 0; i < taken.size(); ++i)
            if (taken[i] != 100 * (i / tasks) + i % tasks) return false;
    }
    return true;
}

}  // namespace

TEST_CASE("a batch takes each step for all tasks before the next step and is empty afterwards") {
    CHECK_TWICE(runs(0));
    CHECK_TWICE(runs(1));
    CHECK_TWICE(runs(batch_size - 1));
    CHECK_TWICE(runs(batch_size));
}

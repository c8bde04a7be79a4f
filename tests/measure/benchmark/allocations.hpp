#ifndef PRUNEPLAN_TESTS_BENCHMARK_ALLOCATIONS_HPP
#define PRUNEPLAN_TESTS_BENCHMARK_ALLOCATIONS_HPP

// SPDX-License-Identifier: BSL-1.0

// Counts what operator new allocates.

#include <cstddef>

namespace benchmark {

/// Allocations of operator new since `reset`. Bytes are those that the system's allocator reserves, with its rounding.
/// Not thread-safe.
struct Allocations {
    std::size_t count = 0;
    std::size_t live_bytes = 0, peak_bytes = 0;

    void reset() {
        count = 0;
        baseline_ = peak_bytes = live_bytes;
    }
    std::size_t peak_above_start() const { return peak_bytes - baseline_; }

private:
    std::size_t baseline_ = 0;
};

extern Allocations allocations;

}  // namespace benchmark

#endif

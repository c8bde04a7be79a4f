#ifndef PRUNEPLAN_TESTS_BENCHMARK_ALLOCATIONS_HPP
#define PRUNEPLAN_TESTS_BENCHMARK_ALLOCATIONS_HPP

// SPDX-License-Identifier: BSL-1.0

#include <cstddef>

namespace benchmark {

/// What came from operator new since `reset`. Bytes are what the system's allocator sets aside, its rounding included.
/// For one thread.
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

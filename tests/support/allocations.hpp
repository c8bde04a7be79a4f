#ifndef PRUNEPLAN_TESTS_SUPPORT_ALLOCATIONS_HPP
#define PRUNEPLAN_TESTS_SUPPORT_ALLOCATIONS_HPP

// SPDX-License-Identifier: BSL-1.0

// The counters of the replaced operator new and delete in allocations.cpp.

#include <cstddef>

/// Counts the live allocations of this program, and selects the one that fails. Not thread-safe.
struct Allocations {
    std::size_t alive = 0;
    std::size_t until_failure = 0;  ///< counts down at each allocation; the one that reaches 0 fails; 0: none fails
    bool failed = false;
};

extern Allocations allocations;

#endif

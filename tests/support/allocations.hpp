#ifndef PRUNEPLAN_TESTS_SUPPORT_ALLOCATIONS_HPP
#define PRUNEPLAN_TESTS_SUPPORT_ALLOCATIONS_HPP

// SPDX-License-Identifier: BSL-1.0

#include <cstddef>

/// The allocations of this program: how many are alive, and which one fails. For one thread.
struct Allocations {
    std::size_t alive = 0;
    std::size_t until_failure = 0;  ///< counts down, and fails the one that makes it 0; 0: none fails
    bool failed = false;
};

extern Allocations allocations;

#endif

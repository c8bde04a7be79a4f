#ifndef PRUNEPLAN_TESTS_COST_STEPS_HPP
#define PRUNEPLAN_TESTS_COST_STEPS_HPP

// SPDX-License-Identifier: BSL-1.0

// Measures work by counting it, not by time: the count does not depend on how busy the machine is, and little on the
// compiler.

#include <cstddef>
#include <cstdint>

namespace cost {

struct Work {
    /// Basic blocks executed in units that are compiled with -fsanitize-coverage=trace-pc, and one for each 16 bytes
    /// that memcmp, memcpy, memmove, memset and memchr process.
    std::uint64_t steps = 0;
    std::uint64_t allocations = 0, bytes = 0;  ///< from operator new
};

/// Returns all work of this program so far.
Work total_work();

/// Returns the work of one call.
template <class Call>
Work work_of(const Call& call) {
    const Work before = total_work();
    call();
    const Work after = total_work();
    return {after.steps - before.steps, after.allocations - before.allocations, after.bytes - before.bytes};
}

}  // namespace cost

#endif

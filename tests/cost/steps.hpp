#ifndef PRUNEPLAN_TESTS_COST_STEPS_HPP
#define PRUNEPLAN_TESTS_COST_STEPS_HPP

// SPDX-License-Identifier: BSL-1.0

// Work, counted and not timed: the same on a busy machine, and nearly the same with every compiler.

#include <cstddef>
#include <cstdint>

namespace cost {

struct Work {
    /// Blocks of code without a branch that were executed, in units that were compiled with
    /// -fsanitize-coverage=trace-pc; and one for each 16 bytes that memcmp, memcpy, memmove, memset and memchr go through.
    std::uint64_t steps = 0;
    std::uint64_t allocations = 0, bytes = 0;  ///< from operator new
};

/// All work of this program so far.
Work done();

/// The work of one call.
template <class Call>
Work work_of(const Call& call) {
    const Work before = done();
    call();
    const Work after = done();
    return {after.steps - before.steps, after.allocations - before.allocations, after.bytes - before.bytes};
}

}  // namespace cost

#endif

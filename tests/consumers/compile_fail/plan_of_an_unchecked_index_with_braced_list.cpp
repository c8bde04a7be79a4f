// expect: pruneplan: this is a Result: check it, and pass its value, *result
#include "parts.hpp"

void plan() {
    const GoodStore store;
    auto plan = plan_prune(pruneplan::build_index(store), {GoodContainer{}});
    static_cast<void>(plan->size());
}

// SPDX-License-Identifier: BSL-1.0

// expect: pruneplan: this is a Result: check it, and pass its value, *result
#include "parts.hpp"

void plan(const pruneplan::Result<GoodStore>& store) {
    auto plan = plan_prune(store, Containers{});
    static_cast<void>(plan->size());
}

// SPDX-License-Identifier: BSL-1.0

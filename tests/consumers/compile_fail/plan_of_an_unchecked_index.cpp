// expect: pruneplan: this is a Result: check it, and pass its value, *result
#include "parts.hpp"

void plan() {
    const GoodStore store;
    const auto index = pruneplan::build_index(store);
    auto plan = plan_prune(index, Containers{});
    static_cast<void>(plan->size());
}

// SPDX-License-Identifier: BSL-1.0

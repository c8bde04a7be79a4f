// expect: pruneplan: this is a Result: check it, and pass its value, *result
#include "parts.hpp"

void apply(const GoodStore& store, pruneplan::PruneReport& report) {
    const auto plan = pruneplan::plan_prune(store, Containers{});
    if (!apply_prune(plan, GoodRemover{}, {}, report)) return;
}

// SPDX-License-Identifier: BSL-1.0

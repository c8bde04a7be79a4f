// expect: pruneplan: this is a Result: check it, and pass its value, *result
#include "parts.hpp"

void apply(const GoodStore& store) {
    const auto plan = pruneplan::plan_prune(store, Containers{});
    GoodRemover remover;
    auto report = apply_prune(plan, remover, {.should_stop = [] { return true; }});
    static_cast<void>(report->steps.size());
}

// SPDX-License-Identifier: BSL-1.0

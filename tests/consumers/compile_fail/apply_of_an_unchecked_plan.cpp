// expect: pruneplan: this is a Result: check it, and pass its value, *result
#include "parts.hpp"

void apply(const GoodStore& store) {
    auto report = pruneplan::apply_prune(pruneplan::plan_prune(store, Containers{}), GoodRemover{});
    static_cast<void>(report->steps.size());
}

// SPDX-License-Identifier: BSL-1.0

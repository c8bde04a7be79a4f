// expect: deleted
#include "parts.hpp"

void plan(const GoodStore& store) {
    auto plan = plan_prune(*pruneplan::build_index(store), {GoodContainer{}});
    static_cast<void>(plan);
}

// SPDX-License-Identifier: BSL-1.0

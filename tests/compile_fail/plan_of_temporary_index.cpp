// expect: deleted
#include "parts.hpp"

void plan(const GoodStore& store, const std::vector<GoodContainer>& containers) {
    auto plan = plan_prune(*pruneplan::build_index(store), containers);
    static_cast<void>(plan);
}

// SPDX-License-Identifier: BSL-1.0

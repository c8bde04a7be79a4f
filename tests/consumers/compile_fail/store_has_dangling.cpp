// expect: pruneplan: the store's is_dangling(const Record&) must return bool
#include "parts.hpp"

struct Store : GoodStore {
    static bool dangling(const Record&) { return false; }
};

void plan() { plan_all(Store{}, Containers{}); }

// SPDX-License-Identifier: BSL-1.0

// expect: pruneplan: the store's pinned(const Record&) must return bool
#include "parts.hpp"

struct Store : GoodStore {
    static bool is_pinned(const Record&) { return true; }
};

void plan() { plan_all(Store{}, Containers{}); }

// SPDX-License-Identifier: BSL-1.0

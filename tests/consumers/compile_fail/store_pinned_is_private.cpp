// expect: pruneplan: the store's pinned(const Record&) must return bool
#include "parts.hpp"

class Store : public GoodStore {
    static bool pinned(const Record&) { return true; }
};

void plan() { plan_all(Store{}, Containers{}); }

// SPDX-License-Identifier: BSL-1.0

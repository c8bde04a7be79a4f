// expect: pruneplan: the store's pinned(const Record&) must return bool
#include "parts.hpp"

struct Store final : GoodStore {
    static int pinned(const Record&) { return 1; }
};

void plan() { plan_all(Store{}, Containers{}); }

// SPDX-License-Identifier: BSL-1.0

// expect: pruneplan: the store's pinned(const Record&) must return bool
#include "parts.hpp"

struct Pins {
    static bool pinned(const Record&) { return true; }
};

struct Store : GoodStore, private Pins {};

void plan() { plan_all(Store{}, Containers{}); }

// SPDX-License-Identifier: BSL-1.0

// expect: pruneplan: the store's pinned(const Record&) must return bool
#include "parts.hpp"

struct Store : GoodStore {
    static bool pinned(std::string_view) { return true; }
    static bool pinned(int) { return true; }
};

void plan() { plan_all(Store{}, Containers{}); }

// SPDX-License-Identifier: BSL-1.0

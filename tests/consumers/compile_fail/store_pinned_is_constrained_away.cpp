// expect: pruneplan: the store's pinned(const Record&) must return bool
#include "parts.hpp"

template <bool can_pin>
struct StoreOf : GoodStore {
    static bool pinned(const Record&) requires can_pin { return true; }
};

using Store = StoreOf<false>;

void plan() { plan_all(Store{}, Containers{}); }

// SPDX-License-Identifier: BSL-1.0

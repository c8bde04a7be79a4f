// expect: pruneplan: the store's pinned(const Record&) must return bool
#include "parts.hpp"

struct Store final : GoodStore {
    static bool pinned(std::string_view) { return true; }
};

void plan() { plan_all(Store{}, Containers{}); }

// SPDX-License-Identifier: BSL-1.0

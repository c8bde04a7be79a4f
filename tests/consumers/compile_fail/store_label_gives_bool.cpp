// expect: pruneplan: the store's label(const Record&, std::string_view key) must return an optional text
#include "parts.hpp"

struct Store : GoodStore {
    static bool label(const Record&, std::string_view) { return true; }
};

void plan() { plan_all(Store{}, Containers{}); }

// SPDX-License-Identifier: BSL-1.0

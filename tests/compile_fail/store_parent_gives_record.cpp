// expect: pruneplan: the store's parent(const Record&) must return text, empty where there is no parent
#include "parts.hpp"

struct Store : GoodStore {
    static const Record* parent(const Record&) { return nullptr; }
};

void plan() { plan_all(Store{}, std::vector<GoodContainer>{}); }

// SPDX-License-Identifier: BSL-1.0

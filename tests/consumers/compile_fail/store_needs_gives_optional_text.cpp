// expect: pruneplan: the store's needs(const Record&) must return the targets of images that it needs: one text or a range of texts
#include "parts.hpp"

struct Store : GoodStore {
    static std::optional<std::string> needs(const Record&) { return {}; }
};

void plan() { plan_all(Store{}, Containers{}); }

// SPDX-License-Identifier: BSL-1.0

// expect: pruneplan: the store's blobs(const Record&) must return a range of Blob{digest, size}
#include "parts.hpp"

struct Store : GoodStore {
    static std::vector<std::string> blobs(const Record&) { return {}; }
};

void plan() { plan_all(Store{}, Containers{}); }

// SPDX-License-Identifier: BSL-1.0

// expect: pruneplan: this is a Result: check it, and pass its value, *result
#include "parts.hpp"

void index(const pruneplan::Result<GoodStore>& store) {
    auto index = pruneplan::build_index(store);
    static_cast<void>(index->size());
}

// SPDX-License-Identifier: BSL-1.0

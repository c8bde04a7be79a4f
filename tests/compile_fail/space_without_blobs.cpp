// expect: pruneplan: to estimate space, the store needs blobs(const Record&), a range of Blob{digest, size}
#include "parts.hpp"

void estimate(const GoodStore& store, const std::vector<GoodContainer>& containers) {
    auto index = pruneplan::ImageIndex<GoodStore>::build(store);
    static_cast<void>(estimate_space(plan_prune(*index, containers), *index));
}

// SPDX-License-Identifier: BSL-1.0

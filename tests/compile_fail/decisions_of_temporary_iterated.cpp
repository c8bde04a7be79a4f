// expect: deleted
#include "parts.hpp"

auto first(const pruneplan::ImageIndex<GoodStore>& index) {
    return plan_prune(index, std::vector<GoodContainer>{}).decisions().begin();
}

// SPDX-License-Identifier: BSL-1.0

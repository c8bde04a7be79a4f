// expect: deleted
#include "parts.hpp"

auto unmatched(const pruneplan::ImageIndex<GoodStore>& index) {
    return plan_prune(index, std::vector<GoodContainer>{}).unmatched_containers();
}

// SPDX-License-Identifier: BSL-1.0

// expect: pruneplan: a container's mounted_image_ids() const must return a range of digests as text
#include "parts.hpp"

struct Container : GoodContainer {
    std::vector<std::string> mounted_ids() const { return {}; }
};

void plan() { plan_all(GoodStore{}, std::vector<Container>{}); }

// SPDX-License-Identifier: BSL-1.0

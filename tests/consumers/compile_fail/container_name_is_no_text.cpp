// expect: pruneplan: a container's name() const must return text
#include "parts.hpp"

struct Container : GoodContainer {
    int name() const { return 1; }
};

void plan() { plan_all(GoodStore{}, std::vector<Container>{}); }

// SPDX-License-Identifier: BSL-1.0

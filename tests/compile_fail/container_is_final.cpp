// expect: pruneplan: a container must not be final
#include "parts.hpp"

struct Container final : GoodContainer {};

void plan() { plan_all(GoodStore{}, std::vector<Container>{}); }

// SPDX-License-Identifier: BSL-1.0

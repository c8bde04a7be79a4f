// expect: pruneplan: a container needs image_ref() const, what its user typed, as text
#include "parts.hpp"

struct Container : WithImageId {};

void plan() { plan_all(GoodStore{}, std::vector<Container>{}); }

// SPDX-License-Identifier: BSL-1.0

// expect: pruneplan: a container needs image_id() const, the digest of its image, as text
#include "parts.hpp"

struct Container : WithImageRef {};

void plan() { plan_all(GoodStore{}, std::vector<Container>{}); }

// SPDX-License-Identifier: BSL-1.0

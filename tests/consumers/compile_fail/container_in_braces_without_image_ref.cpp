// expect: pruneplan: a container needs image_ref() const, what its user typed, as text
#include "parts.hpp"

struct Container : WithImageId {};

void plan() { static_cast<void>(pruneplan::plan_prune(GoodStore{}, {Container{}})); }

// SPDX-License-Identifier: BSL-1.0

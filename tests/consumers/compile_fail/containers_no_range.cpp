// expect: pruneplan: containers must be a range
#include "parts.hpp"

void plan() { plan_all(GoodStore{}, 7); }

// SPDX-License-Identifier: BSL-1.0

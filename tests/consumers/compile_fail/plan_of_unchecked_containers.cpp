// expect: pruneplan: this is a Result: check it, and pass its value, *result
#include "parts.hpp"

void plan(const pruneplan::Result<Containers>& containers) { plan_all(GoodStore{}, containers); }

// SPDX-License-Identifier: BSL-1.0

// A valid program. The programs that must not compile differ from it by one mistake.
#include "parts.hpp"

void plan() { plan_all(GoodStore{}, Containers{}); }
void apply() { apply_all(GoodRemover{}); }

// SPDX-License-Identifier: BSL-1.0

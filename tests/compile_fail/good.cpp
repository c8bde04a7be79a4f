// A valid program, which must compile. The other programs differ from it by one mistake.
#include "parts.hpp"

void plan() { plan_all(GoodStore{}, std::vector<GoodContainer>{}); }

// SPDX-License-Identifier: BSL-1.0

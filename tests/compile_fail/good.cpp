// The others differ from this one by a single member: this one must compile.
#include "parts.hpp"

void plan() { plan_all(GoodStore{}, std::vector<GoodContainer>{}); }

// SPDX-License-Identifier: BSL-1.0

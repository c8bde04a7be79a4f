// expect: pruneplan: the store must not be final
#include "parts.hpp"

struct Store final : GoodStore {};

void plan() { plan_all(Store{}, std::vector<GoodContainer>{}); }

// SPDX-License-Identifier: BSL-1.0

// expect: deleted function
#include "parts.hpp"

void plan() { static_cast<void>(pruneplan::ImageIndex<GoodStore>::build(GoodStore{})); }

// SPDX-License-Identifier: BSL-1.0

// expect: deleted
#include "parts.hpp"

void plan() { static_cast<void>(pruneplan::build_index(GoodStore{})); }

// SPDX-License-Identifier: BSL-1.0

// expect: deleted function
// SPDX-License-Identifier: BSL-1.0
#include "parts.hpp"

auto index() { return pruneplan::build_index(GoodStore{}); }

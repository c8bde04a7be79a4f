// expect: pruneplan: the store needs target(const Record&), the digest that the name points at as text
#include "parts.hpp"

struct Store : WithImages, WithName {};

void plan() { plan_all(Store{}, Containers{}); }

// SPDX-License-Identifier: BSL-1.0

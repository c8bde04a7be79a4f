// expect: pruneplan: the store needs name(const Record&), the record's name as text
#include "parts.hpp"

struct Store : WithImages, WithTarget {};

void plan() { plan_all(Store{}, Containers{}); }

// SPDX-License-Identifier: BSL-1.0

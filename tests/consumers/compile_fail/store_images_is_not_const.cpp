// expect: pruneplan: the store needs images() const, a forward range of its records
#include "parts.hpp"

struct Store : WithName, WithTarget {
    std::vector<Record> images() { return {}; }
};

void plan() { plan_all(Store{}, Containers{}); }

// SPDX-License-Identifier: BSL-1.0

// expect: pruneplan: images() must return an lvalue range (a reference to a container, or a span), steady while the index lives
#include "parts.hpp"

struct Store : WithName, WithTarget {
    std::vector<Record> images() const { return {}; }
};

void plan() { plan_all(Store{}, std::vector<GoodContainer>{}); }

// SPDX-License-Identifier: BSL-1.0

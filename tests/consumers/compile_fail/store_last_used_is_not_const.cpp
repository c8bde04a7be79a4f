// expect: pruneplan: the store's last_used(const Record&) must return Timestamp or std::optional<Timestamp>
#include "parts.hpp"

struct Store : GoodStore {
    pruneplan::Timestamp last_used(const Record&) { return {}; }
};

void plan() { plan_all(Store{}, Containers{}); }

// SPDX-License-Identifier: BSL-1.0

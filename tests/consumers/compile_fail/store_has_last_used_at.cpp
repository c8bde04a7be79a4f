// expect: pruneplan: the store's last_used(const Record&) must return Timestamp or std::optional<Timestamp>
#include "parts.hpp"

struct Store : GoodStore {
    static pruneplan::Timestamp last_used_at(const Record&) { return {}; }
};

void plan() { plan_all(Store{}, Containers{}); }

// SPDX-License-Identifier: BSL-1.0

// expect: pruneplan: the store's label(const Record&, std::string_view key) must return an optional text
#include "parts.hpp"

struct Store : GoodStore {
    static std::optional<std::string> label(const Record&) { return {}; }
};

void plan() { plan_all(Store{}, Containers{}); }

// SPDX-License-Identifier: BSL-1.0

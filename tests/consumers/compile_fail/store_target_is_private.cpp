// expect: pruneplan: the store needs target(const Record&), the digest that the name points at as text
#include "parts.hpp"

class Store : public WithImages, public WithName {
    static std::string_view target(const Record& record) { return record.digest; }
};

void plan() { plan_all(Store{}, Containers{}); }

// SPDX-License-Identifier: BSL-1.0

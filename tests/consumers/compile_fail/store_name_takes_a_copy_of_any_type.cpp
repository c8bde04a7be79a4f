// expect: pruneplan: name and target must take the record as const Record&: a conversion or a copy of it dies before the text is read
#include "parts.hpp"

struct Store : WithImages, WithTarget {
    static std::string_view name(auto record) { return record.name; }
};

void plan() { plan_all(Store{}, Containers{}); }

// SPDX-License-Identifier: BSL-1.0

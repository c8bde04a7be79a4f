// expect: pruneplan: name and target must take the record as const Record&: a conversion or a copy of it dies before the text is read
#include "parts.hpp"

struct Store : WithTarget {
    std::vector<const char*> names;
    const std::vector<const char*>& images() const { return names; }
    static std::string_view name(const std::string& record) { return record; }
    static std::string_view target(const char* record) { return record; }
};

void plan() { plan_all(Store{}, Containers{}); }

// SPDX-License-Identifier: BSL-1.0

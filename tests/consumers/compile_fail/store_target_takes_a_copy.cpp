// expect: pruneplan: name and target must take the record as const Record&: a conversion or a copy of it dies before the text is read
#include "parts.hpp"

struct Store : WithImages, WithName {
    std::string_view target(Record record) const { return record.digest; }
};

void plan() { plan_all(Store{}, Containers{}); }

// SPDX-License-Identifier: BSL-1.0

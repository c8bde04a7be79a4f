// expect: pruneplan: name and target must take the record as const Record&: a conversion or a copy of it dies before the text is read
#include "parts.hpp"

struct Image {
    Image(const Record& record) : name(record.name) {}
    std::string name;
};

struct Store : WithImages, WithTarget {
    static std::string_view name(const Image& image) { return image.name; }
};

void plan() { plan_all(Store{}, Containers{}); }

// SPDX-License-Identifier: BSL-1.0

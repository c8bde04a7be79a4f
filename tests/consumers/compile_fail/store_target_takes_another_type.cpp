// expect: pruneplan: name and target must take the record as const Record&: a conversion or a copy of it dies before the text is read
#include "parts.hpp"

struct Image {
    Image(const Record& record) : digest(record.digest) {}
    std::string digest;
};

struct Store : WithImages, WithName {
    std::string_view target(const Image& image) const noexcept { return image.digest; }
};

void plan() { plan_all(Store{}, Containers{}); }

// SPDX-License-Identifier: BSL-1.0

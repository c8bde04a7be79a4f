// expect: pruneplan: the store needs images() const, a forward range of its records
#include "parts.hpp"

#include <iterator>

struct Store : WithName, WithTarget {
    struct Iterator {
        using value_type = Record;
        using difference_type = std::ptrdiff_t;
        Record operator*() const { return {}; }
        Iterator& operator++() { return *this; }
        void operator++(int) {}
        bool operator==(std::default_sentinel_t) const { return true; }
    };
    struct Rows {
        Iterator begin() const { return {}; }
        std::default_sentinel_t end() const { return {}; }
    };
    Rows images() const { return {}; }
};

void plan() { plan_all(Store{}, Containers{}); }

// SPDX-License-Identifier: BSL-1.0

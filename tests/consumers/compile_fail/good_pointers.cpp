// Records and containers can be held by pointers and smart pointers.
#include "parts.hpp"

#include <memory>

template <class Pointer>
struct Store : WithName, WithTarget {
    std::vector<Pointer> records;
    const std::vector<Pointer>& images() const { return records; }
};

struct StoreOfHandles {
    std::vector<std::shared_ptr<Record>> records;
    const std::vector<std::shared_ptr<Record>>& images() const { return records; }
    static std::string_view name(std::shared_ptr<Record> record) { return record->name; }
    static std::string_view target(const std::shared_ptr<Record>& record) { return record->digest; }
};

void plan() {
    plan_all(Store<const Record*>{}, std::vector<GoodContainer*>{});
    plan_all(Store<std::unique_ptr<Record>>{}, std::vector<std::unique_ptr<GoodContainer>>{});
    plan_all(Store<std::shared_ptr<const Record>>{}, std::vector<std::shared_ptr<GoodContainer>>{});
    plan_all(StoreOfHandles{}, Containers{});
}

// SPDX-License-Identifier: BSL-1.0

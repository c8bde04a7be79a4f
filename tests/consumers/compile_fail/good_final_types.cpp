// Stores, records, containers and removers can be final.
#include "parts.hpp"

struct FinalRecord final {
    std::string name, digest;
};

struct Store final {
    std::vector<FinalRecord> records;
    const std::vector<FinalRecord>& images() const { return records; }
    static std::string_view name(const FinalRecord& record) { return record.name; }
    static std::string_view target(const FinalRecord& record) { return record.digest; }
    static bool pinned(const FinalRecord&) { return true; }
    static pruneplan::Timestamp created(const FinalRecord&) { return {}; }
};
static_assert(pruneplan::ImageStore<Store> && pruneplan::knows_pinned<Store> && pruneplan::knows_created<Store>);

struct Container final : GoodContainer {
    static std::vector<std::string> mounted_image_ids() { return {}; }
};
static_assert(pruneplan::ContainerView<Container> && pruneplan::knows_mounted_image_ids<Container>);

struct Remover final : GoodRemover {};

void plan() { plan_all(Store{}, std::vector<Container>{}); }
void apply() { apply_all(Remover{}); }

// SPDX-License-Identifier: BSL-1.0

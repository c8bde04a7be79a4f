#ifndef PRUNEPLAN_TESTS_SUPPORT_MOCK_HPP
#define PRUNEPLAN_TESTS_SUPPORT_MOCK_HPP

// SPDX-License-Identifier: BSL-1.0

// Stores and containers for tests that can be written in one line and planned at compile time.

#include <pruneplan/pruneplan.hpp>

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace mock {

struct Record {
    std::string_view name, digest;
};

struct Store {
    std::vector<Record> records;

    constexpr const std::vector<Record>& images() const { return records; }
    static constexpr std::string_view name(const Record& record) { return record.name; }
    static constexpr std::string_view target(const Record& record) { return record.digest; }
};

/// A record with everything that a store can provide; times can be unknown. It needs one image at most.
struct FullRecord {
    std::string_view name, digest;
    std::optional<pruneplan::Timestamp> created{}, last_used{};
    std::vector<std::pair<std::string_view, std::string_view>> labels{};
    bool pinned = false;
    std::string_view needs{};
    std::vector<pruneplan::Blob> blobs{};
};

struct FullStore {
    std::vector<FullRecord> records;

    constexpr const std::vector<FullRecord>& images() const { return records; }
    static constexpr std::string_view name(const FullRecord& record) { return record.name; }
    static constexpr std::string_view target(const FullRecord& record) { return record.digest; }
    static constexpr std::optional<pruneplan::Timestamp> created(const FullRecord& record) { return record.created; }
    static constexpr std::optional<pruneplan::Timestamp> last_used(const FullRecord& record) {
        return record.last_used;
    }
    static constexpr std::optional<std::string_view> label(const FullRecord& record, std::string_view key) {
        for (const auto& [known, value] : record.labels)
            if (known == key) return value;
        return std::nullopt;
    }
    static constexpr bool pinned(const FullRecord& record) { return record.pinned; }
    static constexpr std::string_view needs(const FullRecord& record) { return record.needs; }
    static constexpr const std::vector<pruneplan::Blob>& blobs(const FullRecord& record) { return record.blobs; }
};

/// A record of a graph of images. Its image has one blob, of the digest of its target.
struct GraphRecord {
    std::string_view name, digest;
    std::vector<std::string_view> ids{}, needs{};
    std::string_view subject{};
    bool pinned = false;
    std::int64_t created = 0;
    std::uint64_t size = 0;
};

struct GraphStore {
    std::vector<GraphRecord> records;

    constexpr const std::vector<GraphRecord>& images() const { return records; }
    static constexpr std::string_view name(const GraphRecord& record) { return record.name; }
    static constexpr std::string_view target(const GraphRecord& record) { return record.digest; }
    static constexpr const std::vector<std::string_view>& ids(const GraphRecord& record) { return record.ids; }
    static constexpr const std::vector<std::string_view>& needs(const GraphRecord& record) { return record.needs; }
    static constexpr std::string_view subject(const GraphRecord& record) { return record.subject; }
    static constexpr bool pinned(const GraphRecord& record) { return record.pinned; }
    static constexpr pruneplan::Timestamp created(const GraphRecord& record) { return {record.created, 0}; }
    static constexpr std::array<pruneplan::Blob, 1> blobs(const GraphRecord& record) {
        return {{{record.digest, record.size}}};
    }
};

struct Container {
    std::string_view id, ref;

    constexpr std::string_view image_id() const { return id; }
    constexpr std::string_view image_ref() const { return ref; }
};

using Index = pruneplan::ImageIndex<Store>;
using FullIndex = pruneplan::ImageIndex<FullStore>;
using Containers = std::vector<Container>;

/// Returns the deleted names in the plan's order: an image before those that it needs, then by name. The names are the
/// plan's.
constexpr std::vector<std::string_view> deleted(const pruneplan::PrunePlan& plan) {
    std::vector<std::string_view> names;
    for (const pruneplan::Decision& decision : plan.deletions()) names.push_back(decision.name);
    return names;
}
void deleted(pruneplan::PrunePlan&&) = delete;

/// Plans a prune of a store that needs no check.
template <class Store>
constexpr pruneplan::PrunePlan plan_of(const Store& store, const Containers& containers,
                                       const pruneplan::PruneOptions& options) {
    const auto index = pruneplan::build_index(store);
    return pruneplan::plan_prune(*index, containers, options);
}

/// Returns the deleted names in the plan's order. The names are those of `records`.
constexpr std::vector<std::string_view> deleted(const std::vector<Record>& records, const Containers& containers,
                                                const pruneplan::PruneOptions& options) {
    std::vector<std::string_view> names;
    const auto plan = plan_of(Store{records}, containers, options);
    for (const pruneplan::Decision& decision : plan.deletions()) names.push_back(records[decision.record].name);
    return names;
}

/// @overload
constexpr std::vector<std::string_view> deleted_in_full(const std::vector<FullRecord>& records,
                                                        const Containers& containers,
                                                        const pruneplan::PruneOptions& options) {
    std::vector<std::string_view> names;
    const auto plan = plan_of(FullStore{records}, containers, options);
    for (const pruneplan::Decision& decision : plan.deletions()) names.push_back(records[decision.record].name);
    return names;
}

/// Returns the reason of each record, in their order.
constexpr std::vector<pruneplan::Reason> reasons(const std::vector<FullRecord>& records, const Containers& containers,
                                                 const pruneplan::PruneOptions& options) {
    std::vector<pruneplan::Reason> out;
    for (const pruneplan::Decision& decision : plan_of(FullStore{records}, containers, options))
        out.push_back(decision.reason);
    return out;
}

}  // namespace mock

#endif

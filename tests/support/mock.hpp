#ifndef PRUNEPLAN_TESTS_SUPPORT_MOCK_HPP
#define PRUNEPLAN_TESTS_SUPPORT_MOCK_HPP

// A store and containers that can be written down in a line, and planned for at compile time.

#include <pruneplan/pruneplan.hpp>

#include <algorithm>
#include <ostream>
#include <string>
#include <string_view>
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

struct Container {
    std::string_view id, ref;

    constexpr std::string_view image_id() const { return id; }
    constexpr std::string_view image_ref() const { return ref; }
};

using Index = pruneplan::ImageIndex<Store>;
using Containers = std::vector<Container>;

/// The names that go, sorted.
constexpr std::vector<std::string_view> deleted(const pruneplan::PrunePlan& plan) {
    std::vector<std::string_view> names;
    for (const pruneplan::PlannedDeletion& deletion : plan.deletions()) names.push_back(deletion.name);
    return names;
}

constexpr std::vector<std::string_view> deleted(const std::vector<Record>& records, const Containers& containers,
                                                const pruneplan::PruneOptions& options) {
    const Store store{records};
    const auto index = Index::build(store);
    return deleted(pruneplan::plan_prune(*index, containers, options));
}

/// "reason" or "reason container", as the planner decides on the record of this name.
inline std::string decision(const Index& index, const pruneplan::PrunePlan& plan, std::string_view name) {
    const pruneplan::Decision made = plan.decisions()[*index.find(name)];
    std::string out(to_string(made.reason));
    if (made.container) out += " " + std::to_string(*made.container);
    return out;
}

}  // namespace mock

#endif

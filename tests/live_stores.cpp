// SPDX-License-Identifier: BSL-1.0
// Applies a plan to the same store that the index was built from: the remover erases, moves and frees records while the
// plan is applied.

#include "support/catch.hpp"

#include <pruneplan/pruneplan.hpp>

#include <algorithm>
#include <cstring>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace {

using pruneplan::RemoveOutcome;
using pruneplan::RemoveStatus;
using Names = std::vector<std::string>;

const pruneplan::PruneOptions strict{.scope = pruneplan::Scope::unused, .usage = pruneplan::usage_rules::strict};

std::string long_name(int number) { return "registry.example.org/team/an-image-with-a-longer-name:" + std::to_string(number); }
std::string long_target(int number) { return "sha256:" + std::string(62, 'a') + std::to_string(10 + number); }

/// A container that runs image 1, which has the names 1 and 4, and was created from the name 1.
struct Container {
    std::string image_id() const { return long_target(1); }
    std::string image_ref() const { return long_name(1); }
};

/// Adds the initial records of a store: five names on four images.
template <class Add>
void fill(Add add) {
    for (int number = 0; number < 4; ++number) add(long_name(number), long_target(number));
    add(long_name(4), long_target(1));
}

const Names deleted_names{long_name(0), long_name(2), long_name(3), long_name(4)};

/// Plans and applies with the store as its own remover, and compares the report with what the store has lost.
template <class Store>
void apply_to_itself(Store& store) {
    const auto index = pruneplan::build_index(store);
    const auto plan = plan_prune(*index, {Container{}}, strict);
    pruneplan::PruneReport report;
    Names reported;
    apply_prune(plan, *index, store,
                pruneplan::with_after(
                    [&](const pruneplan::AppliedStep& step) { reported.emplace_back(step.deletion.name); }),
                report);
    Names untagged;
    for (const auto& record : report.untagged) {
        untagged.push_back(record.name);
        CHECK(record.familiar == record.name);
        CHECK(record.target == long_target(record.name == long_name(4) ? 1 : record.name.back() - '0'));
    }
    CHECK(untagged == deleted_names);
    CHECK(reported == deleted_names);
    CHECK(report.deleted == Names{long_target(0), long_target(2), long_target(3)});
    CHECK(report.skipped.empty());
    CHECK(report.failures.empty());
    CHECK(store.names() == Names{long_name(1)});
}

/// A remover that checks each name against what the store has at that moment.
template <class Derived>
struct Removing {
    Derived& self() { return static_cast<Derived&>(*this); }
    RemoveOutcome remove(std::string_view name, std::string_view target) {
        if (self().target_of(name) != target) return {RemoveStatus::changed};
        self().erase(name);
        return {RemoveStatus::removed};
    }
    bool holds(std::string_view name, std::string_view target) { return self().target_of(name) == target; }
};

struct ArrayRecord {
    char name[96], digest[80];
};

/// Records that contain their texts: erasing one moves all later ones.
struct VectorOfArrays : Removing<VectorOfArrays> {
    std::vector<ArrayRecord> records;

    VectorOfArrays() {
        fill([this](const std::string& name, const std::string& target) {
            ArrayRecord& record = records.emplace_back();
            std::strcpy(record.name, name.c_str());
            std::strcpy(record.digest, target.c_str());
        });
    }
    const std::vector<ArrayRecord>& images() const { return records; }
    static const char* name(const ArrayRecord& record) { return record.name; }
    static const char* target(const ArrayRecord& record) { return record.digest; }

    std::string target_of(std::string_view name) const {
        for (const ArrayRecord& record : records)
            if (record.name == name) return record.digest;
        return {};
    }
    void erase(std::string_view name) {
        std::erase_if(records, [name](const ArrayRecord& record) { return record.name == name; });
    }
    Names names() const {
        Names out;
        for (const ArrayRecord& record : records) out.emplace_back(record.name);
        return out;
    }
};

/// Records that are freed one by one.
struct Map : Removing<Map> {
    std::map<std::string, std::string, std::less<>> records;

    Map() {
        fill([this](const std::string& name, const std::string& target) { records[name] = target; });
    }
    const auto& images() const { return records; }
    static const std::string& name(const auto& record) { return record.first; }
    static const std::string& target(const auto& record) { return record.second; }

    std::string target_of(std::string_view name) const {
        const auto found = records.find(name);
        return found == records.end() ? std::string() : found->second;
    }
    void erase(std::string_view name) { records.erase(records.find(name)); }
    Names names() const {
        Names out;
        for (const auto& [name, target] : records) out.push_back(name);
        return out;
    }
};

struct StringRecord {
    std::string name, digest;
};

/// Records in a vector that is reallocated at each removal.
struct Reallocating : Removing<Reallocating> {
    std::vector<StringRecord> records;

    Reallocating() {
        fill([this](const std::string& name, const std::string& target) { records.push_back({name, target}); });
    }
    const std::vector<StringRecord>& images() const { return records; }
    static std::string_view name(const StringRecord& record) { return record.name; }
    static std::string_view target(const StringRecord& record) { return record.digest; }
    static std::vector<pruneplan::Blob> blobs(const StringRecord& record) { return {{record.digest, 1}}; }

    std::string target_of(std::string_view name) const {
        for (const StringRecord& record : records)
            if (record.name == name) return record.digest;
        return {};
    }
    void erase(std::string_view name) {
        std::vector<StringRecord> left;
        for (const StringRecord& record : records)
            if (record.name != name) left.push_back(record);
        records = std::vector<StringRecord>(left.begin(), left.end());
    }
    Names names() const {
        Names out;
        for (const StringRecord& record : records) out.push_back(record.name);
        return out;
    }
};

}  // namespace

TEST_CASE("a plan applied to the vector that it was made from removes and reports what was planned") {
    VectorOfArrays store;
    apply_to_itself(store);
}

TEST_CASE("a plan applied to the map that it was made from removes and reports what was planned") {
    Map store;
    apply_to_itself(store);
}

TEST_CASE("a plan applied to a store that reallocates its records removes and reports what was planned") {
    Reallocating store;
    apply_to_itself(store);
}

TEST_CASE("a remover that frees all records at its first call still gets the planned names and survivors") {
    struct Store {
        std::vector<StringRecord> records;
        const std::vector<StringRecord>& images() const { return records; }
        static std::string_view name(const StringRecord& record) { return record.name; }
        static std::string_view target(const StringRecord& record) { return record.digest; }
    } store;
    fill([&](const std::string& name, const std::string& target) { store.records.push_back({name, target}); });
    struct Remover {
        Store& store;
        Names removed{};
        Names survivors{};
        RemoveOutcome remove(std::string_view name, std::string_view) {
            store.records = {};
            removed.emplace_back(name);
            return {RemoveStatus::removed};
        }
        RemoveOutcome remove(std::string_view name, std::string_view target, std::string_view survivor) {
            survivors.emplace_back(survivor);
            return remove(name, target);
        }
    } remover{store};
    const auto index = pruneplan::build_index(store);
    const auto report = apply_prune(plan_prune(*index, {Container{}}, strict), *index, remover);
    CHECK(report.untagged.size() == 4);
    CHECK(remover.removed == deleted_names);
    CHECK(remover.survivors == Names{long_name(1)});
}

TEST_CASE("a remover that rebuilds or destroys the index still gets the planned names and targets") {
    for (const bool destroys : {false, true}) {
        Reallocating store;
        auto index = pruneplan::build_index(store);
        const auto plan = plan_prune(*index, {Container{}}, strict);
        struct Remover {
            Reallocating& store;
            pruneplan::Result<pruneplan::ImageIndex<Reallocating>>& index;
            bool destroys;
            RemoveOutcome remove(std::string_view name, std::string_view target) {
                const auto outcome = store.remove(name, target);
                if (destroys)
                    index = pruneplan::Error();
                else
                    index = pruneplan::build_index(store);
                return outcome;
            }
            bool holds(std::string_view name, std::string_view target) { return store.holds(name, target); }
        } remover{store, index, destroys};
        const auto report = apply_prune(plan, *index, remover);
        CHECK(report.untagged.size() == 4);
        CHECK(store.names() == Names{long_name(1)});
    }
}

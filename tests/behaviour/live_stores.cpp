// SPDX-License-Identifier: BSL-1.0
// Applies a plan to the store that it was made of: the remover erases, moves and frees records while the plan is
// applied, and others change the store at the same time.

#include "../support/catch.hpp"

#include <pruneplan/pruneplan.hpp>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstring>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace {

using pruneplan::plan_prune;
using pruneplan::PrunePlan;
using pruneplan::PruneReport;
using pruneplan::RemoveOutcome;
using pruneplan::RemoveStatus;
using Names = std::vector<std::string>;

const pruneplan::PruneOptions strict{.scope = pruneplan::Scope::unused};

std::string long_name(int number) {
    return "registry.example.org/team/an-image-with-a-longer-name:" + std::to_string(number);
}
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
    const auto plan = *plan_prune(store, {Container()}, strict);
    Names told;
    const auto report =
        apply_prune(plan, store, {.after = [&](const PruneReport::Step& step) { told.push_back(step.name); }});
    REQUIRE(report);
    for (const PruneReport::Step& step : report->steps) {
        CHECK(step.status == RemoveStatus::removed);
        CHECK(step.target == long_target(step.name == long_name(4) ? 1 : step.name.back() - '0'));
    }
    CHECK(told == deleted_names);
    CHECK(report->untagged() == deleted_names);
    CHECK(report->deleted() == Names{long_target(0), long_target(2), long_target(3)});
    CHECK(store.names() == Names{long_name(1)});
}

/// A remover that checks each name against what the store has at that moment.
template <class Derived>
struct Removing {
    RemoveOutcome remove(std::string_view name, std::string_view target, std::string_view survivor) {
        auto& self = static_cast<Derived&>(*this);
        if (self.target_of(name).empty()) return RemoveStatus::not_found;
        if (self.target_of(name) != target) return RemoveStatus::changed;
        if (!survivor.empty() && self.target_of(survivor) != target) return RemoveStatus::survivor_gone;
        self.erase(name);
        return RemoveStatus::removed;
    }
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

TEST_CASE("a remover that destroys the store with all its records still gets the planned names and survivors") {
    auto store = std::make_unique<Reallocating>();
    const auto plan = *plan_prune(*store, {Container()}, strict);
    Names removed, targets, survivors;
    const auto report =
        apply_prune(plan, [&](std::string_view name, std::string_view target, std::string_view survivor) {
            store.reset();
            removed.emplace_back(name);
            targets.emplace_back(target);
            survivors.emplace_back(survivor);
            return RemoveStatus::removed;
        });
    CHECK(removed == deleted_names);
    CHECK(targets == Names{long_target(0), long_target(2), long_target(3), long_target(1)});
    CHECK(survivors == Names{"", "", "", long_name(1)});
    CHECK(report->untagged() == deleted_names);
    CHECK(report->space_reclaimed == 3);
}

TEST_CASE("a remover that plans and applies anew at each call does not disturb the plan that is applied") {
    Reallocating store;
    const auto plan = *plan_prune(store, {Container()}, strict);
    std::size_t inner_steps = 0;
    const auto remove = [&](std::string_view name, std::string_view target, std::string_view survivor) {
        const RemoveOutcome outcome = store.remove(name, target, survivor);
        const auto left = *plan_prune(store, {Container()}, strict);
        CHECK(explain(left, 0).starts_with(left[0].action == pruneplan::Action::keep ? "kept: " : "deleted: "));
        inner_steps += apply_prune(left, [](auto...) { return RemoveStatus::in_use; })->steps.size();
        return outcome;
    };
    const auto report = apply_prune(plan, remove);
    CHECK(report->untagged() == deleted_names);
    CHECK(inner_steps == 3 + 2 + 1);
    CHECK(store.names() == Names{long_name(1)});
}

TEST_CASE("a plan is applied in full after the store and the containers and the index and the options are destroyed") {
    auto store = std::make_unique<Map>();
    auto containers = std::make_unique<std::vector<Container>>(1);
    auto options = std::make_unique<pruneplan::PruneOptions>(strict);
    auto index = std::make_unique<pruneplan::ImageIndex<Map>>(*pruneplan::build_index(*store));
    const PrunePlan plan = plan_prune(*index, *containers, *options);
    index.reset();
    options.reset();
    containers.reset();
    store.reset();
    Map later;
    CHECK(apply_prune(plan, later)->untagged() == deleted_names);
    CHECK(later.names() == Names{long_name(1)});
}

namespace {

/// A store behind a mutex. The planner reads it while the caller holds the mutex.
class Locked {
public:
    const std::map<std::string, std::string>& images() const { return records_; }
    static const std::string& name(const auto& record) { return record.first; }
    static const std::string& target(const auto& record) { return record.second; }

    PrunePlan plan(const std::vector<Container>& containers) {
        const std::lock_guard lock(mutex_);
        return *plan_prune(*this, containers, strict);
    }

    RemoveOutcome remove(std::string_view name, std::string_view target, std::string_view survivor) {
        const std::lock_guard lock(mutex_);
        const auto found = records_.find(std::string(name));
        if (found == records_.end()) return RemoveStatus::not_found;
        if (found->second != target) return RemoveStatus::changed;
        const auto kept = records_.find(std::string(survivor));
        if (!survivor.empty() && (kept == records_.end() || kept->second != target)) return RemoveStatus::survivor_gone;
        records_.erase(found);
        return RemoveStatus::removed;
    }

    void set(const std::string& name, const std::string& target) {
        const std::lock_guard lock(mutex_);
        records_[name] = target;
    }
    void erase(const std::string& name) {
        const std::lock_guard lock(mutex_);
        records_.erase(name);
    }
    std::map<std::string, std::string> records() {
        const std::lock_guard lock(mutex_);
        return records_;
    }

private:
    std::mutex mutex_;
    std::map<std::string, std::string> records_;
};

}  // namespace

TEST_CASE("a store behind a mutex that others change after planning loses only names that point at their targets") {
    for (int round = 0; round < 50; ++round) {
        Locked store;
        for (int number = 0; number < 200; ++number) store.set(long_name(number), long_target(number % 20));
        const PrunePlan plan = store.plan({Container()});
        REQUIRE(plan.deleted_count() == 199);

        // Each thread changes names of its own: moves them, removes them, or adds names.
        std::atomic<bool> starts = false;
        const auto change = [&](int thread) {
            while (!starts) std::this_thread::yield();
            for (int number = thread; number < 200; number += 2) {
                if (number % 3 == 0) store.set(long_name(number), "sha256:moved");
                if (number % 7 == 0) store.erase(long_name(number));
                store.set("new:" + std::to_string(number), long_target(number % 20));
            }
        };
        std::thread first(change, 0), second(change, 1);
        starts = true;
        const auto report = apply_prune(plan, store);
        first.join();
        second.join();

        REQUIRE(report);
        CHECK(report->steps.size() == 199);
        std::set<std::string> removed;
        for (const PruneReport::Step& step : report->steps) {
            if (step.status == RemoveStatus::removed) removed.insert(step.name);
            CHECK(step.error.empty());
        }
        const auto left = store.records();
        for (int number = 0; number < 200; ++number) {
            const std::string name = long_name(number);
            INFO("round " << round << ", " << name);
            CHECK(left.contains("new:" + std::to_string(number)));
            const bool changed = number % 3 == 0 || number % 7 == 0;
            if (changed) continue;  // removed by either, or moved
            CHECK(left.contains(name) != removed.contains(name));
        }
        // What was moved before its step, or after, is there; what others removed is not.
        for (int number = 0; number < 200; number += 3)
            if (number % 7 != 0) CHECK(left.at(long_name(number)) == "sha256:moved");
    }
}

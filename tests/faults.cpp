// SPDX-License-Identifier: BSL-1.0
// Injects a fault into each removal of a plan in turn. After every fault, no container has lost its image, the report
// is exact, and a new plan completes the work.

#include "support/catch.hpp"
#include "support/live_store.hpp"

#include <pruneplan/pruneplan.hpp>

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <random>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace {

using pruneplan::RemoveOutcome;
using pruneplan::RemoveStatus;

/// What happens at a removal: it fails; another process removes the name, moves it to another image, or creates a
/// container from it; the caller stops.
enum class Fault { none, fails, vanishes, changes, becomes_used, stops };

constexpr Fault faults[] = {Fault::fails, Fault::vanishes, Fault::changes, Fault::becomes_used, Fault::stops};

/// An image that the store gets after the plan was made.
const std::string pulled_later = "sha256:new";

const pruneplan::PruneOptions options{.scope = pruneplan::Scope::unused, .usage = pruneplan::usage_rules::strict};

/// Adds 30 names on 12 images, some of them built on others, and 6 containers.
void populate(live::Store& store, unsigned seed) {
    std::mt19937 random(seed);
    static const std::string blobs[] = {"p", "q", "r", "s", "t", "u", "v", "w"};
    for (unsigned i = 0; i < 12; ++i) {
        live::Store::Image image;
        for (unsigned b = 0; b < 8; ++b)
            if (random() % 3 == 0) image.blobs.push_back({blobs[b], 1ull << b});
        if (i % 3 == 1) image.parent = "sha256:" + std::to_string(i - 1);
        store.add_image("sha256:" + std::to_string(i), image);
    }
    store.add_image(pulled_later, {{{"x", 1 << 10}}, ""});
    for (unsigned i = 0; i < 27; ++i)
        store.tag("docker.io/library/app:" + std::to_string(i), "sha256:" + std::to_string(random() % 12));
    for (unsigned i = 0; i < 3; ++i)
        store.tag("moby-dangling@sha256:" + std::to_string(i), "sha256:" + std::to_string(i));
    const auto records = store.snapshot().records;
    for (unsigned i = 0; i < 6; ++i) {
        const std::string& target = records[random() % records.size()].target;
        store.add_container({target, i % 2 ? target : "app:" + std::to_string(random() % 27)});
    }
}

/// Forwards to the store, and injects a fault at the k-th removal.
struct Faulty {
    live::Store& store;
    Fault fault;
    std::size_t k, removals = 0;
    std::set<std::string> removed_by_others{};

    bool is_faulty_removal() { return ++removals == k; }

    RemoveOutcome remove_with_fault(std::string_view name, std::string_view target) {
        const std::string text(name);
        switch (fault) {
            case Fault::fails: return {RemoveStatus::failed, "the disk is on fire"};
            case Fault::vanishes:
                store.untag(text);
                removed_by_others.insert(text);
                break;
            case Fault::changes: store.tag(text, pulled_later); break;
            case Fault::becomes_used: store.create_container(text); break;
            case Fault::stops:
            case Fault::none: break;
        }
        return store.remove(name, target);
    }

    RemoveOutcome remove(std::string_view name, std::string_view target) {
        return is_faulty_removal() ? remove_with_fault(name, target) : store.remove(name, target);
    }
    RemoveOutcome remove(std::string_view name, std::string_view target, std::string_view survivor) {
        return is_faulty_removal() ? remove_with_fault(name, target) : store.remove(name, target, survivor);
    }
    bool holds(std::string_view name, std::string_view target) const { return store.holds(name, target); }

    static bool before(const pruneplan::PlannedDeletion&) { return true; }
    static void after(const pruneplan::AppliedStep&) {}
    bool should_stop() const { return fault == Fault::stops && removals + 1 >= k; }
};

std::set<std::string> difference(const std::set<std::string>& a, const std::set<std::string>& b) {
    std::set<std::string> out;
    std::set_difference(a.begin(), a.end(), b.begin(), b.end(), std::inserter(out, out.end()));
    return out;
}

std::set<std::string> names_of(const std::vector<pruneplan::PruneReport::Untagged>& untagged) {
    std::set<std::string> out;
    for (const auto& record : untagged) out.insert(record.name);
    return out;
}

/// Plans, applies with a fault at removal k, and compares the report with the store. Returns the number of removals.
std::size_t run(live::Store& store, Fault fault, std::size_t k) {
    const auto snapshot = store.snapshot();
    const auto index = live::Index::build(snapshot);
    const auto plan = plan_prune(*index, store.containers(), options);
    const auto names = store.names(), targets = store.targets();
    const std::uint64_t bytes = store.bytes();
    Faulty faulty{store, fault, k};
    const auto report = apply_prune(plan, *index, faulty, faulty);

    CHECK(store.lost().empty());
    const auto gone = difference(difference(names, store.names()), faulty.removed_by_others);
    CHECK(names_of(report.untagged) == gone);
    CHECK(report.cancelled == (fault == Fault::stops && k <= plan.deleted_count()));
    CHECK(report.failures.size() == (fault == Fault::fails && k <= faulty.removals ? 1u : 0u));
    if (!report.cancelled)
        CHECK(report.untagged.size() + report.failures.size() + report.skipped.size() == plan.deleted_count());
    // The report does not count changes that others made; without such changes it is exact.
    if (fault != Fault::vanishes && fault != Fault::changes) {
        CHECK(std::set<std::string>(report.deleted.begin(), report.deleted.end()) == difference(targets, store.targets()));
        CHECK(report.space_reclaimed == bytes - store.bytes());
    } else {
        CHECK(report.space_reclaimed <= bytes);
        for (const std::string& digest : report.deleted) CHECK_FALSE(store.targets().contains(digest));
    }
    return faulty.removals;
}

}  // namespace

TEST_CASE("after any fault no image in use is lost and the report is exact and a new plan completes the work") {
    for (unsigned seed = 1; seed <= 5; ++seed) {
        live::Store without_fault;
        populate(without_fault, seed);
        REQUIRE(without_fault.names().size() == 30);
        const std::size_t removals = run(without_fault, Fault::none, 0);
        REQUIRE(removals >= 10);
        for (const Fault fault : faults)
            for (std::size_t k = 1; k <= removals; ++k) {
                INFO("seed " << seed << ", fault " << static_cast<int>(fault) << " at removal " << k);
                live::Store store;
                populate(store, seed);
                run(store, fault, k);
                run(store, Fault::none, 0);
                const auto snapshot = store.snapshot();
                const auto index = live::Index::build(snapshot);
                CHECK(plan_prune(*index, store.containers(), options).deleted_count() == 0);
                CHECK(store.lost().empty());
                if (fault == Fault::fails || fault == Fault::vanishes || fault == Fault::stops)
                    CHECK(store.names() == without_fault.names());
            }
    }
}

// SPDX-License-Identifier: BSL-1.0
// Faults at every step in turn: for each k, something happens at the k-th removal. Whatever it is, no container loses
// its image, the report is true to the byte, and a new plan completes the work.

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

enum class Fault { none, fails, vanishes, changes, goes_in_use, stops };

constexpr Fault faults[] = {Fault::fails, Fault::vanishes, Fault::changes, Fault::goes_in_use, Fault::stops};

/// An image that was not there when the plan was made.
const std::string pulled_anew = "sha256:new";

const pruneplan::PruneOptions options{.scope = pruneplan::Scope::unused, .usage = pruneplan::usage_rules::strict};

/// 30 names on 12 images, of which some are built on others, and 6 containers.
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
    store.add_image(pulled_anew, {{{"x", 1 << 10}}, ""});
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

/// Hands on to the store, and does something at the k-th removal. What it does itself counts apart.
struct Faulty {
    live::Store& store;
    Fault fault;
    std::size_t k, seen = 0;
    std::set<std::string> by_others{};

    bool strikes() { return ++seen == k; }

    RemoveOutcome struck(std::string_view name, std::string_view target) {
        const std::string text(name);
        switch (fault) {
            case Fault::fails: return {RemoveStatus::failed, "the disk is on fire"};
            case Fault::vanishes:
                store.untag(text);
                by_others.insert(text);
                break;
            case Fault::changes: store.tag(text, pulled_anew); break;
            case Fault::goes_in_use: store.create_container(text); break;
            case Fault::stops:
            case Fault::none: break;
        }
        return store.remove(name, target);
    }

    RemoveOutcome remove(std::string_view name, std::string_view target) {
        return strikes() ? struck(name, target) : store.remove(name, target);
    }
    RemoveOutcome remove(std::string_view name, std::string_view target, std::string_view survivor) {
        return strikes() ? struck(name, target) : store.remove(name, target, survivor);
    }
    bool holds(std::string_view name, std::string_view target) const { return store.holds(name, target); }

    static bool before(const pruneplan::PlannedDeletion&) { return true; }
    static void after(const pruneplan::AppliedStep&) {}
    bool should_stop() const { return fault == Fault::stops && seen + 1 >= k; }
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

/// Plans, applies with a fault, and holds the report against the store. Gives how many removals were tried.
std::size_t run(live::Store& store, Fault fault, std::size_t k) {
    const auto snapshot = store.snapshot();
    const auto index = live::Index::build(snapshot);
    const auto plan = plan_prune(*index, store.containers(), options);
    const auto names = store.names(), targets = store.targets();
    const std::uint64_t bytes = store.bytes();
    Faulty faulty{store, fault, k};
    const auto report = apply_prune(plan, *index, faulty, faulty);

    CHECK(store.lost().empty());
    const auto gone = difference(difference(names, store.names()), faulty.by_others);
    CHECK(names_of(report.untagged) == gone);
    CHECK(report.cancelled == (fault == Fault::stops && k <= plan.deleted_count()));
    CHECK(report.failures.size() == (fault == Fault::fails && k <= faulty.seen ? 1u : 0u));
    if (!report.cancelled)
        CHECK(report.untagged.size() + report.failures.size() + report.skipped.size() == plan.deleted_count());
    // What others took away or gave is not in the report; without it, the sums are exact.
    if (fault != Fault::vanishes && fault != Fault::changes) {
        CHECK(std::set<std::string>(report.deleted.begin(), report.deleted.end()) == difference(targets, store.targets()));
        CHECK(report.space_reclaimed == bytes - store.bytes());
    } else {
        CHECK(report.space_reclaimed <= bytes);
        for (const std::string& digest : report.deleted) CHECK_FALSE(store.targets().contains(digest));
    }
    return faulty.seen;
}

}  // namespace

TEST_CASE("a fault at every step in turn: nothing in use is lost, the report is true, a new plan completes the work") {
    for (unsigned seed = 1; seed <= 5; ++seed) {
        live::Store untroubled;
        populate(untroubled, seed);
        REQUIRE(untroubled.names().size() == 30);
        const std::size_t removals = run(untroubled, Fault::none, 0);
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
                    CHECK(store.names() == untroubled.names());
            }
    }
}

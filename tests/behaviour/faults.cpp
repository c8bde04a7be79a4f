// SPDX-License-Identifier: BSL-1.0
// Injects a fault into each step of applying a plan in turn. After every fault, no container has lost its image, no
// image has lost one that it needs, the report is exact, and a new plan completes the work.

#include "../support/catch.hpp"
#include "../support/live_store.hpp"

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

using pruneplan::PruneReport;
using pruneplan::RemoveOutcome;
using pruneplan::RemoveStatus;

enum class Fault {
    none,
    // At a removal.
    fails,         ///< the store fails
    vanishes,      ///< another process removes the name
    changes,       ///< another process moves the name to another image
    named_again,   ///< another process gives the image one more name
    loses_others,  ///< another process removes all other names of the image
    becomes_used,  ///< another process creates a container from the name
    // At a step.
    vetoed,  ///< `before` returns false
    stops,   ///< `should_stop` returns true
    // Exceptions.
    remover_throws,
    before_throws,
    after_throws,
    should_stop_throws,
};

constexpr Fault faults[] = {
    Fault::fails,          Fault::vanishes,      Fault::changes,      Fault::named_again,
    Fault::loses_others,   Fault::becomes_used,  Fault::vetoed,       Fault::stops,
#if defined(__cpp_exceptions)
    Fault::remover_throws, Fault::before_throws, Fault::after_throws, Fault::should_stop_throws,
#endif
};

/// An image that the store gets after the plan was made.
const std::string pulled_later = "sha256:new";

const pruneplan::PruneOptions options{.scope = pruneplan::Scope::unused};

/// Adds 30 names on 12 images, some of which need others, and 6 containers.
void populate(live::Store& store, unsigned seed) {
    std::mt19937 random(seed);
    static const std::string blobs[] = {"p", "q", "r", "s", "t", "u", "v", "w"};
    for (unsigned i = 0; i < 12; ++i) {
        live::Store::Image image;
        for (unsigned b = 0; b < 8; ++b)
            if (random() % 3 == 0) image.blobs.push_back({blobs[b], 1ull << b});
        if (i % 3 > 0) image.needs = "sha256:" + std::to_string(i - 1);
        store.add_image("sha256:" + std::to_string(i), image);
    }
    store.add_image(pulled_later, {{{"x", 1 << 10}}, ""});
    for (unsigned i = 0; i < 27; ++i)
        store.tag("docker.io/library/app:" + std::to_string(i), "sha256:" + std::to_string(i < 12 ? i : random() % 12));
    for (unsigned i = 0; i < 3; ++i)
        store.tag("moby-dangling@sha256:" + std::to_string(i), "sha256:" + std::to_string(i));
    const auto records = store.snapshot().records;
    for (unsigned i = 0; i < 6; ++i) {
        const std::string& target = records[random() % records.size()].target;
        store.add_container({target, i % 2 ? target : "app:" + std::to_string(random() % 27)});
    }
}

using Names = std::set<std::string>;

struct Injected {};

/// A remover and callbacks that forward to the store, and inject a fault at the k-th removal or step.
struct Faulty {
    live::Store& store;
    Fault fault;
    std::size_t k, removals = 0, steps = 0;
    Names removed_by_others{};
    std::vector<std::string> told{};  ///< the names that `after` was called with

    void inject(Fault thrown, std::size_t call) const {
#if defined(__cpp_exceptions)
        if (fault == thrown && call == k) throw Injected();
#else
        static_cast<void>(thrown), static_cast<void>(call);
#endif
    }

    RemoveOutcome remove(std::string_view name, std::string_view target, std::string_view survivor) {
        inject(Fault::remover_throws, ++removals);
        if (removals == k) {
            const std::string text(name);
            switch (fault) {
                case Fault::fails: return {RemoveStatus::failed, "the disk is on fire"};
                case Fault::vanishes: untag(text); break;
                case Fault::changes: store.tag(text, pulled_later); break;
                case Fault::named_again: store.tag_again("docker.io/library/again:1", std::string(target)); break;
                case Fault::loses_others:
                    for (const live::Record& record : store.snapshot().records)
                        if (record.target == target && record.name != name) untag(record.name);
                    break;
                case Fault::becomes_used: store.create_container(text); break;
                default: break;
            }
        }
        return store.remove(name, target, survivor);
    }

    void untag(const std::string& name) {
        store.untag(name);
        if (!store.names().contains(name)) removed_by_others.insert(name);
    }

    pruneplan::ApplyOptions callbacks() {
        return {.before =
                    [this](const pruneplan::Decision&) {
                        inject(Fault::before_throws, steps);
                        return fault != Fault::vetoed || steps != k;
                    },
                .after =
                    [this](const PruneReport::Step& step) {
                        told.push_back(step.name);
                        inject(Fault::after_throws, steps);
                    },
                .should_stop =
                    [this] {
                        ++steps;
                        inject(Fault::should_stop_throws, steps);
                        return fault == Fault::stops && steps == k;
                    },
                .accept = {}};
    }
};

Names difference(const Names& a, const Names& b) {
    Names out;
    std::set_difference(a.begin(), a.end(), b.begin(), b.end(), std::inserter(out, out.end()));
    return out;
}

/// Returns true if an injected exception passed through `apply_prune`.
bool apply(const pruneplan::PrunePlan& plan, Faulty& faulty, PruneReport& report) {
#if defined(__cpp_exceptions)
    try {
#endif
        const bool applied = apply_prune(plan, faulty, faulty.callbacks(), report).has_value();
        REQUIRE(applied);
        return false;
#if defined(__cpp_exceptions)
    } catch (const Injected&) {
        return true;
    }
#endif
}

/// Plans, applies with a fault at the k-th removal or step, and compares the report with the store. Returns the number
/// of steps.
std::size_t run(live::Store& store, Fault fault, std::size_t k) {
    const auto plan = *pruneplan::plan_prune(store.snapshot(), store.containers(), options);
    const auto names = store.names(), targets = store.targets();
    const std::uint64_t bytes = store.bytes();
    Faulty faulty{store, fault, k};
    PruneReport report;
    const bool threw = apply(plan, faulty, report);

    CHECK(store.lost().empty());
    CHECK(store.broken().empty());

    // The steps are the plan's, in order, up to the fault. `after` was called with each of them.
    const std::size_t begun =
        faulty.steps - (threw && fault != Fault::after_throws ? 1 : 0) - (report.cancelled ? 1 : 0);
    CHECK(report.steps.size() == begun);
    CHECK((threw || report.cancelled || begun == plan.deleted_count()));
    std::vector<std::string> stepped;
    Names removed, deleted;
    std::uint64_t reclaimed = 0;
    for (const PruneReport::Step& step : report.steps) {
        stepped.push_back(step.name);
        if (step.status == RemoveStatus::removed) removed.insert(step.name);
        if (step.image_deleted) CHECK((step.status == RemoveStatus::removed && deleted.insert(step.target).second));
        if (step.reclaimed > 0) CHECK(step.image_deleted);
        reclaimed += step.reclaimed;
        CHECK((step.status == RemoveStatus::failed) == !step.error.empty());
    }
    CHECK(faulty.told == stepped);
    CHECK(report.space_reclaimed == reclaimed);
    CHECK(removed == difference(difference(names, store.names()), faulty.removed_by_others));
    CHECK(report.count(RemoveStatus::removed) == removed.size());
    CHECK(report.cancelled == (fault == Fault::stops && k <= plan.deleted_count()));
    CHECK(report.count(RemoveStatus::failed) == (fault == Fault::fails && k <= faulty.removals ? 1u : 0u));
    CHECK(report.count(RemoveStatus::vetoed) <= (fault == Fault::vetoed ? 1u : 0u));

    // The report does not count changes that others made; without such changes it is exact.
    if (fault != Fault::vanishes && fault != Fault::changes && fault != Fault::loses_others) {
        CHECK(deleted == difference(targets, store.targets()));
        CHECK(report.space_reclaimed == bytes - store.bytes());
    } else {
        CHECK(report.space_reclaimed <= bytes);
        for (const std::string& target : deleted) CHECK_FALSE(store.targets().contains(target));
    }
    return faulty.steps;
}

}  // namespace

TEST_CASE("after any fault no image in use or needed is lost and the report is exact and a new plan ends the work") {
    for (unsigned seed = 1; seed <= 5; ++seed) {
        live::Store without_fault;
        populate(without_fault, seed);
        REQUIRE(without_fault.names().size() == 30);
        const std::size_t steps = run(without_fault, Fault::none, 0);
        REQUIRE(steps >= 10);
        for (const Fault fault : faults)
            for (std::size_t k = 1; k <= steps; ++k) {
                INFO("seed " << seed << ", fault " << static_cast<int>(fault) << " at removal or step " << k);
                live::Store store;
                populate(store, seed);
                run(store, fault, k);
                run(store, Fault::none, 0);
                const auto plan = *pruneplan::plan_prune(store.snapshot(), store.containers(), options);
                CHECK(plan.deleted_count() == 0);
                CHECK(store.lost().empty());
                CHECK(store.broken().empty());
                const bool changed_by_others = fault == Fault::changes || fault == Fault::loses_others ||
                                               fault == Fault::becomes_used || fault == Fault::named_again;
                if (!changed_by_others) CHECK(store.names() == without_fault.names());
            }
    }
}

// SPDX-License-Identifier: BSL-1.0
// Threads change one store at the same time: two that apply plans, or one that applies a plan and one that tags images.
// However their steps interleave, no image in use is lost, nor an image that a named image needs.

#include "../support/catch.hpp"
#include "../support/live_store.hpp"

#include <pruneplan/pruneplan.hpp>

#include <array>
#include <condition_variable>
#include <cstddef>
#include <cstdlib>
#include <mutex>
#include <random>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace {

using pruneplan::RemoveOutcome;
using pruneplan::Survivor;

/// Lets one of two threads run at a time, in an order that follows from the seed, so that a failure can be reproduced.
class Baton {
public:
    explicit Baton(unsigned seed) : random_(seed) {}

    void step(std::size_t thread) {
        std::unique_lock lock(mutex_);
        passed_.wait(lock, [&] { return turn_ == thread || done_[1 - thread]; });
        turn_ = random_() % 2;
        passed_.notify_all();
    }

    void finish(std::size_t thread) {
        const std::lock_guard lock(mutex_);
        done_[thread] = true;
        passed_.notify_all();
    }

private:
    std::mt19937 random_;
    std::mutex mutex_;
    std::condition_variable passed_;
    std::size_t turn_ = 0;
    std::array<bool, 2> done_{};
};

/// A remover that waits for its turn before each removal.
struct Stepping {
    live::Store& store;
    Baton& baton;
    std::size_t thread;

    RemoveOutcome remove(std::string_view name, std::string_view target, std::string_view survivor) {
        baton.step(thread);
        return store.remove(name, target, survivor);
    }
};

std::string image(unsigned number) { return "sha256:" + std::to_string(number); }
std::string tag(unsigned number) { return "docker.io/library/app:" + std::to_string(number); }

/// Adds eight names on three images, of which each needs the one before, and up to two containers, one created by ID
/// and one by name.
void populate(live::Store& store, std::mt19937& random) {
    for (unsigned i = 0; i < 3; ++i) store.add_image(image(i), {.needs = i == 0 ? std::string() : image(i - 1)});
    for (unsigned i = 0; i < 8; ++i) store.tag(tag(i), image(i < 3 ? i : static_cast<unsigned>(random() % 3)));
    const auto names = store.snapshot().records;
    const std::size_t containers = random() % 3;
    for (std::size_t i = 0; i < containers; ++i) {
        const live::Record& record = names[random() % names.size()];
        store.add_container({record.target, i == 0 ? record.target : record.name});
    }
}

pruneplan::PrunePlan plan_of(live::Store& store, Survivor survivor = Survivor::last_by_name) {
    return *pruneplan::plan_prune(store.snapshot(), store.containers(),
                                  {.scope = pruneplan::Scope::unused, .survivor = survivor});
}

/// A container that is created between two readings of the store can be of an image that the first did not show.
const pruneplan::ApplyOptions accepting{.accept = {pruneplan::DoubtKind::unmatched_container}};

template <class Remover>
void prune(live::Store& store, Remover remover, Survivor survivor) {
    const auto report = apply_prune(plan_of(store, survivor), remover, accepting);
    if (!report) std::abort();
}

/// Adds, moves and removes tags and creates containers at random, like a user of the engine. Calls `step` before each.
template <class Step>
void tag_at_random(live::Store& store, unsigned seed, Step step) {
    std::mt19937 random(seed);
    for (int i = 0; i < 12; ++i) {
        step();
        const std::string name = tag(static_cast<unsigned>(random() % 10));
        switch (random() % 4) {
            case 0: store.untag(name); break;
            case 1: store.create_container(name); break;
            default: store.tag_again(name, image(static_cast<unsigned>(random() % 3))); break;
        }
    }
}

}  // namespace

TEST_CASE("two appliers of different plans lose no image in use or needed in 5000 interleavings") {
    for (unsigned seed = 0; seed < 5000; ++seed) {
        std::mt19937 random(seed);
        live::Store store;
        populate(store, random);
        Baton baton(seed);
        const auto applier = [&](std::size_t number, Survivor survivor) {
            return std::thread([&store, &baton, number, survivor] {
                prune(store, Stepping{store, baton, number}, survivor);
                baton.finish(number);
            });
        };
        std::thread first = applier(0, Survivor::last_by_name);
        std::thread second = applier(1, seed % 2 ? Survivor::first_by_name : Survivor::last_by_name);
        first.join();
        second.join();
        INFO("seed " << seed);
        REQUIRE(store.lost().empty());
        REQUIRE(store.broken().empty());
    }
}

TEST_CASE("an applier and a tagger lose no image in use or needed in 5000 interleavings") {
    for (unsigned seed = 0; seed < 5000; ++seed) {
        std::mt19937 random(seed);
        live::Store store;
        populate(store, random);
        Baton baton(seed);
        std::thread applier([&] {
            prune(store, Stepping{store, baton, 0}, Survivor::last_by_name);
            baton.finish(0);
        });
        std::thread tagger([&] {
            tag_at_random(store, seed, [&] { baton.step(1); });
            baton.finish(1);
        });
        applier.join();
        tagger.join();
        INFO("seed " << seed);
        REQUIRE(store.lost().empty());
        REQUIRE(store.broken().empty());
    }
}

TEST_CASE("two appliers of one plan and a tagger let loose without a fixed order lose no image in use or needed") {
    for (unsigned seed = 0; seed < 500; ++seed) {
        std::mt19937 random(seed);
        live::Store store;
        populate(store, random);
        const pruneplan::PrunePlan plan = plan_of(store);
        const auto apply = [&] { static_cast<void>(apply_prune(plan, store)); };
        std::thread first(apply), second(apply);
        std::thread tagger([&] { tag_at_random(store, seed, [] {}); });
        first.join();
        second.join();
        tagger.join();
        INFO("seed " << seed);
        REQUIRE(store.lost().empty());
        REQUIRE(store.broken().empty());
    }
}

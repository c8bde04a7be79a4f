// SPDX-License-Identifier: BSL-1.0
// Threads share const objects: an index with its store, options, a usage summary, and a plan. Compiled with
// -fsanitize=thread, these tests also show that no function writes to them.

#include "../oracle/model/library.hpp"
#include "../oracle/model/model.hpp"
#include "../oracle/model/random_worlds.hpp"
#include "../support/catch.hpp"

#include <pruneplan/pruneplan.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace {

using library::accepted;
using library::All;
using pruneplan::PrunePlan;
using Index = pruneplan::ImageIndex<All>;

constexpr std::size_t thread_count = 4;

/// Calls `work(thread)` in several threads at once.
template <class Work>
void in_threads(const Work& work) {
    std::vector<std::thread> threads;
    for (std::size_t thread = 0; thread < thread_count; ++thread)
        threads.emplace_back([&work, thread] { work(thread); });
    for (std::thread& thread : threads) thread.join();
}

/// Calls functions that read a plan, and returns their results as one text.
std::string read_all(const PrunePlan& plan) {
    std::string text;
    for (const pruneplan::Decision& decision : plan)
        text += std::string(decision.name) + std::string(decision.target) + explain(plan, decision.record) + '\n';
    for (const pruneplan::Decision& decision : plan.deletions()) text += std::string(decision.name) + '\n';
    for (const pruneplan::Doubt& doubt : plan.doubts()) text += doubt.sentence + '\n';
    const auto write = [&](std::string_view piece) { text += piece; };
    write_json_lines(plan, write);
    write_dot(plan, write);
    text += summary(plan) + std::to_string(diff(plan, plan).changed()) + std::to_string(plan.space().freed);
    for (std::size_t reason = 0; reason < pruneplan::reason_count; ++reason)
        text += std::to_string(count_reasons(plan)[static_cast<pruneplan::Reason>(reason)]);
    return text;
}

/// Looks up all records of an index, checks options with it, and returns the results as one text.
std::string read_all(const Index& index, const pruneplan::PruneOptions& options) {
    std::string text;
    for (std::size_t record = 0; record < index.size(); ++record) {
        text += std::string(index.name(record)) + std::string(index.target(record)) + index.record(record).name + '\n';
        text += index.find(index.name(record)) == record ? "found\n" : "not found\n";
        if (const auto image = index.find_image(index.target(record))) text += std::to_string(*image) + '\n';
    }
    return text + (check_options(index, options) ? "accepted" : "rejected");
}

/// Returns every kind of doubt that blocks.
std::vector<pruneplan::DoubtKind> every_doubt() {
    using enum pruneplan::DoubtKind;
    return {unmatched_container, unprotected_image, invalid_image_ref};
}

/// Applies a plan, removes nothing, and returns the steps as one text.
std::string apply_without_effect(const PrunePlan& plan) {
    std::string text;
    const auto remove = [&](std::string_view name, std::string_view target, std::string_view survivor) {
        text.append(name).append(target).append(survivor) += '\n';
        return pruneplan::RemoveStatus::removed;
    };
    const auto report = accepted(apply_prune(plan, remove, {.accept = every_doubt()}));
    for (const std::string& target : report.deleted()) text += target + '\n';
    return text + std::to_string(report.space_reclaimed);
}

}  // namespace

TEST_CASE("threads that plan and look up with one shared const index get the results of a single thread") {
    for (std::uint64_t number = 0; number < 300; ++number) {
        const model::World world = random_worlds::Maker(1, number).make({});
        const All store(world.records);
        const Index index = accepted(pruneplan::build_index(store));
        const pruneplan::PruneOptions options = library::options_of(world.options);
        const auto usage = pruneplan::summarize_usage(library::in_a_row<library::Lent>(world.containers));
        std::vector<std::string> texts(thread_count);
        in_threads([&](std::size_t thread) {
            texts[thread] = read_all(plan_prune(index, usage, options)) + read_all(index, options);
            const Index copy = index;
            const auto planned = plan_prune(store, usage, options);
            texts[thread] += read_all(plan_prune(copy, usage, options));
            texts[thread] += planned ? read_all(*planned) : planned.error().message;
        });
        INFO("seed 1, world " << number);
        const PrunePlan plan = plan_prune(index, usage, options);
        const auto planned = plan_prune(store, usage, options);
        const std::string expected = read_all(plan) + read_all(index, options) + read_all(plan) +
                                     (planned ? read_all(*planned) : planned.error().message);
        for (const std::string& text : texts) REQUIRE(text == expected);
    }
}

TEST_CASE("threads that read and copy and apply one shared const plan get the results of a single thread") {
    for (std::uint64_t number = 0; number < 300; ++number) {
        const model::World world = random_worlds::Maker(2, number).make({});
        auto store = std::make_unique<All>(world.records);
        const auto index = pruneplan::build_index(*store);
        const PrunePlan plan =
            plan_prune(*index, library::in_a_row<library::Lent>(world.containers), library::options_of(world.options));
        store.reset();
        std::vector<std::string> texts(thread_count);
        in_threads([&](std::size_t thread) {
            const auto copy = std::make_unique<PrunePlan>(plan);
            texts[thread] = read_all(plan) + apply_without_effect(plan) + read_all(*copy) + apply_without_effect(*copy);
            texts[thread] += *copy == plan ? "equal" : "different";
        });
        INFO("seed 2, world " << number);
        const std::string once = read_all(plan) + apply_without_effect(plan);
        for (const std::string& text : texts) REQUIRE(text == once + once + "equal");
    }
}

TEST_CASE("threads that apply one shared const plan to one store together remove each name once") {
    for (std::uint64_t number = 0; number < 300; ++number) {
        model::World world = random_worlds::Maker(5, number).make({});
        // An empty name is no survivor.
        std::erase_if(world.records, [](const model::Record& record) { return record.name.empty(); });
        const PrunePlan plan =
            accepted(pruneplan::plan_prune(All(world.records), library::in_a_row<library::Lent>(world.containers),
                                           {.scope = pruneplan::Scope::unused}));
        std::mutex mutex;
        std::set<std::string, std::less<>> names;
        for (const model::Record& record : world.records) names.insert(record.name);
        const std::size_t before = names.size();
        const auto remove = [&](std::string_view name, std::string_view, std::string_view survivor) {
            const std::lock_guard lock(mutex);
            if (!survivor.empty() && !names.contains(survivor)) return pruneplan::RemoveStatus::survivor_gone;
            const auto found = names.find(name);
            if (found == names.end()) return pruneplan::RemoveStatus::not_found;
            names.erase(found);
            return pruneplan::RemoveStatus::removed;
        };
        std::atomic<std::size_t> removed = 0;
        in_threads([&](std::size_t) {
            const auto report = accepted(apply_prune(plan, remove, {.accept = every_doubt()}));
            removed += report.untagged().size();
        });
        INFO("seed 5, world " << number);
        REQUIRE(removed == plan.deleted_count());
        REQUIRE(names.size() == before - removed);
    }
}

TEST_CASE("threads that plan their own shards with one shared usage summary get the results of a single thread") {
    const model::World world = random_worlds::Maker(3, 0).make({});
    const auto usage = pruneplan::summarize_usage(library::in_a_row<library::Lent>(world.containers));
    const pruneplan::PruneOptions options = library::options_of({});
    const auto plan_shard = [&](std::uint64_t number) {
        const model::World shard = random_worlds::Maker(4, number).make({});
        return read_all(accepted(plan_prune(All(shard.records), usage, options)));
    };
    constexpr std::size_t shards = 200;
    std::vector<std::string> texts(shards);
    in_threads([&](std::size_t thread) {
        for (std::size_t shard = thread; shard < shards; shard += thread_count) texts[shard] = plan_shard(shard);
    });
    for (std::size_t shard = 0; shard < shards; ++shard) {
        INFO("seed 4, world " << shard);
        REQUIRE(texts[shard] == plan_shard(shard));
    }
}

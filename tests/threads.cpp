// SPDX-License-Identifier: BSL-1.0
// Threads share const objects: an index with its store, options, a usage summary, and a plan. Compiled with
// -fsanitize=thread, these tests also show that no function writes to them.

#include "model/library.hpp"
#include "model/model.hpp"
#include "model/random_worlds.hpp"
#include "support/catch.hpp"

#include <pruneplan/pruneplan.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace {

using library::accepted;
using library::All;
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

/// Calls functions that read a plan and its index, and returns their results as one text.
std::string read_all(const Index& index, const pruneplan::PrunePlan& plan, const pruneplan::PruneOptions& options) {
    std::string text;
    for (std::size_t record = 0; record < index.size(); ++record) {
        text += explain(plan, index, record, options) + '\n';
        text += std::string(index.name(record)) + std::string(index.target(record)) + '\n';
        text += index.find(index.name(record)) == record ? "found\n" : "not found\n";
        if (const auto image = index.find_image(index.target(record))) text += std::to_string(*image) + '\n';
    }
    for (const pruneplan::PlannedDeletion& deletion : plan.deletions()) text += std::string(deletion.name) + '\n';
    for (const std::size_t container : plan.unmatched_containers()) text += std::to_string(container) + '\n';
    const auto write = [&](std::string_view piece) { text += piece; };
    write_json_lines(plan, index, write);
    write_dot(plan, index, write);
    text += summary(plan, index) + std::to_string(diff(plan, plan, index).changed());
    text += std::to_string(estimate_space(plan, index).freed);
    text += check_options(index, options) ? " accepted" : " rejected";
    return text;
}

}  // namespace

TEST_CASE("threads that plan and explain with one shared const index get the results of a single thread") {
    for (std::uint64_t number = 0; number < 300; ++number) {
        const model::World world = random_worlds::Maker(1, number).make({});
        const All store(world.records);
        const Index index = accepted(Index::build(store));
        const pruneplan::PruneOptions options = library::options_of(world.options);
        const auto usage = pruneplan::summarize_usage(library::in_a_row<library::Lent>(world.containers));
        std::vector<std::string> texts(thread_count);
        in_threads([&](std::size_t thread) {
            const auto plan = plan_prune(index, usage, options);
            texts[thread] = read_all(index, plan, options);
        });
        INFO("seed 1, world " << number);
        const std::string expected = read_all(index, plan_prune(index, usage, options), options);
        for (const std::string& text : texts) REQUIRE(text == expected);
    }
}

TEST_CASE("threads that read one shared const plan get the results of a single thread") {
    for (std::uint64_t number = 0; number < 300; ++number) {
        const model::World world = random_worlds::Maker(2, number).make({});
        const All store(world.records);
        const Index index = accepted(Index::build(store));
        const pruneplan::PruneOptions options = library::options_of(world.options);
        const auto plan = plan_prune(index, library::in_a_row<library::Lent>(world.containers), options);
        std::vector<std::string> texts(thread_count);
        in_threads([&](std::size_t thread) { texts[thread] = read_all(index, plan, options); });
        INFO("seed 2, world " << number);
        const std::string expected = read_all(index, plan, options);
        for (const std::string& text : texts) REQUIRE(text == expected);
    }
}

TEST_CASE("threads that plan their own shards with one shared usage summary get the results of a single thread") {
    const model::World world = random_worlds::Maker(3, 0).make({});
    const auto usage = pruneplan::summarize_usage(library::in_a_row<library::Lent>(world.containers));
    const pruneplan::PruneOptions options = library::options_of({});
    const auto plan_shard = [&](std::uint64_t number) {
        const model::World shard = random_worlds::Maker(4, number).make({});
        const All store(shard.records);
        const Index index = accepted(Index::build(store));
        return read_all(index, plan_prune(index, usage, options), options);
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

// SPDX-License-Identifier: BSL-1.0
// Compares the library's plans with the model's, in all small worlds and in random ones.
//
//     model [--all] [--seed N] [--part N]
//
// --all tries all of them; without it, a share is tried; with --part N, an N-th of these. The first world in which the
// plans differ is reduced and printed as a test for found.cpp; then the program ends with exit code 1. The environment
// variables PRUNEPLAN_ALL=1, PRUNEPLAN_SEED=N and PRUNEPLAN_PART=N are equivalent to these options.

#include "difference.hpp"
#include "kinds.hpp"
#include "model.hpp"
#include "random_worlds.hpp"
#include "small_worlds.hpp"

#include <atomic>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace {

/// One in so many small worlds is tried without --all. It is a prime that divides no number of choices, so that a share
/// still contains every choice.
constexpr std::uint64_t shares = 131;
constexpr std::uint64_t all_random_worlds = 2'000'000, random_worlds_in_a_share = 30'000;

struct Run {
    bool all = false;
    std::uint64_t seed = 1, part = 1;
    std::atomic<bool> failed = false;
    std::mutex printing{};

    void report(const model::World& world, const library::Kind& kind, std::string_view where, std::uint64_t number) {
        const std::lock_guard lock(printing);
        if (failed.exchange(true)) return;
        const std::string code = difference::code(difference::shrunk(world, kind), kind);
        std::printf("library and model differ in world %llu of %.*s, seed %llu:\n\n%s\n",
                    static_cast<unsigned long long>(number), static_cast<int>(where.size()), where.data(),
                    static_cast<unsigned long long>(seed), code.c_str());
    }
};

/// Tries the worlds with the numbers `first`, `first + step`, ... below `end`, in two threads. Returns how many it
/// tried.
template <class Try>
std::uint64_t try_worlds(Run& run, std::uint64_t first, std::uint64_t step, std::uint64_t end, const Try& try_world) {
    constexpr std::uint64_t threads = 2;
    std::vector<std::thread> workers;
    std::atomic<std::uint64_t> tried = 0;
    for (std::uint64_t worker = 0; worker < threads; ++worker)
        workers.emplace_back([&, worker] {
            std::uint64_t count = 0;
            for (std::uint64_t number = first + worker * step; number < end && !run.failed;
                 number += threads * step, ++count)
                try_world(number);
            tried += count;
        });
    for (std::thread& worker : workers) worker.join();
    return tried;
}

void print_count(std::uint64_t worlds, std::string_view where) {
    std::printf("%12llu worlds: %.*s\n", static_cast<unsigned long long>(worlds), static_cast<int>(where.size()),
                where.data());
    std::fflush(stdout);
}

std::uint64_t try_small_worlds(Run& run) {
    const std::uint64_t step = (run.all ? 1 : shares) * run.part;
    std::uint64_t sum = 0;
    for (const small_worlds::Family& family : small_worlds::families) {
        const library::Kind& kind = library::kind(family.kind);
        const std::uint64_t tried = try_worlds(run, run.seed % step, step, family.size(), [&](std::uint64_t number) {
            const model::World world = family.world(number);
            if (difference::differ(world, kind)) run.report(world, kind, family.name, number);
        });
        print_count(tried, family.name);
        sum += tried;
    }
    return sum;
}

std::uint64_t try_random_worlds(Run& run) {
    std::uint64_t sum = 0;
    const auto& kinds = library::kinds;
    for (const library::Kind& kind : kinds) {
        const std::uint64_t worlds = (run.all ? all_random_worlds : random_worlds_in_a_share) / run.part / kinds.size();
        const std::uint64_t tried = try_worlds(run, 0, 1, worlds, [&](std::uint64_t number) {
            const model::World world = random_worlds::Maker(run.seed, number).make(kind.members);
            if (difference::differ(world, kind)) run.report(world, kind, kind.name, number);
        });
        print_count(tried, kind.name);
        sum += tried;
    }
    return sum;
}

bool is_set(const char* variable) {
    const char* value = std::getenv(variable);
    return value != nullptr && *value != '\0' && std::string_view(value) != "0";
}
std::uint64_t number(const char* text) { return text == nullptr ? 0 : std::strtoull(text, nullptr, 10); }

}  // namespace

int main(int count, char** arguments) {
    Run run;
    run.all = is_set("PRUNEPLAN_ALL");
    if (const std::uint64_t seed = number(std::getenv("PRUNEPLAN_SEED")); seed != 0) run.seed = seed;
    if (const std::uint64_t part = number(std::getenv("PRUNEPLAN_PART")); part != 0) run.part = part;
    for (int i = 1; i < count; ++i) {
        const std::string_view argument = arguments[i];
        if (argument == "--all") {
            run.all = true;
        } else if (argument == "--seed" && i + 1 < count) {
            run.seed = number(arguments[++i]);
        } else if (argument == "--part" && i + 1 < count && number(arguments[i + 1]) > 0) {
            run.part = number(arguments[++i]);
        } else {
            std::fprintf(stderr, "usage: model [--all] [--seed N] [--part N]\n");
            return 2;
        }
    }
    std::printf("to repeat: model%s --seed %llu --part %llu\n", run.all ? " --all" : "",
                static_cast<unsigned long long>(run.seed), static_cast<unsigned long long>(run.part));
    std::uint64_t worlds = try_small_worlds(run);
    if (!run.failed) worlds += try_random_worlds(run);
    std::printf("%12llu worlds in all, %s\n", static_cast<unsigned long long>(worlds),
                run.failed ? "a difference" : "no difference");
    return run.failed ? 1 : 0;
}

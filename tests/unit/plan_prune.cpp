// SPDX-License-Identifier: BSL-1.0

// Tests the planner as a whole, against the independent model of tests/oracle/model, on random populations.

#include "../oracle/model/model.hpp"
#include "../support/check.hpp"
#include "../support/mock.hpp"

#include <pruneplan/pruneplan.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <random>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace {

using pruneplan::plan_prune;
using pruneplan::PruneOptions;
using pruneplan::Scope;
namespace usage_rules = pruneplan::usage_rules;

constexpr std::array rules{usage_rules::strict, usage_rules::containerd_snapshotter, usage_rules::graph_driver,
                           usage_rules::whole_image, usage_rules::names_only};

/// Random records and containers with few names and few digests, so that they often match.
struct Population {
    std::vector<std::string> texts;
    std::vector<mock::Record> records;
    mock::Containers containers;

    explicit Population(std::mt19937& random) {
        const auto pick = [&](const auto& from) { return std::string(from[random() % std::size(from)]); };
        const std::string digests[] = {"sha256:" + std::string(64, 'a'),
                                       "sha256:" + std::string(63, 'a') + "b",
                                       "sha256:" + std::string(64, 'c'),
                                       "sha512:" + std::string(128, 'd'),
                                       "odd",
                                       ""};
        const std::string_view names[] = {"alpine",
                                          "alpine:3",
                                          "docker.io/library/alpine",
                                          "team/app:1",
                                          "a b",
                                          "",
                                          "docker.io/library/alpine:latest",
                                          "docker.io/library/alpine:3",
                                          "docker.io/team/app:1",
                                          "localhost:5000/x",
                                          "localhost:5000/x:latest"};
        texts.reserve(200);
        const auto own = [&](std::string text) -> std::string_view { return texts.emplace_back(std::move(text)); };
        std::set<std::string_view> used_names;
        for (auto count = random() % 12; count > 0; --count) {
            const std::string digest = pick(digests);
            std::string name = pick(names);
            switch (random() % 5) {
                case 0: name = "moby-dangling@" + digest; break;
                case 1: name = "moby-dangling@" + pick(digests); break;
                case 2: name += "@" + digest; break;
            }
            if (!used_names.contains(name)) {
                records.push_back({own(name), own(digest)});
                used_names.insert(records.back().name);
            }
        }
        for (auto count = random() % 40; count > 0; --count) {
            const std::string digest = pick(digests);
            std::string ref = pick(names);
            switch (random() % 6) {
                case 0: ref = digest; break;
                case 1: ref = digest.substr(std::min<std::size_t>(digest.size(), 7), random() % 64); break;
                case 2: ref += "@" + digest; break;
                case 3: ref += "@" + pick(digests); break;
            }
            containers.push_back({own(digest), own(ref)});
        }
    }
};

/// Returns the names that the model deletes.
std::set<std::string> deleted_by_model(const Population& population, const PruneOptions& options) {
    model::World world;
    for (const mock::Record& record : population.records)
        world.records.push_back({.name = std::string(record.name), .target = std::string(record.digest)});
    for (const mock::Container& container : population.containers)
        world.containers.push_back({.image_id = std::string(container.id), .image_ref = std::string(container.ref)});
    world.options.only_dangling = options.scope == Scope::dangling;
    world.options.rule = {options.usage.names_in_use, static_cast<model::DigestUse>(options.usage.digests_in_use),
                          options.usage.names_kept == pruneplan::NamesKept::all};
    std::set<std::string> names;
    for (const std::size_t record : model::plan(world).deletions) names.insert(world.records[record].name);
    return names;
}

}  // namespace

TEST_CASE("in random populations the planner deletes what the model deletes under every usage rule") {
    const unsigned seed = 7;
    INFO("seed " << seed);
    std::mt19937 random(seed);
    int deleted = 0, kept = 0;
    for (int round = 0; round < 6000; ++round) {
        const Population population(random);
        const PruneOptions options{round % 3 == 0 ? Scope::dangling : Scope::unused,
                                   rules[static_cast<std::size_t>(round) % rules.size()]};
        const auto planned = plan_prune(mock::Store{population.records}, population.containers, options);
        REQUIRE(planned);
        const pruneplan::PrunePlan& plan = *planned;
        const auto names = mock::deleted(plan);
        INFO("round " << round);
        REQUIRE(std::set<std::string>(names.begin(), names.end()) == deleted_by_model(population, options));
        REQUIRE(plan.deleted_count() == names.size());
        REQUIRE(std::is_sorted(names.begin(), names.end()));
        deleted += static_cast<int>(plan.deleted_count());
        kept += static_cast<int>(plan.kept_count());
    }
    CHECK(deleted > 5000);
    CHECK(kept > 5000);
}

TEST_CASE("decisions and reasons do not depend on the order of records and containers") {
    const unsigned seed = 11;
    INFO("seed " << seed);
    std::mt19937 random(seed);
    for (int round = 0; round < 1000; ++round) {
        Population population(random);
        const PruneOptions options{Scope::unused, rules[static_cast<std::size_t>(round) % rules.size()]};
        const auto reasons = [&] {
            const mock::Store store{population.records};
            std::set<std::string> out;
            for (const pruneplan::Decision& decision : *plan_prune(store, population.containers, options))
                out.insert(std::string(decision.name) + " " + std::string(to_string(decision.reason)));
            return out;
        };
        const auto before = reasons();
        std::shuffle(population.records.begin(), population.records.end(), random);
        std::shuffle(population.containers.begin(), population.containers.end(), random);
        REQUIRE(reasons() == before);
    }
}

TEST_CASE("a plan of a store equals a plan of its index") {
    const mock::Store store{{{"docker.io/library/app:1", "sha256:1"}, {"docker.io/library/app:2", "sha256:2"}}};
    const mock::Containers containers{{"sha256:1", "app:2"}};
    const auto index = pruneplan::build_index(store);
    const PruneOptions options{.scope = Scope::unused, .usage = usage_rules::graph_driver};
    CHECK(plan_prune(*index, containers, options) == *plan_prune(store, containers, options));
    CHECK(plan_prune(*index, containers) == *plan_prune(store, containers));
    CHECK(plan_prune(*index, {mock::Container{"sha256:1", "app:2"}}, options) ==
          *plan_prune(store, {mock::Container{"sha256:1", "app:2"}}, options));
    CHECK(plan_prune(*index, {}, options).deleted_count() == 2);
    CHECK(plan_prune(store, {}, options)->deleted_count() == 2);
}

TEST_CASE("a plan of an empty store is empty") {
    const auto plan = *plan_prune(mock::Store(), mock::Containers{{"sha256:1", "alpine"}});
    CHECK(plan.empty());
    CHECK(plan.deletions().empty());
}

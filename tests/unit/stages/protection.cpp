// SPDX-License-Identifier: BSL-1.0

// Tests the second stage, protection: pinned records, patterns to keep, the newest of each repository, young images.

#include "../../support/check.hpp"
#include "../../support/mock.hpp"

#include <pruneplan/stages/protection.hpp>

#include <algorithm>
#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

namespace {

using mock::FullRecord;
using pruneplan::Decisions;
using pruneplan::Glob;
using pruneplan::PruneOptions;
using pruneplan::Reason;
using pruneplan::Timestamp;
using Reasons = std::vector<Reason>;

constexpr Reason unused = Reason::unused;

/// Returns the reasons after the protection stage alone.
constexpr Reasons reasons(const std::vector<FullRecord>& records, const PruneOptions& options) {
    const mock::FullStore store{records};
    const auto index = mock::FullIndex::build(store);
    Decisions decisions(records.size());
    pruneplan::detail::ParsedNames parsed_names(index->size());
    pruneplan::stages::protection(*index, options, parsed_names, decisions);
    Reasons out;
    for (const pruneplan::Decision& decision : decisions) out.push_back(decision.reason);
    return out;
}

constexpr FullRecord aged(std::string_view name, std::string_view target, std::int64_t created) {
    return {name, target, Timestamp{created, 0}};
}

}  // namespace

TEST_CASE("a pinned record is kept without an option") {
    CHECK_TWICE(reasons({{.name = "a", .digest = "1", .pinned = true}, {.name = "b", .digest = "2"}}, {}) ==
                Reasons{Reason::pinned, unused});
}

TEST_CASE("a keep pattern matches any form of a name and also a name that is not a valid reference") {
    CHECK_TWICE(reasons({{"docker.io/library/alpine:3", "1"}, {"docker.io/team/app:1", "2"}, {"not a reference", "3"}},
                        {.keep = {*Glob::compile("alpine"), *Glob::compile("not a*")}}) ==
                Reasons{Reason::kept_pattern, unused, Reason::kept_pattern});
}

TEST_CASE("keep_newest_per_repository keeps the newest images of each repository with all their names in it") {
    CHECK_TWICE(
        reasons({aged("app:1", "one", 10), aged("app:2", "two", 20), aged("app:also-2", "two", 5),
                 aged("web:1", "one", 1), aged("docker.io/library/app:3", "three", 15), aged("other/app:2", "two", 0)},
                {.keep_newest_per_repository = 1}) ==
        Reasons{unused, Reason::newest, Reason::newest, Reason::newest, unused, Reason::newest});
    CHECK_TWICE(reasons({aged("app:1", "one", 10), aged("app:2", "two", 20), aged("library/app:3", "three", 15)},
                        {.keep_newest_per_repository = 2}) == Reasons{unused, Reason::newest, Reason::newest});
}

TEST_CASE("of two images created at the same time the one whose last name sorts later is newer") {
    CHECK_TWICE(reasons({aged("app:b", "one", 10), aged("app:c", "two", 10), aged("app:a", "two", 10)},
                        {.keep_newest_per_repository = 1}) == Reasons{unused, Reason::newest, Reason::newest});
}

TEST_CASE("an image of unknown age is kept and does not count as one of the newest") {
    CHECK_TWICE(reasons({aged("app:1", "one", 10), {"app:2", "two"}, aged("app:3", "three", 5)},
                        {.keep_newest_per_repository = 1}) == Reasons{Reason::newest, Reason::newest, unused});
    CHECK_TWICE(reasons({aged("app:1", "one", 10), {"app:0", "zero"}, aged("app:also-0", "zero", 5)},
                        {.keep_newest_per_repository = 1}) == Reasons{Reason::newest, Reason::newest, unused});
}

TEST_CASE("dangling records and names that are not valid references belong to no repository") {
    CHECK_TWICE(reasons({aged("moby-dangling@sha256:1", "sha256:1", 10), aged("not a reference", "2", 10)},
                        {.keep_newest_per_repository = 9}) == Reasons{unused, unused});
}

TEST_CASE("keep_younger_than compares the last use or else the creation time and keeps records of unknown age") {
    const auto young = [](std::optional<Timestamp> used, std::optional<Timestamp> created) {
        return reasons({{.name = "a", .digest = "1", .created = created, .last_used = used}},
                       {.keep_younger_than = Timestamp{100, 5}})[0] == Reason::too_young;
    };
    CHECK(young(Timestamp{100, 5}, Timestamp{1, 0}));
    CHECK_FALSE(young(Timestamp{100, 4}, Timestamp{999, 0}));
    CHECK(young(std::nullopt, Timestamp{100, 5}));
    CHECK_FALSE(young(std::nullopt, Timestamp{100, 4}));
    CHECK(young(std::nullopt, std::nullopt));
}

TEST_CASE("of several protections the reason is the first of pinned and kept_pattern and newest and too_young") {
    PruneOptions options{
        .keep = {*Glob::compile("*")}, .keep_newest_per_repository = 1, .keep_younger_than = Timestamp{}};
    FullRecord record = aged("app:1", "one", 10);
    CHECK(reasons({record}, options)[0] == Reason::kept_pattern);
    options.keep.clear();
    CHECK(reasons({record}, options)[0] == Reason::newest);
    options.keep_newest_per_repository = 0;
    CHECK(reasons({record}, options)[0] == Reason::too_young);
    record.pinned = true;
    CHECK(reasons({record}, options)[0] == Reason::pinned);
}

TEST_CASE("in random populations the newest images of each repository are those that a plain sort finds") {
    const unsigned seed = 5;
    INFO("seed " << seed);
    std::mt19937 random(seed);
    for (int round = 0; round < 2000; ++round) {
        std::vector<std::string> names;
        for (int i = 0; i < 14; ++i)
            names.push_back(std::string(random() % 2 ? "" : "library/") + (random() % 2 ? "app:" : "web:") +
                            std::to_string(i));
        const std::string targets[] = {"a", "b", "c", "d", "e"};
        std::vector<FullRecord> records;
        for (const std::string& name : names)
            records.push_back(aged(name, targets[random() % 5], static_cast<std::int64_t>(random() % 6)));
        const auto count = random() % 4 + 1;

        using Age = std::pair<std::int64_t, std::string>;
        std::map<std::string, std::map<std::string_view, Age>> repositories;
        const auto repository = [](std::string_view name) {
            return std::string(pruneplan::parse_reference(name)->name());
        };
        for (const FullRecord& record : records) {
            Age& age = repositories[repository(record.name)].try_emplace(record.digest, Age{-1, ""}).first->second;
            age.first = std::max(age.first, record.created->seconds);
            age.second = std::max(age.second, std::string(record.name));
        }
        std::set<std::pair<std::string, std::string_view>> newest;
        for (const auto& [name, images] : repositories) {
            std::vector<std::pair<Age, std::string_view>> sorted;
            for (const auto& [target, age] : images) sorted.emplace_back(age, target);
            std::sort(sorted.rbegin(), sorted.rend());
            for (std::size_t i = 0; i < std::min<std::size_t>(count, sorted.size()); ++i)
                newest.emplace(name, sorted[i].second);
        }
        const Reasons got = reasons(records, {.keep_newest_per_repository = count});
        for (std::size_t i = 0; i < records.size(); ++i) {
            INFO("round " << round << " " << records[i].name);
            REQUIRE((got[i] == Reason::newest) == newest.contains({repository(records[i].name), records[i].digest}));
        }
    }
}

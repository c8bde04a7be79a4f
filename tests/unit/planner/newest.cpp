// SPDX-License-Identifier: BSL-1.0

// Tests which images of each repository are the newest, by each order.

#include "../../support/check.hpp"
#include "drafted.hpp"

#include <pruneplan/planner/newest.hpp>
#include <pruneplan/syntax/reference.hpp>

#include <algorithm>
#include <cstddef>
#include <map>
#include <random>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace {

using mock::FullRecord;
using pruneplan::Glob;
using pruneplan::KeepNewest;
using pruneplan::NewestBy;
using pruneplan::Reason;
using pruneplan::Timestamp;
using pruneplan::detail::tag_in;

#define HEX64 "c1d1e9d7ed48a7523bdebc18cf6290bdb97b82302a8a9c27d4fe885949ea94d1"

/// Returns for each record the position of the rule that keeps it, or '-'.
constexpr std::string kept(const std::vector<FullRecord>& records, const std::vector<KeepNewest>& rules) {
    Drafted drafted(mock::FullStore{records}, {.keep_newest = rules});
    pruneplan::detail::Repositories repositories(drafted.draft);
    for (std::uint32_t rule = 0; rule < rules.size(); ++rule) repositories.keep_newest(rules[rule], rule);
    std::string out;
    for (const pruneplan::Decision& decision : drafted.plan())
        out += decision.reason == Reason::newest ? static_cast<char>('0' + decision.option.value()) : '-';
    return out;
}

/// Like `kept`, by one order.
constexpr std::string kept(const std::vector<FullRecord>& records, std::size_t count, NewestBy by = NewestBy::created) {
    return kept(records, {{.count = count, .by = by}});
}

constexpr FullRecord aged(std::string_view name, std::string_view target, std::int64_t created,
                          std::string_view needs = {}) {
    return {.name = name, .digest = target, .created = Timestamp{created, 0}, .needs = needs};
}

/// A record of its own image.
constexpr FullRecord named(std::string_view name) { return {.name = name, .digest = name}; }

}  // namespace

TEST_CASE("the tag of a reference is what follows the last colon of its path") {
    CHECK_TWICE(tag_in("app:1") == "1");
    CHECK_TWICE(tag_in("localhost:5000/app:v1.2") == "v1.2");
    CHECK_TWICE(tag_in("app:1@sha256:" HEX64) == "1");
    CHECK_TWICE(tag_in("app") == "");
    CHECK_TWICE(tag_in("localhost:5000/app") == "");
    CHECK_TWICE(tag_in("app@sha256:" HEX64) == "");
    CHECK_TWICE(tag_in("localhost:5000/app@sha256:" HEX64) == "");
}

TEST_CASE("the newest images of each repository are kept with all their names in it") {
    CHECK_TEXT_TWICE(
        kept({aged("app:1", "one", 10), aged("app:2", "two", 20), aged("app:also-2", "two", 5), aged("web:1", "one", 1),
              aged("docker.io/library/app:3", "three", 15), aged("other/app:2", "two", 0)},
             1) == "-000-0");
    CHECK_TEXT_TWICE(
        kept({aged("app:1", "one", 10), aged("app:2", "two", 20), aged("library/app:3", "three", 15)}, 2) == "-00");
    CHECK(kept({aged("app:1", "one", 10), aged("app:2", "two", 20)}, 9) == "00");
    CHECK(kept({aged("app:1", "one", 10)}, 0) == "-");
    CHECK(kept({}, 1) == "");
}

TEST_CASE("of two images created at the same time the one whose last name sorts later is newer") {
    CHECK(kept({aged("app:b", "one", 10), aged("app:c", "two", 10), aged("app:a", "two", 10)}, 1) == "-00");
}

TEST_CASE("an image of unknown age is kept and does not count as one of the newest") {
    CHECK(kept({aged("app:1", "one", 10), {"app:2", "two"}, aged("app:3", "three", 5)}, 1) == "00-");
    CHECK(kept({aged("app:1", "one", 10), {"app:0", "zero"}, aged("app:also-0", "zero", 5)}, 1) == "00-");
    CHECK(kept({aged("app:1", "one", 10), {"app:0", "zero"}, aged("app:also-0", "zero", 15)}, 1) == "-00");
}

TEST_CASE("by created in a store without creation times all records of repositories are kept") {
    Drafted drafted(mock::Store{{{"app:1", "1"}, {"app:2", "2"}, {"not a reference", "3"}}},
                    {.keep_newest = {{.count = 1}}});
    pruneplan::detail::Repositories(drafted.draft).keep_newest({.count = 1}, 0);
    CHECK(drafted.reasons() == std::vector<Reason>{Reason::newest, Reason::newest, Reason::unused});
}

TEST_CASE("by last_used the last use counts or else the creation time") {
    const auto used = [](std::string_view name, std::int64_t time) {
        return FullRecord{.name = name, .digest = name, .created = Timestamp{0, 0}, .last_used = Timestamp{time, 0}};
    };
    const std::vector<FullRecord> records{
        used("app:1", 30), used("app:2", 10), aged("app:3", "three", 20), {"app:4", "four"}};
    CHECK(kept(records, 1, NewestBy::last_used) == "0--0");
    CHECK(kept(records, 2, NewestBy::last_used) == "0-00");
    CHECK(kept(records, 1, NewestBy::created) == "--00");
}

TEST_CASE("by version the highest version in a tag is the newest and a tag without a version comes last") {
    const std::vector<FullRecord> records{named("app:1.9"),         named("app:v1.10.0"),       named("app:latest"),
                                          named("app:1.10.0-rc.1"), named("app@sha256:" HEX64), named("app")};
    CHECK_TEXT_TWICE(kept({named("app:1.9"), named("app:v1.10.0")}, 1, NewestBy::version) == "-0");
    CHECK(kept(records, 1, NewestBy::version) == "-0----");
    CHECK(kept(records, 2, NewestBy::version) == "-0-0--");
    CHECK(kept(records, 3, NewestBy::version) == "00-0--");
    CHECK(kept(records, 4, NewestBy::version) == "00-00-");
}

TEST_CASE("by version an image has the highest version of its tags in the repository") {
    const std::vector<FullRecord> records{{"app:1.9", "one"}, {"app:v2", "one"}, {"app:1.10", "two"}, {"web:9", "two"}};
    CHECK(kept(records, 1, NewestBy::version) == "00-0");
}

TEST_CASE("of two images with the same version the one whose last name sorts later is newer") {
    CHECK(kept({{"app:v1.0", "one"}, {"app:x", "one"}, {"app:1", "two"}, {"app:y", "two"}}, 1, NewestBy::version) ==
          "--00");
    CHECK(kept({{"app:v1.0", "one"}, {"app:z", "one"}, {"app:1", "two"}, {"app:y", "two"}}, 1, NewestBy::version) ==
          "00--");
    CHECK(kept({{"app:v1.0", "one"}, {"app:1.0.0", "two"}}, 1, NewestBy::version) == "0-");
}

TEST_CASE("by version and name unknown times keep nothing") {
    CHECK(kept({named("app:1"), named("app:2"), named("app:3")}, 1, NewestBy::version) == "--0");
    CHECK(kept({named("app:1"), named("app:2"), named("app:3")}, 1, NewestBy::name) == "--0");
}

TEST_CASE("by name the name that sorts last bytewise is the newest") {
    CHECK(kept({named("app:10"), named("app:9"), named("app:2026-11-28")}, 1, NewestBy::name) == "-0-");
    CHECK(kept({named("app:a"), named("app:Z")}, 1, NewestBy::name) == "0-");
}

TEST_CASE("only names that match the rule's pattern count and are kept") {
    const auto rule = [](std::string_view pattern) {
        return std::vector<KeepNewest>{{.count = 1, .names = *Glob::compile(pattern)}};
    };
    const std::vector<FullRecord> records{
        aged("docker.io/library/app:1", "one", 10), aged("docker.io/library/app:2", "two", 20),
        aged("docker.io/library/app:nightly", "three", 30), aged("ghcr.io/team/web:1", "one", 10)};
    CHECK(kept(records, rule("*:[0-9]")) == "-0--");
    CHECK(kept(records, rule("**:[0-9]")) == "-0-0");
    CHECK(kept(records, rule("library/app:?")) == "-0--");
    CHECK(kept(records, rule("docker.io/app:?")) == "-0--");
    CHECK(kept(records, rule("index.docker.io/app")) == "--0-");
    CHECK(kept(records, rule("ghcr.io/**")) == "---0");
    CHECK(kept(records, rule("missing")) == "----");
}

TEST_CASE("an image with a name that does not match the rule's pattern keeps only the names that match") {
    CHECK(kept({aged("app:1", "one", 10), aged("app:x", "one", 10)},
               {{.count = 1, .names = *Glob::compile("app:[0-9]")}}) == "0-");
}

TEST_CASE("several rules keep what each keeps and the first that keeps a record is reported") {
    const std::vector<FullRecord> records{aged("app:1", "one", 30), aged("app:2", "two", 20),
                                          aged("app:3", "three", 10)};
    CHECK(kept(records, {{.count = 1}, {.count = 1, .by = NewestBy::version}}) == "0-1");
    CHECK(kept(records, {{.count = 1, .by = NewestBy::version}, {.count = 2}}) == "110");
    CHECK(kept(records, {{.count = 1, .names = *Glob::compile("*:2")}, {.count = 3}}) == "101");
}

TEST_CASE("dangling records and names that are IDs or not valid references belong to no repository") {
    CHECK(kept({aged("moby-dangling@sha256:1", "sha256:1", 10), aged("not a reference", "2", 10),
                aged("sha256:" HEX64, "3", 10), aged(HEX64, "4", 10)},
               9) == "----");
    CHECK(kept({aged("sha256:" HEX64, "1", 30), aged("sha256:1", "2", 10), aged("sha256:2", "3", 20)}, 1) == "--0");
}

TEST_CASE("an image that another image of the repository needs takes no place but can be needed elsewhere") {
    const auto index = [](std::string_view needs) {
        return std::vector<FullRecord>{aged("app:index", "index", 30, needs), aged("app:amd64", "amd64", 20),
                                       aged("app:arm64", "arm64", 20),        aged("app:old", "old", 10),
                                       aged("app:older", "older", 5),         aged("web:index", "web", 5, needs)};
    };
    CHECK(kept(index(""), 1) == "0----0");
    CHECK(kept(index(""), 2) == "0-0--0");
    CHECK(kept(index("amd64"), 1) == "0----0");
    CHECK(kept(index("amd64"), 2) == "0-0--0");
    CHECK(kept(index("amd64"), 9) == "000000");
    CHECK(kept(index("arm64"), 2) == "000--0");
    CHECK(kept(index("arm64"), 3) == "0000-0");
    CHECK(kept({aged("app:index", "index", 30, "amd64"), aged("web:amd64", "amd64", 40), aged("web:old", "old", 50)},
               1) == "0-0");
    CHECK(kept({aged("app:index", "index", 30, "amd64"), aged("web:amd64", "amd64", 40), aged("web:old", "old", 50)},
               2) == "000");
}

TEST_CASE("the newest image of a repository is kept even if an older one needs it") {
    const std::vector<FullRecord> records{
        {"app:1.9.0", "1.9"}, {"app:1.10.0", "1.10"}, {.name = "app:debug", .digest = "debug", .needs = "1.10"}};
    CHECK(kept(records, 1, NewestBy::version) == "00-");
    CHECK(kept(records, 1, NewestBy::name) == "--0");
    CHECK(kept({aged("app:new", "new", 30), aged("app:1", "1", 20, "new"), aged("app:2", "2", 10)}, 1) == "00-");
}

TEST_CASE("images that need each other in a circle or themselves count") {
    CHECK(kept({aged("app:1", "one", 10, "two"), aged("app:2", "two", 20, "one"), aged("app:3", "three", 5)}, 1) ==
          "-0-");
    CHECK(kept({aged("app:1", "one", 10, "one"), aged("app:2", "two", 5)}, 1) == "0-");
    // An image outside of the circle needs one of it.
    CHECK(kept({aged("app:1", "one", 10, "two"), aged("app:2", "two", 20, "one"), aged("app:3", "three", 5, "two")},
               1) == "00-");
}

TEST_CASE("an image of several repositories counts in each") {
    const std::vector<FullRecord> records{aged("app:1", "one", 10),  aged("web:1", "one", 10),
                                          aged("web:2", "two", 20),  aged("db:1", "two", 20),
                                          aged("db:2", "three", 30), aged("app:0", "three", 5)};
    CHECK(kept(records, 1) == "0-0-0-");
    CHECK(kept(records, {{.count = 1}, {.count = 2}}) == "010101");
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
        const std::string got = kept(records, count);
        for (std::size_t i = 0; i < records.size(); ++i) {
            INFO("round " << round << " " << records[i].name);
            REQUIRE((got[i] == '0') == newest.contains({repository(records[i].name), records[i].digest}));
        }
    }
}

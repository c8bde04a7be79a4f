// SPDX-License-Identifier: BSL-1.0

// Tests the last stage, the budget: `bytes_to_free` deletes whole images, least recently used first.

#include "../../support/check.hpp"
#include "drafted.hpp"

#include <pruneplan/plan_prune.hpp>
#include <pruneplan/planner/budget.hpp>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace {

using mock::FullRecord;
using pruneplan::Blob;
using pruneplan::Reason;
using pruneplan::Timestamp;
using Names = std::vector<std::string_view>;

constexpr FullRecord used(std::string_view name, std::string_view target, std::int64_t last_used,
                          std::vector<Blob> blobs, std::string_view needs = {}) {
    return {.name = name,
            .digest = target,
            .created = Timestamp{0, 0},
            .last_used = Timestamp{last_used, 0},
            .needs = needs,
            .blobs = blobs};
}

constexpr pruneplan::PruneOptions freeing(std::int64_t bytes) {
    return {.scope = pruneplan::Scope::unused, .bytes_to_free = bytes};
}

constexpr Names deleted(const std::vector<FullRecord>& records, std::int64_t bytes,
                        const mock::Containers& containers = {}) {
    return mock::deleted_in_full(records, containers, freeing(bytes));
}

constexpr bool erases(const pruneplan::PrunePlan& plan, std::size_t id) {
    return plan[id].action == pruneplan::Action::erase;
}

/// Like `deleted`, without a container, and with what was last used before a moment.
constexpr Names deleted_before(Timestamp moment, const std::vector<FullRecord>& records, std::int64_t bytes) {
    auto options = freeing(bytes);
    options.delete_unused_before = moment;
    return mock::deleted_in_full(records, {}, options);
}

}  // namespace

TEST_CASE("a budget deletes the least recently used images first until enough bytes are freed") {
    const auto deleted_for = [](std::int64_t bytes) {
        return deleted(
            {used("a", "1", 30, {{"x", 100}}), used("b", "2", 10, {{"y", 100}}), used("c", "3", 20, {{"z", 100}})},
            bytes);
    };
    CHECK(deleted_for(0) == Names{});
    CHECK(deleted_for(1) == Names{"b"});
    CHECK(deleted_for(100) == Names{"b"});
    CHECK(deleted_for(101) == Names{"b", "c"});
    CHECK(deleted_for(1000) == Names{"a", "b", "c"});
}

TEST_CASE("a budget counts a shared blob as freed when the last image that has it is deleted") {
    CHECK_TWICE(deleted({used("a", "1", 1, {{"base", 100}, {"x", 1}}), used("b", "2", 2, {{"base", 100}, {"y", 1}}),
                         used("c", "3", 3, {{"z", 1}})},
                        50) == Names{"a", "b"});
}

TEST_CASE("a budget counts nothing as freed for a blob that a kept image shares") {
    const std::vector<FullRecord> records{
        used("a", "sha256:1", 1, {{"base", 100}}), used("b", "sha256:2", 2, {{"base", 100}}),
        used("c", "sha256:3", 3, {{"x", 100}}), used("d", "sha256:4", 4, {{"y", 100}})};
    CHECK(deleted(records, 100, {{"sha256:2", "2"}}) == Names{"a", "c"});
    CHECK(deleted(records, 100) == Names{"a", "b"});
}

TEST_CASE("a budget keeps an image that frees nothing only once enough bytes are freed") {
    const std::vector<FullRecord> records{used("a", "1", 1, {{"x", 100}}), used("b", "2", 2, {{"y", 0}})};
    CHECK(deleted(records, 100) == Names{"a"});
    CHECK(deleted(records, 101) == Names{"a", "b"});
}

TEST_CASE("a budget counts a blob once even if an image lists it twice") {
    CHECK_TWICE(deleted({used("a", "1", 1, {{"x", 60}, {"x", 60}}), used("b", "2", 2, {{"y", 60}})}, 60) == Names{"a"});
    CHECK_TWICE(deleted({used("a", "1", 1, {{"x", 60}, {"x", 60}}), used("b", "2", 2, {{"y", 60}})}, 61) ==
                Names{"a", "b"});
}

TEST_CASE("a budget deletes all names of an image or none and orders it by its most recently used name") {
    CHECK_TWICE(
        deleted({used("a:1", "1", 1, {{"x", 100}}), used("a:2", "1", 9, {{"x", 100}}), used("b", "2", 5, {{"y", 100}})},
                150) == Names{"a:1", "a:2", "b"});
    CHECK_TWICE(
        deleted({used("a:1", "1", 1, {{"x", 100}}), used("a:2", "1", 9, {{"x", 100}}), used("b", "2", 5, {{"y", 100}})},
                100) == Names{"b"});
}

TEST_CASE("under a budget an image that keeps one name keeps all its names") {
    const std::vector<FullRecord> records{used("a:1", "sha256:1", 1, {{"x", 100}}),
                                          used("a:2", "sha256:1", 1, {{"x", 100}}),
                                          used("b", "sha256:2", 5, {{"y", 100}})};
    CHECK(deleted(records, 1000, {{"sha256:1", "1"}}) == Names{"b"});
    CHECK(mock::reasons(records, {{"sha256:1", "1"}}, freeing(1000)) ==
          std::vector<Reason>{Reason::image_stays, Reason::last_name, Reason::unused});
    CHECK(mock::reasons({records[1], records[0], records[2]}, {{"sha256:1", "1"}}, freeing(1000)) ==
          std::vector<Reason>{Reason::last_name, Reason::image_stays, Reason::unused});
}

TEST_CASE("a budget does not count the blobs of an image that keeps a name when what needs it is deleted") {
    auto options = freeing(2);
    options.keep.push_back(*pruneplan::Glob::compile("base:1"));
    const std::vector<FullRecord> records{
        used("base:1", "sha256:1", 9, {{"x", 10}}), used("base:2", "sha256:1", 9, {{"x", 10}}),
        used("app", "sha256:2", 1, {{"y", 1}}, "sha256:1"), used("old", "sha256:3", 2, {{"z", 1}})};
    CHECK(mock::deleted_in_full(records, {}, options) == Names{"app", "old"});
}

TEST_CASE("a budget breaks ties by creation time and then by name and takes unknown times last") {
    const auto at = [](std::string_view name, std::string_view target, std::optional<Timestamp> last_used,
                       std::optional<Timestamp> created, std::string_view blob) {
        return FullRecord{
            .name = name, .digest = target, .created = created, .last_used = last_used, .blobs = {{blob, 1}}};
    };
    const std::vector<FullRecord> records{
        at("a", "1", Timestamp{1, 0}, Timestamp{5, 0}, "p"), at("b", "2", Timestamp{1, 0}, Timestamp{4, 0}, "q"),
        at("d", "3", Timestamp{1, 0}, Timestamp{5, 0}, "r"), at("c", "4", std::nullopt, Timestamp{0, 0}, "s")};
    CHECK(deleted(records, 1) == Names{"b"});
    CHECK(deleted(records, 2) == Names{"a", "b"});
    CHECK(deleted(records, 3) == Names{"a", "b", "d"});
    CHECK(deleted(records, 4) == Names{"a", "b", "c", "d"});
}

TEST_CASE("a budget takes an image as used when the latest that needs it was and deletes it later") {
    const std::vector<FullRecord> records{used("base", "1", 1, {{"x", 1}}), used("child", "2", 3, {{"y", 1}}, "1"),
                                          used("grandchild", "3", 5, {{"z", 1}}, "2"),
                                          used("other", "4", 4, {{"w", 1}})};
    CHECK(deleted(records, 1) == Names{"other"});
    CHECK(deleted(records, 2) == Names{"grandchild", "other"});
    CHECK(deleted(records, 3) == Names{"grandchild", "child", "other"});
    CHECK(deleted(records, 4) == Names{"grandchild", "child", "base", "other"});
}

TEST_CASE(
    "a budget takes images that need each other in a circle as one image used when the latest that needs it was") {
    std::vector<FullRecord> records{used("a", "1", 3, {{"x", 1}}, "2"), used("b", "2", 1, {{"y", 1}}, "3"),
                                    used("c", "3", 2, {{"z", 1}}, "1"), used("child", "4", 4, {{"w", 1}}, "2")};
    for (int rotation = 0; rotation < 4; ++rotation) {
        CHECK(deleted(records, 1) == Names{"child"});
        CHECK(deleted(records, 2) == Names{"child", "a", "b", "c"});
        std::rotate(records.begin(), records.begin() + 1, records.end());
    }
}

TEST_CASE("a budget deletes nothing from a store without blobs") {
    CHECK_TWICE(mock::deleted(std::vector<mock::Record>{{"a", "1"}}, {}, freeing(1)).empty());
}

TEST_CASE("a budget saturates sums of sizes that exceed 64 bits") {
    constexpr auto most = std::numeric_limits<std::uint64_t>::max();
    CHECK_TWICE(deleted({used("a", "1", 1, {{"x", most}, {"y", 1}}), used("b", "2", 2, {{"z", 1}})},
                        std::numeric_limits<std::int64_t>::max() - 1) == Names{"a"});
}

TEST_CASE("a budget counts the smaller size of a blob that is listed with two") {
    CHECK_TWICE(deleted({used("a", "1", 1, {{"x", 100}, {"x", 10}}), used("b", "2", 2, {{"y", 100}})}, 50) ==
                Names{"a", "b"});
}

TEST_CASE("in random populations a budget is met where it can be and a kept image keeps what it needs") {
    const unsigned seed = 17;
    INFO("seed " << seed);
    std::mt19937 random(seed);
    int met = 0, additional = 0;
    for (int round = 0; round < 3000; ++round) {
        const std::string letters = "abcdefghij";
        std::vector<FullRecord> records;
        for (std::size_t i = 0; i < 8; ++i) {
            const auto target = std::string_view(letters).substr(random() % 5, 1);
            FullRecord record =
                used(std::string_view(letters).substr(i, 1), target, static_cast<std::int64_t>(random() % 4), {});
            record.needs = random() % 3 ? std::string_view() : std::string_view(letters).substr(random() % 5, 1);
            records.push_back(record);
        }
        for (FullRecord& record : records)
            for (const FullRecord& first : records)
                if (first.digest == record.digest) {
                    record.needs = first.needs;
                    record.blobs = {{first.digest, 10}, {first.digest < "c" ? "p" : "q", 7}};
                    break;
                }
        const auto bytes = static_cast<std::int64_t>(random() % 70);
        const mock::FullStore store{records};
        const auto all = mock::plan_of(store, {}, freeing(std::numeric_limits<std::int64_t>::max()));
        const auto plan = mock::plan_of(store, {}, freeing(bytes));
        INFO("round " << round << " bytes " << bytes);
        const std::uint64_t freed = plan.space().freed;
        REQUIRE(freed >= std::min(static_cast<std::uint64_t>(bytes), all.space().freed));
        met += freed >= static_cast<std::uint64_t>(bytes);

        // What is older than a moment is deleted, too. An image is as old as what needs it.
        const auto moment = static_cast<std::int64_t>(random() % 5);
        auto options = freeing(bytes);
        options.delete_unused_before = Timestamp{moment, 0};
        const auto older = mock::plan_of(store, {}, options);
        std::map<std::string_view, std::int64_t> used_at;
        for (const FullRecord& record : records) {
            std::int64_t& time = used_at.try_emplace(record.digest, record.last_used->seconds).first->second;
            time = std::max(time, record.last_used->seconds);
        }
        for (std::size_t step = 0; step < records.size(); ++step)
            for (const FullRecord& record : records)
                if (const auto needed = used_at.find(record.needs); needed != used_at.end())
                    needed->second = std::max(needed->second, used_at[record.digest]);

        for (std::size_t id = 0; id < records.size(); ++id) {
            const bool is_old = used_at[records[id].digest] < moment, deletes = erases(plan, id);
            REQUIRE(erases(older, id) == (deletes || is_old));
            additional += !deletes && is_old;
            for (std::size_t other = 0; other < records.size(); ++other) {
                if (records[id].digest == records[other].digest) REQUIRE(deletes == erases(plan, other));
                // So a circle is deleted together or not at all.
                if (records[id].needs == records[other].digest && !deletes) REQUIRE(!erases(plan, other));
            }
        }
    }
    CHECK(met > 1000);
    CHECK(additional > 1000);
}

TEST_CASE("a budget deletes all images of a circle or none and orders them by the most recent use") {
    const auto in_circle = [](std::string_view name, std::string_view needs, std::int64_t time) {
        FullRecord record = used(name, name, time, {{name, 10}});
        record.needs = needs;
        return record;
    };
    const std::vector<FullRecord> records{in_circle("a", "b", 1), in_circle("b", "a", 5),
                                          used("c", "c", 3, {{"c", 10}})};
    CHECK(deleted(records, 1) == Names{"c"});
    CHECK(deleted(records, 11) == Names{"a", "b", "c"});
    const std::vector<FullRecord> older{in_circle("a", "b", 1), in_circle("b", "a", 2), used("c", "c", 3, {{"c", 10}})};
    CHECK(deleted(older, 1) == Names{"a", "b"});
}

TEST_CASE("a budget takes an image as created when its newest record was") {
    const auto created = [](std::string_view name, std::string_view target, std::int64_t time) {
        FullRecord record{.name = name, .digest = target, .created = pruneplan::Timestamp{time, 0}};
        record.last_used = pruneplan::Timestamp{1, 0};
        record.blobs = {{target, 10}};
        return record;
    };
    CHECK(deleted({created("a", "1", 1), created("b", "2", 3), created("c", "1", 5)}, 1) == Names{"b"});
    CHECK(deleted({created("a", "1", 5), created("b", "2", 3), created("c", "1", 1)}, 1) == Names{"b"});
    CHECK(deleted({created("a", "1", 1), created("b", "2", 3), created("c", "1", 2)}, 1) == Names{"a", "c"});
}

TEST_CASE("a budget deletes an image that needs several others before all of them") {
    const auto built_on = [](std::string_view name, std::string_view target, std::string_view needs,
                             std::int64_t time) {
        FullRecord record = used(name, target, time, {{target, 10}});
        record.needs = needs;
        return record;
    };
    std::vector<FullRecord> records{built_on("x", "child", "p", 9), built_on("y", "child", "q", 9),
                                    used("p", "p", 1, {{"p", 10}}), used("q", "q", 2, {{"q", 10}}),
                                    used("z", "z", 5, {{"z", 10}})};
    for (int rotation = 0; rotation < 5; ++rotation) {
        CHECK(deleted(records, 1) == Names{"z"});
        CHECK(deleted(records, 11) == Names{"x", "y", "z"});
        std::rotate(records.begin(), records.begin() + 1, records.end());
    }
}

TEST_CASE("a budget orders a circle by its newest use and creation where unknown is newest") {
    const auto at = [](std::string_view name, std::string_view needs, std::optional<Timestamp> used,
                       std::optional<Timestamp> created) {
        return FullRecord{
            .name = name, .digest = name, .created = created, .last_used = used, .needs = needs, .blobs = {{name, 10}}};
    };
    // An unknown time counts as now: "a" was used last, and is older than "c".
    const std::vector<FullRecord> records{at("a", "b", std::nullopt, Timestamp{30, 0}),
                                          at("b", "a", Timestamp{20, 0}, std::nullopt),
                                          at("c", "", std::nullopt, std::nullopt)};
    CHECK(deleted(records, 1) == Names{"a", "b"});
}

TEST_CASE("delete_unused_before deletes what was last used before even when enough bytes are freed") {
    const auto deleted_for = [](std::int64_t before, std::int64_t bytes) {
        return deleted_before({before, 0},
                              {used("a", "1", 30, {{"x", 100}}), used("b", "2", 10, {{"y", 100}}),
                               used("c", "3", 20, {{"z", 100}}), used("d", "4", 20, {{"z", 100}})},
                              bytes);
    };
    CHECK(deleted_for(10, 0) == Names{});
    CHECK(deleted_for(11, 0) == Names{"b"});
    CHECK(deleted_for(11, 100) == Names{"b"});
    CHECK(deleted_for(11, 101) == Names{"b", "c", "d"});
    CHECK(deleted_for(21, 0) == Names{"b", "c", "d"});
    CHECK(deleted_for(21, 1) == Names{"b", "c", "d"});
    CHECK(deleted_for(31, 0) == Names{"a", "b", "c", "d"});
    CHECK_TWICE(deleted_before({1, 1}, {used("a", "1", 1, {{"x", 1}}), used("b", "2", 2, {})}, 0) == Names{"a"});
}

TEST_CASE("delete_unused_before deletes all images that can be deleted if even they do not free enough bytes") {
    CHECK(deleted_before({11, 0}, {used("a", "1", 30, {{"x", 100}}), used("b", "2", 10, {{"y", 100}})}, 201) ==
          Names{"a", "b"});
}

TEST_CASE("delete_unused_before keeps images of unknown time and those that images of a later time need") {
    std::vector<FullRecord> records{used("base", "1", 1, {{"x", 1}}), used("top", "2", 3, {{"y", 1}}, "1"),
                                    used("old", "3", 2, {{"z", 1}})};
    CHECK(deleted_before({3, 0}, records, 0) == Names{"old"});
    CHECK(deleted_before({4, 0}, records, 0) == Names{"top", "base", "old"});
    for (FullRecord& record : records) record.created = record.last_used = std::nullopt;
    CHECK(deleted_before({1000, 0}, records, 0) == Names{});
    CHECK(deleted_before({1000, 0}, records, 1) == Names{"top"});
}

TEST_CASE("delete_unused_before deletes a circle only if the latest of its images was last used before") {
    const std::vector<FullRecord> records{used("a", "1", 1, {{"x", 1}}, "2"), used("b", "2", 5, {{"y", 1}}, "1"),
                                          used("c", "3", 3, {{"z", 1}})};
    CHECK(deleted_before({5, 0}, records, 0) == Names{"c"});
    CHECK(deleted_before({6, 0}, records, 0) == Names{"a", "b", "c"});
}

TEST_CASE("delete_unused_before does not delete an image that keeps a name for another reason") {
    auto options = freeing(0);
    options.delete_unused_before = Timestamp{100, 0};
    CHECK(mock::reasons(
              {used("a:1", "sha256:1", 1, {{"x", 1}}), used("a:2", "sha256:1", 1, {}), used("b", "sha256:2", 1, {})},
              {{"sha256:1", ""}},
              options) == std::vector<Reason>{Reason::image_stays, Reason::last_name, Reason::unused});
}

TEST_CASE("an invalid moment of delete_unused_before and a negative budget delete nothing") {
    const std::vector<FullRecord> records{used("a", "1", 1, {{"x", 1}})};
    CHECK(deleted_before({100, -1}, records, 0) == Names{});
    CHECK(deleted_before({100, 1'000'000'000}, records, 0) == Names{});
    CHECK(deleted(records, -1) == Names{});
}

TEST_CASE("a budget keeps all images if none has a size, since nothing can be counted") {
    CHECK(deleted({used("a", "1", 1, {}), used("b", "2", 2, {})}, 3) == Names{});
    CHECK(deleted({used("a", "1", 1, {{"x", 0}}), used("b", "2", 2, {})}, 3) == Names{});
    CHECK(deleted({used("a", "1", 1, {}), used("b", "2", 2, {})}, 0) == Names{});
    CHECK(deleted_before({100, 0}, {used("a", "1", 1, {})}, 1) == Names{});
    const auto plan = mock::plan_of(mock::FullStore{{used("a", "1", 1, {})}}, {}, freeing(3));
    CHECK(explain(plan, 0) == "kept: the store does not tell sizes, so that no space can be counted");
    CHECK(summary(plan) == "0 of 1 records are deleted; 1 is kept: 1 of unknown size");
}

TEST_CASE("the greatest budget deletes all that can be deleted whole and needs no sizes") {
    constexpr auto no_limit = std::numeric_limits<std::int64_t>::max();
    CHECK(deleted({used("a", "1", 1, {}), used("b", "2", 2, {})}, no_limit) == Names{"a", "b"});
    CHECK(deleted({used("a", "1", 1, {}), used("b", "2", 2, {})}, no_limit - 1) == Names{});
    CHECK(deleted({used("a", "1", 1, {{"x", 5}}), used("b", "2", 2, {})}, no_limit) == Names{"a", "b"});
    constexpr auto most = std::numeric_limits<std::uint64_t>::max();
    CHECK(deleted({used("a", "1", 1, {{"x", most}}), used("b", "2", 2, {{"y", 1}})}, no_limit) == Names{"a", "b"});
}

TEST_CASE("beside others an image without a size counts as 0 bytes under a budget") {
    const std::vector<FullRecord> records{used("a", "1", 1, {}), used("b", "2", 2, {{"x", 5}}),
                                          used("c", "3", 3, {{"y", 5}})};
    CHECK(deleted(records, 3) == Names{"a", "b"});
    CHECK(deleted(records, 0) == Names{});
}

TEST_CASE("without a budget the budget stage changes nothing and without blobs it keeps all") {
    for (const bool limited : {true, false}) {
        auto options = freeing(1);
        if (!limited) options.bytes_to_free.reset();
        Drafted drafted(mock::Store{{{"a", "1"}, {"b", "1"}, {"c", "2"}}}, options);
        drafted.draft.decisions.decide(0, Reason::not_dangling);
        pruneplan::planner::budget(drafted.draft, drafted.blobs());
        CHECK(drafted.reasons() ==
              (limited ? std::vector<Reason>{Reason::not_dangling, Reason::image_stays, Reason::enough_freed}
                       : std::vector<Reason>{Reason::not_dangling, Reason::unused, Reason::unused}));
    }
}

// SPDX-License-Identifier: BSL-1.0

// Tests the last stage, the budget: `bytes_to_free` deletes whole images, least recently used first.

#include "../../support/check.hpp"
#include "../../support/mock.hpp"

#include <pruneplan/pruneplan.hpp>
#include <pruneplan/stages/budget.hpp>

#include <algorithm>
#include <cstdint>
#include <limits>
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
                          std::vector<Blob> blobs, std::string_view parent = {}) {
    return {.name = name, .digest = target, .created = Timestamp{0, 0}, .last_used = Timestamp{last_used, 0},
            .parent = parent, .blobs = blobs};
}

constexpr pruneplan::PruneOptions freeing(std::uint64_t bytes) {
    return {.scope = pruneplan::Scope::unused, .usage = pruneplan::usage_rules::strict, .bytes_to_free = bytes};
}

constexpr Names deleted(const std::vector<FullRecord>& records, std::uint64_t bytes,
                        const mock::Containers& containers = {}) {
    return mock::deleted_in_full(records, containers, freeing(bytes));
}

}  // namespace

TEST_CASE("a budget deletes the least recently used images first until enough bytes are freed") {
    const auto deleted_for = [](std::uint64_t bytes) {
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
                         used("c", "3", 3, {{"z", 1}})}, 50) == Names{"a", "b"});
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

TEST_CASE("a budget breaks ties by creation time and then by name and takes unknown times last") {
    const auto at = [](std::string_view name, std::string_view target, std::optional<Timestamp> last_used,
                       std::optional<Timestamp> created, std::string_view blob) {
        return FullRecord{
            .name = name, .digest = target, .created = created, .last_used = last_used, .blobs = {{blob, 1}}};
    };
    const std::vector<FullRecord> records{at("a", "1", Timestamp{1, 0}, Timestamp{5, 0}, "p"),
                                          at("b", "2", Timestamp{1, 0}, Timestamp{4, 0}, "q"),
                                          at("d", "3", Timestamp{1, 0}, Timestamp{5, 0}, "r"),
                                          at("c", "4", std::nullopt, Timestamp{0, 0}, "s")};
    CHECK(deleted(records, 1) == Names{"b"});
    CHECK(deleted(records, 2) == Names{"a", "b"});
    CHECK(deleted(records, 3) == Names{"a", "b", "d"});
    CHECK(deleted(records, 4) == Names{"a", "b", "c", "d"});
}

TEST_CASE("a budget takes an image as used when its most recently used descendant was and deletes it later") {
    const std::vector<FullRecord> records{used("base", "1", 1, {{"x", 1}}), used("child", "2", 3, {{"y", 1}}, "1"),
                                          used("grandchild", "3", 5, {{"z", 1}}, "2"),
                                          used("other", "4", 4, {{"w", 1}})};
    CHECK(deleted(records, 1) == Names{"other"});
    CHECK(deleted(records, 2) == Names{"grandchild", "other"});
    CHECK(deleted(records, 3) == Names{"grandchild", "child", "other"});
    CHECK(deleted(records, 4) == Names{"grandchild", "child", "base", "other"});
}

TEST_CASE("a budget takes a circle of parents as one image used when its most recently used descendant was") {
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
    CHECK_TWICE(deleted({used("a", "1", 1, {{"x", most}, {"y", most}}), used("b", "2", 2, {{"z", 1}})}, most) ==
                Names{"a"});
}

TEST_CASE("a budget counts the smaller size of a blob that is listed with two") {
    CHECK_TWICE(deleted({used("a", "1", 1, {{"x", 100}, {"x", 10}}), used("b", "2", 2, {{"y", 100}})}, 50) ==
                Names{"a", "b"});
}

TEST_CASE("in random populations a budget is met where it can be and a child is never kept without its parent") {
    const unsigned seed = 17;
    INFO("seed " << seed);
    std::mt19937 random(seed);
    int met = 0;
    for (int round = 0; round < 3000; ++round) {
        const std::string letters = "abcdefghij";
        std::vector<FullRecord> records;
        for (std::size_t i = 0; i < 8; ++i) {
            const auto target = std::string_view(letters).substr(random() % 5, 1);
            FullRecord record =
                used(std::string_view(letters).substr(i, 1), target, static_cast<std::int64_t>(random() % 4), {});
            record.parent = random() % 3 ? std::string_view() : std::string_view(letters).substr(random() % 5, 1);
            records.push_back(record);
        }
        for (FullRecord& record : records)
            for (const FullRecord& first : records)
                if (first.digest == record.digest) {
                    record.parent = first.parent;
                    record.blobs = {{first.digest, 10}, {first.digest < "c" ? "p" : "q", 7}};
                    break;
                }
        const auto bytes = random() % 70;
        const mock::FullStore store{records};
        const auto index = mock::FullIndex::build(store);
        const auto all = plan_prune(*index, mock::Containers{}, freeing(std::numeric_limits<std::uint64_t>::max()));
        const auto plan = plan_prune(*index, mock::Containers{}, freeing(bytes));
        INFO("round " << round << " bytes " << bytes);
        const auto freed = estimate_space(plan, *index).freed;
        REQUIRE(freed >= std::min<std::uint64_t>(bytes, estimate_space(all, *index).freed));
        met += freed >= bytes;
        std::vector<bool> is_deleted(records.size());
        for (const auto& deletion : plan.deletions()) is_deleted[deletion.image] = true;
        for (std::size_t id = 0; id < records.size(); ++id) {
            REQUIRE(is_deleted[id] == is_deleted[index->target_id(id)]);
            // No parent of a kept image is deleted, and a circle of parents is deleted together.
            const auto parent = index->parent(index->target_id(id));
            if (parent && is_deleted[*parent]) REQUIRE(is_deleted[id]);
        }
    }
    CHECK(met > 1000);
}

TEST_CASE("a budget deletes all images in a circle of parents or none and orders them by the most recent use") {
    const auto in_circle = [](std::string_view name, std::string_view parent, std::int64_t time) {
        FullRecord record = used(name, name, time, {{name, 10}});
        record.parent = parent;
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

TEST_CASE("a budget deletes an image whose records name several parents before all of them") {
    const auto built_on = [](std::string_view name, std::string_view target, std::string_view parent,
                             std::int64_t time) {
        FullRecord record = used(name, target, time, {{target, 10}});
        record.parent = parent;
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

TEST_CASE("a budget orders a circle of parents by its newest use and creation where unknown is newest") {
    const auto at = [](std::string_view name, std::string_view parent, std::optional<Timestamp> used,
                       std::optional<Timestamp> created) {
        return FullRecord{.name = name, .digest = name, .created = created, .last_used = used, .parent = parent,
                          .blobs = {{name, 10}}};
    };
    // An unknown time counts as now: "a" was used last, and is older than "c".
    const std::vector<FullRecord> records{at("a", "b", std::nullopt, Timestamp{30, 0}),
                                          at("b", "a", Timestamp{20, 0}, std::nullopt),
                                          at("c", "", std::nullopt, std::nullopt)};
    CHECK(deleted(records, 1) == Names{"a", "b"});
}

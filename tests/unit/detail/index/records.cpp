// SPDX-License-Identifier: BSL-1.0

// Tests records in columns, which are found by name and by target.

#include "../../../support/check.hpp"
#include "made_records.hpp"

#include <pruneplan/detail/index/records.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace {

using pruneplan::detail::batch_size;
using pruneplan::detail::HashKey;
using pruneplan::detail::no_record;
using pruneplan::detail::Records;
using pruneplan::detail::RecordTexts;

#define HEX64 "82d1e9d7ed48a7523bdebc18cf6290bdb97b82302a8a9c27d4fe885949ea94d1"

constexpr Records::Kinds kinds(std::string_view name, std::string_view target = "sha256:1", bool dangling = false) {
    return made_records({{"first", "sha256:0"}, {name, target, dangling}}).kinds();
}

/// Tells whether another name is similar to this one.
constexpr bool similar(std::string_view a, std::string_view b) {
    return made_records({{a, "1"}, {"other", "1"}, {b, "1"}}).kinds().similar_names;
}

/// Tells whether each record is found by its name and by its target, alone and in steps, and nothing else is.
bool finds_all(const Records& records, const std::vector<Named>& all) {
    if (records.size() != all.size()) return false;
    for (std::uint32_t i = 0; i < all.size(); ++i) {
        if (records.name(i) != all[i].name || records.target(i) != all[i].target) return false;
        if (records.find_name(all[i].name) != i || records.find_target(all[i].target) != records.image(i)) return false;
        Records::Search by_name = records.search_name(all[i].name), by_target = records.search_target(all[i].target);
        records.seek_name(by_name);
        records.seek_target(by_target);
        if (records.fetch_name(by_name) >= all.size() || records.fetch_target(by_target) >= all.size()) return false;
        if (records.find_name(by_name, [&](std::uint32_t found) { return records.name(found) == all[i].name; }) != i)
            return false;
        if (records.find_target(all[i].target, by_target) != records.image(i)) return false;
        if (records.image(i) > i || records.target(records.image(i)) != all[i].target) return false;
        if (records.find_name(std::string(all[i].name) + "?") != no_record) return false;
    }
    return true;
}

/// Adds records until one has a name that is known. Returns that record, or `no_record`.
std::uint32_t first_duplicate(const std::vector<std::string>& names) {
    Records records(names.size(), HashKey());
    for (const std::string& name : names) {
        records.add_name(name);
        records.add_target("sha256:1");
        if (const std::uint32_t known = records.add(false); known != no_record) return known;
    }
    return records.enter();
}

}  // namespace

TEST_CASE("records are found by their exact name and images by their target") {
    constexpr auto found = [](std::string_view name, std::string_view target) {
        const Records records = made_records({{"b", "1"}, {"a", "2"}, {"docker.io/library/a:latest", "1"}, {"c", "2"}});
        return std::pair(records.find_name(name), records.find_target(target));
    };
    CHECK_TWICE(found("b", "1") == std::pair(0u, 0u));
    CHECK_TWICE(found("a", "2") == std::pair(1u, 1u));
    CHECK_TWICE(found("docker.io/library/a:latest", "3") == std::pair(2u, no_record));
    CHECK_TWICE(found("a:latest", "") == std::pair(no_record, no_record));
}

TEST_CASE("all records whose names differ only in what a reference may omit are visited by one search") {
    const Records records =
        made_records({{"a", "1"}, {"docker.io/library/a:latest", "2"}, {"library/a", "3"}, {"b", "4"}});
    for (const std::string_view typed : {"a", "index.docker.io/a", "docker.io/a:latest"}) {
        std::vector<std::uint32_t> visited;
        CHECK(records.find_name(typed, [&](std::uint32_t record) {
            visited.push_back(record);
            return false;
        }) == no_record);
        CHECK(visited == std::vector<std::uint32_t>{0, 1, 2});
        CHECK(records.find_name(typed, [](std::uint32_t record) { return record > 0; }) == 1);
    }
}

TEST_CASE("a search for a name visits no record with another significant part") {
    for (int i = 0; i < 500; ++i) {
        std::vector<std::string> names;
        for (int tag = 1; tag <= 8; ++tag) names.push_back("r" + std::to_string(i) + ":" + std::to_string(tag));
        std::vector<Named> all;
        for (const std::string& name : names) all.push_back({name, "1"});
        const Records records = made_records(all);
        records.find_name("r" + std::to_string(i), [](std::uint32_t) {
            FAIL("it visits another record");
            return false;
        });
    }
}

TEST_CASE("nothing is found among no records") {
    const Records records = made_records({});
    CHECK(records.size() == 0);
    CHECK(records.find_name("a") == no_record);
    CHECK(records.find_target("a") == no_record);
    CHECK(records.find_id("sha256:" HEX64).image == no_record);
    Records::Search search = records.search_name("a");
    records.seek_name(search);
    CHECK(records.fetch_name(search) == 0);
    CHECK(records.fetch_target(search) == 0);
}

TEST_CASE("a record can be found after its batch is entered") {
    Records records(2, HashKey());
    records.add_name("a");
    records.add_target("1");
    CHECK(records.add(true) == no_record);
    CHECK(records.size() == 0);
    CHECK(records.enter() == no_record);
    CHECK(records.find_name("a") == 0);
    CHECK(records.is_dangling(0));
    CHECK(records.enter() == no_record);
}

TEST_CASE("records of very different sizes in one batch and a huge first one keep their texts") {
    const std::string huge(3'000'000, 'h');
    std::vector<std::string> texts;
    for (std::size_t i = 0; i < 200; ++i)
        texts.push_back(std::to_string(i) + std::string(i % 5 == 0 ? 0 : i % 5 == 1 ? 20'000 : 7 * i, 'n'));
    std::vector<Named> all{{huge, huge}, {"", "t"}, {"n", ""}};
    for (std::size_t i = 0; i < texts.size(); ++i) all.push_back({texts[i], texts[i * 7 % 50]});
    const Records records = made_records(all);
    CHECK(finds_all(records, all));
    all.erase(all.begin());
    all.push_back({huge, huge});
    CHECK(finds_all(made_records(all), all));
}

TEST_CASE("100000 records are found by name and target also when the first is much larger than the others") {
    std::vector<std::string> names, targets;
    for (std::size_t i = 0; i < 100'000; ++i) {
        names.push_back("docker.io/library/app" + std::to_string(i % 999) + ":" + std::to_string(i));
        targets.push_back("sha256:" + std::to_string(i / 3));
    }
    names[0].append(1'000'000, 'x');
    std::vector<Named> all;
    for (std::size_t i = 0; i < names.size(); ++i) all.push_back({names[i], targets[i]});
    const Records records = made_records(all);
    CHECK(finds_all(records, all));
    CHECK(records.image(99'999) == 99'999);
    CHECK(records.image(99'998) == 99'996);
}

TEST_CASE("a duplicate name is reported with the record that had it first within a batch and across batches") {
    const auto names = [](std::size_t count, std::size_t copy, std::size_t original) {
        std::vector<std::string> all;
        for (std::size_t i = 0; i < count; ++i) all.push_back("n" + std::to_string(i == copy ? original : i));
        return all;
    };
    CHECK(first_duplicate(names(2, 1, 0)) == 0);
    CHECK(first_duplicate(names(10, 9, 4)) == 4);
    CHECK(first_duplicate(names(batch_size, batch_size - 1, 0)) == 0);
    CHECK(first_duplicate(names(batch_size + 1, batch_size, 0)) == 0);
    CHECK(first_duplicate(names(5 * batch_size, 4 * batch_size + 3, batch_size - 1)) == batch_size - 1);
    CHECK(first_duplicate(names(5 * batch_size, 3 * batch_size + 3, 3 * batch_size + 2)) == 3 * batch_size + 2);
    CHECK(first_duplicate({"", "a", ""}) == 0);
    CHECK(first_duplicate({"a", "a:latest", "library/a", "docker.io/a"}) == no_record);
    CHECK(first_duplicate({}) == no_record);
}

TEST_CASE("kinds tell what some name or target is like") {
    CHECK_TWICE(!kinds("app:1").name_like_id && !kinds("app:1").name_with_digest &&
                !kinds("app:1").stray_dangling_name);
    CHECK_TWICE(!kinds("app:1").similar_names && !kinds("app:1").bare_target);
    CHECK_TWICE(kinds("sha256:1").name_like_id);
    CHECK_TWICE(kinds("docker.io/library/sha256:1").name_like_id);
    CHECK_TWICE(!kinds("quay.io/sha256:1").name_like_id);
    CHECK_TWICE(kinds("app@sha256:" HEX64).name_with_digest);
    CHECK_TWICE(kinds("app:1@sha512:" HEX64 HEX64).name_with_digest);
    CHECK_TWICE(!kinds("moby-dangling@sha256:" HEX64, "sha256:" HEX64, true).name_with_digest);
    CHECK_TWICE(kinds("app:1", HEX64).bare_target);
    CHECK_TWICE(!kinds("app:1", "sha256:" HEX64).bare_target);
}

TEST_CASE("the record that is being added tells whether it has the dangling name of its target") {
    constexpr auto has = [](std::string_view name, std::string_view target) {
        Records records(2, HashKey());
        records.add_name("moby-dangling@sha256:0");
        records.add_target("sha256:0");
        records.add(true);
        records.add_name(name);
        records.add_target(target);
        return records.has_dangling_name();
    };
    CHECK_TWICE(has("moby-dangling@sha256:1", "sha256:1"));
    CHECK_TWICE(has("moby-dangling@", ""));
    CHECK_TWICE(!has("moby-dangling@sha256:1", "sha256:12"));
    CHECK_TWICE(!has("moby-dangling@sha256:12", "sha256:1"));
    CHECK_TWICE(!has("moby-dangling", ""));
    CHECK_TWICE(!has("a@sha256:1", "sha256:1"));
}

TEST_CASE("a dangling name that is not the dangling record of its target is a stray one") {
    CHECK_TWICE(!kinds("moby-dangling@sha256:1", "sha256:1", true).stray_dangling_name);
    CHECK_TWICE(kinds("moby-dangling@sha256:2", "sha256:1", false).stray_dangling_name);
    CHECK_TWICE(kinds("moby-dangling@sha256:1", "sha256:1", false).stray_dangling_name);
    CHECK_TWICE(kinds("moby-dangling@sha256:2", "sha256:1", true).stray_dangling_name);
    CHECK_TWICE(!kinds("<none>", "sha256:1", true).stray_dangling_name);
}

TEST_CASE("names are similar if they may differ only in the form of one reference") {
    CHECK_TWICE(similar("a", "docker.io/library/a:latest"));
    CHECK_TWICE(similar("library/a", "a:latest"));
    CHECK_TWICE(!similar("a", "a:1"));
    CHECK_TWICE(!similar("a", "quay.io/a"));
    // In different batches.
    std::vector<std::string> names{"library/a"};
    for (std::size_t i = 0; i < 2 * batch_size; ++i) names.push_back("n" + std::to_string(i));
    std::vector<Named> all;
    for (const std::string& name : names) all.push_back({name, "1"});
    CHECK_FALSE(made_records(all).kinds().similar_names);
    all.push_back({"a", "1"});
    CHECK(made_records(all).kinds().similar_names);
}

TEST_CASE("an ID with its algorithm finds a target that lacks it but not the other way round") {
    constexpr auto finds = [](std::string_view id) {
        return made_records({{"a", "sha256:1"}, {"b", HEX64}, {"c", "sha512:1"}}).find_id(id).image;
    };
    CHECK_TWICE(finds("sha256:1") == 0);
    CHECK_TWICE(finds("sha256:" HEX64) == 1);
    CHECK_TWICE(finds(HEX64) == 1);
    CHECK_TWICE(finds("sha512:1") == 2);
    CHECK_TWICE(finds("1") == no_record);
    CHECK_TWICE(finds("sha512:" HEX64) == no_record);
    CHECK_TWICE(made_records({{"a", "sha256:" HEX64}}).find_id(HEX64).image == no_record);
}

TEST_CASE("two targets that differ only in the algorithm sha256 are one ID of both images") {
    constexpr auto means = [](std::string_view id, std::uint32_t image) {
        Records records = made_records({{"a", HEX64}, {"b", "sha256:" HEX64}, {"c", "sha512:" HEX64}});
        records.finish_ids();
        return records.means(records.find_id(id), image);
    };
    CHECK_TWICE(means("sha256:" HEX64, 0));
    CHECK_TWICE(means("sha256:" HEX64, 1));
    CHECK_TWICE(!means("sha256:" HEX64, 2));
    CHECK_TWICE(!means("sha512:" HEX64, 0));
}

TEST_CASE("an empty text is no ID, not even of an empty target") {
    CHECK_TWICE(made_records({{"a", ""}}).find_id("").image == no_record);
}

TEST_CASE("a target is found by its other form, with or without the algorithm") {
    constexpr auto other = [](std::string_view target, std::string_view typed) {
        return made_records({{"x", "sha256:1"}, {"a", target}}).find_other_form(typed);
    };
    CHECK_TWICE(other(HEX64, "sha256:" HEX64) == 1);
    CHECK_TWICE(other("sha256:" HEX64, HEX64) == 1);
    CHECK_TWICE(other(HEX64, HEX64) == no_record);
    CHECK_TWICE(other("sha256:" HEX64, "sha256:" HEX64) == no_record);
    CHECK_TWICE(other(HEX64, "sha512:" HEX64) == no_record);
    CHECK_TWICE(other("1", "sha256:1") == no_record);
}

TEST_CASE("texts can be copied and moved out and keep all records") {
    Records records = made_records({{"a", "1"}, {"b", "1"}});
    const RecordTexts copy = records.texts();
    const char* const place = records.name(1).data();
    const RecordTexts texts = records.release();
    CHECK(texts.name(1).data() == place);
    CHECK(texts.name(0) == "a");
    CHECK(texts.target(1) == "1");
    CHECK(copy.name(1) == "b");
    CHECK(copy.target(1) == "1");
}

// SPDX-License-Identifier: BSL-1.0

// Tests the index of a store: lookups by name, target and ID, and who owns its texts.

#include "../support/check.hpp"
#include "../support/mock.hpp"

#include <pruneplan/image_index.hpp>

#include <forward_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace {

using pruneplan::ErrorCode;
using pruneplan::ImageIndex;

constexpr bool finds_by_name_and_by_target() {
    const mock::Store store{
        {{"a", "sha256:1"}, {"b", "sha256:2"}, {"c", "sha256:1"}, {"moby-dangling@sha256:2", "sha256:2"}}};
    const auto built = mock::Index::build(store);
    const mock::Index& index = *built;
    return index.size() == 4 && index.find("c") == 2u && !index.find("d") && !index.find("") &&
           index.find_target("sha256:1") == 0u && index.find_target("sha256:2") == 1u &&
           !index.find_target("sha256:3") && index.target_id(2) == 0 && index.target_id(3) == 1 &&
           index.name(1) == "b" && index.target(2) == "sha256:1" && index.is_dangling(3) && !index.is_dangling(0) &&
           &index.store() == &store;
}

/// The hash ignores the parts that a reference may omit, so that these names have the same hash.
constexpr bool finds_names_with_the_same_hash() {
    constexpr std::string_view names[] = {
        "alpine", "alpine:latest", "library/alpine", "library/alpine:latest",
        "docker.io/alpine", "docker.io/alpine:latest", "docker.io/library/alpine", "docker.io/library/alpine:latest",
        "index.docker.io/alpine", "index.docker.io/alpine:latest", "index.docker.io/library/alpine",
        "index.docker.io/library/alpine:latest"};
    mock::Store store;
    for (const std::string_view name : names) store.records.push_back({name, "sha256:1"});
    const auto index = mock::Index::build(store);
    if (!index) return false;
    std::size_t id = 0;
    for (const std::string_view name : names)
        if (index->find(name) != id++) return false;
    return !index->find("docker.io/library/alpine:3") && !index->find("docker.io/");
}

constexpr bool finds_nothing_in_empty_store() {
    const mock::Store store;
    const auto index = mock::Index::build(store);
    return index->size() == 0 && !index->find("a") && !index->find_target("");
}

struct Owned {
    std::string name, digest;
};

struct ByReference {
    std::vector<Owned> records;
    const std::vector<Owned>& images() const { return records; }
    static const std::string& name(const Owned& record) { return record.name; }
    static const std::string& target(const Owned& record) { return record.digest; }
};

struct ByValue {
    std::forward_list<int> records;
    const std::forward_list<int>& images() const { return records; }
    std::string name(int record) const { return "docker.io/library/image-of-a-long-name:" + std::to_string(record); }
    std::string target(int record) const { return "sha256:" + std::to_string(record % 10); }
    bool is_dangling(int record) const { return record == 3; }
};

}  // namespace

TEST_CASE("records are found by name and by target and nothing else is") {
    CHECK_TWICE(finds_by_name_and_by_target());
    CHECK_TWICE(finds_names_with_the_same_hash());
    CHECK_TWICE(finds_nothing_in_empty_store());
}

TEST_CASE("two records with the same name are rejected and the error quotes the name") {
    std::vector<mock::Record> records;
    std::vector<std::string> names;
    for (int i = 0; i < 40; ++i) names.push_back("name-" + std::to_string(i));
    for (const std::string& name : names) records.push_back({name, "sha256:1"});
    records.push_back({"name-7", "sha256:2"});
    const mock::Store store{records};
    const auto index = mock::Index::build(store);
    REQUIRE_FALSE(index);
    CHECK(index.error().code == ErrorCode::duplicate_name);
    CHECK(index.error().message == "duplicate name \"name-7\": names in a store must be unique");
}

TEST_CASE("texts that the store returns by reference are not copied and stay valid after a move of the index") {
    const ByReference store{{{"a name too long for the small string buffer", "sha256:1"}, {"b", "sha256:2"}}};
    auto built = ImageIndex<ByReference>::build(store);
    const ImageIndex<ByReference> index = *std::move(built);
    CHECK(index.name(0).data() == store.records[0].name.data());
    CHECK(index.target(1).data() == store.records[1].digest.data());
    CHECK(index.find("b") == 1u);
}

TEST_CASE("texts that the store returns by value are copied and stay valid after a move of the index") {
    ByValue store;
    for (int i = 5000; i > 0; --i) store.records.push_front(i);
    auto built = ImageIndex<ByValue>::build(store);
    REQUIRE(built);
    const ImageIndex<ByValue> index = *std::move(built);
    REQUIRE(index.size() == 5000);
    for (std::size_t i = 0; i < index.size(); ++i) {
        REQUIRE(index.name(i) == store.name(static_cast<int>(i) + 1));
        REQUIRE(index.find(store.name(static_cast<int>(i) + 1)) == i);
        REQUIRE(index.target_id(i) == (i < 10 ? i : i % 10));
    }
}

TEST_CASE("is_dangling of the store replaces the check of the name") {
    ByValue store;
    store.records = {1, 3};
    const auto index = ImageIndex<ByValue>::build(store);
    CHECK_FALSE(index->is_dangling(0));
    CHECK(index->is_dangling(1));
}

TEST_CASE("names can be empty or a megabyte long or hold zero bytes") {
    const std::string large(1 << 20, 'x'), larger = large + "x";
    using namespace std::string_view_literals;
    const mock::Store store{{{"", ""}, {"\0"sv, "\0"sv}, {"\0\0"sv, ""}, {large, large}, {larger, large}}};
    const auto index = mock::Index::build(store);
    REQUIRE(index);
    CHECK(index->find("") == 0u);
    CHECK(index->find("\0"sv) == 1u);
    CHECK(index->find(larger) == 4u);
    CHECK(index->target_id(2) == 0);
    CHECK(index->target_id(4) == 3);
}

TEST_CASE("a dangling name is stray unless it has the digest of its own target") {
    const auto stray = [](std::string_view name, std::string_view target) {
        const mock::Store store{{{name, target}}};
        return mock::Index::build(store)->has_stray_dangling_name();
    };
    CHECK_FALSE(stray("moby-dangling@sha256:1", "sha256:1"));
    CHECK(stray("moby-dangling@sha256:1", "sha256:2"));
    CHECK(stray("moby-dangling@", "sha256:2"));
    CHECK_FALSE(stray("moby-dangling", "sha256:2"));
}

TEST_CASE("a moved-from index is empty and can be searched and planned") {
    const mock::FullStore store{
        {{.name = "a", .digest = "sha256:1"}, {.name = "b", .digest = "sha256:2", .parent = "sha256:1"}}};
    auto index = *pruneplan::build_index(store);
    const auto moved = std::move(index);
    CHECK(index.size() == 0);
    CHECK_FALSE(index.find("a"));
    CHECK_FALSE(index.find_target("sha256:1"));
    CHECK_FALSE(index.find_image("a"));
    CHECK(plan_prune(index, mock::Containers{{"sha256:1", "a"}}).decisions().empty());
    CHECK(moved.find("b") == 1u);
    CHECK(moved.parent(1) == 0u);
}

TEST_CASE("a truncated ID of one image with two names is not ambiguous") {
    const mock::Store store{{{"a", "sha256:12"}, {"b", "sha256:34"}, {"c", "sha256:12"}}};
    const auto index = mock::Index::build(store);
    CHECK(*index->find_image("sha256:1") == 0);
    CHECK(*index->find_image("1") == 0);
}

TEST_CASE("an index of a store without times knows no times") {
    const mock::Store store{{{"a", "sha256:1"}}};
    CHECK_FALSE(mock::Index::build(store)->created(0));
    CHECK_FALSE(mock::Index::build(store)->last_used(0));
}

TEST_CASE("a name or target of 2 GiB is rejected before it is read") {
    const std::string text(100, 'a');
    const std::string_view too_long(text.data(), std::size_t{1} << 31);
    for (const mock::Store& store : {mock::Store{{{too_long, "sha256:1"}}}, mock::Store{{{"a", too_long}}}}) {
        const auto index = mock::Index::build(store);
        REQUIRE_FALSE(index);
        CHECK(index.error().code == pruneplan::ErrorCode::text_too_long);
        CHECK(index.error().message ==
              "name or target \"" + text.substr(0, 80) + "...\" is too long: use less than 2 GiB");
    }
}

// SPDX-License-Identifier: BSL-1.0

// Tests the index of a store: lookups by name and ID, access to records, and the stores that it rejects.

#include "../support/check.hpp"
#include "../support/mock.hpp"

#include <pruneplan/image_index.hpp>
#include <pruneplan/plan_prune.hpp>

#include <cstddef>
#include <forward_list>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace {

using pruneplan::build_index;
using pruneplan::ErrorCode;

constexpr bool finds_records_by_name() {
    const mock::Store store{
        {{"a", "sha256:1"}, {"b", "sha256:2"}, {"c", "sha256:1"}, {"moby-dangling@sha256:2", "sha256:2"}}};
    const auto index = *build_index(store);
    return index.size() == 4 && index.find("c") == 2u && !index.find("d") && !index.find("") && index.name(1) == "b" &&
           index.target(2) == "sha256:1" && &index.record(3) == &store.records[3];
}

/// The hash ignores the parts that a reference may omit, so that these names have the same hash.
constexpr bool finds_names_with_the_same_hash() {
    constexpr std::string_view names[] = {"alpine",
                                          "alpine:latest",
                                          "library/alpine",
                                          "library/alpine:latest",
                                          "docker.io/alpine",
                                          "docker.io/alpine:latest",
                                          "docker.io/library/alpine",
                                          "docker.io/library/alpine:latest",
                                          "index.docker.io/alpine",
                                          "index.docker.io/alpine:latest",
                                          "index.docker.io/library/alpine",
                                          "index.docker.io/library/alpine:latest"};
    mock::Store store;
    for (const std::string_view name : names) store.records.push_back({name, "sha256:1"});
    const auto index = build_index(store);
    if (!index) return false;
    std::size_t id = 0;
    for (const std::string_view name : names)
        if (index->find(name) != id++) return false;
    return !index->find("docker.io/library/alpine:3") && !index->find("docker.io/");
}

constexpr bool finds_nothing_in_empty_store() {
    const mock::Store store;
    const auto index = build_index(store);
    return index->size() == 0 && !index->find("a") && !index->find_image("a");
}

/// A store whose records are numbers, and whose texts are made when they are read.
struct Numbered {
    std::forward_list<int> records;
    const std::forward_list<int>& images() const { return records; }
    static std::string name(int record) { return "docker.io/library/image-of-a-long-name:" + std::to_string(record); }
    static std::string target(int record) { return "sha256:" + std::to_string(record % 10); }
};

/// A store that creates its records when it is read.
struct Created {
    std::vector<std::string> names;
    std::vector<std::pair<std::string, std::string>> images() const {
        std::vector<std::pair<std::string, std::string>> out;
        for (const std::string& name : names) out.emplace_back("docker.io/library/" + name + ":1", "sha256:" + name);
        return out;
    }
    static const std::string& name(const std::pair<std::string, std::string>& record) { return record.first; }
    static const std::string& target(const std::pair<std::string, std::string>& record) { return record.second; }
};

struct Pointers {
    std::vector<std::unique_ptr<mock::Record>> records;
    const std::vector<std::unique_ptr<mock::Record>>& images() const { return records; }
    static std::string_view name(const mock::Record& record) { return record.name; }
    static std::string_view target(const mock::Record& record) { return record.digest; }
};

/// A store that returns one more record at each reading.
struct Growing : Created {
    mutable std::size_t readings = 0;
    std::vector<std::pair<std::string, std::string>> images() const {
        auto out = Created::images();
        for (std::size_t i = readings++; i > 0; --i) out.emplace_back(std::to_string(i), "sha256:1");
        return out;
    }
};

/// Returns more and more records, and does not end at the third reading.
struct Endless {
    mutable int readings = 0;

    struct Iterator {
        using value_type = std::string;
        using difference_type = std::ptrdiff_t;

        int number = 0;

        std::string operator*() const { return "app:" + std::to_string(number); }
        Iterator& operator++() {
            ++number;
            return *this;
        }
        Iterator operator++(int) { return {number++}; }
        friend bool operator==(const Iterator&, const Iterator&) = default;
    };
    struct Images {
        int size;

        static Iterator begin() { return {}; }
        Iterator end() const { return {size}; }
    };

    Images images() const { return {++readings == 3 ? -1 : 3}; }
    static const std::string& name(const std::string& record) { return record; }
    static std::string_view target(const std::string&) { return "sha256:1"; }
    static std::vector<std::string_view> ids(const std::string&) { return {}; }
};

}  // namespace

TEST_CASE("records are found by their exact name and nothing else is") {
    CHECK_TWICE(finds_records_by_name());
    CHECK_TWICE(finds_names_with_the_same_hash());
    CHECK(finds_nothing_in_empty_store());  // not twice: its error has a std::string
}

TEST_CASE("two records with the same name are rejected and the error quotes the name") {
    std::vector<mock::Record> records;
    std::vector<std::string> names;
    for (int i = 0; i < 40; ++i) names.push_back("name-" + std::to_string(i));
    for (const std::string& name : names) records.push_back({name, "sha256:1"});
    records.push_back({"name-7", "sha256:2"});
    const mock::Store store{records};
    const auto index = build_index(store);
    REQUIRE_FALSE(index);
    CHECK(index.error().code == ErrorCode::duplicate_name);
    CHECK(index.error().message == "duplicate name \"name-7\": names in a store must be unique");
    CHECK(pruneplan::plan_prune(store, {}).error() == index.error());
}

TEST_CASE("an index owns its texts and stays valid after a move") {
    Numbered store;
    for (int i = 5000; i > 0; --i) store.records.push_front(i);
    auto built = build_index(store);
    REQUIRE(built);
    const auto index = *std::move(built);
    REQUIRE(index.size() == 5000);
    for (std::size_t i = 0; i < index.size(); ++i) {
        REQUIRE(index.name(i) == Numbered::name(static_cast<int>(i) + 1));
        REQUIRE(index.target(i) == Numbered::target(static_cast<int>(i) + 1));
        REQUIRE(index.find(Numbered::name(static_cast<int>(i) + 1)) == i);
    }
    CHECK(index.record(4711) == 4712);
}

TEST_CASE("record returns a record by value if the store creates it when it is read") {
    const Created store{{"a", "b", "c"}};
    const auto index = *build_index(store);
    CHECK(index.record(1) == std::pair<std::string, std::string>("docker.io/library/b:1", "sha256:b"));
    STATIC_REQUIRE(!std::is_reference_v<decltype(index.record(0))>);
    const mock::Store lending{{{"a", "1"}}};
    STATIC_REQUIRE(std::is_same_v<decltype(build_index(lending)->record(0)), const mock::Record&>);
}

TEST_CASE("record returns the record that a pointer of the store points at") {
    Pointers store;
    store.records.push_back(std::make_unique<mock::Record>(mock::Record{"a", "1"}));
    CHECK(&build_index(store)->record(0) == store.records[0].get());
}

TEST_CASE("names can be empty or a megabyte long or contain zero bytes") {
    const std::string large(1 << 20, 'x'), larger = large + "x";
    using namespace std::string_view_literals;
    const mock::Store store{{{"", ""}, {"\0"sv, "\0"sv}, {"\0\0"sv, ""}, {large, large}, {larger, large}}};
    const auto index = build_index(store);
    REQUIRE(index);
    CHECK(index->find("") == 0u);
    CHECK(index->find("\0"sv) == 1u);
    CHECK(index->find(larger) == 4u);
    CHECK(*index->find_image(larger) == 3);
    CHECK(index->target(4) == large);
}

TEST_CASE("a dangling name is stray unless it has the digest of its own target") {
    const auto stray = [](std::string_view name, std::string_view target) {
        const mock::Store store{{{name, target}}};
        const auto index = *build_index(store);
        return pruneplan::detail::Planning<mock::Store>(index).records().kinds().stray_dangling_name;
    };
    CHECK_FALSE(stray("moby-dangling@sha256:1", "sha256:1"));
    CHECK(stray("moby-dangling@sha256:1", "sha256:2"));
    CHECK(stray("moby-dangling@", "sha256:2"));
    CHECK_FALSE(stray("moby-dangling", "sha256:2"));
}

TEST_CASE("a name or target of 2 GiB is rejected before it is read") {
    const std::string text(100, 'a');
    const std::string_view too_long(text.data(), std::size_t{1} << 31);
    for (const mock::Store& store : {mock::Store{{{"a", "sha256:1"}, {too_long, "sha256:1"}}},
                                     mock::Store{{{"a", "sha256:1"}, {"b", too_long}}}}) {
        const auto index = build_index(store);
        REQUIRE_FALSE(index);
        CHECK(index.error().code == ErrorCode::text_too_long);
        CHECK(index.error().message == "a name or target of record 1 is too long: use less than 2 GiB");
    }
}

TEST_CASE("a store that returns more records when it is read again is rejected") {
    const Growing store{{{"a", "b"}}};
    const auto index = build_index(store);
    REQUIRE_FALSE(index);
    CHECK(index.error().code == ErrorCode::store_changed);
    CHECK(index.error().message ==
          "images() returned more than 2 records when it was read again: it must return the same records each time");
}

TEST_CASE("a store whose records do not end when they are read again is rejected") {
    const Endless store;
    const auto index = build_index(store);
    REQUIRE_FALSE(index);
    CHECK(index.error().code == ErrorCode::store_changed);
    CHECK(store.readings == 3);
}

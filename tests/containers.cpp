// SPDX-License-Identifier: BSL-1.0
// Tests of the containers that a host can pass: ranges of any kind, texts of any type and lifetime, IDs in several
// spellings, and containers that match no record.

#include "support/catch.hpp"
#include "support/mock.hpp"

#include <pruneplan/pruneplan.hpp>

#include <cstddef>
#include <iterator>
#include <list>
#include <ranges>
#include <string>
#include <string_view>
#include <vector>

namespace {

using pruneplan::PruneOptions;
using pruneplan::Reason;
using pruneplan::Scope;
namespace usage_rules = pruneplan::usage_rules;
using Numbers = std::vector<std::size_t>;

const PruneOptions strict{.scope = Scope::unused, .usage = usage_rules::strict};

std::string hex(int number) { return std::string(60, 'a') + std::to_string(1000 + number); }
std::string name_of(int number) { return "registry.example.org/an-image-with-a-longer-name:" + std::to_string(number); }

struct Record {
    std::string name, digest;
};

struct Store {
    std::vector<Record> records;
    const std::vector<Record>& images() const { return records; }
    static std::string_view name(const Record& record) { return record.name; }
    static std::string_view target(const Record& record) { return record.digest; }
};

/// Returns a store of `count` images with one name each.
Store images(int count, const std::string& algorithm = "sha256:") {
    Store store;
    for (int number = 0; number < count; ++number) store.records.push_back({name_of(number), algorithm + hex(number)});
    return store;
}

/// Containers as rows of a database cursor. All rows share one buffer, which each step overwrites.
class Cursor {
public:
    struct Row {
        std::string_view id, ref;
        std::vector<const char*> mounts{};
        std::string_view image_id() const { return id; }
        std::string_view image_ref() const { return ref; }
        const std::vector<const char*>& mounted_image_ids() const { return mounts; }
    };

    explicit Cursor(int rows) : rows_(rows) { load(); }

    struct Iterator {
        using value_type = Row;
        using difference_type = std::ptrdiff_t;
        Cursor* cursor = nullptr;

        Row operator*() const { return {cursor->id_, cursor->ref_, {cursor->mounted_.c_str()}}; }
        Iterator& operator++() {
            ++cursor->at_;
            cursor->load();
            return *this;
        }
        void operator++(int) { ++*this; }
        bool operator==(std::default_sentinel_t) const { return cursor->at_ == cursor->rows_; }
    };
    Iterator begin() { return {this}; }
    std::default_sentinel_t end() const { return {}; }

private:
    /// Each row runs one image and mounts another.
    void load() {
        id_ = "sha256:" + hex(2 * at_);
        ref_ = name_of(2 * at_);
        mounted_ = "sha256:" + hex(2 * at_ + 1);
    }

    int rows_, at_ = 0;
    std::string id_, ref_, mounted_;
};

/// A record as a C program has it: an absent text is null.
struct CRecord {
    const char *name, *digest, *parent, *env;
};

struct CStore {
    std::vector<CRecord> records;
    const std::vector<CRecord>& images() const { return records; }
    static const char* name(const CRecord& record) { return record.name; }
    static const char* target(const CRecord& record) { return record.digest; }
    static const char* parent(const CRecord& record) { return record.parent; }
    static const char* label(const CRecord& record, std::string_view) { return record.env; }
};

struct CContainer {
    const char *id, *ref;
    std::vector<const char*> mounts{};
    const char* image_id() const { return id; }
    const char* image_ref() const { return ref; }
    const std::vector<const char*>& mounted_image_ids() const { return mounts; }
};

template <class Store, class Containers>
Numbers unmatched(const Store& store, const Containers& containers, const PruneOptions& options = strict) {
    const auto index = pruneplan::build_index(store);
    const auto plan = plan_prune(*index, containers, options);
    return {plan.unmatched_containers().begin(), plan.unmatched_containers().end()};
}

}  // namespace

TEST_CASE("containers from a cursor that overwrites each row protect the images that they run and mount") {
    const Store store = images(200);
    const auto index = pruneplan::build_index(store);
    for (const auto& options : {strict, PruneOptions{.scope = Scope::unused}}) {
        Cursor cursor(100);
        const auto plan = plan_prune(*index, cursor, options);
        CHECK(plan.deleted_count() == 0);
        CHECK(plan.unmatched_containers().empty());
        for (std::size_t id = 0; id < 200; ++id) CHECK(plan.decisions()[id].container == id / 2);
        CHECK(plan.decisions()[1].mounted);
        CHECK_FALSE(plan.decisions()[0].mounted);
    }
}

TEST_CASE("containers can be passed as a view or as a braced list") {
    const Store store = images(3);
    const auto index = pruneplan::build_index(store);
    const std::string id = "sha256:" + hex(1);
    const mock::Containers containers{{id, "x"}, {"sha256:0", "x"}};
#if !defined(__clang__) || __clang_major__ >= 16 || defined(_LIBCPP_VERSION)  // clang 15 cannot compile libstdc++'s views.
    CHECK(plan_prune(*index, containers | std::views::filter([](const auto& c) { return c.ref == "x"; }), strict)
              .deleted_count() == 2);
    auto filtered = containers | std::views::filter([](const auto& c) { return c.id != "sha256:0"; });
    CHECK(plan_prune(*index, filtered, strict).deleted_count() == 2);
#endif
    CHECK(plan_prune(*index, {mock::Container{id, "x"}}, strict).deleted_count() == 2);
    CHECK(plan_prune(*index, {}, strict).deleted_count() == 3);
    CHECK(plan_prune(*index, {}).deleted_count() == 0);
}

TEST_CASE("a container ID of 64 hex digits matches its target with and without the prefix sha256") {
    const std::string bare = hex(1), full = "sha256:" + bare;
    for (const std::string algorithm : {"sha256:", ""}) {
        const Store store = images(3, algorithm);
        const auto index = pruneplan::build_index(store);
        for (const std::string& id : {bare, full})
            for (const auto& rule : {usage_rules::containerd_snapshotter, usage_rules::graph_driver,
                                     usage_rules::whole_image, usage_rules::strict}) {
                INFO(algorithm << " " << id);
                const auto plan = plan_prune(*index, {mock::Container{id, ""}}, {.scope = Scope::unused, .usage = rule});
                CHECK(plan.deleted_count() == 2);
                CHECK_FALSE(plan.decisions().deletes(1));
                CHECK(plan.unmatched_containers().empty());
            }
        const auto plan = plan_prune(*index, {Cursor::Row{"sha256:0", "", {bare.c_str(), full.c_str()}}}, strict);
        CHECK(plan.decisions()[1].reason == Reason::last_name);
    }
}

TEST_CASE("unmatched_containers lists the containers that match no record") {
    const Store store = images(3);
    const std::string id = "sha256:" + hex(0), name = name_of(1), other_kind = "sha512:" + hex(0) + hex(0);
    const mock::Containers containers{{id, "x"}, {"82d1e9d7", "x"}, {other_kind, name}, {id, name}, {"", ""}};
    CHECK(unmatched(store, containers) == Numbers{1, 2, 4});
    CHECK(unmatched(store, containers, {.scope = Scope::unused, .usage = usage_rules::graph_driver}) == Numbers{1, 2, 4});
    // The default rule matches a container that was created from a name by that name alone.
    CHECK(unmatched(store, containers, {.scope = Scope::dangling}) == Numbers{1, 4});
    CHECK(unmatched(Store{}, containers) == Numbers{0, 1, 2, 3, 4});
    const std::string mounted = "sha256:" + hex(2);
    const std::vector<CContainer> mounting{{id.c_str(), "", {mounted.c_str()}}, {id.c_str(), "", {mounted.c_str(), "sha256:9"}}};
    CHECK(unmatched(store, mounting) == Numbers{1});
}

TEST_CASE("under strict a container whose ID is spelled unlike the targets is unmatched although its name is known") {
    const Store store = images(2);
    const std::string id = hex(0), short_id = id.substr(0, 12);
    std::string upper = "sha256:" + id;
    for (char& c : upper)
        if (c >= 'a' && c <= 'f') c = static_cast<char>(c - 'a' + 'A');
    for (const std::string& spelled : {upper, "sha256-" + id, "SHA256:" + id, short_id, "sha256:" + short_id,
                                       "sha256:" + id + "\n", " sha256:" + id, std::string(), "docker-pullable://a@sha256:" + id}) {
        INFO(spelled);
        const std::string name = name_of(1);
        CHECK(unmatched(store, std::vector<CContainer>{{spelled.c_str(), name.c_str()}}) == Numbers{0});
    }
}

TEST_CASE("containerd_snapshotter matches a container to the dangling name of its image ID") {
    const mock::Store store{{{"moby-dangling@sha256:1", "sha256:2"}}};
    CHECK(unmatched(store, mock::Containers{{"sha256:1", "x"}, {"sha256:3", "x"}}, {.scope = Scope::unused}) == Numbers{1});
}

TEST_CASE("unmatched_containers gives positions in the whole list when containers are read in batches") {
    const Store store = images(1);
    mock::Containers containers(100, {"sha256:9", ""});
    const std::string id = "sha256:" + hex(0);
    containers[40].id = id;
    const auto numbers = unmatched(store, containers);
    CHECK(numbers.size() == 99);
    CHECK(numbers[39] == 39);
    CHECK(numbers[40] == 41);
    CHECK(numbers.back() == 99);
}

TEST_CASE("a null text of a store or a container counts as empty or as absent") {
    const CStore store{{{"a", "sha256:1", nullptr, nullptr}, {nullptr, nullptr, nullptr, "dev"}}};
    const auto index = pruneplan::build_index(store);
    REQUIRE(index);
    CHECK(index->name(1).empty());
    CHECK(index->target(1).empty());
    CHECK_FALSE(index->parent(0));
    PruneOptions options = strict;
    options.filters.push_back(*pruneplan::parse_filter("label=env", {}));
    const std::vector<CContainer> containers{{nullptr, nullptr, {nullptr}}, {"sha256:1", nullptr}};
    const auto plan = plan_prune(*index, containers, options);
    CHECK(plan.decisions()[0].reason == Reason::filtered);
    CHECK(plan.decisions()[1].container == 0u);
    const auto parsed = pruneplan::parse_filters(std::vector<const char*>{nullptr}, {});
    CHECK(parsed.error().code == pruneplan::ErrorCode::bad_filter);
}

// SPDX-License-Identifier: BSL-1.0

// Tests `explain`: the sentence for each reason, with the container, filter or pattern that decided.

#include "../../support/check.hpp"
#include "../../support/mock.hpp"

#include <pruneplan/plan_prune.hpp>
#include <pruneplan/reading/explain.hpp>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace {

using mock::FullRecord;
using pruneplan::PruneOptions;
using pruneplan::Scope;
namespace usage_rules = pruneplan::usage_rules;
using Sentences = std::vector<std::string>;

/// A container that can mount images.
struct Container {
    std::string_view id, ref;
    std::vector<std::string_view> mounts{};
    std::string_view image_id() const { return id; }
    std::string_view image_ref() const { return ref; }
    const std::vector<std::string_view>& mounted_image_ids() const { return mounts; }
};

/// Returns what `explain` returns for each record.
template <class Store, class Container = Container>
Sentences explained(const Store& store, const std::vector<Container>& containers, const PruneOptions& options) {
    const auto plan = plan_prune(*pruneplan::build_index(store), containers, options);
    Sentences out;
    for (std::size_t record = 0; record < plan.size(); ++record) out.push_back(explain(plan, record));
    return out;
}

Sentences explained(std::vector<FullRecord> records, const std::vector<Container>& containers,
                    const PruneOptions& options) {
    return explained(mock::FullStore{std::move(records)}, containers, options);
}

pruneplan::Filter filter(std::string_view text) { return *pruneplan::parse_filter(text, {1000, 0}); }
pruneplan::Glob glob(std::string_view pattern) { return *pruneplan::Glob::compile(pattern); }

}  // namespace

TEST_CASE("explain states each decision of containerd_snapshotter with its container") {
    const mock::Store store{{{"docker.io/library/a:1", "sha256:a1"},
                             {"docker.io/library/a:2", "sha256:a1"},
                             {"docker.io/library/b:latest", "sha256:b"},
                             {"docker.io/library/c:latest", "sha256:c"},
                             {"moby-dangling@sha256:d", "sha256:d"},
                             {"moby-dangling@sha256:b", "sha256:b"}}};
    CHECK(explained(store, {{"sha256:0", "x"}, {"sha256:b", "b"}, {"sha256:a1", "a1"}},
                    {.scope = Scope::unused, .usage = usage_rules::containerd_snapshotter}) ==
          Sentences{
              "deleted: container 2 runs sha256:a1, which keeps another name",
              "kept: container 2 runs sha256:a1, and this is the last name of that image",
              "kept: container 1 was created from docker.io/library/b:latest",
              "deleted: no container uses it",
              "deleted: it is dangling, and no container uses it",
              "kept: container 1 uses sha256:b by this dangling name",
          });
}

TEST_CASE("explain states each decision of whole_image in the scope dangling") {
    const std::vector<FullRecord> records{{.name = "a", .digest = "sha256:1"},
                                          {.name = "moby-dangling@sha256:1", .digest = "sha256:1"}};
    CHECK(explained(records, {{"sha256:1", "x"}}, {.scope = Scope::dangling, .usage = usage_rules::whole_image}) ==
          Sentences{"kept: it is not dangling, and only dangling images are candidates",
                    "kept: container 0 runs sha256:1"});
}

TEST_CASE("explain suggests the rule strict for an unprotected image whose tag was moved") {
    const std::vector<FullRecord> records{{.name = "docker.io/library/app:latest", .digest = "sha256:new"},
                                          {.name = "docker.io/library/app:old", .digest = "sha256:old"}};
    const std::vector<Container> containers{{"sha256:old", "app"}};
    CHECK(explained(records, containers, {.scope = Scope::unused, .usage = usage_rules::containerd_snapshotter}) ==
          Sentences{
              "kept: container 0 was created from docker.io/library/app:latest",
              "deleted: container 0 runs sha256:old, but the usage rule does not protect that image; the rule strict "
              "does"});
    CHECK(explained(records, containers, {.scope = Scope::unused})[1] ==
          "kept: container 0 runs sha256:old, and this is the last name of that image");
}

TEST_CASE("explain says that a container mounts an image if it does not run it") {
    const std::vector<FullRecord> records{{.name = "a", .digest = "sha256:1"}, {.name = "b", .digest = "sha256:1"}};
    const std::vector<Container> containers{{"sha256:0", "x", {"sha256:1"}}};
    CHECK(explained(records, containers, {.scope = Scope::unused}) ==
          Sentences{"deleted: container 0 mounts sha256:1, which keeps another name",
                    "kept: container 0 mounts sha256:1, and this is the last name of that image"});
    CHECK(explained(records, containers, {.scope = Scope::unused, .usage = usage_rules::whole_image})[0] ==
          "kept: container 0 mounts sha256:1");
}

TEST_CASE("explain names the image in a dangling name even if that name points at another") {
    const std::vector<FullRecord> records{{.name = "moby-dangling@sha256:1", .digest = "sha256:2"}};
    CHECK(explained(records, {{"sha256:1", "x"}}, {.scope = Scope::unused})[0] ==
          "kept: container 0 uses sha256:1 by this dangling name");
}

TEST_CASE("explain names the filter or pattern that decided") {
    const std::vector<FullRecord> records{
        {.name = "docker.io/library/a:1", .digest = "sha256:1", .created = {{100, 0}}, .labels = {{"env", "dev"}}},
        {.name = "docker.io/library/a:2", .digest = "sha256:2", .created = {{900, 0}}},
        {.name = "docker.io/library/a:3", .digest = "sha256:3", .created = {{200, 0}}, .pinned = true}};
    const auto filtered = [&](std::vector<pruneplan::Filter> filters) {
        return explained(records, {}, {.scope = Scope::unused, .filters = std::move(filters)});
    };
    CHECK(filtered({filter("label=env"), filter("label=env=prod")})[0] ==
          "kept: it does not match the filter \"label=env=prod\"");
    CHECK(filtered({filter("label=env"), filter("label=env=prod")})[1] ==
          "kept: it does not match the filter \"label=env\"");
    CHECK(filtered({filter("reference=b"), filter("reference=*:1")}) ==
          Sentences{"deleted: no container uses it", "kept: it does not match the filter \"reference=b\"",
                    "kept: it does not match the filter \"reference=b\""});
    CHECK(filtered({filter("reference!=*:1")})[0] == "kept: it does not match the filter \"reference!=*:1\"");
    CHECK(filtered({filter(" Until = 500")})[1] == "kept: it does not match the filter \" Until = 500\"");

    const std::string unknown = "kept: a time is unknown that the filter ";
    auto timeless = records;
    timeless[1].created.reset();
    const auto judged = [&](const std::string& text) {
        return explained(timeless, {}, {.scope = Scope::unused, .filters = {filter(text)}});
    };
    CHECK(judged("until=500")[1] == unknown + "\"until=500\" compares");
    CHECK(judged("until=50")[0] == "kept: it does not match the filter \"until=50\"");
    CHECK(judged("until=50")[1] == unknown + "\"until=50\" compares");
    CHECK(judged("before=a:2")[0] == unknown + "\"before=a:2\" compares");
    CHECK(judged("since=a:2")[0] == unknown + "\"since=a:2\" compares");
    CHECK(judged("since=a:1")[1] == unknown + "\"since=a:1\" compares");
    CHECK(judged("since=a:3")[0] == "kept: it does not match the filter \"since=a:3\"");
    CHECK(judged("label=env")[1] == "kept: it does not match the filter \"label=env\"");

    PruneOptions options{.scope = Scope::unused};
    options.keep = {glob("b"), glob("a:2")};
    CHECK(explained(records, {}, options) == Sentences{"deleted: no container uses it",
                                                       "kept: it matches the pattern \"a:2\" of names to keep",
                                                       "kept: it is pinned"});
}

TEST_CASE("explain states which records are among the newest or too young or of unknown age") {
    const std::vector<FullRecord> records{{.name = "a:1", .digest = "sha256:1", .created = {{100, 0}}},
                                          {.name = "a:2", .digest = "sha256:2", .created = {{900, 0}}},
                                          {.name = "a:3", .digest = "sha256:3"}};
    CHECK(explained(records, {}, {.scope = Scope::unused, .keep_newest = {{.count = 1}}}) ==
          Sentences{"deleted: no container uses it", "kept: it is among the newest images of its repository",
                    "kept: its age is unknown, so it can be among the newest images of its repository"});
    CHECK(explained(records, {}, {.scope = Scope::unused, .keep_younger_than = pruneplan::Timestamp{150, 0}}) ==
          Sentences{"deleted: no container uses it", "kept: it was used or created too recently",
                    "kept: its age is unknown, so it can be too young"});
}

TEST_CASE("explain says that a record is dangling if the store says so") {
    struct Store : mock::Store {
        static bool is_dangling(const mock::Record&) { return true; }
    };
    Store store;
    store.records = {{"<none>", "sha256:1"}};
    CHECK(explained(store, {{"sha256:1", "x"}}, {.scope = Scope::unused})[0] ==
          "kept: container 0 uses sha256:1 by this dangling name");
}

TEST_CASE("explain states needed images and budgets and missing blobs") {
    const std::vector<FullRecord> records{
        {.name = "base:1", .digest = "sha256:base"},
        {.name = "base:2", .digest = "sha256:base"},
        {.name = "child", .digest = "sha256:child", .needs = "sha256:base"},
        {.name = "other", .digest = "sha256:other", .blobs = {{"x", 10}}},
        {.name = "other:2", .digest = "sha256:other2", .created = {{1, 0}}, .blobs = {{"y", 10}}}};
    PruneOptions options{.scope = Scope::unused, .bytes_to_free = 5};
    CHECK(explained(records, {{"sha256:child", "x"}}, options) ==
          Sentences{"kept: sha256:base keeps another name, so that deleting this one frees nothing",
                    "kept: child, which is kept, needs it",
                    "kept: container 0 runs sha256:child, and this is the last name of that image",
                    "kept: enough is freed without it", "deleted: no container uses it"});
    options.bytes_to_free.reset();
    CHECK(explained(records, {{"sha256:child", "x"}}, options)[0] ==
          "deleted: a kept image needs sha256:base, which keeps another name");
    const mock::Store no_blobs{{{"a", "sha256:1"}}};
    CHECK(explained(no_blobs, {}, {.scope = Scope::unused, .bytes_to_free = 5})[0] ==
          "kept: the store does not tell sizes, so that no space can be counted");
}

TEST_CASE("explain calls a container by its name or else by its number") {
    struct Named : Container {
        std::string called{};
        std::string name() const { return called; }
    };
    const mock::Store store{{{"a", "sha256:1"}, {"b", "sha256:2"}}};
    const PruneOptions options{.scope = Scope::unused, .usage = usage_rules::whole_image};
    CHECK(explained(store, std::vector<Named>{{{"sha256:1", "x"}, "web"}, {{"sha256:2", "x"}, ""}}, options) ==
          Sentences{"kept: container web runs sha256:1", "kept: container 1 runs sha256:2"});
    CHECK(explained(store, std::vector<Named>{{{"sha256:1", "x"}, "my web\n"}, {{"sha256:2", "x"}, "\xc3\xa9"}},
                    options) ==
          Sentences{"kept: container \"my web%0A\" runs sha256:1", "kept: container \"%C3%A9\" runs sha256:2"});
    std::vector<Container> containers(1235, Container{"sha256:0", "x"});
    containers.back().id = "sha256:1";
    CHECK(explained(store, containers, options)[0] == "kept: container 1234 runs sha256:1");
}

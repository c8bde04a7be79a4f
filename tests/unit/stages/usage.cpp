// SPDX-License-Identifier: BSL-1.0
#include "../../support/check.hpp"
#include "../../support/mock.hpp"

#include <pruneplan/plan_prune.hpp>
#include <pruneplan/stages/usage.hpp>

#include <list>
#include <string>
#include <string_view>
#include <vector>

namespace {

using pruneplan::Decision;
using pruneplan::Decisions;
using pruneplan::Reason;
using pruneplan::detail::created_by_digest;
namespace usage_rules = pruneplan::usage_rules;

#define HEX64 "82d1e9d7ed48a7523bdebc18cf6290bdb97b82302a8a9c27d4fe885949ea94d1"
constexpr std::string_view id = "sha256:" HEX64;

/// What usage alone makes of one record named `name`, with a container that runs `id` by the name `ref`.
constexpr Decision decided(std::string_view name, std::string_view target, std::string_view ref,
                           pruneplan::UsageRule rule = usage_rules::containerd_snapshotter) {
    const mock::Store store{{{name, target}}};
    const auto index = mock::Index::build(store);
    Decisions decisions(1);
    static_cast<void>(pruneplan::stages::usage(*index, mock::Containers{{"sha256:0", "other"}, {id, ref}}, rule, decisions));
    return decisions[0];
}

constexpr Decision in_use{pruneplan::Action::keep, Reason::name_in_use, 1};
constexpr Decision goes{pruneplan::Action::remove, Reason::unused, std::nullopt};

struct ContainerByValue {
    std::string id, ref;
    std::string image_id() const { return id; }
    std::string image_ref() const { return ref; }
};

/// A list that makes its containers as it is read: nobody else holds them.
struct MadeAsRead {
    const std::vector<std::string>& names;
    ContainerByValue operator[](std::size_t i) const { return {"sha256:0", names[99 - i]}; }
    pruneplan::detail::IndexIterator<MadeAsRead> begin() const { return {*this, 0}; }
    pruneplan::detail::IndexIterator<MadeAsRead> end() const { return {*this, 100}; }
};

/// Containers that are read from a stream, which holds but one of them at a time.
struct ReadOnce {
    const std::vector<std::string>& names;
    struct Iterator {
        using value_type = ContainerByValue;
        using difference_type = std::ptrdiff_t;
        const std::vector<std::string>* names = nullptr;
        std::size_t at = 0;
        ContainerByValue one{};

        const ContainerByValue& operator*() const { return one; }
        Iterator& operator++() {
            if (++at < names->size()) one = {"sha256:0", (*names)[names->size() - 1 - at]};
            return *this;
        }
        void operator++(int) { ++*this; }
        bool operator==(const Iterator& other) const { return at == other.at; }
    };
    Iterator begin() const { return {&names, 0, {"sha256:0", names.back()}}; }
    Iterator end() const { return {&names, names.size()}; }
};

struct WithMounts {
    std::string id;
    std::vector<std::string> mounts;
    std::string_view image_id() const { return id; }
    std::string_view image_ref() const { return "app"; }
    const std::vector<std::string>& mounted_image_ids() const { return mounts; }
};

}  // namespace

TEST_CASE("created by digest: an ID, whole or cut off, or a reference that ends in the digest") {
    CHECK_TWICE(created_by_digest(id, id));
    CHECK_TWICE(created_by_digest(id, HEX64));
    CHECK_TWICE(created_by_digest(id, "82d1e9d7"));
    CHECK_TWICE(created_by_digest(id, "sha256:8"));
    CHECK_TWICE(created_by_digest(id, "sha256:"));
    CHECK_TWICE(created_by_digest(id, ""));
    CHECK_TWICE(created_by_digest(id, "app@sha256:" HEX64));
    CHECK_TWICE(created_by_digest("sha512:ab", "app@sha512:ab"));
    CHECK_TWICE(!created_by_digest(id, "sha256"));
    CHECK_TWICE(!created_by_digest(id, "alpine"));
    CHECK_TWICE(!created_by_digest(id, HEX64 "0"));
    CHECK_TWICE(!created_by_digest(id, "app@sha256:82d1e9d7"));
    CHECK_TWICE(!created_by_digest(id, "appsha256:" HEX64));
    CHECK_TWICE(!created_by_digest("sha512:ab", "ab"));
    CHECK_TWICE(!created_by_digest("sha512:ab", "sha512:ab"));
    CHECK_TWICE(!created_by_digest("", ""));
    CHECK_TWICE(created_by_digest("", "app@"));
}

TEST_CASE("the name that a container was created from is in use, whatever it points at") {
    CHECK_TWICE(decided("docker.io/library/alpine:latest", "sha256:1", "alpine") == in_use);
    CHECK_TWICE(decided("docker.io/library/alpine:latest", "sha256:1", "alpine:3") == goes);
    CHECK_TWICE(decided("docker.io/library/alpine:3", "sha256:1", "index.docker.io/alpine:3") == in_use);
    CHECK_TWICE(decided("docker.io/library/alpine:3", "sha256:1", "alpine:3@sha256:" HEX64) == in_use);
    CHECK_TWICE(decided("docker.io/library/alpine:3@sha256:" HEX64, "sha256:1", "alpine:3@sha256:" HEX64) == in_use);
    CHECK_TWICE(decided("docker.io/library/alpine@sha256:" HEX64, "sha256:1", "alpine:3@sha256:" HEX64) == goes);
    CHECK_TWICE(decided("docker.io/library/alpine@sha256:" HEX64, "sha256:1", "alpine@sha256:" HEX64) == in_use);
}

TEST_CASE("a name that looks like an ID is a name all the same") {
    CHECK_TWICE(decided("docker.io/library/sha256:" HEX64, "sha256:1", "sha256:" HEX64) == in_use);
    CHECK_TWICE(decided("docker.io/library/sha256:82d1e9d7", "sha256:1", "sha256:82d1e9d7") == in_use);
    CHECK_TWICE(decided("docker.io/library/82d1e9d7:latest", "sha256:1", "82d1e9d7") == in_use);
}

TEST_CASE("of names that differ in what may be left out, the canonical one is in use") {
    CHECK_TWICE(decided("docker.io/library/alpine:latest", "sha256:1", "index.docker.io/library/alpine") == in_use);
    CHECK_TWICE(decided("docker.io/library/alpine", "sha256:1", "alpine") == goes);
    CHECK_TWICE(decided("library/alpine:latest", "sha256:1", "alpine") == goes);
    CHECK_TWICE(decided("docker.io/alpine:latest", "sha256:1", "alpine") == goes);
    CHECK_TWICE(decided("docker.io/library/alpine:latest", "sha256:1", "alpine@sha256:" HEX64) == goes);
    CHECK_TWICE(decided("docker.io/library/alpine:latest", "sha256:1", "alpine:latest@sha256:" HEX64) == in_use);
    CHECK_TWICE(decided("docker.io/library/alpine:latest", "sha256:1", "alpine:latest@sha512:" HEX64) == goes);
}

TEST_CASE("a name is in use by its canonical form, not as it was typed") {
    CHECK_TWICE(decided("alpine", "sha256:1", "alpine") == goes);
    CHECK_TWICE(decided("not a reference", "sha256:1", "not a reference") == goes);
}

TEST_CASE("the dangling name of what a container runs is in use") {
    CHECK_TWICE(decided("moby-dangling@sha256:" HEX64, id, "alpine") == in_use);
    CHECK_TWICE(decided("moby-dangling@sha256:" HEX64, id, "no reference at all") == in_use);
    CHECK_TWICE(decided("moby-dangling@sha256:1", "sha256:1", "alpine") == goes);
    // By its name alone, even where it points elsewhere.
    CHECK_TWICE(decided("moby-dangling@sha256:" HEX64, "sha256:1", "alpine") == in_use);
}

TEST_CASE("a rule that keeps no names keeps none") {
    CHECK_TWICE(decided("docker.io/library/alpine:latest", "sha256:1", "alpine", usage_rules::graph_driver) == goes);
    CHECK_TWICE(decided("moby-dangling@sha256:" HEX64, id, "alpine", usage_rules::whole_image).reason == Reason::unused);
}

TEST_CASE("the first container is remembered, and one that puts the digest in use before one that does not") {
    const mock::Store store{{{"docker.io/library/app:1", id}}};
    const auto index = mock::Index::build(store);
    Decisions decisions(1);
    const mock::Containers containers{{"sha256:0", "x"}, {id, "app:1"}, {id, "82d1"}, {id, id}, {id, "app:1"}};
    const auto use = pruneplan::stages::usage(*index, containers, usage_rules::containerd_snapshotter, decisions).targets;
    CHECK(decisions[0] == in_use);
    CHECK(use.in_use(0));
    CHECK(use.usage(0).container() == 2);
}

TEST_CASE("containers can come from any range, and give their texts by value") {
    std::vector<std::string> names;
    for (int i = 0; i < 100; ++i) names.push_back("docker.io/library/an-image-with-a-longer-name:" + std::to_string(i));
    std::vector<mock::Record> records;
    for (const std::string& name : names) records.push_back({name, "sha256:1"});
    const mock::Store store{records};
    const auto index = mock::Index::build(store);
    const auto kept = [&](const auto& containers) {
        Decisions decisions(names.size());
        pruneplan::stages::usage(*index, containers, usage_rules::containerd_snapshotter, decisions);
        std::size_t count = 0;
        for (std::size_t i = 0; i < names.size(); ++i)
            if (decisions[i].container == 99 - i) ++count;
        return count;
    };
    std::list<ContainerByValue> list;
    for (const std::string& name : names) list.push_front({"sha256:0", name});
    CHECK(kept(list) == 100);
    CHECK(kept(MadeAsRead{names}) == 100);
    CHECK(kept(ReadOnce{names}) == 100);
}

TEST_CASE("images that are mounted as volumes are in use, whatever the rule") {
    const mock::Store store{{{"a", "sha256:1"}, {"b", "sha256:2"}, {"c", "sha256:3"}, {"d", "sha256:4"}}};
    const auto index = mock::Index::build(store);
    for (const auto rule : {usage_rules::containerd_snapshotter, usage_rules::graph_driver}) {
        Decisions decisions(4);
        const auto use = pruneplan::stages::usage(
            *index, std::vector<WithMounts>{{"sha256:0", {}}, {"sha256:4", {"sha256:2", "sha256:9", "sha256:3"}}}, rule, decisions).targets;
        CHECK_FALSE(use.in_use(0));
        CHECK(use.in_use(1));
        CHECK(use.in_use(2));
        CHECK(use.usage(2).container() == 1);
        CHECK(use.in_use(3) == (rule == usage_rules::graph_driver));
    }
}

TEST_CASE("an image that is only mounted keeps the name that sorts last, as one that was made by ID, not its dangling name") {
    const mock::Store store{{{"quay.io/x:1", "sha256:1"}, {"moby-dangling@sha256:1", "sha256:1"}}};
    const auto index = mock::Index::build(store);
    const auto plan = plan_prune(*index, std::vector<WithMounts>{{"sha256:0", {"sha256:1"}}}, {.scope = pruneplan::Scope::unused});
    CHECK(plan.decisions()[0].reason == Reason::last_name);
    CHECK(plan.decisions()[1].reason == Reason::spare_name);
}

TEST_CASE("of the containers that hold an image, the first is named, whether it runs or mounts it") {
    const mock::Store store{{{"a", "sha256:1"}}};
    const auto index = mock::Index::build(store);
    for (const bool mounted_first : {true, false}) {
        std::vector<WithMounts> containers{{"sha256:0", {"sha256:1"}}, {"sha256:1", {}}};
        if (!mounted_first) std::swap(containers[0], containers[1]);
        Decisions decisions(1);
        const auto use = pruneplan::stages::usage(*index, containers, usage_rules::graph_driver, decisions).targets;
        CHECK(use.in_use(0));
        CHECK(use.is_run(0));
        CHECK(use.usage(0).container() == 0);
    }
}

TEST_CASE("the container reported for a dangling record is the same whether another record has a stray dangling name") {
    for (const bool stray : {false, true}) {
        mock::Store store{{{"moby-dangling@sha256:1", "sha256:1"}}};
        if (stray) store.records.push_back({"moby-dangling@sha256:2", "sha256:3"});
        const auto index = mock::Index::build(store);
        const auto plan = plan_prune(*index, mock::Containers{{"sha256:1", "app"}, {"sha256:1", "sha256:1"}},
                                     {.scope = pruneplan::Scope::unused});
        CHECK(plan.decisions()[0].reason == Reason::name_in_use);
        CHECK(plan.decisions()[0].container == 0u);
    }
}

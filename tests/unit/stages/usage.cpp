// SPDX-License-Identifier: BSL-1.0

// Tests the third stage, usage: which names and digests containers put in use.

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

/// Returns the decision of the usage stage alone on one record. Container 1 runs `id` and was created from `ref`.
constexpr Decision decided(std::string_view name, std::string_view target, std::string_view ref,
                           pruneplan::UsageRule rule = usage_rules::containerd_snapshotter) {
    const mock::Store store{{{name, target}}};
    const auto index = mock::Index::build(store);
    Decisions decisions(1);
    static_cast<void>(
        pruneplan::stages::usage(*index, mock::Containers{{"sha256:0", "other"}, {id, ref}}, rule, decisions));
    return decisions[0];
}

constexpr Decision in_use{pruneplan::Action::keep, Reason::name_in_use, 1};
constexpr Decision unused{pruneplan::Action::remove, Reason::unused, std::nullopt};

struct ContainerByValue {
    std::string id, ref;
    std::string image_id() const { return id; }
    std::string image_ref() const { return ref; }
};

/// A list of containers that are created as they are read, in the reverse order of `names`.
struct CreatedAsRead {
    const std::vector<std::string>& names;
    ContainerByValue operator[](std::size_t i) const { return {"sha256:0", names[99 - i]}; }
    pruneplan::detail::IndexIterator<CreatedAsRead> begin() const { return {*this, 0}; }
    pruneplan::detail::IndexIterator<CreatedAsRead> end() const { return {*this, 100}; }
};

/// An input range, which can be read once and holds one container at a time, in the reverse order of `names`.
struct ReadOnce {
    const std::vector<std::string>& names;
    struct Iterator {
        using value_type = ContainerByValue;
        using difference_type = std::ptrdiff_t;
        const std::vector<std::string>* names = nullptr;
        std::size_t at = 0;
        ContainerByValue current{};

        const ContainerByValue& operator*() const { return current; }
        Iterator& operator++() {
            if (++at < names->size()) current = {"sha256:0", (*names)[names->size() - 1 - at]};
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

TEST_CASE("a container is created by digest if its reference is a prefix of its ID or empty or ends in @ and its ID") {
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

TEST_CASE("the name that a container was created from is in use whatever it points at") {
    CHECK_TWICE(decided("docker.io/library/alpine:latest", "sha256:1", "alpine") == in_use);
    CHECK_TWICE(decided("docker.io/library/alpine:latest", "sha256:1", "alpine:3") == unused);
    CHECK_TWICE(decided("docker.io/library/alpine:3", "sha256:1", "index.docker.io/alpine:3") == in_use);
    CHECK_TWICE(decided("docker.io/library/alpine:3", "sha256:1", "alpine:3@sha256:" HEX64) == in_use);
    CHECK_TWICE(decided("docker.io/library/alpine:3@sha256:" HEX64, "sha256:1", "alpine:3@sha256:" HEX64) == in_use);
    CHECK_TWICE(decided("docker.io/library/alpine@sha256:" HEX64, "sha256:1", "alpine:3@sha256:" HEX64) == unused);
    CHECK_TWICE(decided("docker.io/library/alpine@sha256:" HEX64, "sha256:1", "alpine@sha256:" HEX64) == in_use);
}

TEST_CASE("a reference that looks like an ID puts the record with its canonical name in use") {
    CHECK_TWICE(decided("docker.io/library/sha256:" HEX64, "sha256:1", "sha256:" HEX64) == in_use);
    CHECK_TWICE(decided("docker.io/library/sha256:82d1e9d7", "sha256:1", "sha256:82d1e9d7") == in_use);
    CHECK_TWICE(decided("docker.io/library/82d1e9d7:latest", "sha256:1", "82d1e9d7") == in_use);
}

TEST_CASE("only the canonical form of a typed reference is in use and no shorter form of it") {
    CHECK_TWICE(decided("docker.io/library/alpine:latest", "sha256:1", "index.docker.io/library/alpine") == in_use);
    CHECK_TWICE(decided("docker.io/library/alpine", "sha256:1", "alpine") == unused);
    CHECK_TWICE(decided("library/alpine:latest", "sha256:1", "alpine") == unused);
    CHECK_TWICE(decided("docker.io/alpine:latest", "sha256:1", "alpine") == unused);
    CHECK_TWICE(decided("docker.io/library/alpine:latest", "sha256:1", "alpine@sha256:" HEX64) == unused);
    CHECK_TWICE(decided("docker.io/library/alpine:latest", "sha256:1", "alpine:latest@sha256:" HEX64) == in_use);
    CHECK_TWICE(decided("docker.io/library/alpine:latest", "sha256:1", "alpine:latest@sha512:" HEX64) == unused);
}

TEST_CASE("a record whose name equals the typed text but not its canonical form is not in use") {
    CHECK_TWICE(decided("alpine", "sha256:1", "alpine") == unused);
    CHECK_TWICE(decided("not a reference", "sha256:1", "not a reference") == unused);
}

TEST_CASE("the dangling name of the image that a container runs is in use whatever it points at") {
    CHECK_TWICE(decided("moby-dangling@sha256:" HEX64, id, "alpine") == in_use);
    CHECK_TWICE(decided("moby-dangling@sha256:" HEX64, id, "not a reference") == in_use);
    CHECK_TWICE(decided("moby-dangling@sha256:1", "sha256:1", "alpine") == unused);
    // The name alone decides, even if it points at another image.
    CHECK_TWICE(decided("moby-dangling@sha256:" HEX64, "sha256:1", "alpine") == in_use);
}

TEST_CASE("a usage rule without names in use keeps neither the name nor the dangling name") {
    CHECK_TWICE(decided("docker.io/library/alpine:latest", "sha256:1", "alpine", usage_rules::graph_driver) == unused);
    CHECK_TWICE(decided("moby-dangling@sha256:" HEX64, id, "alpine", usage_rules::whole_image).reason ==
                Reason::unused);
}

TEST_CASE("a name in use reports its first container and a digest in use the first that protects it") {
    const mock::Store store{{{"docker.io/library/app:1", id}}};
    const auto index = mock::Index::build(store);
    Decisions decisions(1);
    const mock::Containers containers{{"sha256:0", "x"}, {id, "app:1"}, {id, "82d1"}, {id, id}, {id, "app:1"}};
    const auto use =
        pruneplan::stages::usage(*index, containers, usage_rules::containerd_snapshotter, decisions).targets;
    CHECK(decisions[0] == in_use);
    CHECK(use.in_use(0));
    CHECK(use.usage(0).container() == 2);
}

TEST_CASE("containers can be in any range even one that creates them as it is read or is read only once") {
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
    CHECK(kept(CreatedAsRead{names}) == 100);
    CHECK(kept(ReadOnce{names}) == 100);
}

TEST_CASE("images that containers mount are in use under containerd_snapshotter and under graph_driver") {
    const mock::Store store{{{"a", "sha256:1"}, {"b", "sha256:2"}, {"c", "sha256:3"}, {"d", "sha256:4"}}};
    const auto index = mock::Index::build(store);
    for (const auto rule : {usage_rules::containerd_snapshotter, usage_rules::graph_driver}) {
        Decisions decisions(4);
        const auto use =
            pruneplan::stages::usage(
                *index, std::vector<WithMounts>{{"sha256:0", {}}, {"sha256:4", {"sha256:2", "sha256:9", "sha256:3"}}},
                rule, decisions)
                .targets;
        CHECK_FALSE(use.in_use(0));
        CHECK(use.in_use(1));
        CHECK(use.in_use(2));
        CHECK(use.usage(2).container() == 1);
        CHECK(use.in_use(3) == (rule == usage_rules::graph_driver));
    }
}

TEST_CASE("an image that is only mounted keeps its last name and its dangling name is not in use") {
    const mock::Store store{{{"quay.io/x:1", "sha256:1"}, {"moby-dangling@sha256:1", "sha256:1"}}};
    const auto index = mock::Index::build(store);
    const auto plan =
        plan_prune(*index, std::vector<WithMounts>{{"sha256:0", {"sha256:1"}}}, {.scope = pruneplan::Scope::unused});
    CHECK(plan.decisions()[0].reason == Reason::last_name);
    CHECK(plan.decisions()[1].reason == Reason::spare_name);
}

TEST_CASE("an image in use reports the first container that runs or mounts it") {
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

TEST_CASE("a stray dangling name does not change the container that another dangling record reports") {
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

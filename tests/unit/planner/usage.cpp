// SPDX-License-Identifier: BSL-1.0

// Tests the third stage, usage: which names and images containers put in use.

#include "../../support/check.hpp"
#include "drafted.hpp"

#include <pruneplan/detail/index/index_iterator.hpp>
#include <pruneplan/plan_prune.hpp>
#include <pruneplan/planner/usage.hpp>

#include <list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace {

using pruneplan::Doubt;
using pruneplan::DoubtKind;
using pruneplan::Reason;
using pruneplan::UsageRule;
using pruneplan::detail::ImageUse;
using pruneplan::planner::Usage;
namespace usage_rules = pruneplan::usage_rules;

#define HEX64 "82d1e9d7ed48a7523bdebc18cf6290bdb97b82302a8a9c27d4fe885949ea94d1"
#define OTHER64 "0000e9d7ed48a7523bdebc18cf6290bdb97b82302a8a9c27d4fe885949ea94d1"
constexpr std::string_view id = "sha256:" HEX64;

constexpr UsageRule presets[] = {usage_rules::strict, usage_rules::containerd_snapshotter, usage_rules::graph_driver,
                                 usage_rules::whole_image, usage_rules::names_only};

template <class Container>
constexpr void add(Usage& usage, const Container& container) {
    usage.add_image_id(container.image_id());
    usage.add_image_ref(container.image_ref());
    if constexpr (pruneplan::knows_mounted_image_ids<Container>)
        for (const auto& image : container.mounted_image_ids()) usage.mount(image);
    usage.add();
}

/// Runs the usage stage alone.
template <class Store, class Container>
constexpr ImageUse use(Drafted<Store>& drafted, const std::vector<Container>& containers) {
    Usage usage(drafted.draft);
    for (const Container& container : containers) add(usage, container);
    return usage.finish();
}

/// Tells what the usage stage alone decides about a record.
struct Decided {
    Reason reason;
    std::optional<std::size_t> container;
    friend constexpr bool operator==(const Decided&, const Decided&) = default;
};

/// Returns the decision of the usage stage alone on one record. Container 1 runs `id` and was created from `ref`.
constexpr Decided decided(std::string_view name, std::string_view target, std::string_view ref,
                          UsageRule rule = usage_rules::containerd_snapshotter) {
    Drafted drafted(mock::Store{{{name, target}}}, {.usage = rule});
    use(drafted, mock::Containers{{"sha256:0", "other"}, {id, ref}});
    const auto plan = drafted.plan();
    return {plan[0].reason, plan[0].container};
}

constexpr Decided in_use{Reason::name_in_use, 1};
constexpr Decided unused{Reason::unused, std::nullopt};

/// Tells whether the image `id`, of a record "x:1", is in use by a container that was created from `ref` and reports
/// `image_id`.
constexpr bool is_in_use(UsageRule rule, std::string_view ref, std::string_view image_id = id) {
    Drafted drafted(mock::Store{{{"x:1", id}, {"y:1", "sha256:" OTHER64}}}, {.usage = rule});
    const ImageUse used = use(drafted, mock::Containers{{image_id, ref}});
    return used[0].in_use && !used[1].in_use;
}

/// A store whose own answer decides which records are dangling.
struct WithDangling : mock::Store {
    static constexpr bool is_dangling(const mock::Record& record) { return record.name.starts_with("<none>"); }
};

struct ContainerByValue {
    std::string id, ref;
    std::string image_id() const { return id; }
    std::string image_ref() const { return ref; }
};

/// A list of containers that are created as they are read, in the reverse order of `names`.
struct CreatedAsRead {
    const std::vector<std::string>* names = nullptr;
    ContainerByValue operator[](std::size_t i) const { return {"sha256:0", (*names)[99 - i]}; }
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

// Names in use.

TEST_CASE("the name that a container was created from is in use whatever it points at") {
    CHECK_TWICE(decided("docker.io/library/alpine:latest", "sha256:1", "alpine") == in_use);
    CHECK_TWICE(decided("docker.io/library/alpine:latest", "sha256:1", "alpine:3") == unused);
    CHECK_TWICE(decided("docker.io/library/alpine:3", "sha256:1", "index.docker.io/alpine:3") == in_use);
    CHECK_TWICE(decided("docker.io/library/alpine:3@sha256:" HEX64, "sha256:1", "alpine:3@sha256:" HEX64) == in_use);
    CHECK_TWICE(decided("docker.io/library/alpine@sha256:" HEX64, "sha256:1", "alpine@sha256:" HEX64) == in_use);
    for (const UsageRule rule : {usage_rules::strict, usage_rules::names_only})
        CHECK(decided("docker.io/library/alpine:latest", "sha256:1", "alpine", rule) == in_use);
}

TEST_CASE("a reference with both tag and digest also puts the name with the tag alone in use") {
    CHECK_TWICE(decided("docker.io/library/alpine:3", "sha256:1", "alpine:3@sha256:" HEX64) == in_use);
    CHECK_TWICE(decided("alpine:3", "sha256:1", "library/alpine:3@sha256:" HEX64) == in_use);
    CHECK_TWICE(decided("alpine", "sha256:1", "alpine:latest@sha256:" HEX64) == in_use);
    CHECK_TWICE(decided("docker.io/library/alpine:latest", "sha256:1", "alpine:latest@sha256:" HEX64) == in_use);
    CHECK_TWICE(decided("docker.io/library/alpine@sha256:" HEX64, "sha256:1", "alpine:3@sha256:" HEX64) == unused);
    CHECK_TWICE(decided("docker.io/library/alpine:latest", "sha256:1", "alpine@sha256:" HEX64) == unused);
    CHECK_TWICE(decided("docker.io/library/alpine:latest", "sha256:1", "alpine:latest@sha512:" HEX64) == unused);
}

TEST_CASE("a record matches by the canonical form of its name in whatever form the store spells it") {
    for (const std::string_view name : {"alpine", "alpine:latest", "library/alpine", "docker.io/alpine:latest",
                                        "index.docker.io/library/alpine", "docker.io/library/alpine:latest"})
        for (const std::string_view ref : {"alpine", "alpine:latest", "library/alpine", "docker.io/alpine:latest",
                                           "index.docker.io/library/alpine", "docker.io/library/alpine:latest"}) {
            INFO(name << " " << ref);
            CHECK(decided(name, "sha256:1", ref) == in_use);
        }
    CHECK_TWICE(decided("library/alpine:3@sha256:" HEX64, "sha256:1", "alpine:3@sha256:" HEX64) == in_use);
    CHECK_TWICE(decided("library/team/alpine", "sha256:1", "team/alpine") == unused);
    CHECK_TWICE(decided("quay.io/alpine", "sha256:1", "alpine") == unused);
}

TEST_CASE("all forms of one name that a store has are in use") {
    const mock::Store store{{{"alpine", "1"},
                             {"docker.io/library/alpine:latest", "2"},
                             {"library/alpine", "3"},
                             {"alpine:3", "4"},
                             {"docker.io/alpine:3", "5"}}};
    for (const std::string_view ref : {"alpine", "index.docker.io/alpine"}) {
        Drafted drafted(store);
        use(drafted, mock::Containers{{"sha256:0", ref}});
        CHECK(drafted.reasons() == std::vector<Reason>{Reason::name_in_use, Reason::name_in_use, Reason::name_in_use,
                                                       Reason::unused, Reason::unused});
    }
}

TEST_CASE("commands put names and digests in use as the comment of Usage shows") {
    const auto stored = [](std::string_view ref, UsageRule rule) {
        Drafted drafted(mock::Store{{{"app:1", id}, {"app:2", "sha256:" OTHER64}}}, {.usage = rule});
        const ImageUse used = use(drafted, mock::Containers{{id, ref}});
        return std::vector<bool>{drafted.reasons()[0] == Reason::name_in_use,
                                 drafted.reasons()[1] == Reason::name_in_use, used[0].in_use != 0, used[1].in_use != 0};
    };
    const auto snapshotter = usage_rules::containerd_snapshotter;
    CHECK(stored("app:1", snapshotter) == std::vector{true, false, false, false});
    CHECK(stored("app:1", usage_rules::strict) == std::vector{true, false, true, false});
    CHECK(stored("82d1e9d", snapshotter) == std::vector{false, false, true, false});
    CHECK(stored("app:2@" + std::string(id), snapshotter) == std::vector{false, true, true, false});
}

TEST_CASE("a reference that looks like an ID puts the record with its canonical name in use") {
    CHECK_TWICE(decided("docker.io/library/sha256:" HEX64, "sha256:1", "sha256:" HEX64) == in_use);
    CHECK_TWICE(decided("docker.io/library/sha256:82d1e9d7", "sha256:1", "sha256:82d1e9d7") == in_use);
    CHECK_TWICE(decided("docker.io/library/82d1e9d7:latest", "sha256:1", "82d1e9d7") == in_use);
}

TEST_CASE("a record whose name is the typed text byte for byte is in use even if that is not a valid reference") {
    CHECK_TWICE(decided("alpine", "sha256:1", "alpine") == in_use);
    CHECK_TWICE(decided("not a reference", "sha256:1", "not a reference") == in_use);
    CHECK_TWICE(decided("Alpine", "sha256:1", "Alpine") == in_use);
    CHECK_TWICE(decided(HEX64, "sha256:1", HEX64) == in_use);
    CHECK_TWICE(decided("sha256:" HEX64, "sha256:1", "sha256:" HEX64) == in_use);
    CHECK_TWICE(decided("<none>@sha256:" HEX64, "sha256:1", "<none>@sha256:" HEX64) == in_use);
    CHECK_TWICE(decided("moby-dangling@sha256:" OTHER64, "sha256:" OTHER64, "moby-dangling@sha256:" OTHER64) == in_use);
    CHECK_TWICE(decided("", "sha256:1", "") == in_use);
    CHECK_TWICE(decided("Alpine", "sha256:1", "alpine") == unused);
    CHECK_TWICE(decided("not a reference", "sha256:1", "not a reference:latest") == unused);
}

TEST_CASE("the dangling name of the image that a container runs is in use whatever it points at") {
    CHECK_TWICE(decided("moby-dangling@sha256:" HEX64, id, "alpine") == in_use);
    CHECK_TWICE(decided("moby-dangling@sha256:" HEX64, id, "not a reference") == in_use);
    CHECK_TWICE(decided("moby-dangling@sha256:" HEX64, "sha256:1", "alpine") == in_use);
    CHECK_TWICE(decided("moby-dangling@sha256:1", "sha256:1", "alpine") == unused);
}

TEST_CASE("every dangling record of an image that a container runs is in use") {
    Drafted drafted(WithDangling{
        {{{"<none>@1", id}, {"<none>@2", "sha256:2"}, {"<none>@3", id}, {"moby-dangling@" HEX64, id}, {"x:1", id}}}});
    use(drafted, mock::Containers{{"sha256:0", "x"}, {HEX64, "alpine"}, {id, "alpine"}});
    const auto plan = drafted.plan();
    CHECK(plan[0].reason == Reason::name_in_use);
    CHECK(plan[0].container == 1u);
    CHECK(plan[1].reason == Reason::unused);
    CHECK(plan[2].reason == Reason::name_in_use);
    CHECK(plan[3].reason == Reason::unused);
    CHECK(plan[4].reason == Reason::unused);
}

TEST_CASE("a usage rule without names in use keeps neither the name nor the dangling name") {
    for (const UsageRule rule : {usage_rules::graph_driver, usage_rules::whole_image}) {
        CHECK(decided("docker.io/library/alpine:latest", "sha256:1", "alpine", rule) == unused);
        CHECK(decided("moby-dangling@sha256:" HEX64, id, "alpine", rule) == unused);
        CHECK(decided("not a reference", id, "not a reference", rule) == unused);
    }
}

// Digests in use.

TEST_CASE("under containerd_snapshotter an image is in use by digest if its container was created by ID or digest") {
    constexpr auto rule = usage_rules::containerd_snapshotter;
    CHECK_TWICE(is_in_use(rule, id));
    CHECK_TWICE(is_in_use(rule, HEX64));
    CHECK_TWICE(is_in_use(rule, "82d1"));
    CHECK_TWICE(is_in_use(rule, "sha256:82d1"));
    CHECK_TWICE(is_in_use(rule, ""));
    CHECK_TWICE(is_in_use(rule, "app@sha256:" HEX64));
    CHECK_TWICE(is_in_use(rule, "app:1@sha256:" HEX64));
    CHECK_TWICE(!is_in_use(rule, "app"));
    CHECK_TWICE(!is_in_use(rule, "x:1"));
    CHECK_TWICE(!is_in_use(rule, "app@sha256:" OTHER64));
    CHECK_TWICE(!is_in_use(rule, OTHER64));
    CHECK_TWICE(!is_in_use(rule, "82d2"));
}

TEST_CASE("under strict and graph_driver and whole_image the image of every container is in use") {
    for (const UsageRule rule : {usage_rules::strict, usage_rules::graph_driver, usage_rules::whole_image})
        for (const std::string_view ref : {"app", "", "82d1", "0000", "App", "app@sha256:" OTHER64}) {
            INFO(ref);
            CHECK(is_in_use(rule, ref));
        }
}

TEST_CASE("under names_only no image is in use but one that a container mounts") {
    for (const std::string_view ref : {id, std::string_view("82d1"), std::string_view("app@sha256:" HEX64)})
        CHECK_FALSE(is_in_use(usage_rules::names_only, ref));
    Drafted drafted(mock::Store{{{"a", "sha256:1"}, {"b", "sha256:2"}}}, {.usage = usage_rules::names_only});
    const ImageUse used = use(drafted, std::vector<WithMounts>{{"sha256:1", {"sha256:2"}}});
    CHECK_FALSE(used[0].in_use);
    CHECK(used[0].run);
    CHECK(used[1].in_use);
}

TEST_CASE("an image ID of 64 hex digits means the same with and without its algorithm") {
    for (const UsageRule rule : presets) CHECK(is_in_use(rule, "82d1", HEX64) == is_in_use(rule, "82d1", id));
    CHECK_TWICE(is_in_use(usage_rules::containerd_snapshotter, id, HEX64));
    CHECK_TWICE(is_in_use(usage_rules::containerd_snapshotter, "a@sha256:" HEX64, HEX64));
    CHECK_TWICE(decided("moby-dangling@sha256:" HEX64, "sha256:1", "alpine") == in_use);
    for (const std::string_view image_id : {id, std::string_view(HEX64)}) {
        Drafted drafted(mock::Store{{{"x:1", HEX64}}});
        CHECK(use(drafted, mock::Containers{{image_id, "app"}})[0].in_use);
    }
}

TEST_CASE("under strict a container of an unknown image protects the images that its reference means by ID or digest") {
    CHECK_TWICE(is_in_use(usage_rules::strict, id, "sha256:77"));
    CHECK_TWICE(is_in_use(usage_rules::strict, HEX64, "sha256:77"));
    CHECK_TWICE(is_in_use(usage_rules::strict, "82d1", "sha256:77"));
    CHECK_TWICE(is_in_use(usage_rules::strict, "sha256:82d1", ""));
    CHECK_TWICE(is_in_use(usage_rules::strict, "app@sha256:" HEX64, "sha256:77"));
    CHECK_TWICE(is_in_use(usage_rules::strict, "app:1@sha256:" HEX64, ""));
    CHECK_TWICE(!is_in_use(usage_rules::strict, "x:1", "sha256:77"));
    CHECK_TWICE(!is_in_use(usage_rules::strict, "", "sha256:77"));
    CHECK_TWICE(!is_in_use(usage_rules::strict, "app@sha256:" HEX64, "sha256:" OTHER64));
    for (const UsageRule rule : presets)
        if (rule != usage_rules::strict) {
            CHECK_FALSE(is_in_use(rule, id, "sha256:77"));
            CHECK_FALSE(is_in_use(rule, "app@sha256:" HEX64, "sha256:77"));
        }

    Drafted drafted(mock::Store{{{"a", "sha256:821"}, {"b", "sha256:822"}, {"c", "sha256:83"}}});
    const ImageUse used = use(drafted, mock::Containers{{"sha256:77", "82"}});
    CHECK(used[0].in_use);
    CHECK(used[1].in_use);
    CHECK_FALSE(used[2].in_use);
}

// What is reported.

TEST_CASE("a name in use reports its first container and a digest in use the first that protects it") {
    Drafted drafted(mock::Store{{{"docker.io/library/app:1", id}}}, {.usage = usage_rules::containerd_snapshotter});
    const ImageUse used =
        use(drafted, mock::Containers{{"sha256:0", "x"}, {id, "app:1"}, {id, "82d1"}, {id, id}, {id, "app:1"}});
    CHECK(used[0].in_use);
    CHECK(used[0].container == 2);
    CHECK(drafted.plan()[0].container == 1u);
}

TEST_CASE("containers can be in any range even one that creates them as it is read or is read only once") {
    std::vector<std::string> names;
    for (int i = 0; i < 100; ++i) names.push_back("docker.io/library/an-image-with-a-longer-name:" + std::to_string(i));
    mock::Store store;
    for (const std::string& name : names) store.records.push_back({name, "sha256:1"});
    const auto index = pruneplan::build_index(store);
    const auto kept = [&](const auto& containers) {
        const auto plan = plan_prune(*index, containers,
                                     {.scope = pruneplan::Scope::unused, .usage = usage_rules::containerd_snapshotter});
        std::size_t count = 0;
        for (std::size_t i = 0; i < names.size(); ++i) count += plan[i].container == 99 - i;
        return count;
    };
    std::list<ContainerByValue> list;
    for (const std::string& name : names) list.push_front({"sha256:0", name});
    CHECK(kept(list) == 100);
    CHECK(kept(CreatedAsRead{&names}) == 100);
    CHECK(kept(ReadOnce{names}) == 100);
}

TEST_CASE("images that containers mount are in use under every preset") {
    for (const UsageRule rule : presets) {
        Drafted drafted(mock::Store{{{"a", "sha256:1"}, {"b", "sha256:2"}, {"c", id}, {"d", "sha256:4"}}},
                        {.usage = rule});
        const ImageUse used =
            use(drafted, std::vector<WithMounts>{{"sha256:0", {}}, {"sha256:4", {"sha256:2", "sha256:9", HEX64}}});
        CHECK_FALSE(used[0].in_use);
        CHECK(used[1].in_use);
        CHECK(used[1].mounts);
        CHECK(used[2].in_use);
        CHECK(used[2].container == 1);
        CHECK(used[3].in_use == (rule.digests_in_use == pruneplan::DigestUse::every_container));
    }
}

TEST_CASE("an image that is only mounted keeps its last name and its dangling name is not in use") {
    const mock::Store store{{{"quay.io/x:1", "sha256:1"}, {"moby-dangling@sha256:1", "sha256:1"}}};
    const auto index = pruneplan::build_index(store);
    const auto plan =
        plan_prune(*index, std::vector<WithMounts>{{"sha256:0", {"sha256:1"}}}, {.scope = pruneplan::Scope::unused});
    CHECK(plan[0].reason == Reason::last_name);
    CHECK(plan[0].mounted);
    CHECK(plan[1].reason == Reason::spare_name);
}

TEST_CASE("an image in use reports the first container that runs or mounts it") {
    for (const bool mounted_first : {true, false}) {
        std::vector<WithMounts> containers{{"sha256:0", {"sha256:1"}}, {"sha256:1", {}}};
        if (!mounted_first) std::swap(containers[0], containers[1]);
        Drafted drafted(mock::Store{{{"a", "sha256:1"}}}, {.usage = usage_rules::graph_driver});
        const ImageUse used = use(drafted, containers);
        CHECK(used[0].in_use);
        CHECK(used[0].run);
        CHECK(used[0].container == 0);
        CHECK(used[0].mounts == mounted_first);
    }
}

TEST_CASE("a stray dangling name does not change the container that another dangling record reports") {
    for (const bool stray : {false, true}) {
        mock::Store store{{{"moby-dangling@sha256:1", "sha256:1"}}};
        if (stray) store.records.push_back({"moby-dangling@sha256:2", "sha256:3"});
        const auto plan =
            mock::plan_of(store, {{"sha256:1", "app"}, {"sha256:1", "sha256:1"}}, {.scope = pruneplan::Scope::unused});
        CHECK(plan[0].reason == Reason::name_in_use);
        CHECK(plan[0].container == 0u);
    }
}

namespace {

/// Returns the doubts of containers: 'u' unmatched, 'i' invalid and blocking, 'j' invalid but not blocking.
std::string doubts(UsageRule rule, const std::vector<mock::Record>& records, const mock::Containers& containers) {
    std::string out;
    const auto plan = mock::plan_of(mock::Store{records}, containers, {.usage = rule});
    for (const Doubt& doubt : plan.doubts()) {
        CHECK((doubt.kind != DoubtKind::unmatched_container || doubt.blocks));
        if (doubt.kind == DoubtKind::unmatched_container) out += 'u';
        if (doubt.kind == DoubtKind::invalid_image_ref) out += doubt.blocks ? 'i' : 'j';
    }
    return out;
}

}  // namespace

TEST_CASE("a container whose image ID no image has is a doubt under every preset even if the typed name exists") {
    for (const UsageRule rule : presets) {
        CHECK(doubts(rule, {{"x:1", id}}, {{id, "app"}}) == "");
        CHECK(doubts(rule, {{"x:1", id}}, {{HEX64, "app"}}) == "");
        CHECK(doubts(rule, {{"x:1", id}}, {{"sha256:77", "app"}}) == "u");
        CHECK(doubts(rule, {{"x:1", id}}, {{"sha256:77", "x:1"}}) == "u");
        CHECK(doubts(rule, {{"x:1", id}}, {{"sha256:77", "x:1"}, {"sha256:78", ""}}) == "uu");
        CHECK(doubts(rule, {}, {{"sha256:77", "app"}}) == "u");
    }
}

TEST_CASE("under strict an unknown image ID is no doubt if the typed ID or digest means an image") {
    for (const UsageRule rule : presets) {
        const std::string expected = rule == usage_rules::strict ? "" : "u";
        CHECK(doubts(rule, {{"x:1", id}}, {{"sha256:77", "82d1"}}) == expected);
        CHECK(doubts(rule, {{"x:1", id}}, {{"sha256:77", "app@sha256:" HEX64}}) == expected);
        CHECK(doubts(rule, {{"x:1", id}}, {{"sha256:77", "82d2"}}) == "u");
    }
}

TEST_CASE("an unknown image ID is a doubt if the typed text is a name in the store and also begins an ID") {
    for (const UsageRule rule : presets)
        for (const std::string typed : {"82d1", "8"}) {
            const std::vector<mock::Record> records{
                {"docker.io/library/82d1:latest", "sha256:1"}, {"8:latest", "sha256:2"}, {"x:1", id}};
            CHECK(doubts(rule, records, {{"sha256:77", typed}})[0] == 'u');
        }
    const mock::Store store{{{"docker.io/library/82d1:latest", "sha256:1"}, {"x:1", id}}};
    CHECK(mock::plan_of(store, {{"sha256:77", "82d1"}}, {.scope = pruneplan::Scope::unused}).deleted_count() == 0);
}

TEST_CASE("a container without an image ID is no doubt if a record has its name") {
    for (const UsageRule rule : presets) {
        CHECK(doubts(rule, {{"docker.io/library/x:latest", id}}, {{"", "x"}}) == "");
        CHECK(doubts(rule, {{"x:1", id}}, {{"", "x"}}) == "u");
        CHECK(doubts(rule, {{"x:1", id}}, {{"", ""}}) == "u");
    }
}

TEST_CASE("a mounted ID that no image has is a doubt and an empty one is not") {
    const mock::Store store{{{"x:1", "sha256:1"}}};
    const auto index = pruneplan::build_index(store);
    for (const UsageRule rule : presets) {
        const auto plan =
            plan_prune(*index, std::vector<WithMounts>{{"sha256:1", {}}, {"sha256:1", {"sha256:9", "", "sha256:1"}}},
                       {.usage = rule});
        const std::vector<Doubt> all = plan.doubts();
        REQUIRE(all.size() == 1);
        CHECK(all[0].kind == DoubtKind::unmatched_container);
        CHECK(all[0].number == 1);
        CHECK(all[0].sentence.find("\"sha256:9\"") != std::string::npos);
    }
}

TEST_CASE("an image reference that is neither a reference nor an ID is a doubt that blocks unless the ID protects") {
    for (const std::string_view invalid :
         {"app\n", "docker://app", "App", "app:", "-app", "docker://app@sha256:" HEX64, "app@"}) {
        INFO(invalid);
        for (const UsageRule rule : presets) {
            const bool protects = rule.digests_in_use == pruneplan::DigestUse::every_container,
                       by_digest = rule == usage_rules::containerd_snapshotter && invalid.ends_with(HEX64);
            CHECK(doubts(rule, {{"x:1", id}}, {{id, invalid}}) == (protects || by_digest ? "j" : "i"));
            const bool runs = rule == usage_rules::strict && invalid.ends_with(HEX64);
            CHECK(doubts(rule, {{"x:1", id}}, {{"sha256:77", invalid}}) == (runs ? "i" : "ui"));
            CHECK(doubts(rule, {{"x:1", id}, {invalid, "sha256:2"}}, {{"", invalid}}) == "i");
        }
    }
    for (const std::string_view valid : {"", "app", "82d1", HEX64, "sha256:82", "app@sha256:" HEX64}) {
        INFO(valid);
        CHECK(doubts(usage_rules::containerd_snapshotter, {{"x:1", id}}, {{id, valid}}) == "");
    }
}

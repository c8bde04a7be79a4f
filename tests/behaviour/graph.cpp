// SPDX-License-Identifier: BSL-1.0

// Tests of images as nodes of a graph with several IDs: what CRI reports of a container's image, indexes and the manifests
// that they list, and signatures that follow what they sign.

#include "../support/catch.hpp"
#include "../support/mock.hpp"

#include <pruneplan/pruneplan.hpp>

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace {

using mock::GraphRecord;
using mock::GraphStore;
using pruneplan::DigestUse;
using pruneplan::ErrorCode;
using pruneplan::Glob;
using pruneplan::NewestBy;
using pruneplan::plan_prune;
using pruneplan::PruneOptions;
using pruneplan::PrunePlan;
using pruneplan::PruneReport;
using pruneplan::Reason;
using pruneplan::RemoveOutcome;
using pruneplan::RemoveStatus;
using pruneplan::Scope;
using pruneplan::Survivor;
using pruneplan::UsageRule;
namespace usage_rules = pruneplan::usage_rules;
using Texts = std::vector<std::string>;
using Records = std::vector<GraphRecord>;

/// A container with all optional members.
struct Container {
    std::string_view id, ref;
    std::vector<std::string_view> mounted{};
    std::string_view called{};

    std::string_view image_id() const { return id; }
    std::string_view image_ref() const { return ref; }
    const std::vector<std::string_view>& mounted_image_ids() const { return mounted; }
    std::string_view name() const { return called; }
};
using Containers = std::vector<Container>;

PruneOptions all_by(const UsageRule& rule) { return {.scope = Scope::unused, .usage = rule}; }
const PruneOptions all = all_by(usage_rules::strict);

PrunePlan planned(const Records& records, const Containers& containers, const PruneOptions& options = all) {
    return *plan_prune(GraphStore{records}, containers, options);
}

/// Returns each record's name and reason.
std::string reasons(const PrunePlan& plan) {
    std::string out;
    for (const pruneplan::Decision& decision : plan)
        out += std::string(decision.name) + " " + std::string(to_string(decision.reason)) + "; ";
    return out;
}
std::string reasons(const Records& records, const Containers& containers, const PruneOptions& options = all) {
    return reasons(planned(records, containers, options));
}

Texts deleted(const PrunePlan& plan) {
    Texts out;
    for (const pruneplan::Decision& decision : plan.deletions()) out.emplace_back(decision.name);
    return out;
}
Texts deleted(const Records& records, const Containers& containers, const PruneOptions& options = all) {
    return deleted(planned(records, containers, options));
}

std::string doubts(const PrunePlan& plan) {
    std::string out;
    for (const pruneplan::Doubt& doubt : plan.doubts()) out += std::string(to_string(doubt.kind)) + "; ";
    return out;
}

std::string steps(const PruneReport& report) {
    std::string out;
    for (const PruneReport::Step& step : report.steps)
        out += step.name + " " + std::string(to_string(step.status)) + "; ";
    return out;
}

constexpr UsageRule every_rule[] = {usage_rules::strict, usage_rules::containerd_snapshotter, usage_rules::graph_driver,
                                    usage_rules::whole_image, usage_rules::names_only};

// A pod was created from reg.io/app:1 when that was image a. CRI reports its configuration, c.
#define DIGEST_A "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
const Records pulled_by_cri{{"reg.io/app:1", "sha256:b", {"sha256:d"}},
                            {"reg.io/app@" DIGEST_A, DIGEST_A, {"sha256:c"}},
                            {"sha256:c", DIGEST_A, {"sha256:c"}}};
const Containers pod{{"sha256:c", "reg.io/app:1", {}, "web"}};

// A repository of an index of two manifests, and of an older image.
const Records multi_platform{{"host/t/multi:1.0", "sha256:0"},
                             {"host/t/multi:1.1", "sha256:1", {"sha256:a", "sha256:b"}, {"sha256:a", "sha256:b"}},
                             {"host/t/multi:1.1-amd64", "sha256:a"},
                             {"host/t/multi:1.1-arm64", "sha256:b"}};

}  // namespace

// ---- What CRI reports ----

TEST_CASE(
    "case cri: under whole_image all names of the image whose configuration CRI reports are kept, and nothing is "
    "unmatched") {
    const PrunePlan plan = planned(pulled_by_cri, pod, all_by(usage_rules::whole_image));
    CHECK(deleted(plan) == Texts{"reg.io/app:1"});
    CHECK(doubts(plan).empty());
}

TEST_CASE(
    "case cri: under containerd_snapshotter the image of a moved tag is lost, and that is a doubt, not an unmatched "
    "container") {
    const PrunePlan plan = planned(pulled_by_cri, pod, all_by(usage_rules::containerd_snapshotter));
    CHECK(deleted(plan) == Texts{"reg.io/app@" DIGEST_A, "sha256:c"});
    CHECK(doubts(plan) == "unprotected_image; ");
}

TEST_CASE("case cri: under strict the pod keeps the tag that it was created from and the image that it runs") {
    CHECK(reasons(pulled_by_cri, pod) == "reg.io/app:1 name_in_use; reg.io/app@" DIGEST_A
                                         " spare_name; sha256:c last_name; ");
}

TEST_CASE("case cri: a name as typed is kept although another name of the image sorts later") {
    CHECK(reasons({{"app:1", "sha256:a"}, {"zzz:1", "sha256:a"}}, {{"sha256:a", "app:1"}}) ==
          "app:1 name_in_use; zzz:1 spare_name; ");
}

TEST_CASE("case cri: names that are IDs belong to no repository, and rank below tags and digests as survivors") {
    static const std::string hex(64, 'c'), id = "sha256:" + hex, other = "sha256:" + std::string(64, 'd');
    PruneOptions options = all;
    options.keep_newest = {{.count = 1, .names = {}, .by = NewestBy::name}};
    CHECK(deleted({{id, "sha256:a"}, {other, "sha256:b"}, {"sha256:1", "sha256:e"}}, {}, options) == Texts{id, other});
    options.keep_newest.clear();
    options.survivor = Survivor::tagged;
    const std::string by_digest = "a@" + other;
    CHECK(deleted({{id, "sha256:a"}, {by_digest, "sha256:a"}}, {{"sha256:a", ""}}, options) == Texts{id});
    CHECK(deleted({{id, "sha256:a"}, {"a:1", "sha256:a"}}, {{"sha256:a", ""}}, options) == Texts{id});
}

TEST_CASE("case cri: a container with the configuration that two images share uses both") {
    const Records records{{"a:1", "sha256:a", {"sha256:c"}}, {"b:1", "sha256:b", {"sha256:c"}}, {"x:1", "sha256:e"}};
    for (const UsageRule& rule : {usage_rules::strict, usage_rules::graph_driver, usage_rules::whole_image})
        CHECK(deleted(records, {{"sha256:c", "gone:1"}}, all_by(rule)) == Texts{"x:1"});
    CHECK(deleted(records, {{"sha256:e", "x:1", {"sha256:c"}}}, all_by(usage_rules::names_only)).empty());
}

TEST_CASE("an ID without its algorithm means the same as with it in ids, needs, subject and containers") {
    static const std::string hex(64, 'c'), id = "sha256:" + hex;
    CHECK(deleted({{"a:1", "sha256:a", {hex}}}, {{id, ""}}).empty());
    CHECK(deleted({{"a:1", "sha256:a", {id}}}, {{hex, ""}}).empty());
    CHECK(deleted({{"a:1", hex}}, {{id, ""}}).empty());
    CHECK(deleted({{"a:1", "sha256:a", {}, {hex}}, {"b:1", "sha256:b", {id}}}, {{"sha256:a", "a:1"}}).empty());
    CHECK(reasons({{"a:1", id}, {"s:1", "sha256:b", {}, {}, hex}}, {}) == "a:1 unused; s:1 attached_to_deleted; ");
}

TEST_CASE("targets with and without their algorithm are one ID, and whatever means it means both images") {
    const std::string hex(64, 'a'), full = "sha256:" + hex, other = std::string(64, 'b');
    for (const std::string& id : {hex, full}) {
        const Records records{{"app:1", full},
                              {"app:2", hex},
                              {"x:1", "sha256:x", {}, {id}},
                              {"sig:1", "sha256:5", {}, {}, id},
                              {"y:1", other}};
        CHECK(deleted(records, {{id, "gone:1"}}) == Texts{"x:1", "y:1"});
        CHECK(deleted(records, {{"sha256:none", "app@" + full}}) == Texts{"x:1", "y:1"});
        CHECK(deleted(records, {{"sha256:x", "x:1"}}) == Texts{"y:1"});
        CHECK(deleted({{"app:1", full}, {"app:2", hex}}, {{"", "", {id}}}).empty());
        CHECK(deleted({{"app:1", full}, {"app:2", hex}}, {{id, id}}, all_by(usage_rules::containerd_snapshotter))
                  .empty());
        PruneOptions options = all;
        options.keep = {*Glob::compile(id)};
        CHECK(deleted(records, {}, options) == Texts{"x:1", "y:1"});
    }
}

TEST_CASE(
    "a whole ID means the image that it is the target of, with or without its algorithm, before a further ID of "
    "another") {
    const std::string hex(64, 'a'), full = "sha256:" + hex;
    for (const std::string& target : {hex, full})
        for (const std::string& typed : {hex, full}) {
            const GraphStore store{{{"app:1", target}, {"app:2", "sha256:b", {full}}}};
            const auto index = pruneplan::build_index(store);
            CHECK(*index->find_image(typed) == 0);
        }
    const GraphStore both{{{"app:1", hex}, {"app:2", full}}};
    const auto index = pruneplan::build_index(both);
    CHECK(*index->find_image(hex) == 0);
    CHECK(*index->find_image(full) == 1);
}

TEST_CASE("an empty image_id or mounted ID means no image, not even one with an empty target") {
    CHECK(deleted({{"app:1", ""}}, {{"", "gone:1", {""}}}) == Texts{"app:1"});
}

TEST_CASE("created by ID counts any ID of an image that the container runs, for each image on its own") {
    static const std::string a = "sha256:" + std::string(64, 'a'), c = "sha256:" + std::string(64, 'c');
    const PruneOptions options = all_by(usage_rules::containerd_snapshotter);
    const Records records{{"a:1", a, {c}}, {"b:1", "sha256:b", {c}}};
    CHECK(deleted(records, {{c, c}}, options).empty());
    CHECK(deleted(records, {{c, "cc"}}, options).empty());
    CHECK(deleted(records, {{c, ""}}, options).empty());
    CHECK(deleted(records, {{c, a}}, options) == Texts{"b:1"});
    CHECK(deleted(records, {{c, "aaa"}}, options) == Texts{"b:1"});
    CHECK(deleted(records, {{c, "a@" + a}}, options) == Texts{"b:1"});
    CHECK(deleted(records, {{a, "a@" + c}}, options) == Texts{"b:1"});
    CHECK(deleted(records, {{c, "dd"}}, options) == Texts{"a:1", "b:1"});
    CHECK(deleted(records, {{c, "other:1"}}, options) == Texts{"a:1", "b:1"});
}

TEST_CASE("find_image and the filters before and since find an image by a further ID") {
    const GraphStore store{{{"a:1", "sha256:aa", {"sha256:c1"}, {}, {}, false, 5},
                            {"b:1", "sha256:bb", {"sha256:c1", "sha256:aa"}, {}, {}, false, 9}}};
    const auto index = *pruneplan::build_index(store);
    CHECK(*index.find_image("sha256:bb") == 1);
    CHECK(*index.find_image("sha256:aa") == 0);  // a target before an ID that is shared
    CHECK(index.find_image("sha256:c1").error().code == ErrorCode::ambiguous_id);
    CHECK(index.find_image("c").error().code == ErrorCode::ambiguous_id);
    const GraphStore alone{
        {{"a:1", "sha256:aa", {"sha256:c1"}, {}, {}, false, 5}, {"b:1", "sha256:bb", {}, {}, {}, false, 9}}};
    PruneOptions options = *pruneplan::parse_filters(Texts{"since=sha256:c1"}, {});
    options.scope = Scope::unused;
    CHECK(deleted(*plan_prune(alone, Containers{}, options)) == Texts{"b:1"});
    options = *pruneplan::parse_filters(Texts{"before=c1"}, {});
    options.scope = Scope::unused;
    CHECK(deleted(*plan_prune(alone, Containers{}, options)).empty());
}

TEST_CASE("a pattern of keep that is an ID keeps all images that have it") {
    static const std::string c = "sha256:" + std::string(64, 'c');
    const Records records{{"a:1", "sha256:a", {c}}, {"b:1", "sha256:b", {c}}, {"x:1", "sha256:e"}};
    for (const std::string& pattern : {c, c.substr(7), std::string("cccc")}) {
        PruneOptions options = all;
        options.keep = {*Glob::compile(pattern)};
        CHECK(reasons(records, {}, options) == "a:1 kept_pattern; b:1 kept_pattern; x:1 unused; ");
    }
}

TEST_CASE(
    "under strict the digest or ID that an unmatched container was created from protects by any ID, and no other rule "
    "does") {
    static const std::string c = "sha256:" + std::string(64, 'c');
    const Records records{{"a:1", "sha256:a", {c}}, {"b:1", "sha256:b", {c}}, {"x:1", "sha256:e"}};
    for (const std::string& typed : {"gone@" + c, c, c.substr(7), c.substr(7, 9)}) {
        CHECK(deleted(records, {{"sha256:unknown", typed}}) == Texts{"x:1"});
        CHECK(deleted(records, {{"sha256:unknown", typed}}, all_by(usage_rules::graph_driver)).size() == 3);
    }
}

TEST_CASE("an empty ID means no image, and an ID that an image lists twice or beside its target counts once") {
    CHECK(deleted({{"a:1", "sha256:a", {"", "sha256:a", "sha256:c", "sha256:c"}, {""}, ""}}, {{"", "other:1"}}) ==
          Texts{"a:1"});
    CHECK(deleted({{"a:1", "sha256:a", {"", "sha256:a", "sha256:c", "sha256:c"}}}, {{"sha256:c", ""}}).empty());
}

// ---- What images need ----

TEST_CASE("case registry: an index in use keeps the manifests that it lists, and only the older image is deleted") {
    const Containers used{{"", "host/t/multi:1.1"}};
    CHECK(deleted(multi_platform, used) == Texts{"host/t/multi:1.0"});
}

TEST_CASE("case registry: a manifest in use by its digest keeps the index that lists it") {
    static const std::string m1 = "sha256:" + std::string(64, 'a'), m2 = "sha256:" + std::string(64, 'b');
    const Records records{{"host/t/multi:1.0", "sha256:0"},
                          {"host/t/multi:1.1", "sha256:1", {m1, m2}, {m1, m2}},
                          {"host/t/multi:1.1-amd64", m1},
                          {"host/t/multi:1.1-arm64", m2}};
    CHECK(deleted(records, {{m1, "host/t/multi@" + m1}}) == Texts{"host/t/multi:1.0"});
    CHECK(deleted(records, {{"", "host/t/multi@" + m1}}) == Texts{"host/t/multi:1.0"});
}

TEST_CASE("case registry: a use that is mistyped or names no tag of the store is a doubt by name") {
    for (const std::string_view used : {"hsot/t/multi:1.1", "host/t/multi:01", "host/t/multi"}) {
        const PrunePlan plan = planned(multi_platform, {{"", used}});
        CHECK(doubts(plan) == "unmatched_container; ");
        CHECK(plan.doubts()[0].sentence.find(used) != std::string::npos);
        CHECK(apply_prune(plan,
                          [](std::string_view, std::string_view, std::string_view) { return RemoveStatus::removed; })
                  .error()
                  .code == ErrorCode::doubtful_plan);
    }
}

TEST_CASE("an image is needed by any of its IDs, and by an ID that several images have all of them are") {
    CHECK(reasons({{"a:1", "sha256:a", {}, {"sha256:c"}},
                   {"b:1", "sha256:b", {"sha256:c"}},
                   {"d:1", "sha256:d", {"sha256:c"}}},
                  {{"sha256:a", "a:1"}}) == "a:1 name_in_use; b:1 needed; d:1 needed; ");
}

TEST_CASE("an image that needs itself is deleted nevertheless") {
    CHECK(reasons({{"a:1", "sha256:a", {}, {"sha256:a"}}, {"a:2", "sha256:a"}}, {}) == "a:1 unused; a:2 unused; ");
}

TEST_CASE(
    "needs and subject by an ID that too many images share are an error that names it, and use no quadratic memory") {
    Records records;
    for (int i = 0; i < 6000; ++i) {
        static std::vector<std::string> names = [] {
            std::vector<std::string> made;
            for (int number = 0; number < 6000; ++number) made.push_back("a:" + std::to_string(number));
            return made;
        }();
        records.push_back(
            {names[static_cast<std::size_t>(i)], names[static_cast<std::size_t>(i)], {"sha256:c"}, {"sha256:c"}});
    }
    const auto plan = plan_prune(GraphStore{records}, Containers{}, all);
    REQUIRE_FALSE(plan);
    CHECK(plan.error().code == ErrorCode::ambiguous_id);
    CHECK(plan.error().message == "needs of record 2797 is the ID \"sha256:c\", which 6000 images share: use targets");
}

// ---- Attachments ----

TEST_CASE("an attachment is kept with its subject, deleted after it, and judged alone without it") {
    const Records records{{"app:1", "sha256:a"},
                          {"app:sig", "sha256:5", {}, {}, "sha256:a"},
                          {"lone:sig", "sha256:6", {}, {}, "sha256:gone"}};
    CHECK(reasons(records, {{"sha256:a", "app:1"}}) == "app:1 name_in_use; app:sig attached; lone:sig unused; ");
    for (const UsageRule& rule : every_rule) {
        PruneOptions options = all_by(rule);
        options.keep = {*Glob::compile("app:1")};
        CHECK(reasons(records, {}, options) == "app:1 kept_pattern; app:sig attached; lone:sig unused; ");
    }
    const PrunePlan plan = planned(records, {});
    CHECK(reasons(plan) == "app:1 unused; app:sig attached_to_deleted; lone:sig unused; ");
    CHECK(deleted(plan) == Texts{"app:1", "app:sig", "lone:sig"});
}

TEST_CASE("scope, filters, the newest and the young do not concern attachments") {
    const Records records{{"app:1", "sha256:a", {}, {}, "", false, 1},
                          {"app:2", "sha256:b", {}, {}, "", false, 2},
                          {"app:z", "sha256:5", {}, {}, "sha256:a", false, 9}};
    PruneOptions options = all;
    options.keep_newest = {{.count = 1}};
    CHECK(reasons(records, {}, options) == "app:1 unused; app:2 newest; app:z attached_to_deleted; ");
    options = all;
    options.keep_younger_than = pruneplan::Timestamp{2, 0};
    CHECK(reasons(records, {}, options) == "app:1 unused; app:2 too_young; app:z attached_to_deleted; ");
    options = *pruneplan::parse_filters(Texts{"reference=app:1"}, {});
    options.scope = Scope::unused;
    CHECK(reasons(records, {}, options) == "app:1 unused; app:2 filtered; app:z attached_to_deleted; ");
    CHECK(reasons({{"moby-dangling@sha256:a", "sha256:a"}, {"app:z", "sha256:5", {}, {}, "sha256:a"}}, {}, {}) ==
          "moby-dangling@sha256:a dangling; app:z attached_to_deleted; ");
}

TEST_CASE("an attachment that is pinned, kept by a pattern or in use itself is kept without its subject") {
    const auto with = [](bool pinned) {
        return Records{{"app:1", "sha256:a"}, {"app:sig", "sha256:5", {}, {}, "sha256:a", pinned}};
    };
    CHECK(reasons(with(true), {}) == "app:1 unused; app:sig pinned; ");
    PruneOptions options = all;
    options.keep = {*Glob::compile("app:sig")};
    CHECK(reasons(with(false), {}, options) == "app:1 unused; app:sig kept_pattern; ");
    CHECK(reasons(with(false), {{"sha256:e", "app:sig"}}) == "app:1 unused; app:sig name_in_use; ");
    CHECK(reasons(with(false), {{"sha256:5", "other:1"}}) == "app:1 unused; app:sig image_in_use; ");
    CHECK(reasons(with(false), {{"sha256:5", "other:1"}}, all_by(usage_rules::containerd_snapshotter)) ==
          "app:1 unused; app:sig unprotected; ");
}

TEST_CASE("attachments of attachments follow in turn, and what they need is kept") {
    const Records records{{"app:1", "sha256:a"},
                          {"sig:1", "sha256:5", {}, {}, "sha256:a"},
                          {"sig:2", "sha256:6", {}, {"sha256:b"}, "sha256:5"},
                          {"base:1", "sha256:b"}};
    CHECK(reasons(records, {{"sha256:a", "app:1"}}) ==
          "app:1 name_in_use; sig:1 attached; sig:2 attached; base:1 needed; ");
    CHECK(deleted(records, {}) == Texts{"app:1", "sig:1", "sig:2", "base:1"});
}

TEST_CASE("a circle of subjects is kept, with what is attached to it, and so is an image attached to itself") {
    CHECK(reasons({{"a:1", "sha256:a", {}, {}, "sha256:b"},
                   {"b:1", "sha256:b", {}, {}, "sha256:a"},
                   {"c:1", "sha256:c", {}, {}, "sha256:a"},
                   {"d:1", "sha256:d", {}, {}, "sha256:d"}},
                  {}) == "a:1 attached; b:1 attached; c:1 attached; d:1 attached; ");
}

TEST_CASE("an attachment of several images is kept while one of them is") {
    const Records records{
        {"a:1", "sha256:a", {"sha256:c"}}, {"b:1", "sha256:b", {"sha256:c"}}, {"s:1", "sha256:5", {}, {}, "sha256:c"}};
    CHECK(reasons(records, {{"sha256:b", "b:1"}}) == "a:1 unused; b:1 name_in_use; s:1 attached; ");
    CHECK(deleted(records, {}) == Texts{"a:1", "b:1", "s:1"});
}

TEST_CASE("an attachment that needs its subject follows it nevertheless") {
    const Records records{{"z:1", "sha256:a"}, {"s:1", "sha256:5", {}, {"sha256:a"}, "sha256:a"}};
    CHECK(deleted(records, {}) == Texts{"z:1", "s:1"});
    CHECK(reasons(records, {{"sha256:5", "s:1"}}) == "z:1 needed; s:1 name_in_use; ");
}

TEST_CASE("in a circle of needs and attachments all images are deleted, what is attached to another after it") {
    const auto applied = [](const Records& records) {
        const auto report = apply_prune(planned(records, {}), [](std::string_view, std::string_view, std::string_view) {
            return RemoveStatus::removed;
        });
        return steps(*report);
    };
    CHECK(applied({{"z:1", "sha256:a", {}, {"sha256:5"}}, {"a:sig", "sha256:5", {}, {}, "sha256:a"}}) ==
          "z:1 removed; a:sig removed; ");
    CHECK(applied({{"z:1", "sha256:a"},
                   {"b:sig", "sha256:5", {}, {}, "sha256:a"},
                   {"a:sig", "sha256:6", {}, {"sha256:a"}, "sha256:5"},
                   {"y:1", "sha256:b"}}) == "z:1 removed; b:sig removed; a:sig removed; y:1 removed; ");
    CHECK(applied({{"s:1", "sha256:a"},
                   {"a:sig", "sha256:5", {}, {"sha256:b"}, "sha256:a"},
                   {"b:1", "sha256:b", {}, {"sha256:a"}},
                   {"x:1", "sha256:c", {}, {"sha256:a"}}}) == "x:1 removed; s:1 removed; a:sig removed; b:1 removed; ");
}

TEST_CASE("attachments make no circle of images that need each other for the newest of a repository") {
    const Records records{{"r:1", "sha256:a", {}, {"sha256:b"}, "", false, 9},
                          {"r:sig", "sha256:a", {}, {"sha256:b"}, "sha256:c", false, 9},
                          {"c:1", "sha256:c", {}, {}, "sha256:b", false, 1},
                          {"r:2", "sha256:b", {}, {}, "", false, 10}};
    PruneOptions options = all;
    options.keep_newest = {{.count = 1}};
    CHECK(reasons(records, {}, options) == "r:1 newest; r:sig attached; c:1 attached; r:2 newest; ");
}

TEST_CASE("a budget takes no attachment that an image that stays needs, and frees enough") {
    const Records records{{"i:1", "sha256:a", {}, {"sha256:5"}, "", false, 9, 1},
                          {"s:1", "sha256:5", {}, {}, "sha256:b", false, 1, 1},
                          {"t:1", "sha256:b", {}, {}, "", false, 1, 1}};
    PruneOptions options = all;
    options.bytes_to_free = 1;
    CHECK(reasons(records, {}, options) == "i:1 enough_freed; s:1 needed; t:1 unused; ");
    options.bytes_to_free = 2;
    CHECK(deleted(records, {}, options) == Texts{"i:1", "t:1", "s:1"});
    CHECK(planned(records, {}, options).space().freed == 3);
}

TEST_CASE("attachments that need each other in a circle are taken together") {
    const Records records{{"a:1", "sha256:5", {}, {"sha256:6"}, "sha256:a", false, 2, 1},
                          {"b:1", "sha256:6", {}, {"sha256:5"}, "sha256:b", false, 2, 1},
                          {"s:1", "sha256:a", {}, {}, "", false, 1, 1},
                          {"t:1", "sha256:b", {}, {}, "", false, 3, 1}};
    PruneOptions options = all;
    options.bytes_to_free = 1;
    CHECK(reasons(records, {}, options) == "a:1 needed; b:1 needed; s:1 unused; t:1 enough_freed; ");
    options.bytes_to_free = 2;
    CHECK(deleted(records, {}, options).size() == 4);
}

TEST_CASE(
    "with a budget an image is taken with its attachments, whose bytes count, and an attachment makes it no younger") {
    const Records records{{"old:1", "sha256:a", {}, {}, "", false, 1, 100},
                          {"old:sig", "sha256:5", {}, {}, "sha256:a", false, 90, 10},
                          {"new:1", "sha256:b", {}, {}, "", false, 50, 100},
                          {"new:sig", "sha256:6", {}, {}, "sha256:b", false, 51, 10}};
    PruneOptions options = all;
    options.bytes_to_free = 110;
    CHECK(reasons(records, {}, options) ==
          "old:1 unused; old:sig attached_to_deleted; new:1 enough_freed; new:sig attached; ");
    CHECK(planned(records, {}, options).space().freed == 110);
    options.bytes_to_free = 111;
    CHECK(deleted(records, {}, options).size() == 4);
}

TEST_CASE("an attachment is removed after the last name of its subject, and kept if that was not removed") {
    const Records records{{"z:1", "sha256:a"},
                          {"z:2", "sha256:a"},
                          {"a:sig", "sha256:5", {}, {"sha256:b"}, "sha256:a"},
                          {"base:1", "sha256:b"}};
    const PrunePlan plan = planned(records, {});
    CHECK(deleted(plan) == Texts{"z:1", "z:2", "a:sig", "base:1"});
    const auto remover = [](std::string_view failing) {
        return [failing](std::string_view name, std::string_view, std::string_view) {
            return name == failing ? RemoveStatus::in_use : RemoveStatus::removed;
        };
    };
    CHECK(steps(*apply_prune(plan, remover(""))) == "z:1 removed; z:2 removed; a:sig removed; base:1 removed; ");
    CHECK(steps(*apply_prune(plan, remover("z:1"))) == "z:1 in_use; z:2 removed; a:sig attached; base:1 needed; ");
    CHECK(steps(*apply_prune(plan, remover("a:sig"))) == "z:1 removed; z:2 removed; a:sig in_use; base:1 needed; ");
    const auto still_named = [](std::string_view name, std::string_view, std::string_view) {
        return RemoveOutcome(RemoveStatus::removed, {}, name == "z:2");
    };
    CHECK(steps(*apply_prune(plan, still_named)) == "z:1 removed; z:2 removed; a:sig attached; base:1 needed; ");
}

namespace {

/// A store whose records have an optional subject.
struct MaybeAttached {
    std::vector<GraphRecord> records;

    const std::vector<GraphRecord>& images() const { return records; }
    static std::string_view name(const GraphRecord& record) { return record.name; }
    static std::string_view target(const GraphRecord& record) { return record.digest; }
    static std::optional<std::string> subject(const GraphRecord& record) {
        return pruneplan::attachment_subject(record.name);
    }
};

}  // namespace

TEST_CASE("IDs of one image do not change which other images a container protects") {
    const std::string lower(64, 'a'), upper(64, 'A'), almost = std::string(63, 'a') + 'g';
    for (const UsageRule& rule : {usage_rules::strict, usage_rules::containerd_snapshotter, usage_rules::graph_driver,
                                  usage_rules::whole_image})
        for (const std::string& target : {lower, upper, almost, "sha256:" + upper, "sha512:" + lower})
            for (const std::string& typed : {std::string(), std::string("sha256:"), target, target.substr(0, 12)}) {
                INFO(target << ", created from \"" << typed << '"');
                const Containers containers{{target, typed}};
                const PrunePlan alone = planned({{"app:1", target}}, containers, all_by(rule));
                const PrunePlan beside =
                    planned({{"app:1", target}, {"other:1", "sha256:1", {"sha256:2"}}}, containers, all_by(rule));
                CHECK(alone[0].reason == beside[0].reason);
            }
}

TEST_CASE("a subject can be an optional text, as attachment_subject returns it") {
    const std::string hex(64, 'a'), image = "sha256:" + hex, signature = "app:sha256-" + hex + ".sig";
    const auto plan = plan_prune(MaybeAttached{{{"app:1", image}, {signature, "sha256:5"}}}, Containers{}, all);
    CHECK(reasons(*plan) == "app:1 unused; " + signature + " attached_to_deleted; ");
}

// ---- Sentences ----

TEST_CASE("sentences name the ID that a container reports, what needs an image, and what a signature is attached to") {
    const Records records{
        {"r.io/app:1", "sha256:a", {"sha256:c"}, {"sha256:b"}}, {"r.io/app:1-amd64", "sha256:b"},
        {"r.io/app:sig", "sha256:5", {}, {}, "sha256:a"},       {"r.io/old:1", "sha256:e"},
        {"r.io/old:sig", "sha256:6", {}, {}, "sha256:e"},       {"r.io/db:1", "sha256:7", {"sha256:8"}}};
    const PrunePlan plan = planned(records, {{"sha256:c", "gone:1", {}, "web"}, {"sha256:8", "gone:1", {}, "db"}});
    CHECK(explain(plan, 0) ==
          "kept: container web runs sha256:a (as sha256:c), and this is the last name of that image");
    CHECK(explain(plan, 1) == "kept: r.io/app:1, which is kept, needs it");
    CHECK(explain(plan, 2) == "kept: it is attached to r.io/app:1, which is kept");
    CHECK(explain(plan, 5) ==
          "kept: container db runs sha256:7 (as sha256:8), and this is the last name of that image");
    CHECK(explain(plan, 4) == "deleted: it is attached to r.io/old:1, which is deleted");
    CHECK(summary(plan).find("1 attached to kept images") != std::string::npos);
}

TEST_CASE("sentences about kept images name a kept record of them") {
    const Records records{{"a:1", "sha256:a", {}, {"sha256:b"}},
                          {"a:2", "sha256:a"},
                          {"b:1", "sha256:b"},
                          {"s:1", "sha256:5", {}, {}, "sha256:a"}};
    const PrunePlan plan = planned(records, {{"sha256:a", ""}});
    CHECK(explain(plan, 2) == "kept: a:2, which is kept, needs it");
    CHECK(explain(plan, 3) == "kept: it is attached to a:2, which is kept");
}

#ifndef PRUNEPLAN_TESTS_MODEL_SMALL_WORLDS_HPP
#define PRUNEPLAN_TESTS_MODEL_SMALL_WORLDS_HPP

// SPDX-License-Identifier: BSL-1.0

// All small worlds, in families. A family is a function that makes a fixed sequence of choices. The number of a world
// encodes the choices, as the digits of a number of mixed radix: counting up goes through all combinations.

#include "model.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace small_worlds {

using model::Container;
using model::Moment;
using model::Record;
using model::Rule;
using model::World;

/// Decodes the choices of a world from its number.
class Choices {
public:
    explicit Choices(std::uint64_t number) : left_(number) {}

    /// Chooses a number less than `count`.
    std::size_t of(std::size_t count) {
        const auto digit = static_cast<std::size_t>(left_ % count);
        left_ /= count;
        worlds_ *= count;
        return digit;
    }

    template <class List>
    const auto& one_of(const List& list) {
        return list[of(list.size())];
    }

    bool flag() { return of(2) == 1; }

    /// How many combinations the choices so far have.
    std::uint64_t worlds() const { return worlds_; }

private:
    std::uint64_t left_, worlds_ = 1;
};

inline const std::string a64 = std::string(64, 'a'), b64 = std::string(64, 'b'), A = "sha256:" + a64,
                         B = "sha256:" + b64, C = "sha256:" + std::string(64, 'c');
inline const std::array<std::string, 3> targets{A, B, C};

inline Rule any_rule(Choices& choose) {
    const bool names = choose.flag();
    const std::size_t digests = choose.of(3);
    return {names, static_cast<model::DigestUse>(digests), choose.flag()};
}

/// The presets, and three other rules.
inline const Rule& any_of_eight_rules(Choices& choose) {
    using enum model::DigestUse;
    static constexpr std::array<Rule, 8> rules{{{true, every_container, false},
                                                {true, created_by_digest, false},
                                                {false, every_container, false},
                                                {false, every_container, true},
                                                {true, no_container, false},
                                                {true, every_container, true},
                                                {false, created_by_digest, true},
                                                {false, no_container, false}}};
    return choose.one_of(rules);
}

/// The target of each of three records: all ways to make 1, 2 or 3 images of them, if targets are interchangeable.
inline const std::array<std::array<std::size_t, 3>, 5> partitions{
    {{0, 0, 0}, {0, 0, 1}, {0, 1, 0}, {0, 1, 1}, {0, 1, 2}}};

inline std::optional<Moment> any_moment(Choices& choose) {
    static constexpr std::array<std::int64_t, 3> seconds{0, 10, 20};
    const std::int64_t chosen = choose.one_of(seconds);
    return chosen == 0 ? std::nullopt : std::optional(Moment{chosen});
}

inline const std::array<Container, 32> containers{{
    {A, ""},
    {A, "alpine"},
    {A, "alpine:3@" + A},
    {A, "Not/A Reference"},
    {A, "alpine", {B}},
    {a64, "alpine"},
    {B, ""},
    {B, "alpine:3"},
    {B, "alpine:latest@" + B},
    {C, "", {b64}},
    {C, "other@" + A},
    {"", "alpine:3"},
    {A, "aaaaaaaa"},
    {B, "alpine"},
    {B, "alpine@" + A},
    {C, "alpine"},
    {A, "alpine:3"},
    {A, "alpine@" + A},
    {A, "alpine@" + B},
    {A, A},
    {A, a64},
    {A, "sha256:aa"},
    {A, "bbbbbbbb"},
    {A, "index.docker.io/library/alpine:latest"},
    {A, "docker.io/alpine:3", {A}},
    {a64, ""},
    {a64, a64},
    {C, "aa"},
    {C, b64},
    {C, "not a reference"},
    {"", ""},
    {"", B},
}};

/// None, one or two containers. The second is one of the first 12 of the list.
inline std::vector<Container> any_containers(Choices& choose) {
    const std::size_t number = choose.of(1 + containers.size() + containers.size() * 12);
    if (number == 0) return {};
    if (number <= containers.size()) return {containers[number - 1]};
    const std::size_t pair = number - containers.size() - 1;
    return {containers[pair / 12], containers[pair % 12]};
}

/// Each of six names is absent, or points at image A or B. With all containers, rules and scopes.
inline World names(Choices& choose) {
    static const std::array<std::string, 6> pool{"docker.io/library/alpine:latest",
                                                 "alpine:3",
                                                 "docker.io/library/alpine@" + A,
                                                 "moby-dangling@" + A,
                                                 "moby-dangling@" + B,
                                                 "not a reference"};
    World world;
    for (const std::string& name : pool)
        if (const std::size_t where = choose.of(3); where > 0) world.records.push_back({name, targets[where - 1]});
    world.containers = any_containers(choose);
    world.options.rule = any_rule(choose);
    world.options.only_dangling = choose.flag();
    return world;
}

/// Each of seven names is absent, or points at image A or B. Some are forms of one name. With a container or none, a
/// pattern or none, and all rules.
inline World forms(Choices& choose) {
    static const std::array<std::string, 7> pool{"alpine",
                                                 "library/alpine:latest",
                                                 "docker.io/library/alpine:latest",
                                                 "index.docker.io/library/alpine:3",
                                                 "alpine:3@" + A,
                                                 B,
                                                 "docker.io/Alpine"};
    static const std::array<std::string, 8> patterns{
        "", "library/alpine", "docker.io/alpine:3", "docker.io/[Aa]*", "Alpine", "**/Alpine", "aaaa", "sha256:" + b64};
    World world;
    for (const std::string& name : pool)
        if (const std::size_t where = choose.of(3); where > 0) world.records.push_back({name, targets[where - 1]});
    if (const std::size_t number = choose.of(1 + containers.size()); number > 0)
        world.containers = {containers[number - 1]};
    if (const std::string& pattern = choose.one_of(patterns); !pattern.empty()) world.options.keep = {pattern};
    world.options.rule = any_of_eight_rules(choose);
    return world;
}

/// Each of three names is absent, or points at one of two images, and the store says that it is dangling or not.
inline World dangling(Choices& choose) {
    static const std::array<std::string, 3> pool{"docker.io/library/alpine:latest", "alpine:3", "moby-dangling@" + A};
    World world;
    world.members.is_dangling = true;
    for (const std::string& name : pool) {
        const std::size_t where = choose.of(5);
        if (where == 0) continue;
        world.records.push_back({name, targets[(where - 1) / 2]});
        world.records.back().is_dangling = where % 2 == 0;
    }
    world.containers = any_containers(choose);
    world.options.rule = any_rule(choose);
    world.options.only_dangling = choose.flag();
    return world;
}

/// All combinations of options, for three records of one, two or three images. One of them can be pinned or need an
/// image. With four lists of containers.
inline World options(Choices& choose) {
    static const std::array<std::string, 7> filters{
        "", "until=15", "label=ci", "label!=ci=yes", "reference=app:*", "reference!=*/team/*", "since=team/app"};
    static const std::array<std::array<std::int64_t, 3>, 3> ages{{{10, 20, 30}, {30, 10, 10}, {0, 20, 10}}};
    static const std::array<std::vector<model::KeepNewest>, 4> newest{
        {{},
         {{1}},
         {{2, {}, model::NewestBy::last_used}},
         {{1, "*:[^1]*", model::NewestBy::name}, {1, {}, model::NewestBy::version}}}};
    World world;
    world.options.only_dangling = choose.flag();
    world.options.rule = any_of_eight_rules(choose);
    if (const std::string& filter = choose.one_of(filters); !filter.empty()) world.options.filters = {filter};
    if (choose.flag()) world.options.keep = {"app:[2-9]"};
    world.options.keep_newest = choose.one_of(newest);
    if (choose.flag()) world.options.keep_younger_than = Moment{20};
    static constexpr std::array<std::int64_t, 4> bytes{0, 15, 16, 1000};
    if (const std::int64_t chosen = choose.one_of(bytes); chosen > 0) world.options.bytes_to_free = chosen;
    if (world.options.bytes_to_free == 16) world.options.delete_unused_before = Moment{30};
    static constexpr std::array survivors{model::Survivor::newest, model::Survivor::tagged};
    world.options.survivor = choose.one_of(survivors);

    const auto& image_of = choose.one_of(partitions);
    const auto& created = choose.one_of(ages);
    const bool dangling = choose.flag();
    const std::array<std::string, 3> record_names{
        "docker.io/library/app:1", "docker.io/library/app:2",
        dangling ? "moby-dangling@" + targets[image_of[2]] : "docker.io/team/app:latest"};
    for (std::size_t i = 0; i < 3; ++i) {
        Record record{record_names[i], targets[image_of[i]]};
        if (created[i] > 0) record.created = Moment{created[i]};
        if (i == 1) record.last_used = Moment{25};
        if (i != 1) record.labels = {{"ci", i == 0 ? "yes" : "no"}};
        record.blobs = {{targets[image_of[i]], 10}, {"base", 7}};
        world.records.push_back(record);
    }
    if (const std::size_t pinned = choose.of(3); pinned > 0) world.records[pinned].pinned = true;
    if (choose.flag()) world.records[2].needs = {A};
    static const std::array<std::vector<Container>, 4> lists{
        {{}, {{A, "app:1"}}, {{B, "team/app"}, {A, "aaaa"}}, {{C, "app:2", {A}}}}};
    world.containers = choose.one_of(lists);
    return world;
}

/// Four records of up to three images. Each record needs none, any or all of the images, so that there are chains,
/// circles, and records of one image that need different images. With a container or none, a pinned record or none,
/// budgets, and three orders of use.
inline World needs(Choices& choose) {
    static const std::array<std::string, 4> pool{"docker.io/library/b:1", "docker.io/library/d:1",
                                                 "docker.io/library/a:1", "docker.io/library/c:1"};
    static const std::array<std::array<std::int64_t, 4>, 3> uses{
        {{10, 10, 10, 10}, {10, 20, 30, 40}, {40, 10, 10, 20}}};
    static const std::array<std::vector<std::string>, 5> needed{{{}, {A}, {B}, {C}, {B, C}}};
    World world;
    world.options.rule = {false, model::DigestUse::every_container, choose.flag()};
    const auto& used = choose.one_of(uses);
    for (std::size_t i = 0; i < 4; ++i) {
        // Images are interchangeable but for their order, so the first record is of the first image, and so on.
        const std::size_t image = choose.of(i < 3 ? i + 1 : 3);
        Record record{pool[i], targets[image]};
        record.needs = choose.one_of(needed);
        record.last_used = record.created = Moment{used[i]};
        record.blobs = {{targets[image], 1}};
        world.records.push_back(record);
    }
    if (const std::size_t runs = choose.of(4); runs > 0) world.containers = {{targets[runs - 1], ""}};
    if (const std::size_t pinned = choose.of(3); pinned > 0) world.records[pinned].pinned = true;
    static constexpr std::array<std::int64_t, 5> bytes{0, 1, 2, 3, 1000};
    if (const std::int64_t chosen = choose.one_of(bytes); chosen > 0) world.options.bytes_to_free = chosen;
    if (world.options.bytes_to_free == 3) {
        world.options.bytes_to_free = 1;
        world.options.delete_unused_before = Moment{25};
    }
    return world;
}

/// Three images, each with any of three blobs, and a time of use or none. The first can have a second name. One image
/// can need another, state another size of a blob, or be pinned.
inline World budget(Choices& choose) {
    static constexpr std::array<std::int64_t, 8> bytes{0, 1, 2, 3, 5, 7, 100, std::numeric_limits<std::int64_t>::max()};
    World world;
    for (std::size_t i = 0; i < 3; ++i) {
        Record record{std::string(1, static_cast<char>('c' - i)), targets[i]};
        for (std::size_t blob = 0; blob < 3; ++blob)
            if (choose.flag()) record.blobs.push_back({targets[blob], std::uint64_t{1} << blob});
        record.last_used = any_moment(choose);
        record.created = Moment{10};
        world.records.push_back(record);
    }
    switch (choose.of(4)) {
        case 1: world.records[1].needs = {C}; break;
        case 2: world.records[0].blobs.push_back({A, 0}); break;
        case 3: world.records[2].pinned = true; break;
        default: break;
    }
    const bool never_created = choose.flag();
    if (never_created) world.records[1].created = std::nullopt;
    if (choose.flag()) world.records.push_back({"a second name", A, Moment{20}, Moment{20}});
    world.options.bytes_to_free = choose.one_of(bytes);
    if (choose.flag()) world.options.delete_unused_before = Moment{20};
    return world;
}

/// One image. Each of its seven names is absent, or present with one of three times. It can be in use by digest,
/// mounted, or needed by a pinned image, and a pattern can keep one of its names.
inline World survivors(Choices& choose) {
    static const std::array<std::string, 7> pool{"docker.io/library/app:1",
                                                 "docker.io/library/app@" + A,
                                                 "moby-dangling@" + A,
                                                 "a name",
                                                 "team/app:2@" + A,
                                                 "app",
                                                 "sha256:" + b64};
    World world;
    for (const std::string& name : pool) {
        const std::size_t there = choose.of(name.starts_with("sha256:") ? 2 : 4);
        if (there == 0) continue;
        Record record{name, A};
        if (there > 1) record.created = Moment{static_cast<std::int64_t>(there)};
        world.records.push_back(record);
    }
    switch (choose.of(4)) {
        case 1: world.containers = {{A, A}}; break;
        case 2: world.containers = {{A, "app"}, {B, "", {A}}}; break;
        case 3:
            world.records.push_back({"a child", B});
            world.records.back().needs = {A};
            world.records.back().pinned = true;
            break;
        default: break;
    }
    world.options.rule = any_rule(choose);
    static constexpr std::array all{model::Survivor::last_by_name, model::Survivor::first_by_name,
                                    model::Survivor::newest, model::Survivor::oldest, model::Survivor::tagged};
    world.options.survivor = choose.one_of(all);
    if (choose.flag()) world.options.keep = {"*:1"};
    return world;
}

/// Two of 16 filters, and three records of all ages and labels, of one, two or three images.
inline World filters(Choices& choose) {
    static const std::array<std::string, 16> pool{
        "until=10",    "until=15",        "label=k",           "label=k=v",
        "label!=k",    "label!=k=v",      "label=k!=v",        "since=docker.io/team/y:2",
        "reference=*", "reference=*/y:*", "reference!=[^a-x]", "reference!=x:?",
        "before=x:1",  "before=aaaa",     "since=x",           "since=sha256:"};
    static const std::array<std::string, 3> record_names{"docker.io/library/x:1", "docker.io/team/y:2",
                                                         "not a reference"};
    static const std::array<std::vector<std::pair<std::string, std::string>>, 3> labels{
        {{}, {{"k", "v"}}, {{"j", "v"}, {"k", "w"}}}};
    World world;
    const std::string& first = choose.one_of(pool);
    const std::string& second = choose.one_of(pool);
    world.options.filters = {first, second};
    const auto& image_of = choose.one_of(partitions);
    for (std::size_t i = 0; i < 3; ++i) {
        Record record{record_names[i], targets[image_of[i]]};
        record.created = any_moment(choose);
        record.labels = choose.one_of(labels);
        world.records.push_back(record);
    }
    return world;
}

/// Each of five names is absent, or points at one of three images, with one of three times. The newest images of each
/// repository are kept, by time or by name, and young records.
inline World newest(Choices& choose) {
    static const std::array<std::string, 5> pool{"docker.io/library/x:1", "x:2", "docker.io/library/x",
                                                 "docker.io/team/x:1", "moby-dangling@" + A};
    static const std::array<std::vector<model::KeepNewest>, 6> rules{
        {{{1}},
         {{2}},
         {{1, "x*", model::NewestBy::created}},
         {{1, {}, model::NewestBy::last_used}},
         {{1, {}, model::NewestBy::name}},
         {{1, "library/x", model::NewestBy::last_used}, {2, "*/x:[12]", model::NewestBy::created}}}};
    World world;
    for (const std::string& name : pool) {
        const std::size_t where = choose.of(10);
        if (where == 0) continue;
        Record record{name, targets[(where - 1) / 3]};
        if (const std::size_t age = (where - 1) % 3; age > 0)
            record.created = Moment{static_cast<std::int64_t>(10 * age)};
        if (world.records.size() == 1) record.last_used = Moment{20};
        world.records.push_back(record);
    }
    world.options.keep_newest = choose.one_of(rules);
    if (choose.flag()) world.options.keep_younger_than = Moment{20};
    return world;
}

/// Each of seven tags, some of which are versions, is absent, or points at one of three images. The images can need
/// each other, in a chain, or in a circle. The newest are kept by version or by name.
inline World versions(Choices& choose) {
    static const std::array<std::string, 7> pool{
        "x:1.0", "docker.io/library/x:v1.0.0", "x:1.10", "x:01.9-rc.1", "x:1.9+", "x@" + A, A};
    static const std::array<std::array<std::vector<std::string>, 3>, 5> needed{
        {{}, {{{B}, {}, {}}}, {{{B}, {C}, {}}}, {{{B}, {A}, {}}}, {{{B, C}, {A}, {}}}}};
    World world;
    for (const std::string& name : pool)
        if (const std::size_t where = choose.of(4); where > 0) world.records.push_back({name, targets[where - 1]});
    const auto& needs = choose.one_of(needed);
    for (Record& record : world.records)
        for (std::size_t image = 0; image < targets.size(); ++image)
            if (record.target == targets[image]) record.needs = needs[image];
    model::KeepNewest rule{choose.of(3), {}, choose.flag() ? model::NewestBy::version : model::NewestBy::name};
    if (choose.flag()) rule.names = "*:1*";
    world.options.keep_newest = {rule};
    if (choose.flag()) world.options.keep_newest.insert(world.options.keep_newest.begin(), {1});
    return world;
}

/// Four records of up to four images, in a graph: each record can be attached to the next image, to the first one, or to
/// the images that share an ID; images need each other in a chain, in a circle, by a shared ID, or beside what they are
/// attached to. Containers mean images by target, by an ID, by a shared ID, by a truncated one, or mount them. With every
/// preset, and no special record, a pinned one and a budget, or a dangling one.
inline World graph(Choices& choose) {
    static const std::string D = "sha256:" + std::string(64, 'd'), X = "sha256:" + std::string(64, 'e');
    static const std::array<std::string, 4> all{A, B, C, D};
    static const std::array<std::string, 4> pool{"docker.io/library/b:1", "docker.io/library/d:1",
                                                 "docker.io/library/a:1", "docker.io/library/c:1"};
    static const std::array<Rule, 5> presets{Rule{}, Rule{true, model::DigestUse::created_by_digest, false},
                                             Rule{false, model::DigestUse::every_container, false},
                                             Rule{false, model::DigestUse::every_container, true},
                                             Rule{true, model::DigestUse::no_container, false}};
    static const std::array<std::array<std::vector<std::string>, 4>, 6> needed{{{},
                                                                                {{{B}, {C}, {}, {}}},
                                                                                {{{B}, {A}, {}, {}}},
                                                                                {{{}, {A}, {}, {X}}},
                                                                                {{{X}, {}, {D}, {}}},
                                                                                {{{}, {A, D}, {A}, {B}}}}};
    static const std::array<std::array<std::vector<std::string>, 4>, 4> ids{
        {{}, {{{X}, {X}, {}, {}}}, {{{}, {X}, {A, X}, {X.substr(7)}}}, {{{X, D}, {}, {X}, {B}}}}};
    static const std::array<std::vector<Container>, 6> lists{{{},
                                                              {{A, "d:1"}},
                                                              {{X, "gone:1"}},
                                                              {{X, "b@" + A}, {B, "eee"}},
                                                              {{D, "a:1", {X}}},
                                                              {{X, "aa"}, {"gone", "gone@" + X}}}};
    World world;
    world.members.ids = world.members.subject = true;
    world.options.rule = choose.one_of(presets);
    const auto& its_needs = choose.one_of(needed);
    const auto& its_ids = choose.one_of(ids);
    const std::size_t special = choose.of(3);
    for (std::size_t i = 0; i < 4; ++i) {
        const std::size_t image = choose.of(i + 1);
        const std::array<std::string, 4> subjects{"", all[(image + 1) % 4], A, X};
        Record record{pool[i], all[image]};
        record.needs = its_needs[image];
        record.ids = its_ids[i];
        record.subject = choose.one_of(subjects);
        record.last_used = record.created = Moment{static_cast<std::int64_t>(i % 3)};
        record.blobs = {{all[image], 1}};
        if (special == 2 && i == 3) record.name = "moby-dangling@" + record.target;
        world.records.push_back(std::move(record));
    }
    world.records[2].pinned = special == 1;
    world.options.only_dangling = special == 2;
    world.containers = choose.one_of(lists);
    if (special == 1) world.options.bytes_to_free = 2;
    return world;
}

/// All graphs of three images. Each image has a record that needs any of the images, and is attached to none, to one, or
/// to the two that share an ID. The first image can have a second record, which is attached to nothing. One record can be
/// pinned; a container can run the images that share the ID, or mount one. With two rules, without a budget and with
/// budgets in three orders of use.
inline World edges(Choices& choose) {
    static const std::string X = "sha256:" + std::string(64, 'e');
    static const std::array<std::string, 3> pool{"docker.io/library/b:1", "docker.io/library/c:1",
                                                 "docker.io/library/a:1"};
    static const std::array<std::string, 5> subjects{"", A, B, C, X};
    static constexpr std::array<std::array<std::int64_t, 3>, 3> uses{{{10, 20, 30}, {30, 20, 10}, {20, 10, 20}}};
    static constexpr std::array<Rule, 2> rules{Rule{}, Rule{false, model::DigestUse::every_container, true}};
    World world;
    world.members.ids = world.members.subject = true;
    world.options.rule = choose.one_of(rules);
    const std::size_t budget = choose.of(4);
    for (std::size_t i = 0; i < 3; ++i) {
        Record record{pool[i], targets[i]};
        for (const std::string& target : targets)
            if (choose.flag()) record.needs.push_back(target);
        record.subject = choose.one_of(subjects);
        if (i < 2) record.ids = {X};
        record.last_used = record.created = Moment{uses[budget > 0 ? budget - 1 : 0][i]};
        record.blobs = {{targets[i], 1}};
        world.records.push_back(std::move(record));
    }
    if (choose.flag()) {
        Record record = world.records[0];
        record.name = "docker.io/library/b:2";
        record.subject.clear();
        world.records.push_back(std::move(record));
    }
    switch (choose.of(5)) {
        case 1: world.records[0].pinned = true; break;
        case 2: world.records[2].pinned = true; break;
        case 3: world.containers = {{X, "gone:1"}}; break;
        case 4: world.containers = {{C, "gone:1", {B}}}; break;
        default: break;
    }
    if (budget > 0) world.options.bytes_to_free = budget == 2 ? 2 : 1;
    return world;
}

struct Family {
    std::string_view name;
    World (*make)(Choices&);
    std::string_view kind = "everything";  ///< the name of the kind of store, see kinds.hpp

    std::uint64_t size() const {
        Choices choices(0);
        make(choices);
        return choices.worlds();
    }
    World world(std::uint64_t number) const {
        Choices choices(number);
        return make(choices);
    }
};

inline constexpr std::array families{
    Family{"names", names},         Family{"forms", forms},     Family{"dangling", dangling, "a list with is_dangling"},
    Family{"options", options},     Family{"needs", needs},     Family{"budget", budget},
    Family{"survivors", survivors}, Family{"filters", filters}, Family{"newest", newest},
    Family{"versions", versions},   Family{"graph", graph},     Family{"edges", edges}};

}  // namespace small_worlds

#endif

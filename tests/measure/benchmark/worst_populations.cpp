// SPDX-License-Identifier: BSL-1.0
// Makes the worst inputs for each stage.
#include "worst_populations.hpp"

#include <pruneplan/pruneplan.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

namespace benchmark {
namespace {

std::string digest_of(std::size_t number) {
    Random random(number);
    return random_digest(random);
}

/// Makes records whose names and targets are `name` and `target` of their numbers. Adds no containers.
template <class Name, class Target>
WorstCase records(std::size_t count, Name name, Target target) {
    WorstCase made;
    for (std::size_t i = 0; i < count; ++i) {
        FullRecord record{name(i), target(i)};
        record.made = {today - static_cast<std::int64_t>(i), 0};
        made.population.store.records.push_back(std::move(record));
    }
    return made;
}

/// Adds equal containers.
void add_containers(WorstCase& to, std::size_t count, const std::string& id, const std::string& ref) {
    to.population.containers.assign(count, {id, ref});
}

std::string nth(std::size_t number) { return "ghcr.io/team/app:" + std::to_string(number); }

WorstCase one_target(std::size_t count) {
    WorstCase made = records(count, nth, [](std::size_t) { return digest_of(1); });
    add_containers(made, count, digest_of(1), digest_of(1));
    return made;
}

/// Each name of the image is compared with one of a megabyte.
WorstCase one_target_and_a_name_of_a_megabyte(std::size_t count) {
    WorstCase made = one_target(count);
    made.population.store.records[0].name = "z.example/" + std::string(std::size_t{1} << 20, 'a') + "/x";
    made.options.survivor = pruneplan::Survivor::tagged;
    return made;
}

WorstCase one_image_for_all_containers(std::size_t count) {
    WorstCase made = records(count, nth, digest_of);
    add_containers(made, count, digest_of(0), nth(0));
    return made;
}

WorstCase all_dangling(std::size_t count) {
    const auto name = [](std::size_t i) { return "moby-dangling@" + digest_of(i); };
    WorstCase made = records(count, name, digest_of);
    for (std::size_t i = 0; i < count; ++i) made.population.containers.push_back({digest_of(i), digest_of(i)});
    return made;
}

/// Dangling names of other targets have to be looked up for every container.
WorstCase dangling_names_of_others(std::size_t count) {
    const auto name = [count](std::size_t i) { return "moby-dangling@" + digest_of((i + 1) % count); };
    WorstCase made = records(count, name, digest_of);
    for (std::size_t i = 0; i < count; ++i) made.population.containers.push_back({digest_of(i), digest_of(i)});
    return made;
}

WorstCase one_repository(std::size_t count) {
    WorstCase made = records(count, nth, digest_of);
    made.options.keep_newest = {{.count = count / 2}};
    return made;
}

WorstCase line_of_needs(std::size_t count) {
    WorstCase made = records(count, nth, digest_of);
    for (std::size_t i = 1; i < count; ++i) made.population.store.records[i].needed = digest_of(i - 1);
    add_containers(made, 1, digest_of(count - 1), digest_of(count - 1));
    return made;
}

WorstCase circle_of_needs(std::size_t count) {
    WorstCase made = line_of_needs(count);
    made.population.store.records[0].needed = digest_of(count - 1);
    return made;
}

/// All images have the same blobs and the same age.
WorstCase one_blob_of_all(std::size_t count) {
    WorstCase made = records(count, nth, digest_of);
    FullStore& store = made.population.store;
    store.blob_digests = {digest_of(0)};
    store.all_blobs = {4, pruneplan::Blob{store.blob_digests[0], 1}};
    for (FullRecord& record : store.records) {
        record.content = store.all_blobs;
        record.made = {today, 0};
    }
    made.options.bytes_to_free = 2;
    return made;
}

WorstCase long_common_prefix(std::size_t count) {
    const auto name = [](std::size_t i) { return "ghcr.io/" + std::string(200, 'a') + ':' + std::to_string(i); };
    WorstCase made = records(count, name, [](std::size_t i) { return digest_of(i / 2); });
    for (std::size_t i = 0; i < count; ++i) made.population.containers.push_back({digest_of(i / 2), name(i)});
    return made;
}

/// A pattern that matches everywhere but at the last character.
WorstCase hard_pattern(std::size_t count) {
    const auto name = [](std::size_t i) { return "ghcr.io/" + std::string(200, 'a') + ':' + std::to_string(i); };
    WorstCase made = records(count, name, digest_of);
    std::string pattern = "ghcr.io/";
    for (int i = 0; i < 25; ++i) pattern += "a*";
    made.options.keep = {*pruneplan::Glob::compile(pattern + "b")};
    return made;
}

/// One record in 10,000, each with an invalid name of a megabyte, and as many containers created from these names.
WorstCase names_of_a_megabyte(std::size_t count) {
    const std::size_t megabytes = count / 10'000 + 1;
    const auto name = [](std::size_t i) { return std::string(std::size_t{1} << 20, 'a') + std::to_string(i); };
    WorstCase made = records(megabytes, name, digest_of);
    for (std::size_t i = 0; i < megabytes; ++i) made.population.containers.push_back({digest_of(i), name(i)});
    made.units = megabytes * 1024;
    return made;
}

/// As many filters as records, each of which names an image by a truncated ID.
WorstCase truncated_ids(std::size_t count) {
    WorstCase made = records(count, nth, digest_of);
    for (std::size_t i = 0; i < count; ++i)
        made.options.filters.push_back(*pruneplan::parse_filter("before=" + digest_of(i).substr(7, 20), {}));
    return made;
}

constexpr NamedCase cases[] = {
    {"one target has all names", one_target},
    {"the same, one name of a megabyte, survivor `tagged`", one_target_and_a_name_of_a_megabyte},
    {"all containers run one image", one_image_for_all_containers},
    {"all records are dangling", all_dangling},
    {"all have dangling names of other targets", dangling_names_of_others},
    {"one repository, half of it kept as newest", one_repository},
    {"a line of images, each needs the next", line_of_needs},
    {"a circle of images, each needs the next", circle_of_needs},
    {"one blob of all images, and a budget", one_blob_of_all},
    {"names that share 200 characters", long_common_prefix},
    {"the same, and a pattern with 25 stars", hard_pattern},
    {"as many filters as records, by truncated IDs", truncated_ids},
    {"names of a megabyte (for each KiB)", names_of_a_megabyte},
};

}  // namespace

std::span<const NamedCase> worst_cases() { return cases; }

}  // namespace benchmark

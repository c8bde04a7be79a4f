#ifndef PRUNEPLAN_TESTS_BENCHMARK_FULL_POPULATION_HPP
#define PRUNEPLAN_TESTS_BENCHMARK_FULL_POPULATION_HPP

// SPDX-License-Identifier: BSL-1.0

// The population of population.hpp, in a store that has every optional member but `pinned` and `is_dangling`: times, a
// label on every eighth record, a needed image for every second image, and four blobs an image. Two of these are its
// own, two are shared: each shared blob is in 20 images on average.

#include "population.hpp"

#include <pruneplan/pruneplan.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace benchmark {

struct FullRecord {
    std::string name, digest, needed{};
    pruneplan::Timestamp made{};
    std::optional<pruneplan::Timestamp> used{};
    bool labelled = false;
    std::span<const pruneplan::Blob> content{};
};

struct FullStore {
    std::vector<FullRecord> records;
    std::vector<std::string> blob_digests{};
    std::vector<pruneplan::Blob> all_blobs{};

    const std::vector<FullRecord>& images() const { return records; }
    static std::string_view name(const FullRecord& record) { return record.name; }
    static std::string_view target(const FullRecord& record) { return record.digest; }
    static pruneplan::Timestamp created(const FullRecord& record) { return record.made; }
    static std::optional<pruneplan::Timestamp> last_used(const FullRecord& record) { return record.used; }
    static std::optional<std::string_view> label(const FullRecord& record, std::string_view key) {
        if (record.labelled && key == "keep") return "yes";
        return std::nullopt;
    }
    static std::string_view needs(const FullRecord& record) { return record.needed; }
    static std::span<const pruneplan::Blob> blobs(const FullRecord& record) { return record.content; }
};

struct FullPopulation {
    FullStore store;
    std::vector<Container> containers;
};

inline constexpr std::int64_t day = 86'400, today = 20'000 * day;

namespace full {

inline constexpr std::size_t blobs_per_image = 4, own_blobs = 2;

/// What the records of one image have in common.
struct Image {
    std::size_t number;
    std::string needed;
};

inline void fill_blobs(FullStore& store, std::size_t images, Random& random) {
    const std::size_t shared = images / 10 + 1;
    store.blob_digests.reserve(images * own_blobs + shared);
    for (std::size_t i = 0; i < images * own_blobs + shared; ++i) store.blob_digests.push_back(random_digest(random));
    store.all_blobs.reserve(images * blobs_per_image);
    for (std::size_t image = 0; image < images; ++image)
        for (std::size_t i = 0; i < blobs_per_image; ++i) {
            const std::size_t blob = i < own_blobs ? image * own_blobs + i : images * own_blobs + random.below(shared);
            store.all_blobs.push_back({store.blob_digests[blob], 1000 + blob % 100'000});
        }
}

}  // namespace full

inline FullPopulation make_full_population(std::size_t count) {
    Population plain = make_population(count);
    Random random(count + 1);
    FullPopulation population{{}, std::move(plain.containers)};
    FullStore& store = population.store;
    std::unordered_map<std::string_view, full::Image> images;
    std::vector<std::string_view> digests;
    for (const Record& record : plain.store.records) {
        const auto [image, is_new] = images.try_emplace(record.digest, full::Image{digests.size(), {}});
        if (!is_new) continue;
        // An image is after the one that it needs in this order, so that there is no circle.
        if (!digests.empty() && random.below(2) == 0) image->second.needed = digests[random.below(digests.size())];
        digests.push_back(record.digest);
    }
    full::fill_blobs(store, images.size(), random);
    store.records.reserve(count);
    for (const Record& record : plain.store.records) {
        const full::Image& image = images.find(record.digest)->second;
        const auto made = today - static_cast<std::int64_t>(random.below(400 * day));
        FullRecord full{record.name, record.digest, image.needed, {made, 0}};
        if (random.below(4) != 0) full.used = {made + static_cast<std::int64_t>(random.below(30 * day)), 0};
        full.labelled = random.below(8) == 0;
        full.content = {store.all_blobs.data() + image.number * full::blobs_per_image, full::blobs_per_image};
        store.records.push_back(std::move(full));
    }
    return population;
}

}  // namespace benchmark

#endif

#ifndef PRUNEPLAN_TESTS_BENCHMARK_POPULATION_HPP
#define PRUNEPLAN_TESTS_BENCHMARK_POPULATION_HPP

// SPDX-License-Identifier: BSL-1.0

// A plausible host of any size. The same size gives the same host on every machine and with every standard library.
//
// N records are spread over three registries and 5,003 repositories. 5 % are dangling, each the only name of its image;
// the others point at the remaining images at random, so that an image has two names on average. N containers run
// random images. They were created, in equal shares, by canonical name, familiar name, the first 12 digits of the ID,
// the full ID, and familiar name with tag and digest. A container that runs a dangling image was created from a name
// that now points at another image. Both lists are in random order.

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace benchmark {

struct Record {
    std::string name, digest;
};

struct Container {
    std::string id, ref;

    std::string_view image_id() const { return id; }
    std::string_view image_ref() const { return ref; }
};

struct Store {
    std::vector<Record> records;

    const std::vector<Record>& images() const { return records; }
    static std::string_view name(const Record& record) { return record.name; }
    static std::string_view target(const Record& record) { return record.digest; }
};

struct Population {
    Store store;
    std::vector<Container> containers;
};

/// Vigna's splitmix64. Not <random>: its distributions differ between standard libraries.
class Random {
public:
    explicit Random(std::uint64_t seed) : state_(seed) {}

    std::uint64_t operator()() {
        std::uint64_t z = state_ += 0x9e3779b97f4a7c15;
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
        z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
        return z ^ (z >> 31);
    }

    /// Less than `end`, which is far less than 2^64.
    std::size_t below(std::size_t end) { return static_cast<std::size_t>((*this)() % end); }

    template <class T>
    void shuffle(std::vector<T>& list) {
        for (std::size_t left = list.size(); left > 1; --left) std::swap(list[left - 1], list[below(left)]);
    }

private:
    std::uint64_t state_;
};

inline std::string random_digest(Random& random) {
    std::string digest = "sha256:";
    for (int word = 0; word < 4; ++word) {
        std::uint64_t bits = random();
        for (int i = 0; i < 16; ++i, bits >>= 4) digest += "0123456789abcdef"[bits & 15];
    }
    return digest;
}

inline constexpr std::size_t repositories = 5003;

/// "docker.io/library/app-12", "ghcr.io/team-7/service-13", ...
inline std::string repository_name(std::size_t number) {
    const std::string n = std::to_string(number);
    switch (number % 3) {
        case 0: return (number % 2 == 0 ? "docker.io/library/app-" : "docker.io/someone/app-") + n;
        case 1: return "ghcr.io/team-" + std::to_string(number % 97) + "/service-" + n;
        default: return "registry.example.com:5000/project-" + std::to_string(number % 13) + "/service-" + n;
    }
}

/// The name of the record with this number among those that are not dangling.
inline std::string record_name(std::size_t number) {
    const std::size_t nth = number / repositories;
    const std::string tag = nth == 0 ? "latest" : "1." + std::to_string(nth) + '.' + std::to_string(number % 7);
    return repository_name(number % repositories) + ':' + tag;
}

inline std::string familiar_name(std::string_view name) {
    for (const std::string_view implied : {"docker.io/library/", "docker.io/"})
        if (name.starts_with(implied)) {
            name.remove_prefix(implied.size());
            break;
        }
    return std::string(name);
}

/// Returns the reference by which a user created a container of the image `digest`, in one of five ways.
inline std::string typed(std::size_t way, const std::string& name, const std::string& digest) {
    constexpr std::string_view default_tag = ":latest";
    switch (way % 5) {
        case 0: return name;
        case 1: {
            std::string familiar = familiar_name(name);
            if (familiar.ends_with(default_tag)) familiar.resize(familiar.size() - default_tag.size());
            return familiar;
        }
        case 2: return digest.substr(7, 12);
        case 3: return digest;
        default: return familiar_name(name) + '@' + digest;
    }
}

inline std::vector<Record> make_records(std::size_t count, Random& random) {
    const std::size_t dangling = count / 20, shared = count / 2 - dangling;
    std::vector<std::string> targets;
    for (std::size_t i = 0; i < shared; ++i) targets.push_back(random_digest(random));
    std::vector<Record> unordered;
    for (std::size_t i = 0; i < dangling; ++i) {
        std::string digest = random_digest(random);
        unordered.push_back({"moby-dangling@" + digest, digest});
    }
    for (std::size_t i = 0; i < count - dangling; ++i)
        unordered.push_back({record_name(i), targets[i < shared ? i : random.below(shared)]});
    random.shuffle(unordered);
    // A copy, so that the texts are in memory in the order of the list, as in a list that was just read.
    return std::vector<Record>(unordered);
}

inline Population make_population(std::size_t count) {
    Random random(count);
    Population population{{make_records(count, random)}, {}};
    const std::vector<Record>& records = population.store.records;
    std::vector<Container> unordered;
    for (std::size_t i = 0; i < count; ++i) {
        const Record& image = records[random.below(count)];
        const Record* named = &image;
        while (named->name.starts_with("moby-dangling@")) named = &records[random.below(count)];
        unordered.push_back({image.digest, typed(i, named->name, image.digest)});
    }
    random.shuffle(unordered);
    population.containers = std::vector<Container>(unordered);
    return population;
}

/// Reads every text once, so that each measurement begins with the same caches.
inline std::uint64_t read_through(const Population& population) {
    std::uint64_t sum = 0;
    const auto read = [&](const std::string& text) {
        for (std::size_t at = 0; at < text.size(); at += 64) sum += static_cast<unsigned char>(text[at]);
    };
    for (const Record& record : population.store.records) {
        read(record.name);
        read(record.digest);
    }
    for (const Container& container : population.containers) {
        read(container.id);
        read(container.ref);
    }
    return sum;
}

}  // namespace benchmark

#endif

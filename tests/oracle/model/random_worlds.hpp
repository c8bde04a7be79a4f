#ifndef PRUNEPLAN_TESTS_MODEL_RANDOM_WORLDS_HPP
#define PRUNEPLAN_TESTS_MODEL_RANDOM_WORLDS_HPP

// SPDX-License-Identifier: BSL-1.0

// Random worlds of fewer than 90 records and 70 containers. Names, digests and moments come from short lists, so that
// records and containers often have them in common.

#include "model.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <random>
#include <string>
#include <vector>

namespace random_worlds {

using model::Container;
using model::Moment;
using model::Record;
using model::World;

class Maker {
public:
    /// Makes the world with this number. The same seed and number make the same world on every machine.
    Maker(std::uint64_t seed, std::uint64_t number) : random_(seed * 1'000'003 + number) {}

    World make(const model::HostMembers& members) {
        World world;
        world.members = members;
        has_ids_ = one_in(2);
        has_subjects_ = one_in(2);
        const std::size_t records = one_in(20) ? of(90) : of(9), containers = one_in(20) ? of(70) : of(5);
        for (std::size_t i = 0; i < records; ++i) {
            Record record = any_record();
            const auto same = [&](const Record& other) { return other.name == record.name; };
            if (std::none_of(world.records.begin(), world.records.end(), same))
                world.records.push_back(std::move(record));
        }
        for (std::size_t i = 0; i < containers; ++i) world.containers.push_back(any_container());
        choose_options(world.options);
        return world;
    }

    /// A random number less than `count`.
    std::size_t of(std::size_t count) { return static_cast<std::size_t>(random_() % count); }
    /// True once in `count` times, on average.
    bool one_in(std::size_t count) { return of(count) == 0; }

    template <class List>
    const auto& one_of(const List& list) {
        return list[of(std::size(list))];
    }

    std::mt19937_64& random() { return random_; }

    const std::string& any_digest() {
        static const std::array<std::string, 9> digests{std::string(64, 'b'),
                                                        "sha256:" + std::string(64, 'a'),
                                                        "sha256:" + std::string(63, 'a') + "b",
                                                        "sha256:" + std::string(64, 'b'),
                                                        "sha256:" + std::string(64, 'c'),
                                                        "sha512:" + std::string(128, 'd'),
                                                        std::string(64, 'e'),
                                                        "odd",
                                                        ""};
        return one_of(digests);
    }

    std::string any_name() {
        static const std::array<std::string, 25> names{"docker.io/library/app:1",
                                                       "docker.io/library/app:2",
                                                       "docker.io/library/app:latest",
                                                       "docker.io/team/app:1",
                                                       "docker.io/team/app:latest",
                                                       "ghcr.io/team/app:1",
                                                       "localhost:5000/x:latest",
                                                       "[::1]:5000/x:1",
                                                       "a_b.c/d:1",
                                                       "app",
                                                       "app:1",
                                                       "index.docker.io/app",
                                                       "team/app",
                                                       "docker.io/app:3",
                                                       "",
                                                       "Not A Reference",
                                                       "moby-dangling@",
                                                       "sha256:aaaa",
                                                       "library/app:latest",
                                                       "library/Not A Reference",
                                                       "docker.io/local.host/x:1",
                                                       "app:v1.10",
                                                       "app:1.9-rc",
                                                       "aaaa:1",
                                                       "app:1.9-rc.1+b"};
        std::string name = one_of(names);
        switch (of(12)) {
            case 0: return "moby-dangling@" + any_digest();
            case 1: return name + "@" + any_digest();
            case 2: return "docker.io/library/app:" + std::to_string(of(30));
            case 3: return any_digest();
            default: return name;
        }
    }

    /// A digest that images have as their target, or one that they have only as a further ID.
    const std::string& any_id() {
        static const std::array<std::string, 4> further{"sha256:" + std::string(64, 'f'), std::string(64, 'f'),
                                                        "sha256:" + std::string(62, 'b') + "ff",
                                                        "sha512:" + std::string(128, 'f')};
        return has_ids_ && one_in(3) ? one_of(further) : any_digest();
    }

    Container any_container() {
        Container container{any_id(), any_name(), {}};
        const std::string& other = any_id();
        std::string& ref = container.image_ref;
        switch (of(8)) {
            case 0: ref = container.image_id; break;
            case 1: ref = other; break;
            case 2: ref = container.image_id.substr(0, of(70)); break;
            case 3: ref = container.image_id.substr(std::min<std::size_t>(7, container.image_id.size()), of(70)); break;
            case 4: ref += "@" + container.image_id; break;
            default: break;
        }
        if (container.image_id.starts_with("sha256:") && one_in(6)) container.image_id.erase(0, 7);
        if (one_in(6)) container.mounted.push_back(any_id());
        if (one_in(12)) container.mounted.push_back(std::string(64, 'a'));
        return container;
    }

private:
    std::optional<Moment> any_moment() {
        if (one_in(5)) return std::nullopt;
        return Moment{static_cast<std::int64_t>(of(4)) * 10, one_in(4) ? 1 : 0};
    }

    Record any_record() {
        Record record;
        record.target = any_digest();
        record.name = one_in(6) ? "moby-dangling@" + record.target : any_name();
        record.created = any_moment();
        record.last_used = any_moment();
        for (const char* key : {"k", "l", ""})
            if (one_in(3)) record.labels.emplace_back(key, one_in(2) ? "v" : "");
        record.pinned = one_in(10);
        record.is_dangling = one_in(5);
        for (std::size_t left = of(9) / 4; left > 0; --left) record.needs.push_back(any_id());
        if (has_ids_)
            for (std::size_t left = of(9) / 4; left > 0; --left) record.ids.push_back(any_id());
        if (has_subjects_ && one_in(3)) record.subject = any_id();
        for (std::size_t left = of(4); left > 0; --left) {
            static constexpr std::array<std::uint64_t, 5> sizes{0, 1, 10, 100,
                                                                std::numeric_limits<std::uint64_t>::max()};
            static const std::array<std::string, 6> blobs{
                "p", "q", "r", "s", "a digest that is too long to be stored in place", ""};
            const std::string& digest = one_of(blobs);
            const auto usual = static_cast<std::size_t>(digest.size() % 4);
            record.blobs.push_back({digest, one_in(10) ? one_of(sizes) : sizes[usual]});
        }
        return record;
    }

    void choose_options(model::Options& options) {
        static const std::array<std::string, 26> filters{"until=10",
                                                         "until=20",
                                                         "until=0",
                                                         "label=k",
                                                         "label=k=v",
                                                         "label=k=",
                                                         "label!=k",
                                                         "label!=l=v",
                                                         "label=k!",
                                                         "label!=k!=v",
                                                         "label=",
                                                         "reference=app",
                                                         "reference=*/*",
                                                         "reference=*",
                                                         "reference!=app:*",
                                                         "reference!=[a-z]*/?*:[^1]",
                                                         "reference=docker.io/*[/]app*1",
                                                         "before=app:1",
                                                         "before=team/app",
                                                         "since=aaaa",
                                                         "since=sha256:b",
                                                         "before=eee",
                                                         "since=" + std::string(64, 'c'),
                                                         "before=index.docker.io/app:latest",
                                                         "before=sha256:" + std::string(64, 'f'),
                                                         "since=f"};
        static const std::array<std::string, 26> patterns{"app:2",
                                                          "*/*:1",
                                                          "docker.io/*/app",
                                                          "moby-dangling@odd",
                                                          "*",
                                                          "N?t*A*",
                                                          "*[/]x*t",
                                                          "*:[1-3]",
                                                          "",
                                                          "library/app",
                                                          "docker.io/app:1",
                                                          "index.docker.io/app",
                                                          "docker.io/ap*",
                                                          "library/*",
                                                          "index.docker.io/**",
                                                          "**/app:*",
                                                          "team/**:1",
                                                          "aaaa",
                                                          "sha256:" + std::string(64, 'e'),
                                                          "eee",
                                                          "local.host/x:1",
                                                          "app:1@sha256:" + std::string(64, 'c'),
                                                          "odd",
                                                          "app:v1",
                                                          "ff",
                                                          "sha256:" + std::string(64, 'f')};
        static constexpr std::array<std::int64_t, 8> bytes{-1, 0,   1,    5,
                                                           11, 100, 1000, std::numeric_limits<std::int64_t>::max()};
        options.only_dangling = one_in(6);
        if (!one_in(4)) options.rule = {!one_in(3), static_cast<model::DigestUse>(of(3)), one_in(3)};
        for (std::size_t left = one_in(3) ? 1 + of(2) : 0; left > 0; --left) options.filters.push_back(one_of(filters));
        for (std::size_t left = one_in(5) ? 1 + of(2) : 0; left > 0; --left) options.keep.push_back(one_of(patterns));
        for (std::size_t left = one_in(4) ? 1 + of(2) : 0; left > 0; --left) {
            options.keep_newest.push_back({of(4), {}, static_cast<model::NewestBy>(of(4))});
            if (one_in(3)) options.keep_newest.back().names = one_of(patterns);
        }
        if (one_in(5)) options.keep_younger_than = any_moment();
        if (one_in(3)) options.bytes_to_free = one_of(bytes);
        if (one_in(options.bytes_to_free ? 3 : 30)) options.delete_unused_before = any_moment();
        options.survivor = static_cast<model::Survivor>(of(5));
    }

    std::mt19937_64 random_;
    bool has_ids_ = false, has_subjects_ = false;  // of the world that is being made
};

}  // namespace random_worlds

#endif

// Records and containers can be created while their ranges are read; containers can be read once.
#include "parts.hpp"

#include <array>
#include <cstddef>
#include <forward_list>
#include <iterator>
#include <list>
#include <map>

struct ByValue : WithName, WithTarget {
    std::vector<Record> images() const { return {}; }
};

struct Map {
    std::map<std::string, std::string> all;
    const std::map<std::string, std::string>& images() const { return all; }
    static std::string_view name(const std::pair<const std::string, std::string>& record) { return record.first; }
    static std::string_view target(const std::pair<const std::string, std::string>& record) { return record.second; }
};

struct MapOfAnyRecord {
    std::map<std::string, std::string> all;
    const auto& images() const { return all; }
    static const std::string& name(const auto& record) { return record.first; }
    static const std::string& target(const auto& record) { return record.second; }
};

struct Array : WithName, WithTarget {
    Record records[2];
    const Record (&images() const)[2] { return records; }
};

struct Names {
    std::vector<std::string_view> names;
    const std::vector<std::string_view>& images() const { return names; }
    static std::string_view name(std::string_view record) { return record; }
    static std::string_view target(std::string_view record) { return record; }
};

/// Rows of a cursor: a range that is read once, by an iterator that has no `operator++(int)` and no `end()` of its type.
struct Rows {
    struct Iterator {
        using value_type = GoodContainer;
        using difference_type = std::ptrdiff_t;
        GoodContainer operator*() const { return {}; }
        Iterator& operator++() { return *this; }
        void operator++(int) {}
        bool operator==(std::default_sentinel_t) const { return true; }
    };
    static Iterator begin() { return {}; }
    static std::default_sentinel_t end() { return {}; }
};

void plan() {
    plan_all(ByValue{}, Containers{});
    plan_all(Map{}, std::list<GoodContainer>{});
    plan_all(MapOfAnyRecord{}, std::forward_list<GoodContainer>{});
    plan_all(Array{}, std::array<GoodContainer, 2>{});
    plan_all(Names{}, Rows{});
    GoodContainer containers[2];
    static_cast<void>(pruneplan::plan_prune(GoodStore{}, containers));
    static_cast<void>(pruneplan::plan_prune(GoodStore{}, Rows{}));
    static_cast<void>(pruneplan::plan_prune(GoodStore{}, {GoodContainer{}, GoodContainer{}}));
    static_cast<void>(pruneplan::plan_prune(GoodStore{}, {}));
}

// SPDX-License-Identifier: BSL-1.0

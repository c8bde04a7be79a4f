// SPDX-License-Identifier: BSL-1.0
// A valid store and a valid container, and their members one by one, so that a program can leave out or replace one.
#pragma once

#include <pruneplan/pruneplan.hpp>

#include <string>
#include <string_view>
#include <vector>

struct Record {
    std::string name, digest;
};

struct WithImages {
    std::vector<Record> records;
    const std::vector<Record>& images() const { return records; }
};

struct WithName {
    static std::string_view name(const Record& record) { return record.name; }
};

struct WithTarget {
    static std::string_view target(const Record& record) { return record.digest; }
};

struct GoodStore : WithImages, WithName, WithTarget {};

struct WithImageId {
    std::string id;
    std::string_view image_id() const { return id; }
};

struct WithImageRef {
    std::string ref;
    std::string_view image_ref() const { return ref; }
};

struct GoodContainer : WithImageId, WithImageRef {};

template <class Store, class Containers>
void plan_all(const Store& store, const Containers& containers) {
    auto index = pruneplan::ImageIndex<Store>::build(store);
    auto plan = pruneplan::plan_prune(*index, containers, pruneplan::PruneOptions{});
    static_cast<void>(plan);
}

// SPDX-License-Identifier: BSL-1.0
// A valid store, a valid container and a valid remover, and their members one by one, so that a program can leave out or
// replace one.
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

using Containers = std::vector<GoodContainer>;

struct GoodRemover {
    pruneplan::RemoveOutcome remove(std::string_view, std::string_view, std::string_view) { return {}; }
};

template <class Store, class Containers>
void plan_all(const Store& store, const Containers& containers) {
    auto plan = pruneplan::plan_prune(store, containers);
    static_cast<void>(plan->size());
}

template <class Remover>
void apply_all(Remover&& remover) {
    auto report = apply_prune(pruneplan::PrunePlan(), remover);
    static_cast<void>(report->steps.size());
}

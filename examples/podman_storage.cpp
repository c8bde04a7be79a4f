// SPDX-License-Identifier: BSL-1.0
// An adapter for Podman's storage, where an image has an ID and zero or more names. The adapter makes one record of
// each name, and one dangling record of an image without names. A container keeps all names of its image.

#include <pruneplan/pruneplan.hpp>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace {

struct Layer {
    std::uint64_t size = 0;
};

struct Image {
    std::vector<std::string> names;
    std::vector<std::string> layers;  // IDs, the top one last
};

/// The runtime's storage. A layer exists as long as an image has it.
struct Storage {
    std::map<std::string, Image, std::less<>> images;  // by ID
    std::map<std::string, Layer, std::less<>> layers;  // by ID
    std::set<std::string, std::less<>> in_use;         // IDs of images that containers run

    bool remove_image(std::string_view id) {
        const auto image = images.find(id);
        if (image == images.end() || in_use.contains(id)) return false;
        images.erase(image);
        std::erase_if(layers, [this](const auto& layer) {
            return std::none_of(images.begin(), images.end(), [&](const auto& other) {
                const auto& its = other.second.layers;
                return std::find(its.begin(), its.end(), layer.first) != its.end();
            });
        });
        return true;
    }
};

/// The adapter: one record for each name.
class NamedImages {
public:
    struct Record {
        std::string name, id;
        std::vector<pruneplan::Blob> layers;
        bool dangling = false;
    };

    explicit NamedImages(const Storage& storage) {
        for (const auto& [id, image] : storage.images) {
            Record record{{}, id, {}, image.names.empty()};
            for (const std::string& layer : image.layers) {
                const auto found = storage.layers.find(layer);
                record.layers.push_back({found->first, found->second.size});
            }
            for (const std::string& name : image.names) {
                record.name = name;
                records_.push_back(record);
            }
            if (!record.dangling) continue;
            record.name = id;  // unique, and never a name
            records_.push_back(record);
        }
    }

    const std::vector<Record>& images() const { return records_; }
    static std::string_view name(const Record& record) { return record.name; }
    static std::string_view target(const Record& record) { return record.id; }
    static bool is_dangling(const Record& record) { return record.dangling; }
    static const std::vector<pruneplan::Blob>& blobs(const Record& record) { return record.layers; }

private:
    std::vector<Record> records_;
};

/// Removes names, and removes an image with its last name.
class StorageRemover {
public:
    explicit StorageRemover(Storage& storage) : storage_(storage) {}

    // A runtime locks the storage from here to the end, so that comparing and removing are one step.
    pruneplan::RemoveOutcome remove(std::string_view name, std::string_view id, std::string_view survivor) {
        using enum pruneplan::RemoveStatus;
        if (!survivor.empty() && !has_name(id, survivor)) return survivor_gone;
        const auto image = storage_.images.find(id);
        if (image == storage_.images.end()) return not_found;
        std::vector<std::string>& names = image->second.names;
        if (name == id && !names.empty()) return changed;  // it was dangling, and has a name now
        if (name != id && !has_name(id, name)) return anywhere(name) ? changed : not_found;
        if (names.size() <= 1) return storage_.remove_image(id) ? removed : in_use;
        std::erase(names, name);
        return {removed, {}, true};
    }

private:
    bool has_name(std::string_view id, std::string_view name) const {
        const auto image = storage_.images.find(id);
        if (image == storage_.images.end()) return false;
        const auto& names = image->second.names;
        return std::find(names.begin(), names.end(), name) != names.end();
    }
    bool anywhere(std::string_view name) const {
        return std::any_of(storage_.images.begin(), storage_.images.end(),
                           [&](const auto& image) { return has_name(image.first, name); });
    }

    Storage& storage_;
};

struct Container {
    std::string id;
    std::string_view image_id() const { return id; }
    std::string_view image_ref() const { return {}; }  // has no effect under `whole_image`
};

}  // namespace

int main() {
    Storage storage;
    storage.layers = {{"base", {70'000'000}}, {"web", {5'000'000}}, {"app", {9'000'000}}, {"old", {8'000'000}}};
    storage.images = {{"1111", {{"docker.io/library/debian:12", "localhost/base:latest"}, {"base"}}},
                      {"2222", {{"localhost/web:1", "localhost/web:latest", "quay.io/team/web:1"}, {"base", "web"}}},
                      {"3333", {{"localhost/app:1"}, {"base", "app"}}},
                      {"4444", {{}, {"base", "old"}}}};
    storage.in_use = {"3333"};

    const std::vector<Container> containers{{"3333"}};
    const auto plan =
        pruneplan::plan_prune(NamedImages(storage), containers,
                              {.scope = pruneplan::Scope::unused, .usage = pruneplan::usage_rules::whole_image});
    if (!plan) {
        std::fprintf(stderr, "%s\n", plan.error().message.c_str());
        return 1;
    }
    for (const pruneplan::Decision& decision : *plan)
        std::printf("%-28s %s  %s\n", std::string(decision.name).c_str(), std::string(decision.target).c_str(),
                    pruneplan::explain(*plan, decision.record).c_str());
    for (const pruneplan::Doubt& doubt : plan->doubts()) std::printf("doubt: %s\n", doubt.sentence.c_str());

    const auto report = pruneplan::apply_prune(*plan, StorageRemover(storage));
    if (!report) {
        std::fprintf(stderr, "%s\n", report.error().message.c_str());
        return 1;
    }
    for (const std::string& id : report->deleted()) std::printf("deleted: %s\n", id.c_str());
    std::printf("reclaimed: %llu bytes\n", static_cast<unsigned long long>(report->space_reclaimed));

    // Only the container's image and its layers are left, and the report counts the freed bytes exactly.
    const bool as_it_should_be = storage.images.size() == 1 && storage.images.contains("3333") &&
                                 storage.layers.size() == 2 && report->deleted().size() == 3 &&
                                 report->space_reclaimed == 13'000'000;
    return as_it_should_be ? 0 : 1;
}

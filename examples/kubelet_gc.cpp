// SPDX-License-Identifier: BSL-1.0
// Kubelet's image garbage collection: when the file system of the images is fuller than the high threshold, it deletes
// images, least recently used first, down to the low threshold. It keeps pinned images, images of containers, and
// images that were pulled less than two minutes ago.

#include <pruneplan/pruneplan.hpp>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace {

using pruneplan::Timestamp;

constexpr std::uint64_t gigabyte = 1'000'000'000;

/// What CRI's ListImages returns, and what kubelet remembers about it between two listings.
struct Image {
    std::string id;
    std::vector<std::string> repo_tags;
    std::uint64_t size = 0;
    bool pinned = false;
    Timestamp first_detected, last_used;  // last_used is first_detected until a container uses the image
};

/// The adapter: one record for each tag, so that a person can read the plan. CRI removes images by ID: see `Runtime`.
class NodeImages {
public:
    struct Record {
        std::string name;
        const Image* image;
        std::vector<pruneplan::Blob> content;  // CRI returns the image's size, but not its layers
    };

    explicit NodeImages(const std::vector<Image>& images) {
        for (const Image& image : images) {
            for (const std::string& tag : image.repo_tags) records_.push_back({tag, &image, {{image.id, image.size}}});
            if (image.repo_tags.empty()) records_.push_back({image.id, &image, {{image.id, image.size}}});
        }
    }

    const std::vector<Record>& images() const { return records_; }
    static std::string_view name(const Record& record) { return record.name; }
    static std::string_view target(const Record& record) { return record.image->id; }
    static Timestamp created(const Record& record) { return record.image->first_detected; }
    static Timestamp last_used(const Record& record) { return record.image->last_used; }
    static bool pinned(const Record& record) { return record.image->pinned; }
    static bool is_dangling(const Record& record) { return record.image->repo_tags.empty(); }
    static const std::vector<pruneplan::Blob>& blobs(const Record& record) { return record.content; }

private:
    std::vector<Record> records_;
};

struct Container {
    std::string image;
    std::string_view image_id() const { return image; }
    std::string_view image_ref() const { return image; }
};

/// A mock of a container runtime. CRI's RemoveImage takes an ID and removes all its tags.
struct Runtime {
    std::vector<Image> images;
    std::uint64_t available = 0;
    std::set<std::string, std::less<>> removed_ids{};

    auto find(std::string_view name) {
        return std::find_if(images.begin(), images.end(), [&](const Image& image) {
            const auto& tags = image.repo_tags;
            return tags.empty() ? image.id == name : std::find(tags.begin(), tags.end(), name) != tags.end();
        });
    }

    /// Compares and removes in one step. Under a budget, all names of an image are deleted or none, so there is no
    /// survivor; the call for the first name removes the image, and nothing is left to do for the others.
    pruneplan::RemoveOutcome remove(std::string_view name, std::string_view id, std::string_view survivor) {
        using enum pruneplan::RemoveStatus;
        if (!survivor.empty()) return in_use;
        const auto image = find(name);
        if (image == images.end()) return removed_ids.contains(id) ? removed : not_found;
        if (image->id != id) return changed;
        available += image->size;
        removed_ids.insert(image->id);
        images.erase(image);
        return removed;
    }
};

}  // namespace

int main() {
    // Moments are seconds of the node's life; it is now second 100,000.
    constexpr Timestamp now{100'000, 0};
    const std::vector<Image> images{
        {"sha256:pause", {"registry.k8s.io/pause:3.9"}, gigabyte / 1000, true, {0, 0}, {0, 0}},
        {"sha256:web1",
         {"registry.example/web:1", "registry.example/web:stable"},
         3 * gigabyte,
         false,
         {100, 0},
         {50'000, 0}},
        {"sha256:web2", {"registry.example/web:2"}, 3 * gigabyte, false, {60'000, 0}, {99'000, 0}},
        {"sha256:job", {"registry.example/job:7"}, 4 * gigabyte, false, {200, 0}, {20'000, 0}},
        {"sha256:tool", {}, 2 * gigabyte, false, {300, 0}, {70'000, 0}},
        {"sha256:new", {"registry.example/new:1"}, 5 * gigabyte, false, {99'950, 0}, {99'950, 0}},
    };
    const std::vector<Container> containers{{"sha256:web2"}};
    constexpr std::uint64_t capacity = 40 * gigabyte, available = 4 * gigabyte;

    const auto wanted = pruneplan::bytes_to_reach(capacity, available, 85, 75);
    if (!wanted) {
        std::fprintf(stderr, "%s\n", wanted.error().message.c_str());
        return 1;
    }
    pruneplan::PruneOptions options{.scope = pruneplan::Scope::unused, .usage = pruneplan::usage_rules::whole_image};
    // Kubelet's minimum age, counted from first_detected.
    options.filters = {*pruneplan::parse_filter("until=2m", now)};
    options.bytes_to_free = *wanted;
    Runtime runtime{images, available};
    const auto plan = pruneplan::plan_prune(NodeImages(runtime.images), containers, options);
    if (!plan) {
        std::fprintf(stderr, "%s\n", plan.error().message.c_str());
        return 1;
    }
    for (const pruneplan::Decision& decision : *plan)
        std::printf("%-28s %s\n", std::string(decision.name).c_str(), explain(*plan, decision.record).c_str());
    for (const pruneplan::Doubt& doubt : plan->doubts()) std::printf("doubt: %s\n", doubt.sentence.c_str());

    const auto report = apply_prune(*plan, runtime);
    if (!report) {
        std::fprintf(stderr, "%s\n", report.error().message.c_str());
        return 1;
    }
    std::printf("wanted %.1f GB, freed %.1f GB, %zu images deleted\n", static_cast<double>(*wanted) / gigabyte,
                static_cast<double>(report->space_reclaimed) / gigabyte, report->deleted().size());

    // 90 % are full, and 75 % are wanted: 6 GB, for which the job and the older web are deleted, and no more.
    const bool as_it_should_be = *wanted == 6 * gigabyte && report->space_reclaimed == 7 * gigabyte &&
                                 runtime.available == available + report->space_reclaimed &&
                                 runtime.removed_ids == std::set<std::string, std::less<>>{"sha256:job", "sha256:web1"};
    return as_it_should_be ? 0 : 1;
}

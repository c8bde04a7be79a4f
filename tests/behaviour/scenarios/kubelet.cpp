// SPDX-License-Identifier: BSL-1.0
// Scenario: pruneplan does what kubelet's image garbage collection does on a node. Source: kubernetes,
// pkg/kubelet/images/image_gc_manager.go (GarbageCollect, freeSpace, imagesInEvictionOrder), and the page "Garbage
// Collection" of the Kubernetes documentation.
//
// The file system of the images has 100 GB, and 12 GB are free: 88 % are in use, over the high threshold of 85 %. To
// reach the low threshold, 80 %, kubelet frees 8 GB. It deletes the least recently used images first. Of two images
// used at the same time, it deletes the one that it detected first; images that were never used come before all others.
// It skips images in use, images that the runtime has pinned, and images that it detected less than the minimum age (2
// minutes) ago. It stops when the bytes are freed, and deletes an image with all its names. With imageMaximumGCAge, it
// also deletes images that were last used longer ago, whatever the thresholds say (freeOldImages).
//
// With pruneplan: `created` is when the node detected the image. An image that was never used has a `last_used` of 0;
// an unknown `last_used` would count as now. The minimum age becomes a filter `until`, because that compares `created`;
// `keep_younger_than` compares `last_used` if it is known. imageMaximumGCAge becomes `delete_unused_before`.
//
// Differences: kubelet adds up the sizes of images, and counts a shared layer once for each image; pruneplan counts it
// when its last image is deleted, and continues until the bytes are really free. Kubelet can delete an image that is
// exactly as old as the minimum age; pruneplan keeps it.

#include "../../support/check.hpp"
#include "../../support/mock.hpp"

#include <pruneplan/pruneplan.hpp>

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace {

using mock::FullRecord;
using pruneplan::PruneOptions;
using pruneplan::Reason;
using pruneplan::Timestamp;

constexpr std::uint64_t gb = 1'000'000'000;
constexpr Timestamp day(std::int64_t number) { return {number * 86'400, 0}; }
constexpr Timestamp never{}, now = day(10), a_minute_ago{now.seconds - 60, 0};

struct Row {
    FullRecord record;
    Reason reason;
};

constexpr FullRecord image(std::string_view name, std::string_view id, Timestamp detected, Timestamp last_used,
                           std::vector<pruneplan::Blob> layers) {
    return {.name = name, .digest = id, .created = detected, .last_used = last_used, .blobs = layers};
}

constexpr std::vector<Row> node() {
    std::vector<Row> rows{
        {image("registry.k8s.io/pause:3.9", "sha256:pause", day(1), never, {{"pause", gb}}), Reason::pinned},
        {image("docker.io/team/tool:1", "sha256:tool", day(5), never, {{"tool", 2 * gb}}), Reason::unused},
        {image("docker.io/team/batch:1", "sha256:batch", day(2), day(3), {{"batch", 3 * gb}}), Reason::unused},
        // Both images were last used on day 8. api-1, which has two names, was detected first.
        {image("docker.io/team/api:1", "sha256:api-1", day(4), day(8), {{"api-1", 4 * gb}}), Reason::unused},
        {image("docker.io/team/api:stable", "sha256:api-1", day(4), day(8), {{"api-1", 4 * gb}}), Reason::unused},
        {image("docker.io/team/api:2", "sha256:api-2", day(6), day(8), {{"api-2", 4 * gb}}), Reason::enough_freed},
        // A pod runs this image, which has two names.
        {image("docker.io/library/nginx:1.25", "sha256:nginx", day(1), now, {{"nginx", gb}}), Reason::image_in_use},
        {image("docker.io/library/nginx:stable", "sha256:nginx", day(1), now, {{"nginx", gb}}), Reason::image_in_use},
        // Pulled a minute ago, for a pod that is about to start.
        {image("docker.io/team/next:1", "sha256:next", a_minute_ago, never, {{"next", 5 * gb}}), Reason::filtered},
    };
    rows[0].record.pinned = true;
    return rows;
}

const mock::Containers pods{{"sha256:nginx", "docker.io/library/nginx:1.25"}};

PruneOptions garbage_collection(std::uint64_t available) {
    PruneOptions options{.scope = pruneplan::Scope::unused, .usage = pruneplan::usage_rules::whole_image};
    options.filters.push_back(*pruneplan::parse_filter("until=2m", now));
    options.bytes_to_free = *pruneplan::bytes_to_reach(100 * gb, available, 85, 80);
    return options;
}

}  // namespace

TEST_CASE("kubelet: above the high threshold deletes least recently used images until the low one is reached") {
    CHECK_TWICE(*pruneplan::bytes_to_reach(100 * gb, 12 * gb, 85, 80) == 8 * gb);
    std::vector<FullRecord> records;
    for (const Row& row : node()) records.push_back(row.record);
    const auto reasons = mock::reasons(records, pods, garbage_collection(12 * gb));
    REQUIRE(reasons.size() == node().size());
    for (std::size_t i = 0; i < reasons.size(); ++i) {
        INFO(records[i].name);
        CHECK(to_string(reasons[i]) == to_string(node()[i].reason));
    }
}

TEST_CASE("kubelet: below the high threshold deletes nothing") {
    CHECK_TWICE(*pruneplan::bytes_to_reach(100 * gb, 16 * gb, 85, 80) == 0);
    std::vector<FullRecord> records;
    for (const Row& row : node()) records.push_back(row.record);
    CHECK(mock::deleted_in_full(records, pods, garbage_collection(16 * gb)).empty());
}

TEST_CASE("kubelet: images last used before the maximum age are deleted whatever the thresholds say") {
    std::vector<FullRecord> records;
    for (const Row& row : node()) records.push_back(row.record);
    const auto deleted = [&](std::uint64_t available, Timestamp unused_before) {
        PruneOptions options = garbage_collection(available);
        options.delete_unused_before = unused_before;
        return mock::deleted_in_full(records, pods, options);
    };
    using Names = std::vector<std::string_view>;
    CHECK(deleted(16 * gb, day(3)) == Names{"docker.io/team/tool:1"});
    CHECK(deleted(16 * gb, {day(3).seconds, 1}) == Names{"docker.io/team/batch:1", "docker.io/team/tool:1"});
    CHECK(deleted(12 * gb, day(3)) == Names{"docker.io/team/api:1", "docker.io/team/api:stable",
                                            "docker.io/team/batch:1", "docker.io/team/tool:1"});
    CHECK(deleted(12 * gb, day(9)) == Names{"docker.io/team/api:1", "docker.io/team/api:2", "docker.io/team/api:stable",
                                            "docker.io/team/batch:1", "docker.io/team/tool:1"});
}

// Kubelet would count 6 + 2 GB for team/a and stop, although that frees only 2 GB.
TEST_CASE("kubelet: a layer that two images share counts as freed when the second image is deleted") {
    constexpr auto deleted = [] {
        return mock::deleted_in_full(
            {image("docker.io/team/a:1", "sha256:a", day(1), day(2), {{"base", 6 * gb}, {"a", 2 * gb}}),
             image("docker.io/team/b:1", "sha256:b", day(1), day(3), {{"base", 6 * gb}, {"b", 2 * gb}}),
             image("docker.io/team/c:1", "sha256:c", day(1), day(4), {{"c", 9 * gb}})},
            {},
            {.scope = pruneplan::Scope::unused, .usage = pruneplan::usage_rules::whole_image, .bytes_to_free = 8 * gb});
    };
    CHECK_TWICE(deleted() == std::vector<std::string_view>{"docker.io/team/a:1", "docker.io/team/b:1"});
}

// SPDX-License-Identifier: BSL-1.0
// Scenario: pruneplan does what Docuum does on a build machine: it deletes Docker's images, least recently used first,
// until they fit into a threshold. Source: stepchowfun/docuum, README.md, and src/run.rs (construct_polyforest,
// vacuum).
//
//   docuum --threshold '20 GB' --keep '^team/db:' --min-age 1d
//
// Docker's images take 24 GB. Docuum records when each image was last used; an image that a container uses counts as
// used now. An image counts as used when its newest descendant was. Of two images used at the same time, the one with
// more ancestors is deleted first: children before parents. An image is kept with all its names if a pattern matches
// one of them, or if it was used within the minimum age. The others are deleted, each with all its names, until Docker
// reports that at most 20 GB are in use.
//
// With pruneplan: the threshold becomes `bytes_to_free`, the difference. A regular expression, which can match any part
// of a name, becomes a glob, which must match the whole name.
//
// Differences: Docuum tries to delete an image in use last, and Docker rejects that; pruneplan keeps it from the start.
// `keep` alone keeps only the names that match; the budget keeps the other names of the image, because it deletes all
// names of an image or none. Docuum can delete an image that was used exactly the minimum age ago; pruneplan keeps it.

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

constexpr std::int64_t gb = 1'000'000'000;
constexpr Timestamp day(std::int64_t number) { return {number * 86'400, 0}; }

struct Row {
    FullRecord record;
    Reason reason;
};

/// Returns an image that was created on day 0 and has one layer, which it shares with no other image.
constexpr FullRecord image(std::string_view name, std::string_view id, Timestamp last_used, std::int64_t size,
                           std::string_view needs = {}) {
    return {.name = name,
            .digest = id,
            .created = day(0),
            .last_used = last_used,
            .needs = needs,
            .blobs = {{id, static_cast<std::uint64_t>(size)}}};
}

constexpr std::vector<Row> machine() {
    return {
        {image("docker.io/team/old:1", "sha256:old-1", day(2), 2 * gb), Reason::unused},
        {image("docker.io/team/old:2", "sha256:old-2", day(4), gb), Reason::unused},
        // The base was last used on day 1, but its child on day 6: it counts as used then, and comes after its child.
        {image("docker.io/team/base:1", "sha256:base", day(1), 9 * gb), Reason::enough_freed},
        {image("docker.io/team/app:1", "sha256:app", day(6), gb, "sha256:base"), Reason::unused},
        {image("docker.io/team/old:3", "sha256:old-3", day(7), gb), Reason::enough_freed},
        // Two names of one image. The pattern matches the second.
        {image("docker.io/library/postgres:15", "sha256:db", day(1), 3 * gb), Reason::image_stays},
        {image("docker.io/team/db:15", "sha256:db", day(1), 3 * gb), Reason::kept_pattern},
        {image("docker.io/team/today:1", "sha256:today", {day(9).seconds + 3'600, 0}, 4 * gb), Reason::too_young},
        // A container runs web, which is built on runtime.
        {image("docker.io/team/runtime:1", "sha256:runtime", day(1), 2 * gb), Reason::needed},
        {image("docker.io/team/web:1", "sha256:web", day(3), gb, "sha256:runtime"), Reason::image_in_use},
    };
}

constexpr PruneOptions vacuum(std::int64_t in_use, std::int64_t threshold) {
    return {.scope = pruneplan::Scope::unused,
            .usage = pruneplan::usage_rules::whole_image,
            .keep = {*pruneplan::Glob::compile("team/db:*")},
            .keep_younger_than = day(9),
            .bytes_to_free = in_use > threshold ? in_use - threshold : 0};
}

constexpr std::vector<Reason> reasons() {
    std::vector<FullRecord> records;
    for (const Row& row : machine()) records.push_back(row.record);
    return mock::reasons(records, {{"sha256:web", "team/web:1"}}, vacuum(24 * gb, 20 * gb));
}

constexpr bool as_expected() {
    const auto planned = reasons();
    const auto rows = machine();
    for (std::size_t i = 0; i < rows.size(); ++i)
        if (planned[i] != rows[i].reason) return false;
    return planned.size() == rows.size();
}

}  // namespace

TEST_CASE("docuum: deletes least recently used images and children before parents until the threshold is met") {
    const auto planned = reasons();
    for (std::size_t i = 0; i < planned.size(); ++i) {
        INFO(machine()[i].record.name);
        CHECK(to_string(planned[i]) == to_string(machine()[i].reason));
    }
    CHECK_TWICE(as_expected());
}

TEST_CASE("docuum: deletes the parent as well as its child if one more byte must be freed") {
    std::vector<FullRecord> records;
    for (const Row& row : machine()) records.push_back(row.record);
    const auto deleted = mock::deleted_in_full(records, {{"sha256:web", "team/web:1"}}, vacuum(24 * gb + 1, 20 * gb));
    CHECK(deleted == std::vector<std::string_view>{"docker.io/team/app:1", "docker.io/team/base:1",
                                                   "docker.io/team/old:1", "docker.io/team/old:2"});
}

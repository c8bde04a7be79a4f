// SPDX-License-Identifier: BSL-1.0
// Docuum on a build machine: Docker's images, least recently used first, until they fit into a threshold. Source:
// stepchowfun/docuum, README.md, and src/run.rs (construct_polyforest, vacuum).
//
//   docuum --threshold '20 GB' --keep '^team/db:' --min-age 1d
//
// Docker's images take 24 GB. Docuum remembers when each was used last; one that a container uses counts as used now.
// An image counts as used when its newest descendant was, and of two used at one moment the one with more ancestors
// goes first: children before parents. An image stays, with all its names, if a pattern matches one of them, or if it
// was used within the minimum age. The others go, each with all its names, until Docker says that no more than 20 GB
// are in use.
//
// How this is said here: the threshold is `bytes_to_free`, the difference. A regular expression, which may match any
// part of a name, is written as a glob, which has to match all of it.
//
// Where they differ: Docuum does not pass over an image in use, but comes to it last, and Docker refuses; here it is
// kept from the start. With `keep` alone, only the names that match are kept; it is the budget, which takes an image
// whole or not at all, that keeps the others with them. An image used exactly the minimum age ago may go for Docuum,
// and stays here.

#include "../support/check.hpp"
#include "../support/mock.hpp"

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

struct Row {
    FullRecord record;
    Reason reason;
};

/// An image made on day 0, which has one layer of its own.
constexpr FullRecord image(std::string_view name, std::string_view id, Timestamp last_used, std::uint64_t size,
                           std::string_view parent = {}) {
    return {.name = name, .digest = id, .created = day(0), .last_used = last_used, .parent = parent,
            .blobs = {{id, size}}};
}

constexpr std::vector<Row> machine() {
    return {
        {image("docker.io/team/old:1", "sha256:old-1", day(2), 2 * gb), Reason::unused},
        {image("docker.io/team/old:2", "sha256:old-2", day(4), gb), Reason::unused},
        // The base was last used on day 1, but what was built on it on day 6: it counts as that, and goes after it.
        {image("docker.io/team/base:1", "sha256:base", day(1), 9 * gb), Reason::enough_freed},
        {image("docker.io/team/app:1", "sha256:app", day(6), gb, "sha256:base"), Reason::unused},
        {image("docker.io/team/old:3", "sha256:old-3", day(7), gb), Reason::enough_freed},
        // One image: the pattern matches one of its names.
        {image("docker.io/library/postgres:15", "sha256:db", day(1), 3 * gb), Reason::image_stays},
        {image("docker.io/team/db:15", "sha256:db", day(1), 3 * gb), Reason::kept_pattern},
        {image("docker.io/team/today:1", "sha256:today", {day(9).seconds + 3'600, 0}, 4 * gb), Reason::too_young},
        // A container runs web, which is built on runtime.
        {image("docker.io/team/runtime:1", "sha256:runtime", day(1), 2 * gb), Reason::parent},
        {image("docker.io/team/web:1", "sha256:web", day(3), gb, "sha256:runtime"), Reason::image_in_use},
    };
}

constexpr PruneOptions vacuum(std::uint64_t in_use, std::uint64_t threshold) {
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

TEST_CASE("docuum: least recently used first, children before parents, until the threshold is met") {
    const auto planned = reasons();
    for (std::size_t i = 0; i < planned.size(); ++i) {
        INFO(machine()[i].record.name);
        CHECK(to_string(planned[i]) == to_string(machine()[i].reason));
    }
    CHECK_TWICE(as_expected());
}

TEST_CASE("docuum: one byte more, and the parent goes, too, after its child") {
    std::vector<FullRecord> records;
    for (const Row& row : machine()) records.push_back(row.record);
    const auto gone = mock::deleted_in_full(records, {{"sha256:web", "team/web:1"}}, vacuum(24 * gb + 1, 20 * gb));
    CHECK(gone == std::vector<std::string_view>{"docker.io/team/app:1", "docker.io/team/base:1", "docker.io/team/old:1",
                                                "docker.io/team/old:2"});
}

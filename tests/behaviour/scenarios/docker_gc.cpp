// SPDX-License-Identifier: BSL-1.0
// Scenario: pruneplan does what docker-gc, a script by Spotify, does on a build server. Source: spotify/docker-gc,
// README.md and the script docker-gc; for the newest images of a repository, the README of
// clockworksoul/docker-gc-cron, which runs the same script.
//
//   EXCLUDE_FROM_GC=exclude GRACE_PERIOD_SECONDS=3600 MINIMUM_IMAGES_TO_SAVE=2 FORCE_IMAGE_REMOVAL=1 docker-gc
//
// The file `exclude` holds the line "spotify/cassandra:.*". The script first removes containers that exited before the
// grace period. It then removes images that no remaining container uses and that are older than the grace period,
// except the excluded ones and the two newest of each repository. A container keeps its image with all names. So does a
// line of the file, because the script turns it into a list of image IDs. With FORCE_IMAGE_REMOVAL, an image with
// several names is removed with all of them.
//
// With pruneplan: `containers` are the remaining ones. The line, a pattern for grep, becomes a glob. The grace period
// becomes `keep_younger_than`; the store has no `last_used`.
//
// Difference: `keep` keeps names. Another name of an excluded image is deleted. It is kept if there is a budget,
// because a budget deletes all names of an image or none; a budget that is never reached gives the script's plan.

#include "../../support/check.hpp"
#include "../../support/mock.hpp"

#include <pruneplan/pruneplan.hpp>

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string_view>
#include <vector>

namespace {

using mock::FullRecord;
using pruneplan::PruneOptions;
using pruneplan::Reason;
using pruneplan::Timestamp;

constexpr std::int64_t now = 1'000'000, grace_period = 3'600;

struct Row {
    FullRecord record;
    Reason reason;
};

constexpr FullRecord image(std::string_view name, std::string_view id, std::int64_t seconds_ago) {
    return {.name = name, .digest = id, .created = Timestamp{now - seconds_ago, 0}, .blobs = {{id, 1}}};
}

constexpr std::vector<Row> server() {
    return {
        {image("docker.io/spotify/cassandra:2.0", "sha256:cassandra-2.0", 900'000), Reason::kept_pattern},
        {image("docker.io/spotify/cassandra:2.1", "sha256:cassandra-2.1", 800'000), Reason::kept_pattern},
        {image("docker.io/spotify/cassandra:latest", "sha256:cassandra-2.1", 800'000), Reason::kept_pattern},
        // The two newest of the repository are kept. The image in use counts by its age, too, and is not among them.
        {image("docker.io/team/api:1", "sha256:api-1", 90'000), Reason::unused},
        {image("docker.io/team/api:2", "sha256:api-2", 80'000), Reason::image_in_use},
        {image("docker.io/team/api:3", "sha256:api-3", 70'000), Reason::newest},
        {image("docker.io/team/api:4", "sha256:api-4", 60'000), Reason::newest},
        {image("docker.io/team/api:latest", "sha256:api-4", 60'000), Reason::newest},
        {image("docker.io/team/tool:1", "sha256:tool", 90'000), Reason::newest},
        // Dangling images belong to no repository.
        {image("moby-dangling@sha256:build-1", "sha256:build-1", 3'601), Reason::dangling},
        {image("moby-dangling@sha256:build-2", "sha256:build-2", 3'600), Reason::too_young},
        {image("moby-dangling@sha256:build-3", "sha256:build-3", 10'000), Reason::image_in_use},
    };
}

constexpr PruneOptions options() {
    return {.scope = pruneplan::Scope::unused,
            .usage = pruneplan::usage_rules::whole_image,
            .keep = {*pruneplan::Glob::compile("spotify/cassandra:*")},
            .keep_newest = {{.count = 2}},
            .keep_younger_than = Timestamp{now - grace_period, 0}};
}

constexpr std::vector<Reason> reasons() {
    std::vector<FullRecord> records;
    for (const Row& row : server()) records.push_back(row.record);
    return mock::reasons(records, {{"sha256:api-2", "team/api:2"}, {"sha256:build-3", "build-3"}}, options());
}

constexpr bool as_expected() {
    const auto planned = reasons();
    const auto rows = server();
    for (std::size_t i = 0; i < rows.size(); ++i)
        if (planned[i] != rows[i].reason) return false;
    return planned.size() == rows.size();
}

/// Plans an excluded image that has a second name in another repository, which has two newer images.
constexpr std::vector<Reason> with_a_mirror(PruneOptions options) {
    return mock::reasons({image("docker.io/spotify/cassandra:2.0", "sha256:cassandra-2.0", 900'000),
                          image("docker.io/team/mirror:2.0", "sha256:cassandra-2.0", 900'000),
                          image("docker.io/team/mirror:2.1", "sha256:mirror-2.1", 800'000),
                          image("docker.io/team/mirror:2.2", "sha256:mirror-2.2", 700'000)},
                         {}, options);
}

constexpr std::vector<Reason> with_a_mirror_and_a_budget() {
    PruneOptions with_budget = options();
    with_budget.bytes_to_free = std::numeric_limits<std::int64_t>::max();
    return with_a_mirror(with_budget);
}

}  // namespace

TEST_CASE("docker-gc: images are deleted unless excluded or in use or too young or among the newest of a repository") {
    const auto planned = reasons();
    for (std::size_t i = 0; i < planned.size(); ++i) {
        INFO(server()[i].record.name);
        CHECK(to_string(planned[i]) == to_string(server()[i].reason));
    }
    CHECK_TWICE(as_expected());
}

TEST_CASE("docker-gc: another name of an excluded image is deleted without a budget and kept with one") {
    CHECK_TWICE(with_a_mirror(options()) ==
                std::vector<Reason>{Reason::kept_pattern, Reason::unused, Reason::newest, Reason::newest});
    CHECK_TWICE(with_a_mirror_and_a_budget() ==
                std::vector<Reason>{Reason::kept_pattern, Reason::image_stays, Reason::newest, Reason::newest});
}

// SPDX-License-Identifier: BSL-1.0
// Scenario: pruneplan does what Podman's `image prune --all` does with filters. Source: podman-image-prune(1), and
// containers/common, libimage (filters.go, RemoveImages), which it calls with the filters `readonly=false` and
// `containers=false`.
//
//   podman image prune --all --filter until=2024-05-01T00:00:00Z --filter label=ci --filter label!=release
//
// In Podman an image has any number of names, also none. A container uses an image by its ID, and keeps the image with
// all its names, whichever name it was created from. An image that no container uses is deleted with all its names if
// it matches every filter: `until` matches images created strictly before the moment, `label` those that have the
// label, `label!` those that do not have it.
//
// With pruneplan: each name is a record with the image's time and labels. A nameless image is a dangling record. The
// store has no `needs`, because Podman deletes an image that others are built on, and keeps only the layers that they
// need. A store with `needs` would keep a name of that image, too.

#include "../../support/check.hpp"
#include "../../support/mock.hpp"

#include <pruneplan/pruneplan.hpp>

#include <cstddef>
#include <initializer_list>
#include <string_view>
#include <utility>
#include <vector>

namespace {

using mock::FullRecord;
using pruneplan::Reason;
using pruneplan::Timestamp;

constexpr Timestamp may_first{1'714'521'600, 0};
constexpr Timestamp april{may_first.seconds - 864'000, 0}, just_before{may_first.seconds - 1, 999'999'999};

struct Row {
    FullRecord record;
    Reason reason;
};

constexpr FullRecord image(std::string_view name, std::string_view id, Timestamp created,
                           std::initializer_list<std::string_view> labels) {
    FullRecord record{.name = name, .digest = id, .created = created};
    for (const std::string_view label : labels) record.labels.emplace_back(label, "");
    return record;
}

constexpr std::vector<Row> store() {
    return {
        // Two names of one image, which no container uses.
        {image("localhost/app:1", "sha256:app", april, {"ci"}), Reason::unused},
        {image("localhost/app:latest", "sha256:app", april, {"ci"}), Reason::unused},
        // Two names of one image. A container was created from web:1.
        {image("localhost/web:1", "sha256:web", april, {"ci"}), Reason::image_in_use},
        {image("localhost/web:2", "sha256:web", april, {"ci"}), Reason::image_in_use},
        // A container was created from job:latest, which has moved to another image since.
        {image("localhost/job:latest", "sha256:new-job", april, {"ci"}), Reason::unused},
        {image("moby-dangling@sha256:old-job", "sha256:old-job", april, {"ci"}), Reason::image_in_use},
        {image("moby-dangling@sha256:layer", "sha256:layer", just_before, {"ci"}), Reason::dangling},
        {image("localhost/on-the-day:1", "sha256:late", may_first, {"ci"}), Reason::filtered},
        {image("localhost/no-label:1", "sha256:plain", april, {}), Reason::filtered},
        {image("localhost/released:1", "sha256:released", april, {"ci", "release"}), Reason::filtered},
    };
}

const mock::Containers containers{{"sha256:web", "localhost/web:1"}, {"sha256:old-job", "localhost/job:latest"}};

}  // namespace

TEST_CASE("podman: an unused image that matches all filters is deleted with all names and any other keeps all") {
    auto options = pruneplan::parse_filters(
        std::vector<std::string_view>{"until=2024-05-01T00:00:00Z", "label=ci", "label!=release"}, may_first);
    REQUIRE(options);
    options->scope = pruneplan::Scope::unused;
    options->usage = pruneplan::usage_rules::whole_image;
    std::vector<FullRecord> records;
    for (const Row& row : store()) records.push_back(row.record);
    const auto reasons = mock::reasons(records, containers, *options);
    REQUIRE(reasons.size() == store().size());
    for (std::size_t i = 0; i < reasons.size(); ++i) {
        INFO(records[i].name);
        CHECK(to_string(reasons[i]) == to_string(store()[i].reason));
    }
}

TEST_CASE("podman: whole_image keeps all names of an image in use and containerd_snapshotter deletes the spare one") {
    constexpr auto deleted = [](pruneplan::UsageRule rule) {
        return mock::deleted_in_full(
            {image("localhost/web:1", "sha256:web", april, {}), image("localhost/web:2", "sha256:web", april, {})},
            {{"sha256:web", "localhost/web:1"}}, {.scope = pruneplan::Scope::unused, .usage = rule});
    };
    CHECK_TWICE(deleted(pruneplan::usage_rules::whole_image).empty());
    CHECK_TWICE(deleted(pruneplan::usage_rules::containerd_snapshotter) ==
                std::vector<std::string_view>{"localhost/web:2"});
}

// SPDX-License-Identifier: BSL-1.0

// Tests `summary`, which states a plan in one sentence.

#include "../../support/check.hpp"
#include "../../support/mock.hpp"

#include <pruneplan/plan_prune.hpp>
#include <pruneplan/reading/summary.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace {

using mock::FullRecord;
using pruneplan::PruneOptions;
using pruneplan::Reason;
using pruneplan::Scope;
namespace usage_rules = pruneplan::usage_rules;

template <class Store>
constexpr auto summary_of(const Store& store, const mock::Containers& containers, const PruneOptions& options) {
    return summary(mock::plan_of(store, containers, options));
}

std::string summary_of_full(std::vector<FullRecord> records, const mock::Containers& containers,
                            const PruneOptions& options) {
    return summary_of(mock::FullStore{std::move(records)}, containers, options);
}

/// A template because not every supported compiler evaluates std::string at compile time.
template <class Store>
constexpr bool summarizes_three_records() {
    const Store store{{{"a", "sha256:1"}, {"b", "sha256:1"}, {"c", "sha256:2"}}};
    return summary_of(store, {{"sha256:1", ""}}, {.scope = Scope::unused}) ==
           "2 of 3 records are deleted, 1 image; 1 is kept: 1 in use";
}

/// Returns the end of the summary of a plan that frees this many bytes.
std::string freed(std::uint64_t bytes) {
    const std::string text =
        summary_of_full({{.name = "a", .digest = "sha256:1", .blobs = {{"x", bytes}}}}, {}, {.scope = Scope::unused});
    constexpr std::string_view beginning = "1 of 1 records is deleted, 1 image, ";
    REQUIRE(text.starts_with(beginning));
    return text.substr(beginning.size());
}

}  // namespace

TEST_CASE("a summary states deleted and kept records with the largest group of kept ones first") {
    CHECK_TEXT_TWICE(summarizes_three_records<mock::Store>());
    const std::vector<FullRecord> records{
        {.name = "a:1", .digest = "sha256:a", .blobs = {{"base", 100}, {"a", 1'200'000'000}}},
        {.name = "a:2", .digest = "sha256:a", .blobs = {{"base", 100}, {"a", 1'200'000'000}}},
        {.name = "b", .digest = "sha256:b", .pinned = true, .blobs = {{"base", 100}, {"b", 7}}},
        {.name = "c:1", .digest = "sha256:c", .blobs = {{"c", 5}}},
        {.name = "c:2", .digest = "sha256:c", .blobs = {{"c", 5}}},
        {.name = "d", .digest = "sha256:d", .blobs = {{"d", 5}}}};
    CHECK(summary_of_full(records, {{"sha256:c", ""}, {"sha256:d", ""}}, {.scope = Scope::unused}) ==
          "3 of 6 records are deleted, 1 image, 1.2 GB freed; 3 are kept: 2 in use, 1 pinned");
}

TEST_CASE("a summary lists groups of equal size in the order of the planner's stages") {
    CHECK(summary_of_full({{.name = "a", .digest = "sha256:a", .needs = "sha256:b"},
                           {.name = "b", .digest = "sha256:b"},
                           {.name = "c", .digest = "sha256:c", .pinned = true}},
                          {{"sha256:a", ""}}, {.scope = Scope::unused}) ==
          "0 of 3 records are deleted; 3 are kept: 1 pinned, 1 in use, 1 needed by kept images");
}

TEST_CASE("a summary states no images and no bytes if no record is deleted") {
    CHECK(summary_of_full({{.name = "a", .digest = "sha256:a", .blobs = {{"a", 1}}}}, {}, {.scope = Scope::dangling}) ==
          "0 of 1 records are deleted; 1 is kept: 1 not dangling");
    CHECK(summary_of(mock::Store{}, {}, {.scope = Scope::unused}) == "the store has no records");
}

TEST_CASE("a summary does not count an image as deleted while it keeps a name") {
    CHECK(summary_of_full({{.name = "a", .digest = "sha256:a", .blobs = {{"a", 1}}},
                           {.name = "b", .digest = "sha256:a", .pinned = true, .blobs = {{"a", 1}}}},
                          {}, {.scope = Scope::unused}) ==
          "1 of 2 records is deleted, 0 images, 0 B freed; 1 is kept: 1 pinned");
}

TEST_CASE("a summary states sizes in powers of 1000 rounded down") {
    CHECK(summary_of_full({{.name = "a", .digest = "sha256:1", .blobs = {{"x", 0}}}}, {}, {.scope = Scope::unused}) ==
          "1 of 1 records is deleted, 1 image");
    CHECK(freed(1) == "1 B freed");
    CHECK(freed(999) == "999 B freed");
    CHECK(freed(1000) == "1.0 kB freed");
    CHECK(freed(1999) == "1.9 kB freed");
    CHECK(freed(99'999) == "99.9 kB freed");
    CHECK(freed(100'000) == "100 kB freed");
    CHECK(freed(999'999) == "999 kB freed");
    CHECK(freed(1'050'000) == "1.0 MB freed");
    CHECK(freed(187'654'321) == "187 MB freed");
    CHECK(freed(UINT64_MAX) == "18.4 EB freed");
}

TEST_CASE("a summary states freed bytes as a lower bound if a blob has inconsistent sizes") {
    CHECK(summary_of_full({{.name = "a", .digest = "sha256:a", .blobs = {{"x", 1}, {"y", 30}}},
                           {.name = "b", .digest = "sha256:b", .blobs = {{"x", 2}}}},
                          {}, {.scope = Scope::unused}) == "2 of 2 records are deleted, 2 images, at least 30 B freed");
}

TEST_CASE("a summary counts doubts by kind") {
    const PruneOptions options{.scope = Scope::unused, .usage = usage_rules::containerd_snapshotter};
    const mock::Store store{
        {{"docker.io/library/app:latest", "sha256:new"}, {"docker.io/library/app:old", "sha256:old"}}};
    CHECK(summary_of(store, {{"sha256:old", "app"}}, options) ==
          "1 of 2 records is deleted, 1 image; 1 is kept: 1 in use; doubts: 1 unprotected_image");
    CHECK(summary_of(store, {{"sha256:missing", "x"}, {"sha256:old", "App"}, {"sha256:missing", "y"}}, options) ==
          "2 of 2 records are deleted, 2 images; doubts: 2 unmatched_container, 1 unprotected_image, 1 "
          "invalid_image_ref");
    CHECK(summary_of(mock::Store{{{"App:1", "sha256:1"}, {"a", "sha256:1"}, {"a:latest", "sha256:1"}}}, {}, options) ==
          "3 of 3 records are deleted, 1 image; doubts: 1 invalid_name, 1 same_name");
    CHECK(summary_of(mock::Store{}, {{"sha256:missing", "x"}, {"sha256:missing2", "y"}}, options) ==
          "the store has no records; doubts: 2 unmatched_container");
}

TEST_CASE("every reason to keep a record is in exactly one group of a summary") {
    for (std::size_t i = 0; i < pruneplan::reason_count; ++i) {
        const auto reason = static_cast<Reason>(i);
        if (action_of(reason) == pruneplan::Action::erase) continue;
        std::size_t groups = 0;
        for (const auto& group : pruneplan::detail::kept_groups)
            groups += group.first <= reason && reason <= group.last;
        INFO(to_string(reason));
        CHECK(groups == 1);
    }
    PruneOptions options{.scope = Scope::unused, .bytes_to_free = 5};
    CHECK(summary_of_full({{.name = "a", .digest = "sha256:a", .created = {{1, 0}}, .blobs = {{"a", 9}}},
                           {.name = "b", .digest = "sha256:b", .created = {{2, 0}}, .blobs = {{"b", 9}}}},
                          {}, options) ==
          "1 of 2 records is deleted, 1 image, 9 B freed; 1 is kept: 1 not needed to free enough");
    CHECK(summary_of(mock::Store{{{"a", "sha256:a"}}}, {}, options) ==
          "0 of 1 records are deleted; 1 is kept: 1 of unknown size");
}

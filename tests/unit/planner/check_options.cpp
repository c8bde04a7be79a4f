// SPDX-License-Identifier: BSL-1.0

// Tests `check_options`: which options a store lacks a member for, invalid options, and the images of before and since.

#include "../../support/check.hpp"
#include "../../support/mock.hpp"

#include <pruneplan/plan_prune.hpp>
#include <pruneplan/planner/check_options.hpp>

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

namespace {

using pruneplan::ErrorCode;
using pruneplan::NewestBy;
using pruneplan::parse_filter;
using pruneplan::PruneOptions;
using pruneplan::Survivor;
using pruneplan::Timestamp;

constexpr auto unused = pruneplan::Scope::unused;

PruneOptions filtered(std::string_view filter) {
    return {.scope = unused, .filters = {*parse_filter(filter, {1000, 0})}};
}

const mock::Store plain_store{{{"docker.io/library/app:1", "sha256:aa1"}, {"docker.io/library/app:2", "sha256:aa2"}}};
const mock::FullStore full_store{{{"docker.io/library/app:1", "sha256:aa1", Timestamp{10, 0}, Timestamp{15, 0}},
                                  {"docker.io/library/app:2", "sha256:aa2", Timestamp{20, 0}, Timestamp{25, 0}}}};

/// Returns the error for a store, or "". Checks that `plan_prune` of the store returns the same error.
template <class Store>
std::string rejection_by(const Store& store, const PruneOptions& options) {
    const auto index = pruneplan::build_index(store);
    const auto checked = check_options(*index, options);
    CHECK(plan_prune(store, {}, options).has_value() == checked.has_value());
    if (checked) return "";
    CHECK(plan_prune(store, {}, options).error() == checked.error());
    return std::string(to_string(checked.error().code)) + ": " + checked.error().message;
}

/// Like `rejection_by`, for the store with all members. Checks that a plan with rejected options deletes nothing.
std::string rejection(const PruneOptions& options) {
    const std::string error = rejection_by(full_store, options);
    if (!error.empty()) CHECK(plan_prune(*pruneplan::build_index(full_store), {}, options).deleted_count() == 0);
    return error;
}

/// Checks that a store without optional members rejects the options with this message, and that one with all of them
/// accepts them. For options other than `survivor`, also checks that a plan with the rejected options deletes nothing.
void check_needs(const PruneOptions& options, std::string_view message) {
    CHECK(rejection_by(plain_store, options) == "missing_ability: " + std::string(message));
    CHECK(rejection(options) == "");
    if (options.survivor == Survivor::last_by_name)
        CHECK(plan_prune(*pruneplan::build_index(plain_store), {}, options).deleted_count() == 0);
}

}  // namespace

TEST_CASE("check_options rejects an option whose member the store lacks and names that member") {
    check_needs(filtered("until=1h"), "the filter until is not supported: the store needs created(const Record&)");
    check_needs(filtered("label=a"),
                "the filter label is not supported: the store needs label(const Record&, std::string_view key)");
    check_needs(filtered("before=app:1"),
                "the filter before or since is not supported: the store needs created(const Record&)");
    check_needs(filtered("since=app:1"),
                "the filter before or since is not supported: the store needs created(const Record&)");
    check_needs({.scope = unused, .keep_newest = {{.count = 1}}},
                "keep_newest by created is not supported: the store needs created(const Record&)");
    check_needs(
        {.scope = unused, .keep_newest = {{.count = 1, .by = NewestBy::name}, {.count = 1, .by = NewestBy::last_used}}},
        "keep_newest by last_used is not supported: the store needs created(const Record&) or "
        "last_used(const Record&)");
    check_needs(
        {.scope = unused, .keep_younger_than = Timestamp{}},
        "keep_younger_than is not supported: the store needs created(const Record&) or last_used(const Record&)");
    check_needs({.scope = unused, .bytes_to_free = 1},
                "bytes_to_free is not supported: the store needs blobs(const Record&)");
    check_needs({.scope = unused, .survivor = Survivor::newest},
                "a survivor by age is not supported: the store needs created(const Record&)");
    check_needs({.scope = unused, .survivor = Survivor::oldest},
                "a survivor by age is not supported: the store needs created(const Record&)");
}

TEST_CASE("check_options rejects delete_unused_before for a store that has sizes but no times") {
    struct Store : mock::Store {
        static std::vector<pruneplan::Blob> blobs(const mock::Record&) { return {}; }
    };
    CHECK(rejection_by(Store(), {.scope = unused, .bytes_to_free = 1, .delete_unused_before = Timestamp{}}) ==
          "missing_ability: delete_unused_before is not supported: the store needs created(const Record&) or "
          "last_used(const Record&)");
}

TEST_CASE("check_options accepts options that need no optional member for any store") {
    CHECK(rejection_by(plain_store, {}) == "");
    CHECK(rejection_by(plain_store, filtered("reference=app")) == "");
    CHECK(rejection_by(plain_store,
                       {.keep = {*pruneplan::Glob::compile("app")},
                        .keep_newest = {{.count = 1, .by = NewestBy::version}, {.count = 1, .by = NewestBy::name}},
                        .survivor = Survivor::tagged}) == "");
}

TEST_CASE("check_options rejects a negative budget and quotes it") {
    CHECK(rejection({.scope = unused, .bytes_to_free = -10}) ==
          "bad_option: invalid bytes_to_free -10: give the number of bytes to free, from 0 on");
    CHECK(rejection({.scope = unused, .bytes_to_free = std::numeric_limits<std::int64_t>::min()}) ==
          "bad_option: invalid bytes_to_free -9223372036854775808: give the number of bytes to free, from 0 on");
    CHECK(rejection({.scope = unused, .bytes_to_free = 0}) == "");
}

TEST_CASE("check_options rejects delete_unused_before without a budget") {
    CHECK(rejection_by(full_store, {.scope = unused, .delete_unused_before = Timestamp{}}) ==
          "bad_option: delete_unused_before has no effect without bytes_to_free: set that, too");
    CHECK(rejection({.scope = unused, .bytes_to_free = 0, .delete_unused_before = Timestamp{}}) == "");
}

TEST_CASE("check_options rejects a moment whose nanoseconds are out of range") {
    for (const std::int32_t nanoseconds : {-1, 1'000'000'000}) {
        CHECK(rejection({.scope = unused, .keep_younger_than = Timestamp{5, nanoseconds}}) ==
              "bad_option: invalid keep_younger_than: its nanoseconds must be between 0 and 999999999");
        CHECK(rejection({.scope = unused, .bytes_to_free = 0, .delete_unused_before = Timestamp{5, nanoseconds}}) ==
              "bad_option: invalid delete_unused_before: its nanoseconds must be between 0 and 999999999");
    }
    CHECK(rejection({.scope = unused, .keep_younger_than = Timestamp{5, 999'999'999}}) == "");
}

TEST_CASE("check_options rejects before and since unless they name exactly one stored image") {
    CHECK(rejection(filtered("before=app:1")) == "");
    CHECK(rejection(filtered("before=docker.io/library/app:2")) == "");
    CHECK(rejection(filtered("since=sha256:aa1")) == "");
    CHECK(rejection(filtered("since=aa2")) == "");
    CHECK(rejection(filtered("before=web")) ==
          "image_not_found: image \"web\" not found: use the name or ID of a stored image");
    CHECK(rejection(filtered("before=app")) ==
          "image_not_found: image \"app\" not found: use the name or ID of a stored image");
    CHECK(rejection(filtered("since=aa")) ==
          "ambiguous_id: ambiguous ID \"aa\": it matches several images, use more digits");
    CHECK(rejection(filtered("since=sha256:")) ==
          "image_not_found: image \"sha256:\" not found: use the name or ID of a stored image");
}

// SPDX-License-Identifier: BSL-1.0

// Tests `check_options`: which options a store lacks a member for, and the images of before and since.

#include "../support/check.hpp"
#include "../support/mock.hpp"

#include <pruneplan/check_options.hpp>
#include <pruneplan/plan_prune.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace {

using pruneplan::ErrorCode;
using pruneplan::parse_filter;
using pruneplan::PruneOptions;
using pruneplan::Survivor;
using pruneplan::Timestamp;

PruneOptions filtered(std::string_view filter) {
    return {.scope = pruneplan::Scope::unused, .filters = {*parse_filter(filter, {1000, 0})}};
}

const mock::Store plain_store{{{"docker.io/library/app:1", "sha256:aa1"}, {"docker.io/library/app:2", "sha256:aa2"}}};
const mock::FullStore full_store{{{"docker.io/library/app:1", "sha256:aa1", Timestamp{10, 0}},
                                  {"docker.io/library/app:2", "sha256:aa2", Timestamp{20, 0}}}};

/// Checks that a store without optional members rejects the options with this message, and that one with all of them
/// accepts them. For options other than `survivor`, also checks that a plan with the rejected options deletes nothing.
void check_rejected(const PruneOptions& options, std::string_view message) {
    const auto plain = mock::Index::build(plain_store);
    const auto full = mock::FullIndex::build(full_store);
    const auto rejected = check_options(*plain, options);
    REQUIRE_FALSE(rejected);
    CHECK(rejected.error().code == ErrorCode::missing_ability);
    CHECK(rejected.error().message == message);
    CHECK(check_options(*full, options).has_value());
    if (options.survivor == Survivor::last_by_name)
        CHECK(plan_prune(*plain, mock::Containers{}, options).deleted_count() == 0);
}

/// Returns the error for a filter, or "". Checks that a rejected filter deletes nothing.
std::string rejection(std::string_view filter) {
    const auto full = mock::FullIndex::build(full_store);
    const auto checked = check_options(*full, filtered(filter));
    if (checked) return "";
    CHECK(plan_prune(*full, mock::Containers{}, filtered(filter)).deleted_count() == 0);
    return std::string(to_string(checked.error().code)) + ": " + checked.error().message;
}

}  // namespace

TEST_CASE("check_options rejects an option whose member the store lacks and names that member") {
    constexpr auto unused = pruneplan::Scope::unused;
    check_rejected(filtered("until=1h"), "the filter until is not supported: the store needs created(const Record&)");
    check_rejected(filtered("label=a"),
          "the filter label is not supported: the store needs label(const Record&, std::string_view key)");
    check_rejected(filtered("before=app:1"),
                   "the filter before or since is not supported: the store needs created(const Record&)");
    check_rejected(filtered("since=app:1"),
                   "the filter before or since is not supported: the store needs created(const Record&)");
    check_rejected({.scope = unused, .keep_newest_per_repository = 1},
          "keep_newest_per_repository is not supported: the store needs created(const Record&)");
    check_rejected({.scope = unused, .keep_younger_than = Timestamp{}},
          "keep_younger_than is not supported: the store needs created(const Record&) or last_used(const Record&)");
    check_rejected({.scope = unused, .bytes_to_free = 1},
                   "bytes_to_free is not supported: the store needs blobs(const Record&)");
    check_rejected({.scope = unused, .survivor = Survivor::newest},
          "a survivor by age is not supported: the store needs created(const Record&)");
    check_rejected({.scope = unused, .survivor = Survivor::oldest},
          "a survivor by age is not supported: the store needs created(const Record&)");
}

TEST_CASE("check_options rejects a default-constructed reference or before or since filter which matches nothing") {
    const auto index = mock::FullIndex::build(full_store);
    for (const auto& [kind, code] : {std::pair{pruneplan::FilterKind::reference, ErrorCode::bad_filter},
                                    std::pair{pruneplan::FilterKind::before, ErrorCode::image_not_found},
                                    std::pair{pruneplan::FilterKind::since, ErrorCode::image_not_found}}) {
        PruneOptions options = {.scope = pruneplan::Scope::unused};
        options.filters.resize(1);
        options.filters[0].kind = kind;
        const auto rejected = check_options(*index, options);
        REQUIRE_FALSE(rejected);
        CHECK(rejected.error().code == code);
        CHECK(plan_prune(*index, mock::Containers{}, options).deleted_count() == 0);
    }
}

TEST_CASE("check_options accepts options that need no optional member for any store") {
    const auto plain = mock::Index::build(plain_store);
    CHECK(check_options(*plain, {}).has_value());
    CHECK(check_options(*plain, filtered("reference=app")).has_value());
}

TEST_CASE("check_options rejects before and since unless they name exactly one stored image") {
    CHECK(rejection("before=app:1") == "");
    CHECK(rejection("before=docker.io/library/app:2") == "");
    CHECK(rejection("since=sha256:aa1") == "");
    CHECK(rejection("since=aa2") == "");
    CHECK(rejection("before=web") == "image_not_found: image \"web\" not found: use the name or ID of a stored image");
    CHECK(rejection("before=app") == "image_not_found: image \"app\" not found: use the name or ID of a stored image");
    CHECK(rejection("since=aa") == "ambiguous_id: ambiguous ID \"aa\": it matches several images, use more digits");
    CHECK(rejection("since=sha256:") ==
          "image_not_found: image \"sha256:\" not found: use the name or ID of a stored image");
}

// SPDX-License-Identifier: BSL-1.0
// The rule's basic promise: an image with one name or two keeps a name if a container was created from it by ID or
// digest, in each of six spellings. Each case is checked at compile time, too.

#include "../../support/check.hpp"
#include "../../support/mock.hpp"

#include <pruneplan/pruneplan.hpp>

#include <array>
#include <string_view>
#include <vector>

namespace {

#define DIGITS "82d1e9d7ed48a7523bdebc18cf6290bdb97b82302a8a9c27d4fe885949ea94d1"
constexpr std::string_view id = "sha256:" DIGITS;
constexpr std::string_view latest = "docker.io/library/busybox:latest", other = "docker.io/library/busybox:other";

struct Row {
    std::string_view created_from, image_ref;
    std::string_view kept;  // of the names `latest` and `other`
};

constexpr std::array<Row, 6> rows{{
    {"the full ID", "sha256:" DIGITS, other},
    {"the full ID without sha256:", DIGITS, other},
    {"the first 8 hex digits", "82d1e9d7", other},
    {"busybox@sha256:...", "busybox@sha256:" DIGITS, other},
    {"busybox:latest@sha256:...", "busybox:latest@sha256:" DIGITS, latest},
    {"the repository digest", "docker.io/library/busybox@sha256:" DIGITS, other},
}};

constexpr auto deleted(const std::vector<mock::Record>& records, const Row& row) {
    return mock::deleted(records, {{id, row.image_ref}},
                         {.scope = pruneplan::Scope::unused, .usage = pruneplan::usage_rules::containerd_snapshotter});
}

constexpr bool keeps_only_name(const Row& row) { return deleted({{latest, id}}, row).empty(); }

constexpr bool keeps_one_of_two_names(const Row& row) {
    const auto names = deleted({{latest, id}, {other, id}}, row);
    return names.size() == 1 && names[0] == (row.kept == latest ? other : latest);
}

static_assert(keeps_only_name(rows[0]) && keeps_one_of_two_names(rows[0]));
static_assert(keeps_only_name(rows[1]) && keeps_one_of_two_names(rows[1]));
static_assert(keeps_only_name(rows[2]) && keeps_one_of_two_names(rows[2]));
static_assert(keeps_only_name(rows[3]) && keeps_one_of_two_names(rows[3]));
static_assert(keeps_only_name(rows[4]) && keeps_one_of_two_names(rows[4]));
static_assert(keeps_only_name(rows[5]) && keeps_one_of_two_names(rows[5]));

}  // namespace

TEST_CASE("an image keeps its only name if a container was created from it by ID or digest") {
    for (const Row& row : rows) {
        INFO("created from " << row.created_from);
        CHECK(keeps_only_name(row));
    }
}

TEST_CASE("an image with two names loses exactly one if a container was created from it by ID or digest") {
    for (const Row& row : rows) {
        INFO("created from " << row.created_from);
        CHECK(keeps_one_of_two_names(row));
    }
}

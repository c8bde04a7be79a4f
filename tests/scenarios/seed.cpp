// SPDX-License-Identifier: BSL-1.0
// What must always hold: an image with one name or two, and a container that was created in each of six ways. Each case is
// proved by the compiler, too.

#include "../support/check.hpp"
#include "../support/mock.hpp"

#include <pruneplan/pruneplan.hpp>

#include <array>
#include <string_view>
#include <vector>

namespace {

#define DIGITS "82d1e9d7ed48a7523bdebc18cf6290bdb97b82302a8a9c27d4fe885949ea94d1"
constexpr std::string_view id = "sha256:" DIGITS;
constexpr std::string_view latest = "docker.io/library/busybox:latest", other = "docker.io/library/busybox:other";

struct Row {
    std::string_view made_with, image_ref;
    std::string_view stays;  // of two names
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
    return mock::deleted(records, {{id, row.image_ref}}, {.scope = pruneplan::Scope::unused});
}

constexpr bool one_name_stays(const Row& row) { return deleted({{latest, id}}, row).empty(); }

constexpr bool one_of_two_names_goes(const Row& row) {
    const auto gone = deleted({{latest, id}, {other, id}}, row);
    return gone.size() == 1 && gone[0] == (row.stays == latest ? other : latest);
}

static_assert(one_name_stays(rows[0]) && one_of_two_names_goes(rows[0]));
static_assert(one_name_stays(rows[1]) && one_of_two_names_goes(rows[1]));
static_assert(one_name_stays(rows[2]) && one_of_two_names_goes(rows[2]));
static_assert(one_name_stays(rows[3]) && one_of_two_names_goes(rows[3]));
static_assert(one_name_stays(rows[4]) && one_of_two_names_goes(rows[4]));
static_assert(one_name_stays(rows[5]) && one_of_two_names_goes(rows[5]));

}  // namespace

TEST_CASE("the seed scenarios: one name, and a container") {
    for (const Row& row : rows) {
        INFO("made with " << row.made_with);
        CHECK(one_name_stays(row));
    }
}

TEST_CASE("the seed scenarios: two names, and a container") {
    for (const Row& row : rows) {
        INFO("made with " << row.made_with);
        CHECK(one_of_two_names_goes(row));
    }
}

// SPDX-License-Identifier: BSL-1.0

// Tests the version's macros and constants.

#include "../support/check.hpp"

#include <pruneplan/version.hpp>

#include <string>

#if PRUNEPLAN_VERSION_NUMBER < 1000
#error "PRUNEPLAN_VERSION_NUMBER must be comparable in #if, and at least 1000"
#endif

namespace {

TEST_CASE("macros and constants and number and text of the version agree") {
    STATIC_REQUIRE(pruneplan::version_major == PRUNEPLAN_VERSION_MAJOR);
    STATIC_REQUIRE(pruneplan::version_minor == PRUNEPLAN_VERSION_MINOR);
    STATIC_REQUIRE(pruneplan::version_patch == PRUNEPLAN_VERSION_PATCH);
    STATIC_REQUIRE(pruneplan::version_number ==
                   1'000'000L * PRUNEPLAN_VERSION_MAJOR + 1'000L * PRUNEPLAN_VERSION_MINOR + PRUNEPLAN_VERSION_PATCH);
    const std::string text = std::to_string(PRUNEPLAN_VERSION_MAJOR) + "." + std::to_string(PRUNEPLAN_VERSION_MINOR) +
                             "." + std::to_string(PRUNEPLAN_VERSION_PATCH);
    CHECK(pruneplan::version == text);
    CHECK(PRUNEPLAN_VERSION == text);
}

}  // namespace

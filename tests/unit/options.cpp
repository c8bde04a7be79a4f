// SPDX-License-Identifier: BSL-1.0

// Tests options: the usage rules' presets, defaults, `parse_filters` and `bytes_to_reach`.

#include "../support/check.hpp"
#include "../support/mock.hpp"

#include <pruneplan/options.hpp>

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

namespace {

using pruneplan::Scope;
namespace usage_rules = pruneplan::usage_rules;

/// Returns the deleted names. Container 0 was created from app:latest, which has moved; app:old points at its image.
/// Container 1 was created from the ID of an image with two names.
constexpr std::vector<std::string_view> deleted_under(pruneplan::UsageRule rule) {
    return mock::deleted({{"docker.io/library/app:latest", "sha256:new"},
                          {"docker.io/library/app:old", "sha256:0ld"},
                          {"docker.io/library/web:1", "sha256:3b"},
                          {"docker.io/library/web:2", "sha256:3b"}},
                         {{"sha256:0ld", "app"}, {"sha256:3b", "3b"}}, {.scope = Scope::unused, .usage = rule});
}

using Names = std::vector<std::string_view>;

}  // namespace

TEST_CASE("the presets differ in the names that they keep after a tag has moved") {
    CHECK_TWICE(deleted_under(usage_rules::containerd_snapshotter) ==
                Names{"docker.io/library/app:old", "docker.io/library/web:1"});
    CHECK_TWICE(deleted_under(usage_rules::graph_driver) ==
                Names{"docker.io/library/app:latest", "docker.io/library/web:1"});
    CHECK_TWICE(deleted_under(usage_rules::whole_image) == Names{"docker.io/library/app:latest"});
    CHECK_TWICE(deleted_under(usage_rules::strict) == Names{"docker.io/library/web:1"});
    CHECK_TWICE(deleted_under(usage_rules::names_only) ==
                Names{"docker.io/library/app:old", "docker.io/library/web:1", "docker.io/library/web:2"});
}

TEST_CASE("the defaults are the scope dangling and the rule strict") {
    CHECK_TWICE(pruneplan::PruneOptions{}.scope == Scope::dangling);
    CHECK_TWICE(pruneplan::PruneOptions{}.usage == usage_rules::strict);
    CHECK_TWICE(pruneplan::UsageRule{} == usage_rules::strict);
    CHECK(pruneplan::parse_filters(std::vector<std::string>{}, {})->usage == usage_rules::strict);
}

TEST_CASE("a plan without options deletes dangling records and protects the image of every container") {
    CHECK_TWICE(mock::deleted({{"docker.io/library/app:latest", "sha256:new"},
                               {"moby-dangling@sha256:1", "sha256:1"},
                               {"moby-dangling@sha256:2", "sha256:2"}},
                              {{"sha256:2", "app"}}, {}) == Names{"moby-dangling@sha256:1"});
}

TEST_CASE("parse_filters sets filters and takes the scope from dangling") {
    const auto options =
        pruneplan::parse_filters(std::vector<std::string>{"until=1h", "dangling=false", "label=a"}, {5000, 0});
    REQUIRE(options);
    CHECK(options->scope == Scope::unused);
    CHECK(options->filters.size() == 2);
    CHECK(options->filters[0].moment() == pruneplan::Timestamp{1400, 0});
    CHECK(pruneplan::parse_filters(std::vector<std::string_view>{}, {})->scope == Scope::dangling);
    CHECK(pruneplan::parse_filters(std::vector<std::string_view>{"dangling=0", "dangling=false"}, {})->scope ==
          Scope::unused);
}

TEST_CASE("parse_filters returns the first error and rejects contradictory values of dangling") {
    const auto error_of = [](std::vector<std::string_view> filters) {
        return pruneplan::parse_filters(filters, {}).error();
    };
    CHECK(error_of({"until=1h", "color=red", "until=soon"}).code == pruneplan::ErrorCode::unknown_filter);
    CHECK(error_of({"dangling=true", "label=a", "dangling=0"}).message ==
          "contradictory filter \"dangling=0\": give dangling once");
    CHECK(error_of({"dangling=true", "dangling=0"}).code == pruneplan::ErrorCode::contradictory_filters);
}

TEST_CASE("bytes_to_reach returns what reaches the low threshold once usage reaches the high one") {
    using pruneplan::bytes_to_reach;
    CHECK_TWICE(*bytes_to_reach(1000, 150, 85, 80) == 50);
    CHECK_TWICE(*bytes_to_reach(1000, 151, 85, 80) == 49);  // 15.1 % available are rounded down to 15 %
    CHECK_TWICE(*bytes_to_reach(1000, 160, 85, 80) == 0);
    CHECK_TWICE(*bytes_to_reach(1000, 0, 100, 0) == 1000);
    CHECK_TWICE(*bytes_to_reach(1000, 1000, 0, 0) == 0);
    CHECK_TWICE(*bytes_to_reach(1000, 2000, 85, 80) == 0);
    CHECK_TWICE(*bytes_to_reach(7, 0, 85, 80) == 1);
    CHECK_TWICE(*bytes_to_reach(1000, 205, 80, 80) ==
                0);  // is rounded to 80 % in use, but more than 20 % are available
    constexpr auto most = std::numeric_limits<std::int64_t>::max();
    CHECK_TWICE(*bytes_to_reach(most, 0, 85, 50) == most / 2);
    CHECK_TWICE(*bytes_to_reach(most, most / 4, 75, 50) == most / 2 - most / 4);
}

TEST_CASE("bytes_to_reach rejects thresholds out of order or above 100 and a capacity of 0 or over 2^63 - 1") {
    using pruneplan::bytes_to_reach;
    CHECK(bytes_to_reach(1000, 0, 101, 80).error().code == pruneplan::ErrorCode::bad_threshold);
    CHECK(bytes_to_reach(1000, 0, 80, 85).error().message ==
          "invalid thresholds: 0 <= low <= high <= 100 must hold, in percent");
    CHECK(bytes_to_reach(0, 0, 85, 80).error().message ==
          "invalid capacity 0: give the size of the file system in bytes, from 1 to 2^63 - 1");
    CHECK(bytes_to_reach(std::uint64_t{1} << 63, 0, 85, 80).error().code == pruneplan::ErrorCode::bad_threshold);
}

// SPDX-License-Identifier: BSL-1.0
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

// app:latest was pulled anew after container 0 was created from it, and only app:old still points at what it runs.
// Container 1 was created from the ID of a third image, which has two names.
constexpr std::vector<std::string_view> deleted_under(pruneplan::UsageRule rule) {
    return mock::deleted({{"docker.io/library/app:latest", "sha256:new"},
                          {"docker.io/library/app:old", "sha256:0ld"},
                          {"docker.io/library/web:1", "sha256:3b"},
                          {"docker.io/library/web:2", "sha256:3b"}},
                         {{"sha256:0ld", "app"}, {"sha256:3b", "3b"}}, {.scope = Scope::unused, .usage = rule});
}

using Names = std::vector<std::string_view>;

}  // namespace

TEST_CASE("the presets differ in what a container protects") {
    CHECK_TWICE(deleted_under(usage_rules::containerd_snapshotter) ==
                Names{"docker.io/library/app:old", "docker.io/library/web:1"});
    CHECK_TWICE(deleted_under(usage_rules::graph_driver) ==
                Names{"docker.io/library/app:latest", "docker.io/library/web:1"});
    CHECK_TWICE(deleted_under(usage_rules::whole_image) == Names{"docker.io/library/app:latest"});
    CHECK_TWICE(deleted_under(usage_rules::strict) == Names{"docker.io/library/web:1"});
}

TEST_CASE("the defaults are those of docker image prune") {
    CHECK_TWICE(pruneplan::PruneOptions{}.scope == Scope::dangling);
    CHECK_TWICE(pruneplan::PruneOptions{}.usage == usage_rules::containerd_snapshotter);
}

TEST_CASE("filters make options, and dangling makes the scope") {
    const auto options = pruneplan::parse_filters(std::vector<std::string>{"until=1h", "dangling=false", "label=a"}, {5000, 0});
    REQUIRE(options);
    CHECK(options->scope == Scope::unused);
    CHECK(options->filters.size() == 2);
    CHECK(options->filters[0].moment == pruneplan::Timestamp{1400, 0});
    CHECK(pruneplan::parse_filters(std::vector<std::string_view>{}, {})->scope == Scope::dangling);
    CHECK(pruneplan::parse_filters(std::vector<std::string_view>{"dangling=0", "dangling=false"}, {})->scope == Scope::unused);
}

TEST_CASE("the first filter that is wrong is refused, and so is dangling both ways") {
    const auto refused = [](std::vector<std::string_view> filters) { return pruneplan::parse_filters(filters, {}).error(); };
    CHECK(refused({"until=1h", "color=red", "until=soon"}).code == pruneplan::ErrorCode::unknown_filter);
    CHECK(refused({"dangling=true", "label=a", "dangling=0"}).message ==
          "contradictory filter \"dangling=0\": give dangling once");
    CHECK(refused({"dangling=true", "dangling=0"}).code == pruneplan::ErrorCode::contradictory_filters);
}

TEST_CASE("bytes to free: down to the low threshold, once the high one is reached") {
    using pruneplan::bytes_to_free;
    CHECK_TWICE(*bytes_to_free(1000, 150, 85, 80) == 50);
    CHECK_TWICE(*bytes_to_free(1000, 151, 85, 80) == 49);  // 15.1 % available count as 15
    CHECK_TWICE(*bytes_to_free(1000, 160, 85, 80) == 0);
    CHECK_TWICE(*bytes_to_free(1000, 0, 100, 0) == 1000);
    CHECK_TWICE(*bytes_to_free(1000, 1000, 0, 0) == 0);
    CHECK_TWICE(*bytes_to_free(1000, 2000, 85, 80) == 0);
    CHECK_TWICE(*bytes_to_free(7, 0, 85, 80) == 1);
    CHECK_TWICE(*bytes_to_free(1000, 205, 80, 80) == 0);  // counts as 80 % in use, and has more than 20 % available
    constexpr auto most = std::numeric_limits<std::uint64_t>::max();
    CHECK_TWICE(*bytes_to_free(most, 0, 85, 50) == most / 2);
    CHECK_TWICE(*bytes_to_free(most, most / 4, 75, 50) == most / 2 - most / 4);
}

TEST_CASE("thresholds that cannot be are refused") {
    using pruneplan::bytes_to_free;
    CHECK(bytes_to_free(1000, 0, 101, 80).error().code == pruneplan::ErrorCode::bad_threshold);
    CHECK(bytes_to_free(1000, 0, 80, 85).error().message == "invalid thresholds: 0 <= low <= high <= 100 must hold, in percent");
    CHECK(bytes_to_free(0, 0, 85, 80).error().message == "invalid capacity 0: give the size of the file system in bytes");
}

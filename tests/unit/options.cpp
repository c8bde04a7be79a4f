#include "../support/check.hpp"
#include "../support/mock.hpp"

#include <pruneplan/options.hpp>

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

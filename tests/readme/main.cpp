// SPDX-License-Identifier: BSL-1.0
// Runs the code of README.md, which snippet.sh copied verbatim to snippet.hpp.
#include "snippet.hpp"

namespace {

const std::string used = "sha256:" + std::string(64, 'a'), unused = "sha256:" + std::string(64, 'b');

using Names = decltype(MyStore::names);

bool never(std::string_view) { return false; }

void fill(MyStore& store) {
    store.names = {{"docker.io/library/app:1", unused},
                   {"docker.io/library/app:2", used},
                   {"docker.io/library/app:3", used},
                   {"docker.io/library/app:4", unused}};
}

/// The tag app:1 has moved since the container was created: the image that it runs and the name are both kept.
bool keeps_what_a_container_uses() {
    MyStore store;
    fill(store);
    return prune(store, {{used, "app:1"}}, never) &&
           store.names == Names{{"docker.io/library/app:1", unused}, {"docker.io/library/app:3", used}};
}

bool keeps_what_is_used_after_planning() {
    MyStore store;
    fill(store);
    return prune(store, {}, [](std::string_view target) { return target == unused; }) &&
           store.names == Names{{"docker.io/library/app:1", unused}, {"docker.io/library/app:4", unused}};
}

bool does_not_apply_a_doubtful_plan() {
    MyStore store;
    fill(store);
    return !prune(store, {{"sha512:" + std::string(128, 'a'), "other"}}, never) && store.names.size() == 4;
}

bool removes_only_what_the_plan_says() {
    using enum pruneplan::RemoveStatus;
    MyStore store;
    fill(store);
    return store.remove("app:1", used, "") == not_found &&
           store.remove("docker.io/library/app:1", used, "") == changed &&
           store.remove("docker.io/library/app:2", used, "app:1") == survivor_gone &&
           store.remove("docker.io/library/app:2", used, "docker.io/library/app:1") == survivor_gone &&
           store.remove("docker.io/library/app:2", used, "docker.io/library/app:3") == removed &&
           store.names.size() == 3;
}

bool parses_what_people_type() {
    const pruneplan::Timestamp now{1'700'000'000, 0};
    const auto options = typed_options({"label!=keep", "dangling=false"}, now);
    return options && options->scope == pruneplan::Scope::unused && options->filters.size() == 1 &&
           options->keep[0].matches("ghcr.io/team/sub/app") &&
           options->keep_younger_than->seconds == now.seconds - 172'800 && !typed_options({"colour=red"}, now) &&
           !typed_options({}, {253'402'300'800, 0});
}

}  // namespace

int main() {
    int failed = 0;
    for (const auto test : {keeps_what_a_container_uses, keeps_what_is_used_after_planning,
                            does_not_apply_a_doubtful_plan, removes_only_what_the_plan_says, parses_what_people_type}) {
        ++failed;
        if (!test()) return failed;
    }
    return 0;
}

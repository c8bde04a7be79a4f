// SPDX-License-Identifier: BSL-1.0
// Makes a program with second.cpp. Both units include every header, so a function that a header defines without
// `inline` does not link. The units are compiled as different versions of C++, and must agree on the types that they
// exchange.
#include "units.hpp"

#include <cstdio>

int main() {
    const two_units::Store store{{{"docker.io/library/a:1", "sha256:a"}, {"docker.io/library/b:1", "sha256:b"}}};
    const std::vector<two_units::Container> containers = {{"sha256:a", "a:1"}};
    const auto index = pruneplan::build_index(store);
    auto options = two_units::options("reference!=c");
    if (!index || !options || two_units::options("no filter")) return 1;
    options->scope = pruneplan::Scope::unused;

    const pruneplan::PrunePlan first = pruneplan::plan_prune(*index, containers, *options);
    const pruneplan::PrunePlan second = two_units::plan(*index, containers, *options);
    const bool same = first == second && first.deleted_count() == 1 && two_units::deleted_count(first) == 1 &&
                      second.deleted_count() == 1 && two_units::deleted_count(second) == 1;
    std::puts(same ? "both units plan the same" : "the units disagree");
    return same ? 0 : 1;
}

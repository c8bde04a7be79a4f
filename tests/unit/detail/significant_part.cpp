// SPDX-License-Identifier: BSL-1.0
#include "../../support/check.hpp"

#include <pruneplan/detail/significant_part.hpp>

#include <string>
#include <string_view>

using pruneplan::detail::significant_part;

TEST_CASE("what may be left out of a reference is no part of what is hashed") {
    for (const std::string domain : {"", "docker.io/", "index.docker.io/"})
        for (const std::string library : {"", "library/"})
            for (const std::string tag : {"", ":latest"}) CHECK(significant_part(domain + library + "alpine" + tag) == "alpine");
    CHECK_TWICE(significant_part("index.docker.io/library/alpine:latest") == "alpine");
}

TEST_CASE("all else stays") {
    for (const std::string_view text : {"", "alpine", "alpine:3", "quay.io/library/alpine", "ghcr.io/docker.io/alpine", "latest",
                                        "library", "alpine:latest@sha256:82d1e9d7", "Docker.io/alpine", "docker.io"})
        CHECK(significant_part(text) == text);
    // Each once.
    CHECK_TWICE(significant_part("library/library/alpine") == "library/alpine");
    CHECK_TWICE(significant_part("docker.io/docker.io/alpine") == "docker.io/alpine");
    CHECK_TWICE(significant_part("alpine:latest:latest") == "alpine:latest");
    CHECK_TWICE(significant_part("docker.io/library/:latest").empty());
}

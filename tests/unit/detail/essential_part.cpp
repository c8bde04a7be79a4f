#include "../../support/check.hpp"

#include <pruneplan/detail/essential_part.hpp>

#include <string>
#include <string_view>

using pruneplan::detail::essential_part;

TEST_CASE("what may be left out of a reference is no part of what is hashed") {
    for (const std::string domain : {"", "docker.io/", "index.docker.io/"})
        for (const std::string library : {"", "library/"})
            for (const std::string tag : {"", ":latest"}) CHECK(essential_part(domain + library + "alpine" + tag) == "alpine");
    CHECK_TWICE(essential_part("index.docker.io/library/alpine:latest") == "alpine");
}

TEST_CASE("all else stays") {
    for (const std::string_view text : {"", "alpine", "alpine:3", "quay.io/library/alpine", "ghcr.io/docker.io/alpine", "latest",
                                        "library", "alpine:latest@sha256:82d1e9d7", "Docker.io/alpine", "docker.io"})
        CHECK(essential_part(text) == text);
    // Each once.
    CHECK_TWICE(essential_part("library/library/alpine") == "library/alpine");
    CHECK_TWICE(essential_part("docker.io/docker.io/alpine") == "docker.io/alpine");
    CHECK_TWICE(essential_part("alpine:latest:latest") == "alpine:latest");
    CHECK_TWICE(essential_part("docker.io/library/:latest").empty());
}

// SPDX-License-Identifier: BSL-1.0

// Tests the part of a reference that is hashed: without what a reference may omit.

#include "../../../support/check.hpp"

#include <pruneplan/detail/text/significant_part.hpp>

#include <string>
#include <string_view>

#define HEX64 "82d1e9d7ed48a7523bdebc18cf6290bdb97b82302a8a9c27d4fe885949ea94d1"

using pruneplan::detail::ends_in_digest;
using pruneplan::detail::significant_part;

TEST_CASE("the domain docker.io and the path library and the tag latest are not significant") {
    for (const std::string domain : {"", "docker.io/", "index.docker.io/"})
        for (const std::string library : {"", "library/"})
            for (const std::string tag : {"", ":latest"})
                CHECK(significant_part(domain + library + "alpine" + tag) == "alpine");
    CHECK_TWICE(significant_part("index.docker.io/library/alpine:latest") == "alpine");
}

TEST_CASE("other parts of a reference are significant and each part is removed at most once") {
    for (const std::string_view text :
         {"", "alpine", "alpine:3", "quay.io/library/alpine", "ghcr.io/docker.io/alpine", "latest", "library",
          "alpine:latest@sha256:82d1e9d7", "Docker.io/alpine", "docker.io"})
        CHECK(significant_part(text) == text);
    CHECK_TWICE(significant_part("library/library/alpine") == "library/alpine");
    CHECK_TWICE(significant_part("docker.io/docker.io/alpine") == "docker.io/alpine");
    CHECK_TWICE(significant_part("alpine:latest:latest") == "alpine:latest");
    CHECK_TWICE(significant_part("docker.io/library/:latest").empty());
}

TEST_CASE("a name ends in a digest if a text of its length follows an @") {
    CHECK_TWICE(ends_in_digest("app@sha256:" HEX64));
    CHECK_TWICE(ends_in_digest("app:1@sha512:" HEX64 HEX64));
    CHECK_TWICE(ends_in_digest("@sha256:" HEX64));
    CHECK_TWICE(!ends_in_digest("sha256:" HEX64));
    CHECK_TWICE(!ends_in_digest("app@sha256:82d1"));
    CHECK_TWICE(!ends_in_digest("app:1"));
    CHECK_TWICE(!ends_in_digest(""));
}

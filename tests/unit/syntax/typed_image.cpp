// SPDX-License-Identifier: BSL-1.0

// Tests `find_image`, which finds the image that people mean by what they type.

#include "../../support/check.hpp"
#include "../../support/mock.hpp"

#include <pruneplan/image_index.hpp>
#include <pruneplan/syntax/typed_image.hpp>

#include <string>
#include <string_view>

using mock::GraphStore;
using pruneplan::build_index;
using pruneplan::ErrorCode;

TEST_CASE("find_image finds the first record of an image by any form of a name or by an ID") {
    const std::string a(64, 'a'), b = a.substr(1) + "b", target_a = "sha256:" + a, target_b = "sha256:" + b;
    const mock::Store store{{{"docker.io/library/alpine:latest", target_a},
                             {"alpine:3", target_b},
                             {"quay.io/x", target_a},
                             {"b", "sha512:1"}}};
    const auto index = *build_index(store);
    for (const std::string_view typed :
         {"alpine", "library/alpine", "docker.io/library/alpine:latest", "quay.io/x:latest"})
        CHECK(*index.find_image(typed) == 0);
    for (const std::string_view typed : {"docker.io/library/alpine:3", "index.docker.io/library/alpine:3", "alpine:3"})
        CHECK(*index.find_image(typed) == 1);
    CHECK(*index.find_image(target_b) == 1);
    CHECK(*index.find_image(b) == 1);
    CHECK(*index.find_image("b") == 3);  // a name takes precedence over an ID
    CHECK(*index.find_image("sha512:1") == 3);
    CHECK(index.find_image("sha256:aa").error().code == ErrorCode::ambiguous_id);
    CHECK(index.find_image("Alpine").error().message ==
          "image \"Alpine\" not found: use the name or ID of a stored image");
}

TEST_CASE("an ID that no image has is not found, and a name that means several images is ambiguous") {
    const mock::Store store{{{"app", "sha256:1"}, {"docker.io/library/app:latest", "sha256:2"}}};
    const auto index = *build_index(store);
    for (const std::string_view typed : {"sha256:aa", "aa"}) {
        const auto found = index.find_image(typed);
        CHECK(found.error().code == ErrorCode::image_not_found);
        CHECK(found.error().message ==
              "image \"" + std::string(typed) + "\" not found: use the name or ID of a stored image");
    }
    CHECK(index.find_image("library/app").error().message ==
          "ambiguous name \"library/app\": it means several images, use a name as the store spells it");
}

TEST_CASE("a truncated ID of one image with two names is not ambiguous") {
    const mock::Store store{{{"a", "sha256:12"}, {"b", "sha256:34"}, {"c", "sha256:12"}}};
    const auto index = *build_index(store);
    CHECK(*index.find_image("sha256:1") == 0);
    CHECK(*index.find_image("1") == 0);
}

TEST_CASE("a whole ID that several images share asks for a name or target, and a truncated one for more digits") {
    static const std::string c = "sha256:" + std::string(64, 'c');
    const GraphStore store{{{"a:1", "sha256:a", {c}}, {"b:1", "sha256:b", {c}}}};
    const auto index = *build_index(store);
    CHECK(index.find_image(c).error().message ==
          "ambiguous ID \"" + c + "\": it matches several images, use the name or target of one");
    CHECK(index.find_image("cc").error().message == "ambiguous ID \"cc\": it matches several images, use more digits");
}

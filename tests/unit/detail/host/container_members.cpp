// SPDX-License-Identifier: BSL-1.0

// Tests the detection of a container's members. consumers/compile_fail/ tests the errors for those that do not fit.

#include "../../../support/check.hpp"

#include <pruneplan/detail/host/container_members.hpp>

#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace {

using namespace pruneplan::detail;

struct Container {
    static std::string_view image_id() { return "sha256:1"; }
    static const char* image_ref() { return "alpine"; }
};
struct Full : Container {
    static std::vector<std::string> mounted_image_ids() { return {}; }
    static std::string name() { return "web"; }
};
struct Wrong : Container {
    static std::vector<int> mounted_image_ids() { return {}; }
    static int name() { return 1; }
};
struct Misspelt : Container {
    static std::vector<std::string> mounted_images() { return {}; }
};

}  // namespace

TEST_CASE("members of a container of the right type are found and others are mentioned") {
    STATIC_REQUIRE(HasImageId<Container> && HasImageRef<Container>);
    STATIC_REQUIRE(!HasMountedImageIds<Container> && !MentionsMountedImageIds<Container>);
    STATIC_REQUIRE(!HasContainerName<Container> && !MentionsContainerName<Container>);
    STATIC_REQUIRE(HasMountedImageIds<Full> && HasContainerName<Full>);
    STATIC_REQUIRE(!HasMountedImageIds<Wrong> && MentionsMountedImageIds<Wrong>);
    STATIC_REQUIRE(!HasContainerName<Wrong> && MentionsContainerName<Wrong>);
    STATIC_REQUIRE(!HasMountedImageIds<Misspelt> && MentionsMountedImageIds<Misspelt>);
}

TEST_CASE("a container is an element of a range or what that points at") {
    STATIC_REQUIRE(std::is_same_v<ContainerOf<std::vector<Container>>, Container>);
    STATIC_REQUIRE(std::is_same_v<ContainerOf<std::vector<const Container*>>, Container>);
    STATIC_REQUIRE(std::is_same_v<ContainerOf<std::vector<std::unique_ptr<Container>>>, Container>);
    STATIC_REQUIRE(fits_containers<std::vector<Full>>());
    const Container one;
    CHECK(&container_in(one) == &one);
    CHECK(&container_in(&one) == &one);
}

// SPDX-License-Identifier: BSL-1.0
// Regression tests: worlds in which library and model once differed, as the program `model` printed them.

#include "../support/catch.hpp"
#include "difference.hpp"
#include "kinds.hpp"
#include "model.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace {

using model::Moment;
using model::Survivor;
using model::World;
using Texts = std::vector<std::string>;
using Numbers = std::vector<std::size_t>;

/// The decisions of the library, such as "last_name 0", in the order of the records.
Texts planned(const World& world, std::string_view kind) {
    return difference::texts_of(library::kind(kind).plan(world));
}

/// The names that the library deletes, in the order of deletion.
Texts deleted(const World& world, std::string_view kind) {
    Texts out;
    for (const std::size_t record : library::kind(kind).plan(world).deletions)
        out.push_back(world.records[record].name);
    return out;
}

Numbers unmatched(const World& world, std::string_view kind) { return library::kind(kind).plan(world).unmatched; }

const std::string a64 = std::string(64, 'a'), A = "sha256:" + a64, B = "sha256:" + std::string(64, 'b');

}  // namespace

TEST_CASE("Survivor::tagged keeps an invalid name rather than a dangling one") {
    World world;
    world.records.push_back({.name = "moby-dangling@" + A, .target = A});
    world.records.push_back({.name = "a name", .target = A});
    world.containers.push_back({.image_id = A, .image_ref = ""});
    world.options.rule = {.names_in_use = false, .every_container = false, .all_names = false};
    world.options.survivor = Survivor::tagged;
    CHECK(planned(world, "everything") == Texts{"spare_name 0", "last_name 0"});
}

TEST_CASE("a budget deletes all images of a circle of parents or none") {
    World world;
    world.records.push_back({.name = "b", .target = A, .last_used = Moment{20}, .parent = B, .blobs = {{"a", 1}}});
    world.records.push_back({.name = "a", .target = B, .last_used = Moment{10}, .parent = A, .blobs = {{"b", 1}}});
    world.records.push_back({.name = "c", .target = "C", .last_used = Moment{15}, .blobs = {{"c", 1}}});
    world.options.bytes_to_free = 1;
    CHECK(planned(world, "everything") == Texts{"enough_freed", "enough_freed", "unused"});
    world.options.bytes_to_free = 2;
    CHECK(planned(world, "everything") == Texts{"unused", "unused", "unused"});
}

TEST_CASE("the child of an image in a circle of parents is deleted before all images of the circle") {
    World world;
    world.records.push_back({.name = "a", .target = A, .parent = B});
    world.records.push_back({.name = "b", .target = B, .parent = A});
    world.records.push_back({.name = "c", .target = "C", .parent = B});
    CHECK(deleted(world, "everything") == Texts{"c", "a", "b"});
}

TEST_CASE("every parent that a record of a kept image names is kept in any order of records") {
    World world;
    world.records.push_back({.name = "child:1", .target = "child", .pinned = true, .parent = A});
    world.records.push_back({.name = "child:2", .target = "child", .pinned = true, .parent = B});
    world.records.push_back({.name = "a", .target = A});
    world.records.push_back({.name = "b", .target = B});
    CHECK(planned(world, "everything") == Texts{"pinned", "pinned", "parent", "parent"});
    std::swap(world.records[0], world.records[1]);
    CHECK(planned(world, "everything") == Texts{"pinned", "pinned", "parent", "parent"});
}

TEST_CASE("an image is deleted before every parent that one of its records names") {
    World world;
    world.records.push_back({.name = "x:1", .target = "x"});
    world.records.push_back({.name = "x:2", .target = "x", .parent = A});
    world.records.push_back({.name = "a", .target = A});
    CHECK(deleted(world, "everything") == Texts{"x:1", "x:2", "a"});
}

TEST_CASE("a dangling record is kept for the first container that runs its image whatever other records exist") {
    World world;
    world.records.push_back({.name = "moby-dangling@" + A, .target = A});
    world.containers.push_back({.image_id = A, .image_ref = "app"});
    world.containers.push_back({.image_id = A, .image_ref = ""});
    CHECK(planned(world, "everything") == Texts{"name_in_use 0"});
    world.records.push_back({.name = "moby-dangling@" + B, .target = "unrelated"});
    CHECK(planned(world, "everything") == Texts{"name_in_use 0", "unused"});
}

TEST_CASE("a name is kept for the first container that uses it whether by image_ref or by running a dangling image") {
    World world;
    world.records.push_back({.name = "docker.io/library/app:1", .target = A, .is_dangling = true});
    world.containers.push_back({.image_id = A, .image_ref = "other"});
    world.containers.push_back({.image_id = B, .image_ref = "app:1"});
    CHECK(planned(world, "a list with is_dangling") == Texts{"name_in_use 0"});
}

TEST_CASE("a dangling record is kept for the container that runs its image and not for one that mounts it") {
    World world;
    world.records.push_back({.name = "moby-dangling@" + A, .target = A});
    world.containers.push_back({.image_id = B, .image_ref = "other", .mounted = {A}});
    world.containers.push_back({.image_id = A, .image_ref = "app"});
    CHECK(planned(world, "everything") == Texts{"name_in_use 1"});
    CHECK(unmatched(world, "everything") == Numbers{0u});
}

TEST_CASE("the last name of an image is deleted as unprotected if a container runs the image") {
    World world;
    world.records.push_back({.name = "docker.io/library/app:old", .target = A});
    world.records.push_back({.name = "docker.io/library/app:latest", .target = B});
    world.containers.push_back({.image_id = A, .image_ref = "app"});
    world.containers.push_back({.image_id = A, .image_ref = "app:latest"});
    CHECK(planned(world, "everything") == Texts{"unprotected 0", "name_in_use 0"});
    world.records.push_back({.name = "docker.io/library/app:older", .target = A, .pinned = true});
    CHECK(planned(world, "everything") == Texts{"spare_name 0", "name_in_use 0", "pinned"});
}

TEST_CASE("an image_id or a mount without algorithm puts the target with or without algorithm in use") {
    World world;
    world.records.push_back({.name = "docker.io/library/app:1", .target = A});
    world.containers.push_back({.image_id = a64, .image_ref = ""});
    CHECK(planned(world, "everything") == Texts{"last_name 0"});
    world.containers = {{.image_id = B, .image_ref = "", .mounted = {a64}}};
    CHECK(planned(world, "everything") == Texts{"last_name 0 mounted"});
    world.records[0].target = a64;
    world.containers = {{.image_id = a64, .image_ref = "aaaaaaaa"}};
    CHECK(planned(world, "everything") == Texts{"last_name 0"});
}

TEST_CASE("the texts of a container in a read-once range need to last only until the next container is read") {
    World world;
    world.records.push_back({.name = "docker.io/library/app:1", .target = A});
    world.records.push_back({.name = "docker.io/library/app:2", .target = B});
    world.containers.push_back({.image_id = A, .image_ref = "a reference that is too long to be stored in place"});
    world.containers.push_back(
        {.image_id = B, .image_ref = "another reference that is too long to be stored in place"});
    world.options.rule = {.names_in_use = true, .every_container = true, .all_names = false};
    CHECK(planned(world, "a deque with created and parent") == Texts{"last_name 0", "last_name 1"});
}

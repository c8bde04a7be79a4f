// SPDX-License-Identifier: BSL-1.0
// Worlds in which library and model differed once, as the program `model` printed them.

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

/// What the library decides, such as "last_name 0", in the order of the records.
Texts planned(const World& world, std::string_view kind) {
    return difference::texts_of(library::kind(kind).plan(world));
}

/// The names that the library deletes, in order.
Texts deleted(const World& world, std::string_view kind) {
    Texts out;
    for (const std::size_t record : library::kind(kind).plan(world).deletions)
        out.push_back(world.records[record].name);
    return out;
}

Numbers unmatched(const World& world, std::string_view kind) { return library::kind(kind).plan(world).unmatched; }

const std::string a64 = std::string(64, 'a'), A = "sha256:" + a64, B = "sha256:" + std::string(64, 'b');

}  // namespace

TEST_CASE("Survivor::tagged prefers a name that is not a reference to a dangling name") {
    World world;
    world.records.push_back({.name = "moby-dangling@" + A, .target = A});
    world.records.push_back({.name = "a name", .target = A});
    world.containers.push_back({.image_id = A, .image_ref = ""});
    world.options.rule = {.names_in_use = false, .every_container = false, .all_names = false};
    world.options.survivor = Survivor::tagged;
    CHECK(planned(world, "everything") == Texts{"spare_name 0", "last_name 0"});
}

TEST_CASE("a budget deletes all of a circle of parents or nothing of it") {
    World world;
    world.records.push_back({.name = "b", .target = A, .last_used = Moment{20}, .parent = B, .blobs = {{"a", 1}}});
    world.records.push_back({.name = "a", .target = B, .last_used = Moment{10}, .parent = A, .blobs = {{"b", 1}}});
    world.records.push_back({.name = "c", .target = "C", .last_used = Moment{15}, .blobs = {{"c", 1}}});
    world.options.bytes_to_free = 1;
    CHECK(planned(world, "everything") == Texts{"enough_freed", "enough_freed", "unused"});
    world.options.bytes_to_free = 2;
    CHECK(planned(world, "everything") == Texts{"unused", "unused", "unused"});
}

TEST_CASE("an image that is built on the images of a circle is deleted before all of them") {
    World world;
    world.records.push_back({.name = "a", .target = A, .parent = B});
    world.records.push_back({.name = "b", .target = B, .parent = A});
    world.records.push_back({.name = "c", .target = "C", .parent = B});
    CHECK(deleted(world, "everything") == Texts{"c", "a", "b"});
}

TEST_CASE("every parent that a record of an image names is protected, in whatever order the records are listed") {
    World world;
    world.records.push_back({.name = "child:1", .target = "child", .pinned = true, .parent = A});
    world.records.push_back({.name = "child:2", .target = "child", .pinned = true, .parent = B});
    world.records.push_back({.name = "a", .target = A});
    world.records.push_back({.name = "b", .target = B});
    CHECK(planned(world, "everything") == Texts{"pinned", "pinned", "parent", "parent"});
    std::swap(world.records[0], world.records[1]);
    CHECK(planned(world, "everything") == Texts{"pinned", "pinned", "parent", "parent"});
}

TEST_CASE("children are deleted before every parent that one of their records names") {
    World world;
    world.records.push_back({.name = "x:1", .target = "x"});
    world.records.push_back({.name = "x:2", .target = "x", .parent = A});
    world.records.push_back({.name = "a", .target = A});
    CHECK(deleted(world, "everything") == Texts{"x:1", "x:2", "a"});
}

TEST_CASE(
    "the first container that runs an image is the reason to keep its dangling record, whatever other records there "
    "are") {
    World world;
    world.records.push_back({.name = "moby-dangling@" + A, .target = A});
    world.containers.push_back({.image_id = A, .image_ref = "app"});
    world.containers.push_back({.image_id = A, .image_ref = ""});
    CHECK(planned(world, "everything") == Texts{"name_in_use 0"});
    world.records.push_back({.name = "moby-dangling@" + B, .target = "unrelated"});
    CHECK(planned(world, "everything") == Texts{"name_in_use 0", "unused"});
}

TEST_CASE(
    "the first container that uses a name is the reason to keep it, whether by what was typed or by a dangling image") {
    World world;
    world.records.push_back({.name = "docker.io/library/app:1", .target = A, .is_dangling = true});
    world.containers.push_back({.image_id = A, .image_ref = "other"});
    world.containers.push_back({.image_id = B, .image_ref = "app:1"});
    CHECK(planned(world, "a list with is_dangling") == Texts{"name_in_use 0"});
}

TEST_CASE("the container that runs an image keeps its dangling record, and not one that mounts the image") {
    World world;
    world.records.push_back({.name = "moby-dangling@" + A, .target = A});
    world.containers.push_back({.image_id = B, .image_ref = "other", .mounted = {A}});
    world.containers.push_back({.image_id = A, .image_ref = "app"});
    CHECK(planned(world, "everything") == Texts{"name_in_use 1"});
    CHECK(unmatched(world, "everything") == Numbers{0u});
}

TEST_CASE("a record is unprotected if it is deleted as the last name of an image that a container runs") {
    World world;
    world.records.push_back({.name = "docker.io/library/app:old", .target = A});
    world.records.push_back({.name = "docker.io/library/app:latest", .target = B});
    world.containers.push_back({.image_id = A, .image_ref = "app"});
    world.containers.push_back({.image_id = A, .image_ref = "app:latest"});
    CHECK(planned(world, "everything") == Texts{"unprotected 0", "name_in_use 0"});
    world.records.push_back({.name = "docker.io/library/app:older", .target = A, .pinned = true});
    CHECK(planned(world, "everything") == Texts{"spare_name 0", "name_in_use 0", "pinned"});
}

TEST_CASE(
    "an ID without its algorithm puts an image in use, run or mounted, with and without the algorithm in the store") {
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

TEST_CASE("the texts of a row are needed only until the cursor moves on") {
    World world;
    world.records.push_back({.name = "docker.io/library/app:1", .target = A});
    world.records.push_back({.name = "docker.io/library/app:2", .target = B});
    world.containers.push_back({.image_id = A, .image_ref = "a reference that is too long to be stored in place"});
    world.containers.push_back(
        {.image_id = B, .image_ref = "another reference that is too long to be stored in place"});
    world.options.rule = {.names_in_use = true, .every_container = true, .all_names = false};
    CHECK(planned(world, "a deque with created and parent") == Texts{"last_name 0", "last_name 1"});
}

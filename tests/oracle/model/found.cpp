// SPDX-License-Identifier: BSL-1.0
// Regression tests: worlds in which library and model once differed, as the program `model` printed them.

#include "../../support/catch.hpp"
#include "difference.hpp"
#include "kinds.hpp"
#include "model.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace {

using model::DigestUse;
using model::Moment;
using model::NewestBy;
using model::Survivor;
using model::World;
using Texts = std::vector<std::string>;

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

/// The doubts of the library, such as "unmatched_container 0 blocks", sorted.
Texts doubts(const World& world, std::string_view kind) {
    return difference::doubts_of(library::kind(kind).plan(world));
}

const std::string a64 = std::string(64, 'a'), A = "sha256:" + a64, B = "sha256:" + std::string(64, 'b');

constexpr model::Rule containerd_snapshotter{true, DigestUse::created_by_digest, false};
constexpr model::Rule graph_driver{false, DigestUse::every_container, false};
constexpr model::Rule names_only{true, DigestUse::no_container, false};

}  // namespace

TEST_CASE("Survivor::tagged keeps an invalid name rather than a dangling one") {
    World world;
    world.records.push_back({.name = "moby-dangling@" + A, .target = A});
    world.records.push_back({.name = "a name", .target = A});
    world.containers.push_back({.image_id = A, .image_ref = ""});
    world.options.rule = graph_driver;
    world.options.survivor = Survivor::tagged;
    CHECK(planned(world, "everything") == Texts{"spare_name 0", "last_name 0"});
}

TEST_CASE("a budget deletes all images of a circle or none") {
    World world;
    world.records.push_back({.name = "b", .target = A, .last_used = Moment{20}, .needs = {B}, .blobs = {{"a", 1}}});
    world.records.push_back({.name = "a", .target = B, .last_used = Moment{10}, .needs = {A}, .blobs = {{"b", 1}}});
    world.records.push_back({.name = "c", .target = "C", .last_used = Moment{15}, .blobs = {{"c", 1}}});
    world.options.bytes_to_free = 1;
    CHECK(planned(world, "everything") == Texts{"enough_freed", "enough_freed", "unused"});
    world.options.bytes_to_free = 2;
    CHECK(planned(world, "everything") == Texts{"unused", "unused", "unused"});
}

TEST_CASE("an image that needs one of a circle is deleted before all images of the circle") {
    World world;
    world.records.push_back({.name = "a", .target = A, .needs = {B}});
    world.records.push_back({.name = "b", .target = B, .needs = {A}});
    world.records.push_back({.name = "c", .target = "C", .needs = {B}});
    CHECK(deleted(world, "everything") == Texts{"c", "a", "b"});
}

TEST_CASE("every image that a record of a kept image needs is kept in any order of records") {
    World world;
    world.records.push_back({.name = "child:1", .target = "child", .pinned = true, .needs = {A}});
    world.records.push_back({.name = "child:2", .target = "child", .pinned = true, .needs = {B}});
    world.records.push_back({.name = "a", .target = A});
    world.records.push_back({.name = "b", .target = B});
    CHECK(planned(world, "everything") == Texts{"pinned", "pinned", "needed", "needed"});
    std::swap(world.records[0], world.records[1]);
    CHECK(planned(world, "everything") == Texts{"pinned", "pinned", "needed", "needed"});
}

TEST_CASE("an image is deleted before every image that one of its records needs") {
    World world;
    world.records.push_back({.name = "x:1", .target = "x"});
    world.records.push_back({.name = "x:2", .target = "x", .needs = {A}});
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
    CHECK(doubts(world, "everything") == Texts{"unmatched_container 0 blocks"});
}

TEST_CASE("the last name of an image is deleted as unprotected if a container runs the image") {
    World world;
    world.records.push_back({.name = "docker.io/library/app:old", .target = A});
    world.records.push_back({.name = "docker.io/library/app:latest", .target = B});
    world.containers.push_back({.image_id = A, .image_ref = "app"});
    world.containers.push_back({.image_id = A, .image_ref = "app:latest"});
    world.options.rule = containerd_snapshotter;
    CHECK(planned(world, "everything") == Texts{"unprotected 0", "name_in_use 0"});
    CHECK(doubts(world, "everything") == Texts{"unprotected_image 0 blocks"});
    world.records.push_back({.name = "docker.io/library/app:older", .target = A, .pinned = true});
    CHECK(planned(world, "everything") == Texts{"spare_name 0", "name_in_use 0", "pinned"});
    CHECK(doubts(world, "everything") == Texts{});
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
    CHECK(planned(world, "a deque with created and one need") == Texts{"last_name 0", "last_name 1"});
}

TEST_CASE("an unprotected image is a doubt only if the budget does not keep it") {
    World world;
    world.records.push_back({.name = "app:1", .target = A, .blobs = {{"a", 1}}});
    world.records.push_back({.name = "app:2", .target = B, .created = Moment{10}, .blobs = {{"b", 1}}});
    world.containers.push_back({.image_id = A, .image_ref = ""});
    world.options.rule = {.names_in_use = false, .digests = DigestUse::no_container, .all_names = false};
    world.options.bytes_to_free = 1;
    CHECK(planned(world, "everything") == Texts{"enough_freed", "unused"});
    CHECK(doubts(world, "everything") == Texts{});
    world.options.bytes_to_free = 2;
    CHECK(planned(world, "everything") == Texts{"unprotected 0", "unused"});
    CHECK(doubts(world, "everything") == Texts{"unprotected_image 0 blocks"});
}

TEST_CASE("of two images of equal versions the one whose last name sorts later is newer") {
    World world;
    world.records.push_back({.name = "x:1.0", .target = A});
    world.records.push_back({.name = "x:v1.0.0", .target = B});
    world.records.push_back({.name = "x:zzz", .target = A});
    world.options.keep_newest.push_back({.count = 1, .by = NewestBy::version});
    CHECK(planned(world, "everything") == Texts{"newest", "unused", "newest"});
}

TEST_CASE("an invalid image_ref that ends in the image_id is a doubt that blocks only if the image is not protected") {
    World world;
    world.records.push_back({.name = "app:1", .target = A});
    world.containers.push_back({.image_id = A, .image_ref = "docker://app@" + A});
    CHECK(planned(world, "everything") == Texts{"last_name 0"});
    CHECK(doubts(world, "everything") == Texts{"invalid_image_ref 0"});
    world.options.rule = names_only;
    CHECK(planned(world, "everything") == Texts{"unprotected 0"});
    CHECK(doubts(world, "everything") == Texts{"invalid_image_ref 0 blocks", "unprotected_image 0 blocks"});
}

TEST_CASE("a truncated ID means a target without algorithm") {
    World world;
    world.records.push_back({.name = "app:1", .target = a64, .created = Moment{20}});
    world.records.push_back({.name = "app:2", .target = B, .created = Moment{10}});
    world.options.keep = {"aaaaaaaa"};
    CHECK(planned(world, "everything") == Texts{"kept_pattern", "unused"});
    world.options.keep.clear();
    world.options.filters = {"before=aaaaaaaa"};
    CHECK(planned(world, "everything") == Texts{"filtered", "unused"});
    world.containers.push_back({.image_id = "sha256:of a manifest", .image_ref = "sha256:aaaa"});
    world.options.filters.clear();
    CHECK(planned(world, "everything") == Texts{"last_name 0", "unused"});
    CHECK(doubts(world, "everything") == Texts{});
}

TEST_CASE("an ID that an image has means no image whose ID only begins with it") {
    World world;
    world.records.push_back({.name = "app:1", .target = A, .ids = {"sha256:cc"}});
    world.records.push_back({.name = "app:2", .target = B, .ids = {"sha256:ccc"}});
    world.options.keep = {"sha256:cc"};
    CHECK(planned(world, "everything") == Texts{"kept_pattern", "unused"});
    world.options.keep = {"sha256:c"};
    CHECK(planned(world, "everything") == Texts{"kept_pattern", "kept_pattern"});
    world.options.keep.clear();
    world.containers.push_back({.image_id = "sha256:of a manifest", .image_ref = "sha256:cc"});
    CHECK(planned(world, "everything") == Texts{"last_name 0", "unused"});
    world.containers[0].image_ref = "sha256:c";
    CHECK(planned(world, "everything") == Texts{"last_name 0", "last_name 0"});
}

TEST_CASE("a name that is an ID belongs to no repository whatever its algorithm") {
    World world;
    world.records.push_back({.name = "sha512:" + std::string(128, 'd'), .target = "d"});
    world.records.push_back({.name = A, .target = A});
    world.options.keep_newest = {{.count = 9}};
    CHECK(planned(world, "everything") == Texts{"unused", "unused"});
}

TEST_CASE("a pattern without wildcards keeps a name by its familiar form even if that is another reference") {
    World world;
    world.records.push_back({.name = "docker.io/local.host/x:1", .target = A});
    world.records.push_back({.name = "local.host/x:1", .target = B});
    world.records.push_back({.name = "docker.io/library/local.host/x:1", .target = B});
    world.options.keep = {"local.host/x:1"};
    CHECK(planned(world, "everything") == Texts{"kept_pattern", "kept_pattern", "unused"});
}

TEST_CASE("a pattern keeps a name that is not a valid reference only if it matches as both are written") {
    World world;
    world.records.push_back({.name = "library/Not", .target = A});
    world.records.push_back({.name = "docker.io/library/Not", .target = A});
    world.options.keep = {"library/N*"};
    CHECK(planned(world, "everything") == Texts{"kept_pattern", "unused"});
}

TEST_CASE("a filter that names two images by forms of one name is rejected and keeps all in any order of records") {
    World world;
    world.records.push_back({.name = "app", .target = A, .created = Moment{10}});
    world.records.push_back({.name = "docker.io/library/app:latest", .target = B, .created = Moment{20}});
    world.records.push_back({.name = "old", .target = "C", .created = Moment{5}});
    world.options.filters = {"before=library/app"};
    for (int order = 0; order < 2; ++order) {
        CHECK(planned(world, "everything") == Texts{"filtered", "filtered", "filtered"});
        CHECK(library::kind("everything").plan(world).rejected);
        std::swap(world.records[0], world.records[1]);
    }
    world.records[1].target = world.records[0].target;
    CHECK(planned(world, "everything") == Texts{"filtered", "filtered", "unused"});
    CHECK_FALSE(library::kind("everything").plan(world).rejected);
}

TEST_CASE("an attachment is deleted after its subject although it is in a circle of needs and attachments") {
    World world;
    world.records.push_back({.name = "s:1", .target = "s"});
    world.records.push_back({.name = "a:1", .target = A, .needs = {B}, .subject = "s"});
    world.records.push_back({.name = "b:1", .target = B, .needs = {"s"}});
    world.members.subject = true;
    CHECK(deleted(world, "everything") == Texts{"s:1", "a:1", "b:1"});
}

TEST_CASE("an attachment of an attachment that needs the first subject is deleted last") {
    World world;
    world.records.push_back({.name = "z:1", .target = "z"});
    world.records.push_back({.name = "sig:1", .target = A, .subject = "z"});
    world.records.push_back({.name = "sig:0", .target = B, .needs = {"z"}, .subject = A});
    world.members.subject = true;
    CHECK(deleted(world, "everything") == Texts{"z:1", "sig:1", "sig:0"});
}

TEST_CASE("a budget counts no attachment that an image that is kept needs") {
    World world;
    world.records.push_back({.name = "i:1", .target = A, .last_used = Moment{9}, .needs = {B}, .blobs = {{"i", 1}}});
    world.records.push_back({.name = "s:1", .target = B, .last_used = Moment{1}, .blobs = {{"s", 1}}, .subject = "t"});
    world.records.push_back({.name = "t:1", .target = "t", .last_used = Moment{1}, .blobs = {{"t", 1}}});
    world.members.subject = true;
    world.options.bytes_to_free = 1;
    CHECK(planned(world, "everything") == Texts{"enough_freed", "needed", "unused"});
    world.options.bytes_to_free = 2;
    CHECK(planned(world, "everything") == Texts{"unused", "attached_to_deleted", "unused"});
}

TEST_CASE("an ID means every image that has it with or without its algorithm") {
    World world;
    world.records.push_back({.name = "app:1", .target = A});
    world.records.push_back({.name = "app:2", .target = a64});
    world.containers.push_back({.image_id = A, .image_ref = "other:1"});
    CHECK(planned(world, "everything") == Texts{"last_name 0", "last_name 0"});
    world.containers = {{.image_id = a64, .image_ref = "other:1"}};
    CHECK(planned(world, "everything") == Texts{"last_name 0", "last_name 0"});
    world.containers.clear();
    for (const std::string& pattern : {A, a64}) {
        world.options.keep = {pattern};
        CHECK(planned(world, "everything") == Texts{"kept_pattern", "kept_pattern"});
    }
}

TEST_CASE("a filter finds an image by its target before an ID of another, with or without the algorithm") {
    World world;
    world.records.push_back({.name = "app:1", .target = A, .created = Moment{10}});
    world.records.push_back({.name = "app:2", .target = B, .created = Moment{20}, .ids = {A}});
    for (const std::string& typed : {A, a64}) {
        world.options.filters = {"since=" + typed};
        CHECK(planned(world, "everything") == Texts{"filtered", "unused"});
        CHECK_FALSE(library::kind("everything").plan(world).rejected);
    }
}

TEST_CASE("an empty image_id or mounted ID means no image, not even one with an empty target") {
    World world;
    world.records.push_back({.name = "app:1", .target = ""});
    world.containers.push_back({.image_id = "", .image_ref = "other:1"});
    CHECK(planned(world, "everything") == Texts{"unused"});
    world.containers[0].mounted = {""};
    CHECK(planned(world, "everything") == Texts{"unused"});
}

TEST_CASE("attachments make no circle of images that need each other for the newest of a repository") {
    World world;
    world.records.push_back({.name = "r:1", .target = A, .created = Moment{9}, .needs = {B}});
    world.records.push_back({.name = "r:sig", .target = A, .created = Moment{9}, .needs = {B}, .subject = "c"});
    world.records.push_back({.name = "c:1", .target = "c", .created = Moment{1}, .subject = B});
    world.records.push_back({.name = "r:2", .target = B, .created = Moment{10}});
    world.options.keep_newest = {{.count = 1}};
    CHECK(planned(world, "everything") == Texts{"newest", "attached", "attached", "newest"});
}

TEST_CASE("with a budget, an image that keeps a name keeps no attachment because of what needs it") {
    World world;
    world.records.push_back({.name = "e:1", .target = "e", .needs = {B}});
    world.records.push_back({.name = "a:1", .target = A});
    world.records.push_back({.name = "b:1", .target = B, .subject = A});
    world.records.push_back({.name = "b:2", .target = B, .subject = "e"});
    world.members.subject = true;
    world.containers.push_back({.image_id = A});
    world.options.bytes_to_free = 0;
    CHECK(planned(world, "everything") == Texts{"enough_freed", "last_name 0", "attached", "attached"});
}

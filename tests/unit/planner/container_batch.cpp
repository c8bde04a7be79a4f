// SPDX-License-Identifier: BSL-1.0

// Tests the batches in which containers are looked up.

#include "../../support/check.hpp"
#include "drafted.hpp"

#include <pruneplan/planner/container_batch.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace {

using pruneplan::detail::batch_size;
using pruneplan::detail::ContainerBatch;
using pruneplan::detail::ContainerSearch;
using pruneplan::detail::created_by_id;
using pruneplan::detail::no_record;
using pruneplan::detail::String;

#define HEX64 "82d1e9d7ed48a7523bdebc18cf6290bdb97b82302a8a9c27d4fe885949ea94d1"

constexpr std::string_view full_id = "sha256:" HEX64;

constexpr bool completes(std::string_view id, std::string_view expected) {
    String out;
    pruneplan::detail::append_full_id(id, out);
    return std::string_view(out.data(), out.size()) == expected;
}

/// Tells whether a container's typed text is split into this text without its digest.
constexpr bool splits(std::string_view typed, std::string_view tag) {
    const Drafted drafted(mock::Store{{{"a", "1"}}});
    ContainerBatch batch(drafted.records());
    batch.add_image_id("1");
    batch.add_image_ref(typed);
    batch.add();
    bool right = false;
    batch.run([](std::uint32_t, std::uint32_t) {},
              [&](const ContainerSearch& container) {
                  right = container.typed == typed && container.tag == tag && container.has_digest() == (tag != typed);
              });
    return right;
}

}  // namespace

TEST_CASE("64 hex digits alone are an ID of sha256 and every other ID is complete") {
    CHECK_TWICE(completes(HEX64, "sha256:" HEX64));
    CHECK_TWICE(completes("sha256:" HEX64, "sha256:" HEX64));
    CHECK_TWICE(completes("82d1", "82d1"));
    CHECK_TWICE(completes("", ""));
}

TEST_CASE("a typed text has a digest if it ends in one of a supported length") {
    CHECK_TWICE(splits("alpine:3", "alpine:3"));
    CHECK_TWICE(splits("alpine:3@sha256:" HEX64, "alpine:3"));
    CHECK_TWICE(splits("alpine@sha512:" HEX64 HEX64, "alpine"));
    CHECK_TWICE(splits("alpine@sha256:82d1", "alpine@sha256:82d1"));
    CHECK_TWICE(splits("@sha256:" HEX64, ""));
    CHECK_TWICE(splits("", ""));
}

TEST_CASE("containers are decided in their order with what they name and their texts are copied at once") {
    mock::Store store;
    std::vector<std::string> names, targets;
    for (std::size_t i = 0; i < 100; ++i) {
        names.push_back("docker.io/library/n" + std::to_string(i) + ":latest");
        targets.push_back("sha256:" + std::to_string(i));
    }
    for (std::size_t i = 0; i < 100; ++i) store.records.push_back({names[i], targets[i]});
    const Drafted drafted(store);
    const auto& records = drafted.records();

    ContainerBatch batch(drafted.records());
    std::size_t decided = 0, prefetched = 0;
    const auto run = [&] {
        batch.run(
            [&](std::uint32_t, std::uint32_t) { ++prefetched; },
            [&](const ContainerSearch& container) {
                const std::size_t wanted = decided++;
                REQUIRE(container.number == wanted);
                REQUIRE(records.find_id(container.id, container.by_id).image == (wanted < 100 ? wanted : no_record));
                REQUIRE(container.typed == "n" + std::to_string(wanted));
                REQUIRE(container.can_be_name);
                const std::uint32_t named = records.find_name(container.by_typed, [&](std::uint32_t record) {
                    return records.name(record) == "docker.io/library/" + std::string(container.typed) + ":latest";
                });
                REQUIRE(named == (wanted < 100 ? wanted : no_record));
            });
    };
    std::string buffer;
    for (std::size_t i = 0; i < 150; ++i) {
        REQUIRE(batch.number() == i);
        buffer = "sha256:" + std::to_string(i);
        batch.add_image_id(buffer);
        buffer = "n" + std::to_string(i);
        batch.add_image_ref(buffer);
        buffer = "overwritten";
        const bool full = batch.add();
        REQUIRE(full == ((i + 1) % batch_size == 0));
        if (full) run();
    }
    run();
    run();
    CHECK(decided == 150);
    CHECK(prefetched == 150);
}

TEST_CASE("a text that no record can have as its name is not looked up as one") {
    const auto can_be_name = [](std::string_view name, std::string_view typed) {
        const Drafted drafted(mock::Store{{{name, "1"}}});
        ContainerBatch batch(drafted.records());
        batch.add_image_id("1");
        batch.add_image_ref(typed);
        batch.add();
        bool can = false;
        batch.run([](std::uint32_t, std::uint32_t) {},
                  [&](const ContainerSearch& container) { can = container.can_be_name; });
        return can;
    };
    CHECK(can_be_name("a", "b"));
    CHECK_FALSE(can_be_name("a", "sha256:82d1"));
    CHECK(can_be_name("docker.io/library/sha256:1", "sha256:82d1"));
    CHECK_FALSE(can_be_name("a", "b@sha256:" HEX64));
    CHECK(can_be_name("a@sha256:" HEX64, "b@sha256:" HEX64));
    CHECK(can_be_name("moby-dangling@sha256:" HEX64, "moby-dangling@sha256:" HEX64));
}

TEST_CASE("containers can be looked up among no records") {
    const Drafted drafted(mock::Store{});
    ContainerBatch batch(drafted.records());
    batch.add_image_id("sha256:1");
    batch.add_image_ref("a:1@sha256:" HEX64);
    batch.add();
    int decided = 0;
    batch.run([](std::uint32_t image, std::uint32_t record) { CHECK(image + record == 0); },
              [&](const ContainerSearch& container) {
                  ++decided;
                  CHECK(drafted.records().find_id(container.id, container.by_id).image == no_record);
              });
    CHECK(decided == 1);
}

TEST_CASE(
    "a container is created by an ID or digest if its reference is a prefix of its ID or empty or ends in @ and its "
    "ID") {
    CHECK_TWICE(created_by_id(full_id, full_id));
    CHECK_TWICE(created_by_id(full_id, HEX64));
    CHECK_TWICE(created_by_id(full_id, "82d1e9d7"));
    CHECK_TWICE(created_by_id(full_id, "sha256:8"));
    CHECK_TWICE(created_by_id(full_id, "sha256:"));
    CHECK_TWICE(created_by_id(full_id, ""));
    CHECK_TWICE(created_by_id(full_id, "app@sha256:" HEX64));
    CHECK_TWICE(created_by_id("sha512:ab", "app@sha512:ab"));
    CHECK_TWICE(!created_by_id(full_id, "sha256"));
    CHECK_TWICE(!created_by_id(full_id, "alpine"));
    CHECK_TWICE(!created_by_id(full_id, HEX64 "0"));
    CHECK_TWICE(!created_by_id(full_id, "app@sha256:82d1e9d7"));
    CHECK_TWICE(!created_by_id(full_id, "appsha256:" HEX64));
    CHECK_TWICE(!created_by_id("sha512:ab", "ab"));
    CHECK_TWICE(!created_by_id("sha512:ab", "sha512:ab"));
    CHECK_TWICE(!created_by_id("", ""));
    CHECK_TWICE(created_by_id("", "app@"));
}

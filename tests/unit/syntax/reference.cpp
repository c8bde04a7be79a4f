// SPDX-License-Identifier: BSL-1.0

// Tests references: parsing, canonical and familiar form, errors.

#include "../../support/check.hpp"

#include <pruneplan/syntax/reference.hpp>

#include <random>
#include <string>
#include <string_view>

namespace {

using pruneplan::ErrorCode;
using pruneplan::parse_reference;
using pruneplan::Reference;

#define HEX64 "82d1e9d7ed48a7523bdebc18cf6290bdb97b82302a8a9c27d4fe885949ea94d1"

constexpr ErrorCode error_of(std::string_view text) { return parse_reference(text).error().code; }

}  // namespace

TEST_CASE("the canonical form adds the domain docker.io and the path library if they are missing") {
    CHECK_TWICE(parse_reference("alpine")->canonical() == "docker.io/library/alpine");
    CHECK_TWICE(parse_reference("team/app")->canonical() == "docker.io/team/app");
    CHECK_TWICE(parse_reference("index.docker.io/alpine")->canonical() == "docker.io/library/alpine");
    CHECK_TWICE(parse_reference("localhost/alpine")->canonical() == "localhost/alpine");
    CHECK_TWICE(parse_reference("localhost")->canonical() == "docker.io/library/localhost");
    CHECK_TWICE(parse_reference("Team/app")->domain() == "Team");
}

TEST_CASE("a reference has domain and path and name and tag and digest") {
    CHECK_TWICE(parse_reference("[2001:db8::1]:5000/a/b:3@sha256:" HEX64)->domain() == "[2001:db8::1]:5000");
    CHECK_TWICE(parse_reference("[2001:db8::1]:5000/a/b:3@sha256:" HEX64)->path() == "a/b");
    CHECK_TWICE(parse_reference("[2001:db8::1]:5000/a/b:3@sha256:" HEX64)->name() == "[2001:db8::1]:5000/a/b");
    CHECK_TWICE(parse_reference("[2001:db8::1]:5000/a/b:3@sha256:" HEX64)->tag() == "3");
    CHECK_TWICE(parse_reference("[2001:db8::1]:5000/a/b:3@sha256:" HEX64)->digest() == "sha256:" HEX64);
    CHECK_TWICE(parse_reference("alpine")->tag().empty() && parse_reference("alpine")->digest().empty());
    CHECK_TWICE(parse_reference("a_b.c/d")->domain().empty() && parse_reference("a_b.c/d")->path() == "a_b.c/d");
}

TEST_CASE("the default tag is added to a reference with neither tag nor digest") {
    CHECK_TWICE(parse_reference("alpine")->with_default_tag().canonical() == "docker.io/library/alpine:latest");
    CHECK_TWICE(parse_reference("alpine:3")->with_default_tag().canonical() == "docker.io/library/alpine:3");
    CHECK_TWICE(parse_reference("alpine@sha256:" HEX64)->with_default_tag().tag().empty());
}

TEST_CASE("the familiar form omits the domain docker.io and the path library of a single name") {
    CHECK_TWICE(parse_reference("docker.io/library/alpine:3")->familiar() == "alpine:3");
    CHECK_TWICE(parse_reference("docker.io/team/app")->familiar() == "team/app");
    CHECK_TWICE(parse_reference("docker.io/library/a/b")->familiar() == "library/a/b");
    CHECK_TWICE(parse_reference("quay.io/library/alpine")->familiar() == "quay.io/library/alpine");
}

TEST_CASE("each kind of invalid reference is rejected with its error code") {
    CHECK_TEXT_TWICE(error_of("") == ErrorCode::invalid_format);
    CHECK_TEXT_TWICE(error_of("a b") == ErrorCode::invalid_format);
    CHECK_TEXT_TWICE(error_of("Alpine") == ErrorCode::uppercase);
    // "_" is not valid in a domain, so this is all path, and only its case is wrong.
    CHECK_TEXT_TWICE(error_of("A_b/c") == ErrorCode::uppercase);
    CHECK_TEXT_TWICE(error_of("Z_y/c") == ErrorCode::uppercase);
    CHECK_TEXT_TWICE(error_of("A_b/c/") == ErrorCode::invalid_format);
    CHECK_TEXT_TWICE(error_of(HEX64) == ErrorCode::identifier);
    CHECK_TEXT_TWICE(error_of("a@sha256:" HEX64 "00") == ErrorCode::digest_invalid_length);
    CHECK_TEXT_TWICE(error_of("a@md5:" HEX64) == ErrorCode::digest_unsupported);
    CHECK_TEXT_TWICE(error_of("a@sha_256:" HEX64) == ErrorCode::invalid_format);
    CHECK(error_of("quay.io/" + std::string(256, 'a')) == ErrorCode::name_too_long);
    CHECK(parse_reference("quay.io/" + std::string(255, 'a')).has_value());
    CHECK(error_of(std::string(248, 'a')) == ErrorCode::name_too_long);  // "library/" is counted, too
    CHECK(parse_reference(std::string(247, 'a')).has_value());
    CHECK(error_of("a:" + std::string(129, 'a')) == ErrorCode::invalid_format);
    CHECK(parse_reference("a:" + std::string(128, 'a')).has_value());
}

TEST_CASE("an invalid reference is quoted in the error with what would be valid") {
    CHECK_TEXT_TWICE(parse_reference("Alpine").error().message ==
                     "invalid reference \"Alpine\": repository names are lower-case");
}

TEST_CASE("references are compared by their canonical form") {
    CHECK_TWICE(*parse_reference("alpine") == *parse_reference("docker.io/library/alpine"));
    CHECK_TWICE(*parse_reference("alpine:1") < *parse_reference("alpine:2"));
}

TEST_CASE("the canonical and familiar forms of random references parse to the same reference") {
    const unsigned seed = 20240627;
    INFO("seed " << seed);
    std::mt19937 random(seed);
    const std::string_view pieces[] = {
        "a", "Z", "0",  "library", "docker.io", "localhost",     ":5000", ".",      "/",        "/",
        ":", "_", "__", "-",       "@",         "sha256:" HEX64, "[::1]", "latest", "\xc3\xa9", " "};
    int parsed = 0;
    for (int round = 0; round < 200000; ++round) {
        std::string text;
        for (auto count = random() % 8 + 1; count > 0; --count) text += pieces[random() % std::size(pieces)];
        const auto reference = parse_reference(text);
        if (!reference) continue;
        ++parsed;
        const auto canonical = parse_reference(reference->canonical());
        if (!reference->domain().empty()) {
            INFO(text);
            REQUIRE((canonical && *canonical == *reference));
            const auto familiar = parse_reference(reference->familiar());
            REQUIRE((familiar && *familiar == *reference));
        }
    }
    CHECK(parsed > 10000);
}

TEST_CASE("a megabyte of any character class is rejected in linear time") {
    const std::string_view pieces[] = {
        "a", "a/", "a-", "a.", "a_", "-", "_", "a:", "a@", "[", "[:", "A", "\xc3", "a.b/", "/"};
    for (const std::string_view piece : pieces) {
        std::string text;
        while (text.size() < 1 << 20) text += piece;
        CHECK_FALSE(parse_reference(text).has_value());
        CHECK_FALSE(parse_reference("a.b/" + text).has_value());
    }
}

TEST_CASE("the familiar form of a docker.io path that begins like a domain parses to another reference") {
    const auto reference = pruneplan::parse_reference("docker.io/docker.io/a");
    REQUIRE(reference);
    CHECK(reference->canonical() == "docker.io/docker.io/a");
    CHECK(reference->familiar() == "docker.io/a");
    CHECK(pruneplan::parse_reference(reference->familiar())->canonical() == "docker.io/library/a");
    CHECK(*pruneplan::parse_reference(reference->canonical()) == *reference);
}

TEST_CASE("a moved-from reference is empty") {
    auto reference = *pruneplan::parse_reference(
        "quay.io/team/app:1@sha256:82d1e9d7ed48a7523bdebc18cf6290bdb97b82302a8a9c27d4fe885949ea94d1");
    const auto moved = std::move(reference);
    CHECK(reference.canonical().empty());
    CHECK(reference.familiar().empty());
    CHECK(reference.name().empty());
    CHECK(reference.domain().empty());
    CHECK(reference.path().empty());
    CHECK(reference.tag().empty());
    CHECK(reference.digest().empty());
    CHECK(moved.tag() == "1");
}

TEST_CASE("the canonical name of a text has the default tag unless the text has a tag or digest") {
    using pruneplan::canonical_name;
    CHECK_TEXT_TWICE(canonical_name("alpine") == "docker.io/library/alpine:latest");
    CHECK_TEXT_TWICE(canonical_name("index.docker.io/team/app:1") == "docker.io/team/app:1");
    CHECK_TEXT_TWICE(canonical_name("alpine@sha256:" HEX64) == "docker.io/library/alpine@sha256:" HEX64);
    CHECK_TEXT_TWICE(canonical_name("alpine:3@sha256:" HEX64) == "docker.io/library/alpine:3@sha256:" HEX64);
}

TEST_CASE("the canonical name of a text that is not a valid reference is the text") {
    using pruneplan::canonical_name;
    for (const std::string_view text : {"", "Alpine", "app\n", "docker://app", "@sha256:" HEX64, HEX64, "a b"})
        CHECK(canonical_name(text) == text);
}

TEST_CASE("an unsupported digest is reported for a path of 255 bytes and a longer path is too long") {
    const std::string digest = "@sha384:" + std::string(96, 'f');
    CHECK(error_of("ghcr.io/" + std::string(255, 'a') + digest) == ErrorCode::digest_unsupported);
    CHECK(error_of("ghcr.io/" + std::string(256, 'a') + digest) == ErrorCode::name_too_long);
}

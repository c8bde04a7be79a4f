// SPDX-License-Identifier: BSL-1.0

// Tests the forms of a name that patterns are matched against; tests/oracle/vectors.cpp compares them with Docker's.

#include "../../support/check.hpp"

#include <pruneplan/planner/name_forms.hpp>

#include <string_view>
#include <type_traits>

namespace {

using pruneplan::Glob;
using pruneplan::detail::Globs;
using pruneplan::detail::is_whole_id;
using pruneplan::detail::NameForms;
using pruneplan::detail::ParsedName;
using pruneplan::detail::ParsedNames;

#define HEX64 "c1d1e9d7ed48a7523bdebc18cf6290bdb97b82302a8a9c27d4fe885949ea94d1"

constexpr bool matches(std::string_view name, std::string_view pattern) {
    NameForms forms;
    return forms.read(name) && forms.match(*Glob::compile(pattern));
}

/// Tells whether a name has this canonical form without tag and digest, also when it is read again.
constexpr bool has_name(std::string_view name, std::string_view expected, ParsedName::Kind kind, bool tagged) {
    NameForms forms;
    ParsedName parsed;
    for (int time = 0; time < 2; ++time) {
        if (!forms.read(name, parsed) || forms.name() != expected) return false;
        if (parsed.kind != kind || parsed.tagged != tagged) return false;
        forms.read("quay.io/other:1");
    }
    return true;
}

}  // namespace

TEST_CASE("a whole digest with or without sha256 is an ID and not a repository with a tag") {
    CHECK_TWICE(is_whole_id("sha256:" HEX64));
    CHECK_TWICE(is_whole_id("sha512:" HEX64 HEX64));
    CHECK_TWICE(is_whole_id(HEX64));
    CHECK_TWICE(!is_whole_id("sha256:c1d1"));
    CHECK_TWICE(!is_whole_id("sha512:" HEX64));
    CHECK_TWICE(!is_whole_id(HEX64 HEX64));
    CHECK_TWICE(!is_whole_id("docker.io/library/sha256:" HEX64));
}

TEST_CASE("a name is read into its canonical form without tag and digest each time") {
    CHECK_TWICE(has_name("docker.io/library/alpine:3", "docker.io/library/alpine", ParsedName::canonical, true));
    CHECK_TWICE(has_name("ghcr.io/team/app@sha256:" HEX64, "ghcr.io/team/app", ParsedName::canonical, false));
    CHECK_TWICE(has_name("ghcr.io/team/app:1@sha256:" HEX64, "ghcr.io/team/app", ParsedName::canonical, true));
    CHECK_TWICE(has_name("localhost:5000/app:1", "localhost:5000/app", ParsedName::canonical, true));
    CHECK_TWICE(has_name("docker.io/library/alpine", "docker.io/library/alpine", ParsedName::other, true));
    CHECK_TWICE(has_name("alpine", "docker.io/library/alpine", ParsedName::other, true));
    CHECK_TWICE(has_name("library/alpine@sha256:" HEX64, "docker.io/library/alpine", ParsedName::other, false));
    CHECK_TWICE(has_name("index.docker.io/team/app:1", "docker.io/team/app", ParsedName::other, true));
    CHECK_TWICE(has_name("moby-dangling@sha256:" HEX64, "docker.io/library/moby-dangling", ParsedName::other, false));
}

TEST_CASE("a name that is not a valid reference has no forms") {
    for (const std::string_view name : {"", "Alpine", "not a reference", HEX64, "alpine:", "moby-dangling@sha256:1"}) {
        INFO(name);
        NameForms forms;
        ParsedName parsed;
        CHECK_FALSE(forms.read(name, parsed));
        CHECK(parsed.kind == ParsedName::invalid);
        CHECK_FALSE(forms.read(name, parsed));
    }
}

TEST_CASE("a pattern matches the familiar and the canonical form with and without tag and digest") {
    for (const std::string_view name : {"alpine", "library/alpine", "docker.io/library/alpine:latest"}) {
        INFO(name);
        CHECK(matches(name, "alpine"));
        CHECK(matches(name, "docker.io/library/alpine"));
        CHECK(matches(name, "docker.io/library/alpine:latest"));
        CHECK(matches(name, "*/*/alpine:[l-m]*"));
        CHECK(matches(name, "**"));
        CHECK_FALSE(matches(name, "library/alpine"));
        CHECK_FALSE(matches(name, "alpine:3"));
    }
    CHECK_TWICE(matches("docker.io/library/alpine:latest", "alpine:latest"));
    CHECK_TWICE(!matches("alpine", "alpine:latest"));
    CHECK_TWICE(!matches("alpine", "alpine:[l]atest"));
    CHECK_TWICE(!matches("alpine", "[^b]lpine:latest"));
    CHECK_TWICE(matches("alpine:3@sha256:" HEX64, "alpine:3@*"));
    CHECK_TWICE(matches("alpine:3@sha256:" HEX64, "alpine"));
    CHECK_TWICE(!matches("alpine:3@sha256:" HEX64, "alpine:3"));
    CHECK_TWICE(matches("docker.io/team/app:1", "team/*"));
    CHECK_TWICE(!matches("ghcr.io/team/app:1", "team/*"));
    CHECK_TWICE(matches("ghcr.io/team/app:1", "ghcr.io/**:1"));
}

TEST_CASE("of several patterns one must match") {
    constexpr auto match_any = [](std::string_view name) {
        Globs globs;
        globs.add(*Glob::compile("app:[0-9]"));
        globs.add(*Glob::compile("[^x]lpine"));
        NameForms forms;
        return forms.read(name) && forms.match_any(globs);
    };
    CHECK_TWICE(match_any("docker.io/library/app:1"));
    CHECK_TWICE(match_any("alpine:3"));
    CHECK_TWICE(!match_any("xlpine"));
    CHECK_TWICE(!match_any("app:x"));
    CHECK_TWICE(!match_any("Alpine"));
}

TEST_CASE("a kind that an earlier stage parsed is used and not parsed again") {
    NameForms forms;
    ParsedName parsed{.kind = ParsedName::invalid};
    CHECK_FALSE(forms.read("alpine:3", parsed));
    parsed = {.end_of_name = 3, .kind = ParsedName::canonical};
    REQUIRE(forms.read("abcdef", parsed));
    CHECK(forms.name() == "abc");
}

TEST_CASE("parsed names are unknown until they are read and take no memory before") {
    constexpr auto remembers = [] {
        ParsedNames names(2);
        const bool unknown = names[0].kind == ParsedName::unknown && names[1].kind == ParsedName::unknown;
        NameForms forms;
        forms.read("alpine", names[1]);
        return unknown && names[0].kind == ParsedName::unknown && names[1].kind == ParsedName::other;
    };
    CHECK_TWICE(remembers());
    STATIC_REQUIRE_FALSE(std::is_copy_constructible_v<NameForms>);
}

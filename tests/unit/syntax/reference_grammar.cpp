// SPDX-License-Identifier: BSL-1.0

// Tests the comparison of references in their different forms.

#include "../../support/check.hpp"

#include <pruneplan/syntax/reference.hpp>
#include <pruneplan/syntax/reference_grammar.hpp>

#include <string>
#include <string_view>

namespace {

using pruneplan::detail::is_canonical_form;
using pruneplan::detail::is_reference;
using pruneplan::detail::is_same_reference;

#define HEX64 "82d1e9d7ed48a7523bdebc18cf6290bdb97b82302a8a9c27d4fe885949ea94d1"

constexpr bool same(std::string_view name, std::string_view typed) { return is_same_reference(name, typed, false); }
constexpr bool same_tag(std::string_view name, std::string_view typed) { return is_same_reference(name, typed, true); }

/// Like `is_same_reference`, by the texts of the canonical forms.
bool same_by_text(std::string_view name, std::string_view typed, bool by_tag_alone) {
    const auto a = pruneplan::parse_reference(name), b = pruneplan::parse_reference(typed);
    if (!a || !b) return false;
    std::string wanted(b->with_default_tag().canonical());
    if (by_tag_alone) {
        if (b->tag().empty() || b->digest().empty()) return false;
        wanted.resize(wanted.size() - b->digest().size() - 1);
    }
    return a->with_default_tag().canonical() == wanted;
}

/// Tells whether a name is split into these parts.
constexpr bool splits(std::string_view text, std::string_view implied, std::string_view domain, std::string_view path) {
    pruneplan::detail::NameParts parts;
    return pruneplan::detail::match_name(text, parts) && parts.implied == implied && parts.domain == domain &&
           std::string_view(parts.path, static_cast<std::size_t>(text.data() + text.size() - parts.path)) == path;
}

}  // namespace

TEST_CASE("a name is split into what it implies its domain and its path as the comment of match_name shows") {
    CHECK_TWICE(splits("alpine:3", "docker.io/library/", "docker.io", "alpine:3"));
    CHECK_TWICE(splits("index.docker.io/alpine", "docker.io/library/", "docker.io", "alpine"));
    CHECK_TWICE(splits("team/app", "docker.io/", "docker.io", "team/app"));
    CHECK_TWICE(splits("localhost/app", "", "localhost", "app"));
    CHECK_TWICE(splits("ghcr.io:443/team/app:1", "", "ghcr.io:443", "team/app:1"));
    CHECK_TWICE(!splits("Alpine", "docker.io/library/", "docker.io", "Alpine"));
}

TEST_CASE("a name without a tag is not the canonical form of a typed reference without one") {
    CHECK_TWICE(is_canonical_form("docker.io/library/alpine:latest", "alpine", false));
    CHECK_TWICE(!is_canonical_form("docker.io/library/alpine", "alpine", false));
    CHECK_TWICE(!is_canonical_form("ghcr.io/team/app", "ghcr.io/team/app", false));
    CHECK_TWICE(is_canonical_form("docker.io/library/alpine@sha256:" HEX64, "alpine@sha256:" HEX64, false));
    CHECK_TWICE(!is_canonical_form("docker.io/library/alpine", "alpine@sha256:" HEX64, true));
}

TEST_CASE("a name in any form is the same reference as a typed text with the same canonical form") {
    CHECK_TWICE(same("alpine:3", "docker.io/library/alpine:3"));
    CHECK_TWICE(same("library/alpine:3", "alpine:3"));
    CHECK_TWICE(same("docker.io/alpine:3", "alpine:3"));
    CHECK_TWICE(same("index.docker.io/alpine:3", "alpine:3"));
    CHECK_TWICE(same("index.docker.io/library/alpine:3", "library/alpine:3"));
    CHECK_TWICE(same("docker.io/library/alpine:3", "alpine:3"));
    CHECK_TWICE(same("alpine", "alpine:latest"));
    CHECK_TWICE(same("alpine:latest", "docker.io/alpine"));
    CHECK_TWICE(same("alpine@sha256:" HEX64, "docker.io/library/alpine@sha256:" HEX64));
    CHECK_TWICE(same("library/a/b", "docker.io/library/a/b:latest"));
    CHECK_TWICE(!same("library/a/b", "a/b"));
    CHECK_TWICE(!same("library/library/a", "library/a"));
    CHECK_TWICE(!same("quay.io/library/alpine", "quay.io/alpine"));
    CHECK_TWICE(!same("alpine:3", "alpine:4"));
    CHECK_TWICE(!same("alpine:3", "alpine"));
    CHECK_TWICE(!same("alpine@sha256:" HEX64, "alpine:latest@sha256:" HEX64));
    CHECK_TWICE(!same("alpine", "alpine@sha256:" HEX64));
    CHECK_TWICE(!same("Alpine", "Alpine"));
    CHECK_TWICE(!same("alpine", "Alpine"));
    CHECK_TWICE(!same(HEX64, HEX64));
}

TEST_CASE("by tag alone a name is compared with a typed reference without its digest") {
    CHECK_TWICE(same_tag("alpine:3", "alpine:3@sha256:" HEX64));
    CHECK_TWICE(same_tag("library/alpine:3", "docker.io/library/alpine:3@sha256:" HEX64));
    CHECK_TWICE(same_tag("alpine", "alpine:latest@sha256:" HEX64));
    CHECK_TWICE(!same_tag("alpine:3@sha256:" HEX64, "alpine:3@sha256:" HEX64));
    CHECK_TWICE(!same_tag("alpine:3", "alpine:3"));
    CHECK_TWICE(!same_tag("alpine", "alpine@sha256:" HEX64));
    CHECK_TWICE(!same_tag("alpine:4", "alpine:3@sha256:" HEX64));
}

TEST_CASE("all pairs of forms are the same reference if their canonical texts are equal") {
    std::string texts[4 * 3 * 3 * 4];
    std::size_t count = 0;
    for (const std::string_view domain : {"", "docker.io/", "index.docker.io/", "quay.io/"})
        for (const std::string_view library : {"", "library/", "library/library/"})
            for (const std::string_view path : {"a", "team/a", "docker.io/a"})
                for (const std::string_view suffix : {"", ":latest", ":latest@sha256:" HEX64, "@sha256:" HEX64})
                    (((texts[count++] += domain) += library) += path) += suffix;
    int equal = 0;
    for (const std::string& name : texts)
        for (const std::string& typed : texts)
            for (const bool by_tag_alone : {false, true}) {
                INFO(name << " " << typed << " " << by_tag_alone);
                REQUIRE(is_same_reference(name, typed, by_tag_alone) == same_by_text(name, typed, by_tag_alone));
                equal += is_same_reference(name, typed, by_tag_alone);
            }
    CHECK(equal > 500);
}

TEST_CASE("a reference that is too long is not the same as any other") {
    const std::string path(256, 'a'), tag(129, 't');
    CHECK_FALSE(is_reference("quay.io/" + path));
    CHECK_FALSE(same("quay.io/" + path, "quay.io/" + path));
    CHECK_FALSE(same("a:" + tag, "a:" + tag));
    const std::string megabyte(1 << 20, 'a');
    CHECK_FALSE(same(megabyte, megabyte));
}

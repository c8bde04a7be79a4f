// SPDX-License-Identifier: BSL-1.0

// Tests the order of versions in tags.

#include "../../support/check.hpp"

#include <pruneplan/syntax/version_order.hpp>

#include <compare>
#include <cstddef>
#include <string>
#include <string_view>

namespace {

using pruneplan::compare_versions;

constexpr bool less(std::string_view a, std::string_view b) {
    return compare_versions(a, b) == std::weak_ordering::less && compare_versions(b, a) == std::weak_ordering::greater;
}
constexpr bool equivalent(std::string_view a, std::string_view b) {
    return compare_versions(a, b) == std::weak_ordering::equivalent &&
           compare_versions(b, a) == std::weak_ordering::equivalent;
}
constexpr bool is_version(std::string_view text) { return less("latest", text); }

/// Texts in ascending order. The first is not a version.
constexpr std::string_view ascending[] = {
    "latest",
    "v0-0",
    "0",
    "0.0.1",
    "0.9",
    "1.0.0-alpha",
    "1.0.0-alpha.1",
    "1.0.0-alpha.beta",
    "1.0.0-beta",
    "1.0.0-beta.2",
    "1.0.0-beta.11",
    "1.0.0-rc.1",
    "1.0.0",
    "1.0.1",
    "v1.9",
    "1.9.1",
    "v1.10.0-rc1",
    "v1.10.0",
    "2",
    "2024.01.15",
    "2024.2",
    "99999999999999999999",
    "100000000000000000000",
};

constexpr bool ascending_in_all_pairs() {
    for (std::size_t i = 0; i < std::size(ascending); ++i)
        for (std::size_t j = 0; j < std::size(ascending); ++j)
            if (compare_versions(ascending[i], ascending[j]) != (i <=> j)) return false;
    return true;
}

}  // namespace

TEST_CASE("versions are ordered by numbers and pre-releases as Semantic Versioning does") {
    CHECK_TWICE(ascending_in_all_pairs());
}

TEST_CASE("a leading v and missing numbers and leading zeros and build metadata do not change the order") {
    CHECK_TWICE(equivalent("v1.2.3", "1.2.3"));
    CHECK_TWICE(equivalent("1", "1.0"));
    CHECK_TWICE(equivalent("1", "v1.0.0"));
    CHECK_TWICE(equivalent("2024.01.15", "2024.1.15"));
    CHECK_TWICE(equivalent("00", "0"));
    CHECK_TWICE(equivalent("1-01", "1-1"));
    CHECK_TWICE(equivalent("1.0+linux-amd64", "1.0+1.2.3"));
    CHECK_TWICE(equivalent("1-a+b", "1-a"));
    CHECK_TWICE(less("1-a+b", "1+a-b"));
}

TEST_CASE("in a pre-release a number is less than a word and a prefix is less than what it begins") {
    CHECK_TWICE(less("1-99999999999999999999", "1-0a"));
    CHECK_TWICE(less("1-9", "1-10"));
    CHECK_TWICE(less("1-a", "1-a.0"));
    CHECK_TWICE(less("1-a.b.0", "1-a.c"));
    CHECK_TWICE(less("1-B", "1-a"));
    CHECK_TWICE(less("1--", "1-a"));
    CHECK_TWICE(less("3.20-alpine", "3.20"));
}

TEST_CASE("a text that is not a version is less than every version and equivalent to every other such text") {
    for (const std::string_view text :
         {"",      "v",      "latest",  "V1",       "vv1",        ".1",  "1.",   "1..2",
          "1.2.",  "1.2.3.", "1.2.3.4", "1.2.3.-a", "1a",         "a1",  "-1",   "1-",
          "1-.a",  "1-a.",   "1-a..b",  "1-a_b",    "1+",         "1+.", "1-+b", "1+a+b",
          "1+a_b", "1 ",     " 1",      "1/2",      "1-\xc3\xa9", "v-1", "+1",   "sha256-82d1.sig"}) {
        INFO(text);
        CHECK(less(text, "v0-0"));
        CHECK(equivalent(text, "latest"));
    }
    CHECK_TWICE(is_version("1"));
    CHECK_TWICE(is_version("v1.2-3"));
    CHECK_TWICE(is_version("1.2.3-a.b-c.0+d.e-f"));
    CHECK_TWICE(!is_version("1.2.3.4"));
    CHECK_TWICE(!is_version("1."));
}

TEST_CASE("versions of a megabyte are compared in linear time") {
    const std::size_t size = 1 << 20;
    std::string dots, identifiers = "1-a";
    while (dots.size() < size) dots += "1.";
    while (identifiers.size() < size) identifiers += ".0";
    CHECK(equivalent(dots, "latest"));
    CHECK(less(std::string(size, '9'), std::string(size + 1, '9')));
    CHECK(equivalent(std::string(size, '0') + "7", "7"));
    CHECK(less(identifiers, identifiers + ".0"));
    CHECK(less(identifiers + "0.1", identifiers + "0.2"));
    CHECK(equivalent("1+" + std::string(size, '-'), "1"));
}

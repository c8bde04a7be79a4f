// SPDX-License-Identifier: BSL-1.0

// Tests what the detection of members of stores, containers and removers has in common.

#include "../../../support/check.hpp"

#include <pruneplan/detail/host/members.hpp>

#include <list>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace {

using namespace pruneplan::detail;

struct Plain {
    int named = 0;
};
struct Final final {};
struct Named {
    int named;
};

template <class T>
concept NamesIt = requires { &Both<T, Named>::named; };

}  // namespace

TEST_CASE("a range can be read by its iterators whatever it holds") {
    STATIC_REQUIRE(Iterable<std::vector<int>>);
    STATIC_REQUIRE(Iterable<const std::list<std::string>>);
    STATIC_REQUIRE(Iterable<int[3]>);
    STATIC_REQUIRE(!Iterable<int>);
    STATIC_REQUIRE(!Iterable<std::optional<int>>);
    STATIC_REQUIRE(TextRange<std::vector<std::string>>);
    STATIC_REQUIRE(TextRange<const char* [2]>);
    STATIC_REQUIRE(!TextRange<std::vector<int>>);
}

TEST_CASE("pointers and what is like them can be dereferenced") {
    STATIC_REQUIRE(Dereferenceable<int*>);
    STATIC_REQUIRE(Dereferenceable<std::unique_ptr<int>>);
    STATIC_REQUIRE(!Dereferenceable<int>);
}

TEST_CASE("what an element points at is read whether or not the element can be null") {
    static constexpr int seven = 7;
    STATIC_REQUIRE(pointed_at(&seven) == 7);
    STATIC_REQUIRE(pointed_at(std::optional<int>(7)) == 7);
    const std::list<int> numbers{8};
    CHECK(pointed_at(numbers.begin()) == 8);
}

TEST_CASE("a name is ambiguous if a type has a member of that name") {
    STATIC_REQUIRE(Derivable<Plain>);
    STATIC_REQUIRE(!Derivable<Final>);
    STATIC_REQUIRE(!Derivable<int>);
    STATIC_REQUIRE(!NamesIt<Plain>);
    STATIC_REQUIRE(NamesIt<std::vector<int>>);
}

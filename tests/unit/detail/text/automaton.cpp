// SPDX-License-Identifier: BSL-1.0

// Tests the table-driven automaton that parsers share.

#include "../../../support/check.hpp"

#include <pruneplan/detail/text/automaton.hpp>

#include <string>

namespace {

/// Reads a*b; and, for the first and last values of a byte and a state, z or 0xff, and then z*.
enum State : unsigned { wrong, start, end, last = 9 };
constexpr pruneplan::detail::Automaton automaton{
    {start, "a", start}, {start, "b", end}, {start, "z\xff", last}, {last, "z", last}};

}  // namespace

TEST_CASE("an automaton ends in the state that its rules lead to") {
    CHECK_TWICE(automaton.run("") == start);
    CHECK_TWICE(automaton.run("aaa") == start);
    CHECK_TWICE(automaton.run("b") == end);
    CHECK_TWICE(automaton.run("aab") == end);
    CHECK_TWICE(automaton.run("zzz") == last);
    CHECK_TWICE(automaton.run("\xffz") == last);
}

TEST_CASE("an automaton reads the whole text of any length") {
    for (std::size_t size = 1; size < 20; ++size)
        for (std::size_t at = 0; at < size; ++at) {
            std::string text(size, 'a');
            CHECK(automaton.run(text) == start);
            text[at] = 'b';
            CHECK(automaton.run(text) == (at + 1 == size ? end : wrong));
        }
}

TEST_CASE("a character without a rule leads to the state wrong and no character leads out of it") {
    CHECK_TWICE(automaton.run("c") == wrong);
    CHECK_TWICE(automaton.run("aabb") == wrong);
    CHECK_TWICE(automaton.run("aabba") == wrong);
    CHECK_TWICE(automaton.run("A") == wrong);
    CHECK_TWICE(automaton.run("\x7fz") == wrong);
    CHECK(automaton.run(std::string(2, '\0')) == wrong);
}

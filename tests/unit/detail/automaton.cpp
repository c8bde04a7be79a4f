// SPDX-License-Identifier: BSL-1.0
#include "../../support/check.hpp"

#include <pruneplan/detail/automaton.hpp>

#include <string>

namespace {

/// a*b, and then nothing.
enum State : unsigned { wrong, start, end, last = 9 };
constexpr pruneplan::detail::Automaton automaton{{start, "a", start}, {start, "b", end}, {start, "z\xff", last}, {last, "z", last}};

}  // namespace

TEST_CASE("an automaton follows its rules") {
    CHECK_TWICE(automaton.run("") == start);
    CHECK_TWICE(automaton.run("aaa") == start);
    CHECK_TWICE(automaton.run("b") == end);
    CHECK_TWICE(automaton.run("aab") == end);
    CHECK_TWICE(automaton.run("zzz") == last);
    CHECK_TWICE(automaton.run("\xffz") == last);
}

TEST_CASE("an automaton reads all of a text, of whatever length") {
    for (std::size_t size = 1; size < 20; ++size)
        for (std::size_t at = 0; at < size; ++at) {
            std::string text(size, 'a');
            CHECK(automaton.run(text) == start);
            text[at] = 'b';
            CHECK(automaton.run(text) == (at + 1 == size ? end : wrong));
        }
}

TEST_CASE("what has no rule is wrong, and stays so") {
    CHECK_TWICE(automaton.run("c") == wrong);
    CHECK_TWICE(automaton.run("aabb") == wrong);
    CHECK_TWICE(automaton.run("aabba") == wrong);
    CHECK_TWICE(automaton.run("A") == wrong);
    CHECK_TWICE(automaton.run("\x7fz") == wrong);
    CHECK(automaton.run(std::string(2, '\0')) == wrong);
}

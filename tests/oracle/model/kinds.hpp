#ifndef PRUNEPLAN_TESTS_MODEL_KINDS_HPP
#define PRUNEPLAN_TESTS_MODEL_KINDS_HPP

// SPDX-License-Identifier: BSL-1.0

// The kinds of stores and containers that the library plans for when it is compared with the model.

#include "model.hpp"

#include <array>
#include <cstdio>
#include <cstdlib>
#include <string_view>

namespace library {

/// A kind of store and of containers, with the function that lets the library plan a world of it. Each instantiates the
/// planner, so all are compiled once, in kinds.cpp.
struct Kind {
    std::string_view name;
    model::HostMembers members;
    model::Plan (*plan)(const model::World&);
};

/// Between them, the kinds have and lack every optional member, return texts by reference, by value and in one buffer,
/// use lists with and without random access, pointers, and records that are created while they are read, and return
/// containers by reference, by value, by pointer, and from a range that can be read once. The first kind has every
/// member but `is_dangling`.
extern const std::array<Kind, 10> kinds;

/// Returns the kind with this name. Ends the program if no kind has it.
inline const Kind& kind(std::string_view name) {
    for (const Kind& known : kinds)
        if (known.name == name) return known;
    std::fprintf(stderr, "unknown kind of store \"%.*s\"\n", static_cast<int>(name.size()), name.data());
    std::abort();
}

}  // namespace library

#endif

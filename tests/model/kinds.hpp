#ifndef PRUNEPLAN_TESTS_MODEL_KINDS_HPP
#define PRUNEPLAN_TESTS_MODEL_KINDS_HPP

// SPDX-License-Identifier: BSL-1.0

#include "model.hpp"

#include <array>
#include <cstdio>
#include <cstdlib>
#include <string_view>

namespace library {

/// A kind of store and of containers. Compiled on its own, since each is a planner of its own.
struct Kind {
    std::string_view name;
    model::HostMembers members;
    model::Plan (*plan)(const model::World&);
};

/// Together, every optional member is there and missing, texts are lent and given by value, lists have random access
/// and have not, and containers are lent, made, and read once. The first has every member but `is_dangling`.
extern const std::array<Kind, 8> kinds;

/// The kind of this name, which must be there.
inline const Kind& kind(std::string_view name) {
    for (const Kind& known : kinds)
        if (known.name == name) return known;
    std::fprintf(stderr, "there is no kind of store %.*s\n", static_cast<int>(name.size()), name.data());
    std::abort();
}

}  // namespace library

#endif

// expect: pruneplan: options to apply a plan need a member before, after or should_stop
#include "parts.hpp"

struct Remover {
    pruneplan::RemoveOutcome remove(std::string_view, std::string_view) { return {}; }
};

struct Options {
    bool befor(const pruneplan::PlannedDeletion&) { return false; }
};

void apply(const GoodStore& store, const std::vector<GoodContainer>& containers) {
    auto index = pruneplan::ImageIndex<GoodStore>::build(store);
    static_cast<void>(apply_prune(plan_prune(*index, containers), *index, Remover{}, Options{}));
}

// SPDX-License-Identifier: BSL-1.0

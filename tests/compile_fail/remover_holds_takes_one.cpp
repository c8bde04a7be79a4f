// expect: pruneplan: the remover's holds(name, target) must return bool
#include "parts.hpp"

struct Remover {
    pruneplan::RemoveOutcome remove(std::string_view, std::string_view) { return {}; }
    bool holds(std::string_view) { return true; }
};

void apply(const GoodStore& store, const std::vector<GoodContainer>& containers) {
    auto index = pruneplan::ImageIndex<GoodStore>::build(store);
    static_cast<void>(apply_prune(plan_prune(*index, containers), *index, Remover{}));
}

// SPDX-License-Identifier: BSL-1.0

// expect: pruneplan: the remover needs remove(std::string_view name, std::string_view expected_target), which returns a RemoveOutcome
#include "parts.hpp"

struct Remover {
    bool remove(std::string_view, std::string_view) { return true; }
};

void apply(const GoodStore& store, const std::vector<GoodContainer>& containers) {
    auto index = pruneplan::ImageIndex<GoodStore>::build(store);
    static_cast<void>(apply_prune(plan_prune(*index, containers), *index, Remover{}));
}

// SPDX-License-Identifier: BSL-1.0

// expect: pruneplan: the remover's remove(name, expected_target, survivor) takes three texts and returns a RemoveOutcome
#include "parts.hpp"

struct Remover {
    pruneplan::RemoveOutcome remove(std::string_view, std::string_view) { return {}; }
    pruneplan::RemoveOutcome remove(const std::string&, const std::string&, const std::string&) { return {}; }
};

void apply(const GoodStore& store, const std::vector<GoodContainer>& containers) {
    auto index = pruneplan::ImageIndex<GoodStore>::build(store);
    static_cast<void>(apply_prune(plan_prune(*index, containers), *index, Remover{}));
}

// SPDX-License-Identifier: BSL-1.0

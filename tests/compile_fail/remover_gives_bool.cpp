// expect: pruneplan: the remover needs remove(name, expected_target), which gives a RemoveOutcome
#include "parts.hpp"

struct Remover {
    bool remove(std::string_view, std::string_view) { return true; }
};

void apply(const GoodStore& store, const std::vector<GoodContainer>& containers) {
    auto index = pruneplan::ImageIndex<GoodStore>::build(store);
    static_cast<void>(apply_prune(plan_prune(*index, containers), *index, Remover{}));
}

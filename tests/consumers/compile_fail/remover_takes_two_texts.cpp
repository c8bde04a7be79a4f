// expect: pruneplan: a remover takes three std::string_views, remove(name, target, survivor), and returns a RemoveOutcome or a RemoveStatus
#include "parts.hpp"

struct Remover {
    pruneplan::RemoveOutcome remove(std::string_view, std::string_view) { return {}; }
};

void apply() { apply_all(Remover{}); }

// SPDX-License-Identifier: BSL-1.0

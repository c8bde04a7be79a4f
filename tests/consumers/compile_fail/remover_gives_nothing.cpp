// expect: pruneplan: a remover takes three std::string_views, remove(name, target, survivor), and returns a RemoveOutcome or a RemoveStatus
#include "parts.hpp"

struct Remover {
    void remove(std::string_view, std::string_view, std::string_view) {}
};

void apply() { apply_all(Remover{}); }

// SPDX-License-Identifier: BSL-1.0

// expect: pruneplan: a remover takes three std::string_views, remove(name, target, survivor), and returns a RemoveOutcome or a RemoveStatus
#include "parts.hpp"

void apply() {
    apply_all([](auto, auto, auto) { return true; });
}

// SPDX-License-Identifier: BSL-1.0

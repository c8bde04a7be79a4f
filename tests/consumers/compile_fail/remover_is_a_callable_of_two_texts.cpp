// expect: pruneplan: a remover takes three std::string_views, remove(name, target, survivor), and returns a RemoveOutcome or a RemoveStatus
#include "parts.hpp"

void apply() {
    apply_all([](std::string_view, std::string_view) { return pruneplan::RemoveStatus::removed; });
}

// SPDX-License-Identifier: BSL-1.0

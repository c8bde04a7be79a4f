// expect: pruneplan: a remover takes three std::string_views, remove(name, target, survivor), and returns a RemoveOutcome or a RemoveStatus
#include "parts.hpp"

struct Remover {
    pruneplan::RemoveOutcome remove(const std::string&, const std::string&, const std::string&) { return {}; }
};

void apply() { apply_all(Remover{}); }

// SPDX-License-Identifier: BSL-1.0

// expect: deleted
#include "parts.hpp"

auto first(const pruneplan::PrunePlan& plan) { return plan.deletions().begin(); }

// SPDX-License-Identifier: BSL-1.0

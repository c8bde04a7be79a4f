// expect: deleted
#include "parts.hpp"

auto first(const pruneplan::PrunePlan& plan) { return plan.deletions().begin(); }

// SPDX-License-Identifier: BSL-1.0
// The second unit of the program: see first.cpp.
#include "units.hpp"

namespace two_units {

pruneplan::Result<pruneplan::PruneOptions> options(std::string_view filter) {
    return pruneplan::parse_filters(std::vector<std::string_view>{filter}, pruneplan::Timestamp{});
}

pruneplan::PrunePlan plan(const pruneplan::ImageIndex<Store>& index, const std::vector<Container>& containers,
                          const pruneplan::PruneOptions& options) {
    return pruneplan::plan_prune(index, containers, options);
}

std::size_t deleted_count(const pruneplan::PrunePlan& plan) { return plan.deleted_count(); }

}  // namespace two_units

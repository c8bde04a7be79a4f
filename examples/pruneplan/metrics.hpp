#ifndef PRUNEPLAN_CLI_METRICS_HPP
#define PRUNEPLAN_CLI_METRICS_HPP

// SPDX-License-Identifier: BSL-1.0

// Counts for Prometheus, in its text format, for the textfile collector of its node exporter.

#include "applying.hpp"
#include "planning.hpp"

#include <string>

namespace cli {

/// @param planned null if there is no plan.
/// @param applied null if nothing was applied.
std::string metrics_of(const Planned* planned, const Applied* applied, bool failed);

}  // namespace cli

#endif

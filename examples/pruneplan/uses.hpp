#ifndef PRUNEPLAN_CLI_USES_HPP
#define PRUNEPLAN_CLI_USES_HPP

// SPDX-License-Identifier: BSL-1.0

// What is in use according to files: --used and --used-by.

#include "listing.hpp"
#include "request.hpp"

#include <vector>

namespace cli {

/// Returns a container for each use. A line that means no image of the listing is a container whose image is unknown,
/// which the plan doubts. Throws a Failure for a line that is neither a name nor a digest nor an ID.
std::vector<Container> read_uses(const Request& request, const Listing& listing);

}  // namespace cli

#endif

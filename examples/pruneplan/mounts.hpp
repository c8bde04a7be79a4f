#ifndef PRUNEPLAN_CLI_MOUNTS_HPP
#define PRUNEPLAN_CLI_MOUNTS_HPP

// SPDX-License-Identifier: BSL-1.0

// Finds the images that containers mount. Engines only show what the user typed, not which image that was.

#include "store.hpp"

#include <cstddef>
#include <vector>

namespace cli {

/// Sets `mounted` of each container of which it is empty. If a name was moved or deleted since, the image is unknown,
/// and the container counts as mounting every image. Returns the numbers of such containers.
std::vector<std::size_t> resolve_mounts(Listing& listing, const Index& index);

}  // namespace cli

#endif

#ifndef PRUNEPLAN_CLI_PLANNING_HPP
#define PRUNEPLAN_CLI_PLANNING_HPP

// SPDX-License-Identifier: BSL-1.0

// Turns a request and a listing into a plan, with all that is needed to print it.

#include "filters.hpp"
#include "listing.hpp"
#include "request.hpp"

#include <pruneplan/pruneplan.hpp>

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cli {

/// Selects the images that a plan keeps because a container mounts them. The rules of the library keep all. Of the
/// engines' own prunes, only Docker's with a graph driver keeps a mounted image, and only if it has a name.
enum class MountsKept : unsigned char { none, with_name, all };

struct NamedRule {
    std::string_view name;
    pruneplan::UsageRule rule;
};
/// All rules of the library.
std::span<const NamedRule> rules();

/// A plan. Its records and containers have the numbers of `listing`.
struct Planned {
    Listing listing;  ///< with the mounts of containers resolved
    Timestamp now;
    pruneplan::PruneOptions options;
    std::string rule;  ///< the name of the usage rule, such as "strict"
    MountsKept mounts_kept;
    std::vector<ReadFilter> filters;  ///< those of `options`, with what was typed
    Words notes;                      ///< "CAUSE: " and a sentence: where the plan deletes less than the engine
    std::vector<std::size_t> uncertain_mounts;  ///< containers that may mount any image, by number
    pruneplan::PrunePlan plan;
};

/// Plans. Throws a Failure for an invalid option.
Planned plan_listing(const Request& request, const Listing& listing);

/// Returns the record that a name or an ID means, whole or truncated, or throws a Failure that says why there is no such image.
std::size_t find_image(const Listing& listing, std::string_view typed);

}  // namespace cli

#endif

#ifndef PRUNEPLAN_CLI_FILTERS_HPP
#define PRUNEPLAN_CLI_FILTERS_HPP

// SPDX-License-Identifier: BSL-1.0

// Translates filters to what they mean to the running engine. If a filter means something else to the engine than to
// the library, and the plan would delete what the engine keeps, the filter is rejected or replaced by a narrower one.
// If the engine's API does not show enough, the plan deletes less than the engine, and a note says so.

#include "listing.hpp"

#include <pruneplan/pruneplan.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace cli {

/// A filter for the library, and what the user typed for it.
struct ReadFilter {
    pruneplan::Filter filter;
    std::string typed;
};

/// The filters that replace those of the request.
struct Reading {
    std::vector<ReadFilter> filters;
    std::vector<std::string> notes;  ///< "CAUSE: " and a sentence
};

/// Returns a filter for images that have the label `key`. Facts that only this program can decide are given to the
/// library as labels, whose keys begin with a zero byte: a command line cannot hold one.
ReadFilter fact(std::string_view key, std::string_view typed);

/// Translates filters for the engine of the listing. Can add labels to its records. Throws a Failure for a filter that
/// means something else to this engine.
Reading read_filters(const std::vector<pruneplan::Filter>& filters, Listing& listing);

}  // namespace cli

#endif

#ifndef PRUNEPLAN_CLI_APPLYING_HPP
#define PRUNEPLAN_CLI_APPLYING_HPP

// SPDX-License-Identifier: BSL-1.0

// Deletes what a plan deletes.

#include "planning.hpp"
#include "request.hpp"
#include "sources/source.hpp"

#include <pruneplan/pruneplan.hpp>

#include <vector>

namespace cli {

/// What an application did, and the exit code of the program.
struct Applied {
    pruneplan::PruneReport report{};
    int exit_code = 0;
    std::string error{};  ///< one line, or empty
};

/// Throws a Failure with exit code 3 if the plan has a doubt that is not accepted. Its message says what to accept.
void check_doubts(const Request& request, const pruneplan::PrunePlan& plan);

/// Asks on the terminal whether so many names may be deleted.
bool confirmed(const Planned& planned);

/// Applies a plan. Asks the source for containers before each removal, and leaves out what a plan with these keeps.
/// SIGINT and SIGTERM end it after the step in hand.
/// @param listing what `planned` was made of; its records keep their numbers.
/// @param uses the containers of the listing that are not the source's.
Applied apply(const Request& request, Source& source, const Listing& listing, const std::vector<Container>& uses,
              const Planned& planned);

}  // namespace cli

#endif

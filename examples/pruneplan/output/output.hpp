#ifndef PRUNEPLAN_CLI_OUTPUT_OUTPUT_HPP
#define PRUNEPLAN_CLI_OUTPUT_OUTPUT_HPP

// SPDX-License-Identifier: BSL-1.0

// All that is printed about a plan and about its application.

#include "../planning.hpp"
#include "../request.hpp"
#include "screen.hpp"

#include <pruneplan/pruneplan.hpp>

#include <ostream>
#include <string_view>

namespace cli {

/// A table for people, and a summary below it.
void print_table(std::ostream& out, const Planned& planned, const Screen& screen);
/// The summary alone: counts by reason, and the space that is freed.
void print_summary(std::ostream& out, const Planned& planned, const Screen& screen);
/// One line for programs, which output/plan.schema.json describes.
void print_json(std::ostream& out, const Planned& planned);
/// The names that the plan deletes, one a line, in the order of removal, and nothing else. Names are canonical; an
/// untagged image is printed as its ID.
void print_names(std::ostream& out, const Planned& planned);
/// A picture: containers, images, names. Of more than 50 images, only those that lose a name.
void print_svg(std::ostream& out, const Planned& planned);
/// A page in one file: deletions first, searchable, folded by repository.
void print_html(std::ostream& out, const Planned& planned);
/// All about the image `request.explain`: its names, its containers, the rule, what would change the plan for it.
/// `unplanned` is the listing that `planned` was made of.
void print_story(std::ostream& out, const Request& request, const Listing& unplanned, const Planned& planned,
                 const Screen& screen);

/// "doubt: KIND: SENTENCE" for each doubt, and "note: CAUSE: SENTENCE" for each note.
void print_doubts(std::ostream& out, const Planned& planned, bool quiet);

/// The report of an application, in the request's format: text (also for svg and html), JSON or names.
void print_report(std::ostream& out, Format format, const pruneplan::PruneReport& report, bool sizes_exact);

}  // namespace cli

#endif

#ifndef ENGINE_PRUNE_REPORT_HPP
#define ENGINE_PRUNE_REPORT_HPP

// SPDX-License-Identifier: BSL-1.0

// Prints a report for people, as `docker image prune` does, and for programs.

#include "json.hpp"
#include "listing.hpp"
#include "size.hpp"

#include <pruneplan/pruneplan.hpp>

#include <algorithm>
#include <iterator>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

namespace engine_prune {

using Step = pruneplan::PruneReport::Step;

inline bool is_removed(const Step& step) { return step.status == pruneplan::RemoveStatus::removed; }
inline bool is_failed(const Step& step) { return step.status == pruneplan::RemoveStatus::failed; }
inline bool is_skipped(const Step& step) { return !is_removed(step) && !is_failed(step); }

inline std::vector<Step> steps_of(const pruneplan::PruneReport& report, bool (*is_wanted)(const Step&)) {
    std::vector<Step> steps;
    std::copy_if(report.steps.begin(), report.steps.end(), std::back_inserter(steps), is_wanted);
    return steps;
}

inline void print_report(std::ostream& out, const pruneplan::PruneReport& report) {
    if (report.count(pruneplan::RemoveStatus::removed) > 0) out << "Deleted Images:\n";
    for (const std::string& name : report.untagged()) out << "untagged: " << escaped(name) << '\n';
    for (const std::string& target : report.deleted()) out << "deleted: " << escaped(target) << '\n';
    for (const Step& step : steps_of(report, is_skipped))
        out << "skipped: " << escaped(step.name) << ": " << to_string(step.status) << '\n';
    for (const Step& step : steps_of(report, is_failed))
        out << "failed: " << escaped(step.name) << ": " << step.error << '\n';
    if (report.cancelled) out << "cancelled before the end\n";
    out << "\nTotal reclaimed space: at most " << readable_size(report.space_reclaimed, 4) << '\n';
}

/// Prints one line: {"untagged":[…],"deleted":[…],"space_reclaimed":N,"failures":[…],"skipped":[…],"cancelled":false}
inline void print_json(std::ostream& out, const pruneplan::PruneReport& report) {
    const auto entry = [](const Step& step, std::string_view key, std::string_view value) {
        return json_object(
            {{"name", quoted_json(step.name)}, {"target", quoted_json(step.target)}, {key, quoted_json(value)}});
    };
    const auto untagged = [](const Step& step) { return quoted_json(step.name); };
    const auto failed = [&](const Step& step) { return entry(step, "error", step.error); };
    const auto skipped = [&](const Step& step) { return entry(step, "reason", to_string(step.status)); };
    out << json_object({{"untagged", json_array(steps_of(report, is_removed), untagged)},
                        {"deleted", json_array(report.deleted(), quoted_json)},
                        {"space_reclaimed", std::to_string(report.space_reclaimed)},
                        {"failures", json_array(steps_of(report, is_failed), failed)},
                        {"skipped", json_array(steps_of(report, is_skipped), skipped)},
                        {"cancelled", report.cancelled ? "true" : "false"}})
        << '\n';
}

/// Prints the removed names, one on each line; an image without a name is printed as its ID.
inline void print_names(std::ostream& out, const pruneplan::PruneReport& report) {
    for (const Step& step : steps_of(report, is_removed))
        out << escaped(step.name == dangling_name(step.target) ? step.target : step.name) << '\n';
}

}  // namespace engine_prune

#endif

#ifndef ENGINE_PRUNE_REPORT_HPP
#define ENGINE_PRUNE_REPORT_HPP

// SPDX-License-Identifier: BSL-1.0

// Prints a report for people, as `docker image prune` does, and for programs.

#include "json.hpp"
#include "listing.hpp"
#include "size.hpp"

#include <pruneplan/pruneplan.hpp>

#include <ostream>
#include <string>
#include <string_view>

namespace engine_prune {

inline void print_report(std::ostream& out, const pruneplan::PruneReport& report) {
    if (!report.untagged.empty()) out << "Deleted Images:\n";
    for (const auto& record : report.untagged) out << "untagged: " << escaped(record.familiar) << '\n';
    for (const std::string& digest : report.deleted) out << "deleted: " << escaped(digest) << '\n';
    for (const auto& skip : report.skipped)
        out << "skipped: " << escaped(skip.name) << ": " << to_string(skip.reason) << '\n';
    for (const auto& failed : report.failures)
        out << "failed: " << escaped(failed.name) << ": " << failed.error << '\n';
    if (report.cancelled) out << "cancelled before the end\n";
    out << "\nTotal reclaimed space: at most " << readable_size(report.space_reclaimed, 4) << '\n';
}

/// Prints one line: {"untagged":[…],"deleted":[…],"space_reclaimed":N,"failures":[…],"skipped":[…],"cancelled":false}
inline void print_json(std::ostream& out, const pruneplan::PruneReport& report) {
    const auto entry = [](const auto& item, std::string_view key, std::string_view value) {
        return json_object(
            {{"name", quoted_json(item.name)}, {"target", quoted_json(item.target)}, {key, quoted_json(value)}});
    };
    const auto untagged = [](const auto& item) { return quoted_json(item.name); };
    const auto failed = [&](const auto& item) { return entry(item, "error", item.error); };
    const auto skipped = [&](const auto& item) { return entry(item, "reason", to_string(item.reason)); };
    out << json_object({{"untagged", json_array(report.untagged, untagged)},
                        {"deleted", json_array(report.deleted, quoted_json)},
                        {"space_reclaimed", std::to_string(report.space_reclaimed)},
                        {"failures", json_array(report.failures, failed)},
                        {"skipped", json_array(report.skipped, skipped)},
                        {"cancelled", report.cancelled ? "true" : "false"}})
        << '\n';
}

/// Prints the removed names, one on each line; an image without a name is printed as its ID.
inline void print_names(std::ostream& out, const pruneplan::PruneReport& report) {
    for (const auto& record : report.untagged)
        out << escaped(record.name == dangling_name(record.target) ? record.target : record.name) << '\n';
}

}  // namespace engine_prune

#endif

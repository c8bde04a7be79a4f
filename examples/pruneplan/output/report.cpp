// SPDX-License-Identifier: BSL-1.0
#include "output.hpp"
#include "view.hpp"

namespace cli {
namespace {

using Step = pruneplan::PruneReport::Step;

bool is_removed(const Step& step) { return step.status == pruneplan::RemoveStatus::removed; }
bool is_failed(const Step& step) { return step.status == pruneplan::RemoveStatus::failed; }

/// Prints as `docker image prune` does.
void print_text(std::ostream& out, const pruneplan::PruneReport& report, bool sizes_exact) {
    if (report.count(pruneplan::RemoveStatus::removed) > 0) out << "Deleted Images:\n";
    for (const Step& step : report.steps)
        if (is_removed(step))
            out << "untagged: " << printable(familiar(std::string(deletable(step.name, step.target)))) << '\n';
    for (const std::string& target : report.deleted()) out << "deleted: " << printable(target) << '\n';
    for (const Step& step : report.steps)
        if (!is_removed(step) && !is_failed(step))
            out << "skipped: " << printable(step.name) << ": " << to_string(step.status) << '\n';
    for (const Step& step : report.steps)
        if (is_failed(step)) out << "failed: " << printable(step.name) << ": " << printable(step.error) << '\n';
    if (report.cancelled) out << "cancelled before the end\n";
    out << "\nTotal reclaimed space: " << (sizes_exact ? "" : "at most ") << readable_size(report.space_reclaimed, 4)
        << '\n';
}

Json report_json(const pruneplan::PruneReport& report, bool sizes_exact) {
    Json untagged = Json::array(), failed = Json::array(), skipped = Json::array();
    for (const Step& step : report.steps) {
        const std::string_view name = deletable(step.name, step.target);
        if (is_removed(step))
            untagged.push_back(name);
        else if (is_failed(step))
            failed.push_back({{"name", name}, {"target", step.target}, {"error", step.error}});
        else
            skipped.push_back({{"name", name}, {"target", step.target}, {"reason", to_string(step.status)}});
    }
    return {{"untagged", untagged},         {"deleted", report.deleted()}, {"space_reclaimed", report.space_reclaimed},
            {"space_exact", sizes_exact},   {"failures", failed},          {"skipped", skipped},
            {"cancelled", report.cancelled}};
}

}  // namespace

void print_report(std::ostream& out, Format format, const pruneplan::PruneReport& report, bool sizes_exact) {
    if (format == Format::json_document) return print_line(out, report_json(report, sizes_exact));
    if (format != Format::names) return print_text(out, report, sizes_exact);
    for (const Step& step : report.steps)
        if (is_removed(step)) out << printable(deletable(step.name, step.target)) << '\n';
}

}  // namespace cli

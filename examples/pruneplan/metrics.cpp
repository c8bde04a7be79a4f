// SPDX-License-Identifier: BSL-1.0
#include "metrics.hpp"

#include <chrono>
#include <cstdint>
#include <map>
#include <sstream>
#include <string_view>

namespace cli {
namespace {

class Writer {
public:
    void metric(std::string_view name, std::string_view help) {
        out_ << "# HELP pruneplan_" << name << ' ' << help << "\n# TYPE pruneplan_" << name << " gauge\n";
    }
    void value(std::string_view name, std::string_view label, std::string_view text, std::uint64_t value) {
        out_ << "pruneplan_" << name;
        if (!label.empty()) out_ << '{' << label << "=\"" << text << "\"}";
        out_ << ' ' << value << '\n';
    }
    void single(std::string_view name, std::string_view help, std::uint64_t value_of_it) {
        metric(name, help);
        value(name, "", "", value_of_it);
    }
    std::string text() const { return out_.str(); }

private:
    std::ostringstream out_;
};

void add_plan(Writer& writer, const Planned& planned) {
    std::map<pruneplan::Reason, std::uint64_t> kept, deleted;
    for (const pruneplan::Decision& decision : planned.plan)
        ++(decision.action == pruneplan::Action::keep ? kept : deleted)[decision.reason];
    std::map<pruneplan::DoubtKind, std::uint64_t> doubts;
    for (const pruneplan::Doubt& doubt : planned.plan.doubts()) ++doubts[doubt.kind];
    writer.metric("kept_names", "Names that the plan keeps, by reason.");
    for (const auto& [reason, count] : kept) writer.value("kept_names", "reason", to_string(reason), count);
    writer.metric("planned_names", "Names that the plan deletes, by reason.");
    for (const auto& [reason, count] : deleted) writer.value("planned_names", "reason", to_string(reason), count);
    writer.metric("doubts", "What the plan is not sure of, by kind.");
    for (const auto& [kind, count] : doubts) writer.value("doubts", "kind", to_string(kind), count);
    writer.single("planned_bytes", "Bytes that the plan frees at most.", planned.plan.space().freed);
    writer.single("kept_bytes", "Bytes of the images that the plan keeps.", planned.plan.space().kept);
}

void add_steps(Writer& writer, const pruneplan::PruneReport& report) {
    std::map<pruneplan::RemoveStatus, std::uint64_t> steps;
    for (const auto& step : report.steps) ++steps[step.status];
    writer.metric("steps", "Removals, by what became of them.");
    for (const auto& [status, count] : steps) writer.value("steps", "status", to_string(status), count);
    writer.single("reclaimed_bytes", "Bytes that the removals freed at most.", report.space_reclaimed);
}

}  // namespace

std::string metrics_of(const Planned* planned, const Applied* applied, bool failed) {
    Writer writer;
    if (planned != nullptr) add_plan(writer, *planned);
    if (applied != nullptr) add_steps(writer, applied->report);
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    writer.single("last_run_seconds", "When the last run was, in seconds since 1970.",
                  static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::seconds>(now).count()));
    writer.single("last_run_failed", "1 if the last run failed, else 0.", failed ? 1 : 0);
    return writer.text();
}

}  // namespace cli

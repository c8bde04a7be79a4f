// SPDX-License-Identifier: BSL-1.0
#include "table.hpp"

#include "output.hpp"
#include "view.hpp"

#include <set>
#include <string>

namespace cli {
namespace {

/// Returns "3 names (2 unused, 1 dangling)".
std::string names_by_reason(const View& view, pruneplan::Action action, std::size_t names) {
    std::string reasons;
    for (const auto& [reason, count] : view.reasons(action))
        reasons += (reasons.empty() ? "" : ", ") + std::to_string(count) + " " + std::string(to_string(reason));
    return counted(names, "name") + (reasons.empty() ? "" : " (" + reasons + ")");
}

void print_summary(std::ostream& out, const View& view, const Screen& screen) {
    using enum pruneplan::Action;
    const pruneplan::PrunePlan& plan = view.planned.plan;
    print_prose(out,
                "Delete: " + names_by_reason(view, erase, plan.deleted_count()) + " and with them " +
                    counted(view.deleted_images, "image") + ", which " + view.freed() + ".",
                screen);
    print_prose(
        out, "Keep: " + names_by_reason(view, keep, plan.kept_count()) + ", " + readable_size(view.space.kept, 4) + ".",
        screen);
    print_prose(
        out,
        std::string("Nothing was deleted yet.") + (view.is_exact() ? "" : " Less is freed if images share layers."),
        screen);
}

}  // namespace

void print_table(std::ostream& out, const Planned& planned, const Screen& screen) {
    const View view(planned);
    std::vector<Row> rows{{{"ACTION", "NAME", "IMAGE", "SIZE", "CREATED", "REASON"}}};
    for (const Image& image : view.images)
        for (const std::size_t number : image.records) {
            const Record& record = view.record(number);
            rows.push_back({{std::string(to_string(view.action(number))), view.name(number), short_id(record.target),
                             readable_size(record.size), created_since(record, planned.now), view.reason(number)},
                            colour_of(view.action(number))});
        }
    print_table(out, rows, screen);
    out << '\n';
    print_summary(out, view, screen);
}

void print_summary(std::ostream& out, const Planned& planned, const Screen& screen) {
    print_summary(out, View(planned), screen);
}

void print_names(std::ostream& out, const Planned& planned) {
    for (const pruneplan::Decision& deletion : planned.plan.deletions())
        out << printable(deletable(deletion.name, deletion.target)) << '\n';
}

void print_doubts(std::ostream& out, const Planned& planned, bool quiet) {
    std::set<std::string> printed;  // a container can use an image by several names
    for (const pruneplan::Doubt& doubt : planned.plan.doubts())
        if (printed.insert(doubt.sentence).second)
            out << "doubt: " << to_string(doubt.kind) << ": " << printable(doubt.sentence) << '\n';
    if (quiet) return;
    for (const std::string& note : notes_of(planned)) out << "note: " << printable(note) << '\n';
}

}  // namespace cli

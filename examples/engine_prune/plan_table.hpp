#ifndef ENGINE_PRUNE_PLAN_TABLE_HPP
#define ENGINE_PRUNE_PLAN_TABLE_HPP

// SPDX-License-Identifier: BSL-1.0

// Prints a plan as a table for people, and as a list of names for scripts.

#include "screen.hpp"
#include "size.hpp"
#include "table.hpp"
#include "view.hpp"

#include <pruneplan/pruneplan.hpp>

#include <cstddef>
#include <ostream>
#include <string>
#include <vector>

namespace engine_prune {

inline Colour colour_of(pruneplan::Action action) {
    return action == pruneplan::Action::keep ? Colour::green : Colour::red;
}

/// Returns "3 names (2 unused, 1 dangling)".
inline std::string names_by_reason(const View& view, pruneplan::Action action, std::size_t names) {
    std::string reasons;
    for (const auto& [reason, count] : reasons_of(view, action))
        reasons += (reasons.empty() ? "" : ", ") + std::to_string(count) + " " + std::string(to_string(reason));
    return counted(names, "name") + (reasons.empty() ? "" : " (" + reasons + ")");
}

/// Prints the last lines of a table: counts by reason, and the space that is freed.
inline void print_summary(std::ostream& out, const View& view, std::size_t deleted_images, const Screen& screen) {
    using enum pruneplan::Action;
    const auto space = view.plan.space();
    const std::size_t deleted = view.plan.deleted_count(), kept = view.plan.kept_count();
    print_prose(out,
                "Delete: " + names_by_reason(view, erase, deleted) + " and with them " +
                    counted(deleted_images, "image") + ", which frees at most " + readable_size(space.freed, 4) + ".",
                screen);
    print_prose(out, "Keep: " + names_by_reason(view, keep, kept) + ", " + readable_size(space.kept, 4) + ".", screen);
    print_prose(out, "Dry run: nothing was removed. Sizes count a layer once for each image that has it.", screen);
}

inline void print_plan_table(std::ostream& out, const View& view, const Screen& screen) {
    std::vector<Row> rows{{{"ACTION", "NAME", "IMAGE", "SIZE", "CREATED", "REASON"}}};
    std::size_t deleted_images = 0;
    for (const Block& block : blocks_of(view)) {
        if (block.is_deleted()) ++deleted_images;
        for (const std::size_t record : block.records) {
            const Image& image = view.listing.images[record];
            const pruneplan::Action action = view.plan[record].action;
            rows.push_back(
                {{std::string(to_string(action)), familiar_name(image), short_id(image.target),
                  readable_size(image.size), created_since(image.created, view.now), reason_in_words(view, record)},
                 colour_of(action)});
        }
    }
    print_table(out, rows, screen);
    out << '\n';
    print_summary(out, view, deleted_images, screen);
}

/// Prints the names that the plan deletes, one on each line, in the order of removal. The names are canonical, since
/// Docker's familiar name can mean another image to Podman; an untagged image is printed as its ID.
inline void print_plan_names(std::ostream& out, const pruneplan::PrunePlan& plan) {
    for (const pruneplan::Decision& deletion : plan.deletions()) {
        const bool untagged = deletion.name == dangling_name(deletion.target);
        out << escaped(untagged ? deletion.target : deletion.name) << '\n';
    }
}

}  // namespace engine_prune

#endif

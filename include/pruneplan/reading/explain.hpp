#ifndef PRUNEPLAN_READING_EXPLAIN_HPP
#define PRUNEPLAN_READING_EXPLAIN_HPP

// SPDX-License-Identifier: BSL-1.0

// Explains in a sentence what a plan does with a record, and why.

#include <pruneplan/detail/index/records.hpp>
#include <pruneplan/detail/text/message.hpp>
#include <pruneplan/detail/text/words.hpp>
#include <pruneplan/plan.hpp>

#include <cstddef>
#include <string>
#include <string_view>

namespace pruneplan {

/// Returns a sentence on what `plan` does with a record, and why, such as "kept: container 3 runs sha256:82d1e9d…, and
/// this is the last name of that image". A container is called by its name, or by its position in the list given to the
/// planner. The sentence names the filter or the pattern that decided. Names stand in it as the store spells them.
/// @param plan the plan.
/// @param record the record's number. @pre It is less than `plan.size()`.
/// **Complexity:** O(n) for n bytes of the texts that the sentence names.
template <class Text = std::string>
[[nodiscard]] constexpr Text explain(const PrunePlan& plan, std::size_t record) {
    using detail::joined;
    const detail::PlanContent& content = detail::content(plan);
    const Decision decision = plan[record];
    const std::string_view name = decision.name;
    Text container;
    if (decision.container) container = detail::container_name(content, *decision.container);
    const std::string_view uses = decision.mounted ? " mounts " : " runs ";
    Text target(decision.target);
    if (const std::string_view id = content.reported_id(record); !id.empty()) target += joined({" (as ", id, ")"});
    const std::string_view cause = content.causing_name(record).value_or("");
    const bool is_time_unknown = content.causes[record].mark != 0;

    switch (decision.reason) {
        case Reason::unused: return "deleted: no container uses it";
        case Reason::dangling: return "deleted: it is dangling, and no container uses it";
        case Reason::spare_name:
            if (!decision.container)
                return joined({"deleted: a kept image needs ", target, ", which keeps another name"});
            return joined({"deleted: ", container, uses, target, ", which keeps another name"});
        case Reason::unprotected:
            return joined({"deleted: ", container, uses, target,
                           ", but the usage rule does not protect that image; the rule "
                           "strict does"});
        case Reason::attached_to_deleted: return joined({"deleted: it is attached to ", cause, ", which is deleted"});
        case Reason::not_dangling: return "kept: it is not dangling, and only dangling images are candidates";
        case Reason::filtered:
            if (is_time_unknown)
                return joined({"kept: a time is unknown that the filter ",
                               detail::quoted(content.filters[*decision.option]), " compares"});
            return joined({"kept: it does not match the filter ", detail::quoted(content.filters[*decision.option])});
        case Reason::pinned: return "kept: it is pinned";
        case Reason::kept_pattern:
            return joined({"kept: it matches the pattern ", detail::quoted(content.patterns[*decision.option]),
                           " of names to keep"});
        case Reason::newest:
            return is_time_unknown ? "kept: its age is unknown, so it can be among the newest images of its repository"
                                   : "kept: it is among the newest images of its repository";
        case Reason::too_young:
            return is_time_unknown ? "kept: its age is unknown, so it can be too young"
                                   : "kept: it was used or created too recently";
        case Reason::name_in_use:
            if (detail::begins(name, detail::dangling_prefix))
                target = Text(name.substr(sizeof detail::dangling_prefix - 1));
            else if (!content.records.is_dangling(record))
                return joined({"kept: ", container, " was created from ", name});
            return joined({"kept: ", container, " uses ", target, " by this dangling name"});
        case Reason::image_in_use: return joined({"kept: ", container, uses, target});
        case Reason::last_name:
            return joined({"kept: ", container, uses, target, ", and this is the last name of that image"});
        case Reason::needed: return joined({"kept: ", cause, ", which is kept, needs it"});
        case Reason::attached: return joined({"kept: it is attached to ", cause, ", which is kept"});
        case Reason::image_stays:
            return joined({"kept: ", target, " keeps another name, so that deleting this one frees nothing"});
        case Reason::enough_freed:
            return content.blobs.known() ? "kept: enough is freed without it"
                                         : "kept: the store does not tell sizes, so that no space can be counted";
    }
    return {};
}

}  // namespace pruneplan

#endif

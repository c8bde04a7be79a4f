#ifndef PRUNEPLAN_PLANNER_PLAN_CONTENT_HPP
#define PRUNEPLAN_PLANNER_PLAN_CONTENT_HPP

// SPDX-License-Identifier: BSL-1.0

// Turns a draft into the content of a plan, which owns all that it shows.

#include <pruneplan/detail/index/blobs.hpp>
#include <pruneplan/detail/index/groups.hpp>
#include <pruneplan/detail/index/name_order.hpp>
#include <pruneplan/detail/text/text_list.hpp>
#include <pruneplan/detail/vector.hpp>
#include <pruneplan/options.hpp>
#include <pruneplan/plan.hpp>
#include <pruneplan/planner/draft.hpp>
#include <pruneplan/syntax/filter.hpp>
#include <pruneplan/syntax/glob.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>

namespace pruneplan::detail {

/// Returns depths by record: images that are deleted earlier are deeper. In a circle, an image becomes deeper than what
/// is attached to it and deleted.
/// **Complexity:** O(n + m) for n records and m subjects.
constexpr Vector<std::uint32_t> deletion_depths(Draft& draft) {
    const Records& records = draft.records;
    Vector<std::uint32_t> depths = std::move(draft.ancestry.depths);
    if (draft.ancestry.next_in_circle.empty() || records.subjects.empty()) return depths;
    const Vector<std::uint32_t> circle_of = draft.ancestry.circles();
    Vector<std::uint32_t> subjects, attached;
    for (std::uint32_t id = 0; id < records.size(); ++id)
        for (const std::uint32_t subject : records.subjects[id]) {
            if (!draft.decisions.deletes(id) || circle_of[subject] != circle_of[records.image(id)]) continue;
            subjects.push_back(subject);
            attached.push_back(records.image(id));
        }
    const Graph in_circles(records.size(), records.size(), subjects, attached);
    const Vector<std::uint32_t> steps = ancestry(records.texts(), in_circles).depths;
    if (steps.empty()) return depths;
    // By depth: the steps of its circles, and of all lower ones.
    Vector<std::uint32_t> below(records.size() + 1, 0);
    for (std::size_t id = 0; id < records.size(); ++id)
        below[depths[id] + 1] = (std::max)(below[depths[id] + 1], steps[id] + 1);
    for (std::size_t depth = 0; depth < records.size(); ++depth) below[depth + 1] += below[depth];
    for (std::size_t id = 0; id < records.size(); ++id) depths[id] = below[depths[id]] + steps[id];
    return depths;
}

/// Orders the records to delete: an image before what follows it, then by name.
/// **Complexity:** O(n + d log d) for n records and d deletions.
constexpr Vector<std::uint32_t> deletion_order(const PlanContent& plan, std::size_t deleted) {
    const Vector<std::uint32_t>& depths = plan.depths;
    NameOrder by_name(plan.records);
    Vector<std::uint32_t> order;
    if (depths.empty()) {
        order.reserve(deleted);
        for (std::uint32_t id = 0; id < plan.reasons.size(); ++id)
            if (plan.deletes(id)) order.push_back(id);
        by_name.sort(order.begin(), order.end());
        return order;
    }
    std::uint32_t deepest = 0;
    for (const std::uint32_t depth : depths) deepest = (std::max)(deepest, depth);
    Groups by_depth = grouped(plan.reasons.size(), std::size_t{deepest} + 1,
                              [&](std::size_t id) { return plan.deletes(id) ? deepest - depths[id] : no_group; });
    std::uint32_t begin = 0;
    for (const std::uint32_t end : by_depth.ends) {
        by_name.sort(by_depth.numbers.begin() + begin, by_depth.numbers.begin() + end);
        begin = end;
    }
    return std::move(by_depth.numbers);
}

/// Adds the IDs by which containers call the images that they run, where those are not the targets.
constexpr void report_ids(const Draft& draft, PlanContent& plan) {
    for (std::uint32_t id = 0; id < draft.records.size() && !draft.reported_ids.empty(); ++id) {
        const Cause cause = draft.decisions.cause(id);
        if (cause_kind(draft.decisions.reason(id)) != CauseKind::container || cause.number == Cause::none ||
            cause.mark != 0)
            continue;
        const std::uint32_t number = draft.reported_ids[cause.number];
        if (number == no_record || draft.records.ids[number] == draft.records.target(id)) continue;
        plan.reported_ids.add(draft.records.ids[number]);
        plan.reported_for.push_back(id);
    }
}

/// Lets records that are kept for the sake of another image name a kept record of it.
constexpr void name_kept_images(Draft& draft) {
    const Records& records = draft.records;
    if (records.needs.empty() && records.subjects.empty()) return;
    Vector<std::uint32_t> kept(records.size(), no_record);
    for (std::uint32_t id = 0; id < records.size(); ++id)
        if (!draft.decisions.deletes(id) && kept[records.image(id)] == no_record) kept[records.image(id)] = id;
    for (std::uint32_t id = 0; id < records.size(); ++id)
        if (cause_kind(draft.decisions.reason(id)) == CauseKind::image && !draft.decisions.deletes(id))
            draft.decisions.name_cause(id, by_image(kept[draft.decisions.cause(id).number]));
}

/// Returns the content of a plan. `depths` are empty, or those by which deletions are ordered. `texts_of(records)`
/// returns the texts, which can be moved out of the records: they are not read any more.
template <class TextsOf>
constexpr PlanContent plan_content(Draft& draft, Blobs&& blobs, TextList&& containers, Vector<std::uint32_t>&& depths,
                                   const TextsOf& texts_of) {
    PlanContent plan;
    const std::size_t deleted = draft.decisions.deleted_count();
    plan.similar_names = draft.records.kinds().similar_names;
    plan.needs = draft.records.needs;
    plan.subjects = draft.records.subjects;
    plan.blobs = std::move(blobs);
    plan.doubts.reserve(draft.doubts.size());
    for (std::size_t kind = 0; kind < doubt_kind_count; ++kind)
        for (const DoubtEntry& doubt : draft.doubts)
            if (doubt.kind == static_cast<DoubtKind>(kind)) plan.doubts.push_back(doubt);
    plan.doubt_texts = std::move(draft.doubt_texts);
    plan.containers = std::move(containers);
    report_ids(draft, plan);
    for (const Filter& filter : draft.filters) plan.filters.add(filter.text());
    for (const Glob& glob : draft.keep) plan.patterns.add(glob.pattern());
    plan.depths = std::move(depths);
    draft.decisions.move_to(plan);
    plan.records = texts_of(draft.records);
    plan.order = deletion_order(plan, deleted);
    return plan;
}

}  // namespace pruneplan::detail

#endif

#ifndef PRUNEPLAN_PLANNER_KEPT_IMAGES_HPP
#define PRUNEPLAN_PLANNER_KEPT_IMAGES_HPP

// SPDX-License-Identifier: BSL-1.0

// The images that keep a name, and what they keep in turn: what they need, and what is attached to them.

#include <pruneplan/detail/index/records.hpp>
#include <pruneplan/detail/vector.hpp>
#include <pruneplan/planner/draft.hpp>
#include <pruneplan/planner/image_use.hpp>

#include <cstddef>
#include <cstdint>

namespace pruneplan::detail {

/// Tells by image whether it keeps a name. Empty if no image needs another, and none is attached to another.
struct KeptImages {
    Vector<char> kept;                // it keeps a name
    Vector<std::uint32_t> needed_by;  // a kept image that needs it, or `no_record`

    constexpr bool is_needed(std::uint32_t image) const noexcept {
        return !needed_by.empty() && needed_by[image] != no_record;
    }
    /// Returns a kept image that a record is attached to, or `no_record`.
    constexpr std::uint32_t subject_of(const Records& records, std::size_t id) const noexcept {
        for (const std::uint32_t subject : records.subjects[id])
            if (kept[subject]) return subject;
        return no_record;
    }
};

/// Counts by image the names that are left if all decisions are carried out. An attachment is deleted with the last of
/// the images that it is attached to. An image in use counts as one name more.
constexpr Vector<std::uint32_t> names_left(const Draft& draft, const ImageUse& use) {
    const Records& records = draft.records;
    Vector<std::uint32_t> names(records.size(), 0), subjects(records.size(), 0), nameless;
    const auto lose_name = [&](std::uint32_t image) {
        if (--names[image] == 0) nameless.push_back(image);
    };
    for (std::uint32_t id = 0; id < records.size(); ++id) {
        names[records.image(id)] += 1;
        names[id] += use[id].in_use;
        subjects[id] = static_cast<std::uint32_t>(records.subjects[id].size());
    }
    for (std::uint32_t id = 0; id < records.size(); ++id)
        if (!records.is_attachment(id) && draft.decisions.deletes(id)) lose_name(records.image(id));
    while (!nameless.empty()) {
        const std::uint32_t deleted = nameless.back();
        nameless.pop_back();
        for (const std::uint32_t id : draft.attachments[deleted])
            if (--subjects[id] == 0 && draft.decisions.deletes(id)) lose_name(records.image(id));
    }
    return names;
}

/// Finds the images that keep a name. Of images that are attached to each other in a circle, none is deleted first, so
/// they are kept. Images that need each other in a circle are kept only for another reason.
/// **Complexity:** O(n + m) for n records and m needed images and subjects.
/// **Source:** README.md, "The rule", paragraphs 6 and 7.
constexpr KeptImages kept_images(const Draft& draft, const ImageUse& use) {
    const Records& records = draft.records;
    KeptImages result;
    if (records.needs.empty() && records.subjects.empty()) return result;

    result.kept = Vector<char>(records.size(), false);
    result.needed_by = Vector<std::uint32_t>(records.size(), no_record);
    Vector<std::uint32_t> unvisited;
    const auto keep = [&](std::uint32_t image) {
        if (result.kept[image]) return;
        result.kept[image] = true;
        unvisited.push_back(image);
    };
    const Vector<std::uint32_t> names = names_left(draft, use);
    for (std::uint32_t id = 0; id < records.size(); ++id)
        if (names[records.image(id)] > 0) keep(records.image(id));
    while (!unvisited.empty()) {
        const std::uint32_t image = unvisited.back();
        unvisited.pop_back();
        for (const std::uint32_t other : records.needs[image]) {
            if (result.needed_by[other] == no_record) result.needed_by[other] = image;
            keep(other);
        }
        for (const std::uint32_t id : draft.attachments[image]) keep(records.image(id));
    }
    return result;
}

}  // namespace pruneplan::detail

#endif

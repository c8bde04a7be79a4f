#ifndef PRUNEPLAN_PLANNER_NAME_REMOVAL_HPP
#define PRUNEPLAN_PLANNER_NAME_REMOVAL_HPP

// SPDX-License-Identifier: BSL-1.0

// Deletes names, and what is attached to images that lose their last name.

#include <pruneplan/detail/vector.hpp>
#include <pruneplan/planner/draft.hpp>

#include <cstdint>

namespace pruneplan::detail {

/// Counts the names that images have left. An attachment is removed with the last of the images that it is attached to,
/// unless it is kept.
/// **Complexity:** O(n + m) for n records and m subjects, with all calls of `remove`.
class NameRemoval {
public:
    constexpr explicit NameRemoval(const Draft& draft)
        : draft_(draft), names_left_(draft.records.size(), 0), subjects_left_(draft.records.size(), 0) {
        for (std::uint32_t id = 0; id < draft.records.size(); ++id) {
            ++names_left_[draft.records.image(id)];
            subjects_left_[id] = static_cast<std::uint32_t>(draft.records.subjects[id].size());
        }
    }

    constexpr std::uint32_t names_left(std::uint32_t image) const noexcept { return names_left_[image]; }

    /// Keeps an image whatever names it loses.
    constexpr void hold(std::uint32_t image) noexcept { ++names_left_[image]; }

    /// Removes names of an image that are no attachments. Calls `visit(image)` for each image that has no name left.
    template <class Visit>
    constexpr void remove(std::uint32_t image, std::uint32_t names, const Visit& visit) {
        lose(image, names);
        while (!nameless_.empty()) {
            const std::uint32_t deleted = nameless_.back();
            nameless_.pop_back();
            visit(deleted);
            for (const std::uint32_t id : draft_.attachments[deleted])
                if (--subjects_left_[id] == 0 && draft_.decisions.deletes(id)) lose(draft_.records.image(id), 1);
        }
    }

private:
    constexpr void lose(std::uint32_t image, std::uint32_t names) {
        names_left_[image] -= names;
        if (names_left_[image] == 0) nameless_.push_back(image);
    }

    const Draft& draft_;
    Vector<std::uint32_t> names_left_;     // by image
    Vector<std::uint32_t> subjects_left_;  // by record: the images that it is attached to and that have names
    Vector<std::uint32_t> nameless_;       // images whose attachments were not visited
};

}  // namespace pruneplan::detail

#endif

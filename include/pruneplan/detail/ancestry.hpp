#ifndef PRUNEPLAN_DETAIL_ANCESTRY_HPP
#define PRUNEPLAN_DETAIL_ANCESTRY_HPP

// SPDX-License-Identifier: BSL-1.0

// The depths of images, and circles of parents, on which the order of deletions depends.

#include <pruneplan/detail/vector.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>

namespace pruneplan::detail {

/// Holds depths and circles. Both lists are empty if the store has no `parent`.
struct Ancestry {
    /// By record: the length of the longest path from its image to an ancestor. A child has a greater depth than its
    /// parent. Parents form a circle only in an inconsistent store. The images of a circle have the same depth, as if
    /// they were one image.
    Vector<std::uint32_t> depths;
    /// By first record: the next image of the same circle, or itself. Empty if there is no circle.
    Vector<std::uint32_t> next_in_circle;

    /// Calls `visit(image)` for each other image of a circle.
    template <class Visit>
    constexpr void for_each_in_circle(std::uint32_t image, const Visit& visit) const {
        if (next_in_circle.empty()) return;
        for (std::uint32_t next = next_in_circle[image]; next != image; next = next_in_circle[next]) visit(next);
    }
};

/// Finds circles and depths by Tarjan's algorithm for strongly connected components, with an explicit stack.
/// **Complexity:** O(n + p) for n records and p parents, O(n + p log p) if an image has several. **Memory:** while it
/// runs, 12 bytes a record, 4 more if there is a circle, and 12 to 28 for each image of the longest path of parents.
template <class Index>
class AncestryBuilder {
public:
    constexpr explicit AncestryBuilder(const Index& index)
        : index_(index), low_(index.size(), unseen), parent_at_(index.size(), 0) {
        ancestry_.depths = Vector<std::uint32_t>(index.size(), 0);
    }

    constexpr Ancestry build() {
        for (std::uint32_t id = 0; id < index_.size(); ++id)
            if (index_.target_id(id) == id && low_[id] == unseen) climb(id);
        for (std::size_t id = 0; id < index_.size(); ++id) ancestry_.depths[id] = ancestry_.depths[index_.target_id(id)];
        return std::move(ancestry_);
    }

private:
    static constexpr std::uint32_t unseen = 0xffffffff, finished = 0xfffffffe;

    /// Visits an image and all its ancestors.
    constexpr void climb(std::uint32_t start) {
        enter(start);
        while (!path_.empty()) {
            const std::uint32_t image = path_.back();
            const auto parent = index_.parent(image, parent_at_[image]);
            if (!parent) {
                path_.pop_back();
                leave(image);
                continue;
            }
            ++parent_at_[image];
            const auto other = static_cast<std::uint32_t>(*parent);
            if (low_[other] == unseen)
                enter(other);
            else
                look_back(image, other);
        }
    }

    constexpr void enter(std::uint32_t image) {
        low_[image] = count_++;
        path_.push_back(image);
        open_.push_back(image);
        numbers_.push_back(low_[image]);
    }

    /// Updates an image from a parent that was visited before.
    constexpr void look_back(std::uint32_t image, std::uint32_t parent) {
        if (low_[parent] == finished)
            ancestry_.depths[image] = (std::max)(ancestry_.depths[image], ancestry_.depths[parent] + 1);
        else
            low_[image] = (std::min)(low_[image], low_[parent]);
    }

    /// Finishes an image whose ancestors were all visited. If it leads back to no earlier image of the path, it and the
    /// open images behind it form a circle, or it is alone.
    constexpr void leave(std::uint32_t image) {
        const std::uint32_t number = numbers_.back();
        numbers_.pop_back();
        if (low_[image] == number) close(image);
        if (!path_.empty()) look_back(path_.back(), image);
    }

    /// Gives depths to a circle, or to an image alone: the open images from `first` on.
    constexpr void close(std::uint32_t first) {
        std::uint32_t depth = 0, last = first;
        std::size_t begin = open_.size();
        do depth = (std::max)(depth, ancestry_.depths[open_[--begin]]);
        while (open_[begin] != first);
        const bool is_circle = open_.size() - begin > 1;
        if (is_circle && ancestry_.next_in_circle.empty()) {
            ancestry_.next_in_circle.reserve(index_.size());
            for (std::uint32_t id = 0; id < index_.size(); ++id) ancestry_.next_in_circle.push_back(id);
        }
        for (; open_.size() > begin; open_.pop_back()) {
            const std::uint32_t image = open_.back();
            ancestry_.depths[image] = depth;
            low_[image] = finished;
            if (is_circle) ancestry_.next_in_circle[image] = last;
            last = image;
        }
    }

    const Index& index_;
    Ancestry ancestry_;
    Vector<std::uint32_t> low_;        // by image: Tarjan's low link, the earliest image of the path that it leads to
    Vector<std::uint32_t> parent_at_;  // by image: the number of its next parent to visit
    Vector<std::uint32_t> path_;       // from an image to the ancestor that is visited now
    Vector<std::uint32_t> numbers_;    // the visiting numbers of the images of the path
    Vector<std::uint32_t> open_;       // images whose circle is not complete
    std::uint32_t count_ = 0;
};

/// Returns the ancestry of an index whose store has `parent`: see `AncestryBuilder`.
template <class Index>
constexpr Ancestry ancestry(const Index& index) {
    return AncestryBuilder<Index>(index).build();
}

}  // namespace pruneplan::detail

#endif

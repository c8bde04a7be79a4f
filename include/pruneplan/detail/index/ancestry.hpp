#ifndef PRUNEPLAN_DETAIL_INDEX_ANCESTRY_HPP
#define PRUNEPLAN_DETAIL_INDEX_ANCESTRY_HPP

// SPDX-License-Identifier: BSL-1.0

// The depths of images that links lead between, and the circles of these. The links are what images need, or what is
// deleted before an image: what needs it, and what is attached to it. The order of deletions depends on them.

#include <pruneplan/detail/index/graph.hpp>
#include <pruneplan/detail/index/record_texts.hpp>
#include <pruneplan/detail/vector.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>

namespace pruneplan::detail {

/// Holds depths and circles. Both lists are empty without links.
struct Ancestry {
    /// By record: the length of the longest path from its image along links. An image has a greater depth than those
    /// that its links lead to. Images form a circle only in an inconsistent store; they have the same depth, as if they
    /// were one image.
    Vector<std::uint32_t> depths;
    /// By first record: the next image of the same circle, or itself. Empty if there is no circle.
    Vector<std::uint32_t> next_in_circle;

    /// Calls `visit(image)` for each other image of a circle.
    template <class Visit>
    constexpr void for_each_in_circle(std::uint32_t image, const Visit& visit) const {
        if (next_in_circle.empty()) return;
        for (std::uint32_t next = next_in_circle[image]; next != image; next = next_in_circle[next]) visit(next);
    }
    /// Returns by image one that stands for its circle, or itself. Empty if there is no circle.
    constexpr Vector<std::uint32_t> circles() const {
        Vector<std::uint32_t> result(next_in_circle.size(), no_record);
        for (std::uint32_t image = 0; image < result.size(); ++image) {
            if (result[image] != no_record) continue;
            result[image] = image;
            for_each_in_circle(image, [&](std::uint32_t other) { result[other] = image; });
        }
        return result;
    }
};

/// Finds circles and depths by Tarjan's algorithm for strongly connected components, with an explicit stack.
/// **Complexity:** O(n + m) for n records and m needed images.
class AncestryBuilder {
public:
    constexpr AncestryBuilder(const RecordTexts& records, const Graph& needs)
        : records_(records), needs_(needs), low_(records.size(), unseen), next_(records.size(), 0) {
        ancestry_.depths = Vector<std::uint32_t>(records.size(), 0);
    }

    constexpr Ancestry build() {
        for (std::uint32_t id = 0; id < records_.size(); ++id)
            if (records_.is_first(id) && low_[id] == unseen) climb(id);
        for (std::size_t id = 0; id < records_.size(); ++id)
            ancestry_.depths[id] = ancestry_.depths[records_.image(id)];
        return std::move(ancestry_);
    }

private:
    static constexpr std::uint32_t unseen = 0xffffffff, finished = 0xfffffffe;

    /// Visits an image and all its ancestors.
    constexpr void climb(std::uint32_t start) {
        enter(start);
        while (!path_.empty()) {
            const std::uint32_t image = path_.back();
            if (next_[image] == needs_[image].size()) {
                path_.pop_back();
                leave(image);
                continue;
            }
            const std::uint32_t other = needs_[image][next_[image]++];
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
    constexpr void look_back(std::uint32_t image, std::uint32_t needed) {
        if (low_[needed] == finished)
            ancestry_.depths[image] = (std::max)(ancestry_.depths[image], ancestry_.depths[needed] + 1);
        else
            low_[image] = (std::min)(low_[image], low_[needed]);
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
            ancestry_.next_in_circle.reserve(records_.size());
            for (std::uint32_t id = 0; id < records_.size(); ++id) ancestry_.next_in_circle.push_back(id);
        }
        for (; open_.size() > begin; open_.pop_back()) {
            const std::uint32_t image = open_.back();
            ancestry_.depths[image] = depth;
            low_[image] = finished;
            if (is_circle) ancestry_.next_in_circle[image] = last;
            last = image;
        }
    }

    const RecordTexts& records_;
    const Graph& needs_;
    Ancestry ancestry_;
    Vector<std::uint32_t> low_;      // by image: Tarjan's low link, the earliest image of the path that it leads to
    Vector<std::uint32_t> next_;     // by image: the place in its list of the next image to visit
    Vector<std::uint32_t> path_;     // from an image to the ancestor that is visited now
    Vector<std::uint32_t> numbers_;  // the visiting numbers of the images of the path
    Vector<std::uint32_t> open_;     // images whose circle is not complete
    std::uint32_t count_ = 0;
};

/// Returns the depths and circles of records; empty if no image needs another.
constexpr Ancestry ancestry(const RecordTexts& records, const Graph& needs) {
    // Not a conditional expression: g++ 12 cannot evaluate that at compile time.
    if (needs.empty()) return {};
    return AncestryBuilder(records, needs).build();
}

}  // namespace pruneplan::detail

#endif

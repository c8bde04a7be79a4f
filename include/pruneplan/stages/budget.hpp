#ifndef PRUNEPLAN_STAGES_BUDGET_HPP
#define PRUNEPLAN_STAGES_BUDGET_HPP

// SPDX-License-Identifier: BSL-1.0

// The fifth stage of the planner: keeps images that need not be deleted to free enough bytes.

#include <pruneplan/detail/ancestry.hpp>
#include <pruneplan/detail/blob_table.hpp>
#include <pruneplan/detail/groups.hpp>
#include <pruneplan/detail/vector.hpp>
#include <pruneplan/host.hpp>
#include <pruneplan/image_index.hpp>
#include <pruneplan/options.hpp>
#include <pruneplan/plan.hpp>
#include <pruneplan/syntax/timestamp.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>

namespace pruneplan {

namespace detail {

/// Yields fully deletable images, least recently used first.
/// **Complexity:** O(n) for n records to build, O(n + p log p) with p parents; then O(log n) for each image.
/// **Memory:** 4 bytes a record, and 44 a deletable image, up to three times that while they are collected. If the
/// store has `parent`, 4 more of each during construction.
template <class Store>
class LeastRecentlyUsed {
public:
    /// `deletable` tells for each target whether all its names can be deleted.
    constexpr LeastRecentlyUsed(const ImageIndex<Store>& index, const Vector<char>& deletable, const Ancestry& ancestry)
        : index_(index), ancestry_(ancestry), image_of_(index.size(), no_record) {
        for (std::size_t id = 0; id < index.size(); ++id)
            if (deletable[index.target_id(id)]) add(static_cast<std::uint32_t>(id));
        if constexpr (HasParent<Store>) {
            merge_circles();
            propagate_to_parents();
        }
        queue_.reserve(images_.size());
        for (std::uint32_t image = 0; image < images_.size(); ++image)
            if (!is_merged(image)) queue_.push_back(image);
        std::make_heap(queue_.begin(), queue_.end(), later());
    }

    /// Returns the next image, by the number of its first record, or `no_record`. Returns one image of a circle for
    /// all.
    constexpr std::uint32_t next() {
        if (queue_.empty()) return no_record;
        std::pop_heap(queue_.begin(), queue_.end(), later());
        const std::uint32_t image = queue_.back();
        queue_.pop_back();
        return images_[image].target;
    }

private:
    struct Use {
        Timestamp used, created;
        friend constexpr auto operator<=>(const Use&, const Use&) = default;
    };

    struct Image {
        Use use;
        std::uint32_t target, name;  ///< the first record, and the record whose name sorts first
    };

    /// Adds a record to its image, which gets the latest times of its records.
    constexpr void add(std::uint32_t record) {
        // An unknown time counts as now.
        constexpr Timestamp now{INT64_MAX, 0};
        const Timestamp created = index_.created(record).value_or(now);
        const Use use{HasLastUsed<Store> ? index_.last_used(record).value_or(now) : created, created};
        std::uint32_t& number = image_of_[index_.target_id(record)];
        if (number == no_record) {
            number = static_cast<std::uint32_t>(images_.size());
            images_.push_back({use, record, record});
            return;
        }
        Image& image = images_[number];
        if (index_.name(record) < index_.name(image.name)) image.name = record;
        image.use.used = (std::max)(image.use.used, use.used);
        image.use.created = (std::max)(image.use.created, use.created);
    }

    constexpr bool is_merged(std::uint32_t image) const { return image_of_[images_[image].target] != image; }

    /// Merges each circle into one image, which counts as used when the latest of its images was.
    constexpr void merge_circles() {
        for (std::uint32_t number = 0; number < images_.size(); ++number) {
            if (is_merged(number)) continue;
            ancestry_.for_each_in_circle(images_[number].target, [&](std::uint32_t other) {
                if (image_of_[other] == no_record) return;
                const Image& from = images_[image_of_[other]];
                Image& to = images_[number];
                to.use = (std::max)(to.use, from.use);
                if (index_.name(from.name) < index_.name(to.name)) to.name = from.name;
                image_of_[other] = number;
            });
        }
    }

    /// Propagates uses to parents, which count as used when the latest of their descendants was. Children come first,
    /// so one step for each image is enough.
    constexpr void propagate_to_parents() {
        const Groups by_depth =
            grouped(images_.size(), index_.size(), [this](std::size_t image) {
                return is_merged(static_cast<std::uint32_t>(image)) ? no_group : ancestry_.depths[images_[image].target];
            });
        const Vector<std::uint32_t>& upwards = by_depth.numbers;
        for (std::size_t left = upwards.size(); left > 0; --left) {
            const Image& child = images_[upwards[left - 1]];
            propagate(child.target, child.use);
            ancestry_.for_each_in_circle(child.target, [&](std::uint32_t other) { propagate(other, child.use); });
        }
    }

    constexpr void propagate(std::uint32_t child, const Use& used) {
        for (std::size_t nth = 0;; ++nth) {
            const auto parent = index_.parent(child, nth);
            if (!parent) return;
            if (image_of_[*parent] == no_record) continue;
            Use& use = images_[image_of_[*parent]].use;
            use = (std::max)(use, used);
        }
    }

    /// Returns the order of the heap: whether image `a` is deleted after image `b`.
    constexpr auto later() const noexcept {
        return [this](std::uint32_t number_a, std::uint32_t number_b) {
            const Image &a = images_[number_a], &b = images_[number_b];
            if (a.use != b.use) return a.use > b.use;
            const Vector<std::uint32_t>& depths = ancestry_.depths;
            if (!depths.empty() && depths[a.target] != depths[b.target]) return depths[a.target] < depths[b.target];
            return index_.name(a.name) > index_.name(b.name);
        };
    }

    const ImageIndex<Store>& index_;
    const Ancestry& ancestry_;
    Vector<std::uint32_t> image_of_;  // by target
    Vector<Image> images_;            // a circle of parents counts as one
    Vector<std::uint32_t> queue_;     // a heap
};

/// Marks images in `taken`, by target, until deleting them frees this many bytes.
template <class Store>
constexpr void take_least_recently_used(const ImageIndex<Store>& index, const Vector<char>& deletable,
                                        const Ancestry& ancestry, std::uint64_t bytes, Vector<char>& taken) {
    Vector<std::uint32_t> deletable_images, kept_images;
    for (std::size_t id = 0; id < index.size(); ++id)
        if (index.target_id(id) == id)
            (deletable[id] ? deletable_images : kept_images).push_back(static_cast<std::uint32_t>(id));
    if (BlobTable::listed_bytes(index, deletable_images) < bytes) {
        taken = deletable;  // Not even all of them free enough.
        return;
    }
    LeastRecentlyUsed<Store> images(index, deletable, ancestry);
    BlobTable blobs(index, deletable_images, kept_images);
    for (std::uint64_t freed = 0; freed < bytes;) {
        const std::uint32_t image = images.next();
        if (image == no_record) return;
        const auto add = [&](std::uint32_t one) {
            taken[one] = true;
            freed = saturating_sum(freed, blobs.release(one));
        };
        add(image);
        ancestry.for_each_in_circle(image, add);
    }
}

}  // namespace detail

namespace stages {

/// Fifth stage: takes images, least recently used first, until deleting them frees `bytes_to_free`, and keeps the rest.
/// Without `blobs` in the store, nothing can be counted, so it keeps all.
/// **Complexity:** O(n + b + k log n) for n records, b blobs that images list, and k images taken; p parents add
/// O(p log p).
/// **Memory:** that of `detail::LeastRecentlyUsed` and `detail::BlobTable`, and 6 to 14 bytes a record.
/// **Source:** README.md, "The rule", paragraphs 5 and 6.
template <class Store>
constexpr void budget(const ImageIndex<Store>& index, const PruneOptions& options,
                      const detail::Ancestry& ancestry, Decisions& decisions) {
    if (!options.bytes_to_free) return;
    // By target.
    detail::Vector<char> deletable(index.size(), true), taken(index.size(), false);
    for (std::size_t id = 0; id < index.size(); ++id)
        if (!decisions.deletes(id)) deletable[index.target_id(id)] = false;
    if constexpr (detail::HasBlobs<Store>)
        detail::take_least_recently_used(index, deletable, ancestry, *options.bytes_to_free, taken);
    for (std::size_t id = 0; id < index.size(); ++id) {
        const std::size_t target = index.target_id(id);
        if (!taken[target]) decisions.decide(id, deletable[target] ? Reason::enough_freed : Reason::image_stays);
    }
}

}  // namespace stages
}  // namespace pruneplan

#endif

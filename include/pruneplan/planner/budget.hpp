#ifndef PRUNEPLAN_PLANNER_BUDGET_HPP
#define PRUNEPLAN_PLANNER_BUDGET_HPP

// SPDX-License-Identifier: BSL-1.0

// The last stage of the planner: keeps images that need not be deleted to free enough bytes.

#include <pruneplan/detail/index/ancestry.hpp>
#include <pruneplan/detail/index/blobs.hpp>
#include <pruneplan/detail/index/facts.hpp>
#include <pruneplan/detail/index/groups.hpp>
#include <pruneplan/detail/index/records.hpp>
#include <pruneplan/detail/vector.hpp>
#include <pruneplan/image_index.hpp>
#include <pruneplan/options.hpp>
#include <pruneplan/plan.hpp>
#include <pruneplan/planner/draft.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>

namespace pruneplan {

namespace detail {

/// Yields fully deletable images, least recently used first.
/// **Complexity:** O(n + m) for n records and m needed images to build; then O(log n) for each image.
class LeastRecentlyUsed {
public:
    struct DatedImage {
        Moment used, created;                                     ///< the latest times of its records
        std::uint32_t image = no_record, first_name = no_record;  ///< `first_name`: the record whose name sorts first
    };

private:
    /// Returns the order of the heap: whether image `a` is deleted after image `b`.
    constexpr auto later() const noexcept {
        return [this](std::uint32_t place_a, std::uint32_t place_b) {
            const DatedImage &a = images_[place_a], &b = images_[place_b];
            if (a.used != b.used) return a.used > b.used;
            if (a.created != b.created) return a.created > b.created;
            const Vector<std::uint32_t>& depths = draft_.ancestry.depths;
            if (!depths.empty() && depths[a.image] != depths[b.image]) return depths[a.image] < depths[b.image];
            return records_.name(a.first_name) > records_.name(b.first_name);
        };
    }

public:
    /// `deletable` tells for each image whether all its names can be deleted.
    constexpr LeastRecentlyUsed(const Draft& draft, const Vector<char>& deletable)
        : draft_(draft), records_(draft.records), place_(records_.size(), no_record) {
        for (std::uint32_t id = 0; id < records_.size(); ++id)
            if (deletable[records_.image(id)]) add(id);
        if (!draft.followers.empty()) {
            merge_circles();
            propagate_to_followers();
        }
        queue_.reserve(images_.size());
        for (std::uint32_t place = 0; place < images_.size(); ++place)
            if (!is_merged(place)) queue_.push_back(place);
        std::make_heap(queue_.begin(), queue_.end(), later());
    }

    /// Returns the next image, or one whose `image` is `no_record`. Returns one image of a circle for all.
    constexpr DatedImage next() {
        if (queue_.empty()) return {};
        std::pop_heap(queue_.begin(), queue_.end(), later());
        const DatedImage image = images_[queue_.back()];
        queue_.pop_back();
        return image;
    }

private:
    /// Adds a record to its image, which gets the latest times of its records. An unknown time is later than any other.
    constexpr void add(std::uint32_t record) {
        const Moment created = draft_.facts.created_at(record);
        const Moment used = draft_.facts.last_used.empty() ? created : draft_.facts.last_used[record];
        std::uint32_t& place = place_[records_.image(record)];
        if (place == no_record) {
            place = static_cast<std::uint32_t>(images_.size());
            images_.push_back({used, created, records_.image(record), record});
            return;
        }
        DatedImage& image = images_[place];
        if (records_.name(record) < records_.name(image.first_name)) image.first_name = record;
        make_later(image, used, created);
    }

    static constexpr void make_later(DatedImage& image, Moment used, Moment created) noexcept {
        image.used = (std::max)(image.used, used);
        image.created = (std::max)(image.created, created);
    }
    /// Like `make_later`, but the times of one image count together.
    static constexpr void propagate(DatedImage& to, const DatedImage& from) noexcept {
        if (to.used < from.used || (to.used == from.used && to.created < from.created)) {
            to.used = from.used;
            to.created = from.created;
        }
    }

    constexpr bool is_merged(std::uint32_t place) const { return place_[images_[place].image] != place; }

    /// Merges each circle into one image, which counts as used when the latest of its images was.
    constexpr void merge_circles() {
        for (std::uint32_t place = 0; place < images_.size(); ++place) {
            if (is_merged(place)) continue;
            draft_.ancestry.for_each_in_circle(images_[place].image, [&](std::uint32_t other) {
                if (place_[other] == no_record) return;
                const DatedImage& from = images_[place_[other]];
                DatedImage& to = images_[place];
                propagate(to, from);
                if (records_.name(from.first_name) < records_.name(to.first_name)) to.first_name = from.first_name;
                place_[other] = place;
            });
        }
    }

    /// Propagates uses to what follows images, which counts as used when the latest of the images before it was. One
    /// step for each image is enough, by depth.
    constexpr void propagate_to_followers() {
        const Groups by_depth = grouped(images_.size(), records_.size(), [this](std::size_t place) {
            return is_merged(static_cast<std::uint32_t>(place)) ? no_group
                                                                : draft_.ancestry.depths[images_[place].image];
        });
        const Vector<std::uint32_t>& upwards = by_depth.numbers;
        for (std::size_t left = upwards.size(); left > 0; --left) {
            const DatedImage from = images_[upwards[left - 1]];
            const auto pass_on = [&](std::uint32_t image) {
                for (const std::uint32_t follower : draft_.followers[image])
                    if (place_[follower] != no_record) propagate(images_[place_[follower]], from);
            };
            pass_on(from.image);
            draft_.ancestry.for_each_in_circle(from.image, pass_on);
        }
    }

    const Draft& draft_;
    const Records& records_;
    Vector<std::uint32_t> place_;  // by image: its place in `images_`
    Vector<DatedImage> images_;    // a circle counts as one
    Vector<std::uint32_t> queue_;  // a heap
};

/// Removes the names of images. An image is deleted with its last name, after every image that needs it; an attachment,
/// with the last of the images that it is attached to. The images of a circle are deleted together.
/// **Complexity:** O(n + m) for n records and m followers, with all calls of `remove_names`.
class ImageRemoval {
    constexpr std::uint32_t circle_of(std::uint32_t image) const noexcept {
        return circles_.empty() ? image : circles_[image];
    }
    template <class Visit>
    constexpr void for_each_follower(std::uint32_t image, const Visit& visit) const {
        for (const std::uint32_t follower : draft_.followers[image])
            if (circle_of(follower) != circle_of(image)) visit(circle_of(follower));
    }

public:
    constexpr explicit ImageRemoval(const Draft& draft)
        : draft_(draft), circles_(draft.ancestry.circles()), names_(draft.records.size(), 0) {
        const Records& records = draft.records;
        for (std::uint32_t id = 0; id < records.size(); ++id)
            if (draft.decisions.deletes(id) && !records.is_attachment(id)) ++names_[circle_of(records.image(id))];
        obstacles_ = names_;
        for (std::uint32_t id = 0; id < records.size(); ++id) {
            if (!draft.decisions.deletes(id)) ++obstacles_[circle_of(records.image(id))];
            for_each_follower(id, [&](std::uint32_t circle) { ++obstacles_[circle]; });
        }
    }

    /// Removes the names of an image, and of its circle, but for attachments. Calls `visit(image)` for each image that
    /// is deleted.
    template <class Visit>
    constexpr void remove_names(std::uint32_t image, const Visit& visit) {
        const std::uint32_t circle = circle_of(image);
        if (names_[circle] > 0) remove_obstacles(circle, names_[circle]);
        while (!free_.empty()) {
            const std::uint32_t deleted = free_.back();
            free_.pop_back();
            const auto remove = [&](std::uint32_t member) {
                visit(member);
                for_each_follower(member, [this](std::uint32_t other) { remove_obstacles(other, 1); });
            };
            remove(deleted);
            draft_.ancestry.for_each_in_circle(deleted, remove);
        }
    }

private:
    constexpr void remove_obstacles(std::uint32_t circle, std::uint32_t count) {
        obstacles_[circle] -= count;
        if (obstacles_[circle] == 0) free_.push_back(circle);
    }

    const Draft& draft_;
    Vector<std::uint32_t> circles_;    // see `Ancestry`
    Vector<std::uint32_t> names_;      // by circle: its names to delete that are no attachments
    Vector<std::uint32_t> obstacles_;  // by circle: these, kept names, and images that are deleted before it
    Vector<std::uint32_t> free_;       // circles without an obstacle
};

/// Marks images in `taken`, each with what is attached to it, until deleting them frees enough bytes, and no other was
/// last used before `delete_unused_before`.
constexpr void take_least_recently_used(const Draft& draft, const Blobs& blobs, const Vector<char>& deletable,
                                        std::uint64_t bytes, Vector<char>& taken) {
    std::uint64_t listed = 0;
    for (std::size_t image = 0; image < blobs.ends.size(); ++image)
        if (deletable[image])
            for (const std::uint32_t blob : blobs.of(image)) listed = saturating_sum(listed, blobs.blobs[blob].size);
    if (listed < bytes) {
        taken = deletable;  // Not even all of them free enough.
        return;
    }
    const Moment age = moment_of(draft.options.delete_unused_before);
    LeastRecentlyUsed images(draft, deletable);
    ImageRemoval removal(draft);
    BlobCounts counts(blobs, [](std::size_t) { return true; });
    for (std::uint64_t freed = 0;;) {
        const auto next = images.next();
        if (next.image == no_record || (freed >= bytes && !(age.is_known() && next.used < age))) return;
        removal.remove_names(next.image, [&](std::uint32_t deleted) {
            taken[deleted] = true;
            freed = saturating_sum(freed, counts.release(deleted));
        });
    }
}

/// Returns for each image the first one that needs it and was not taken, or `no_record`; nothing without attachments.
constexpr Vector<std::uint32_t> needed_by_the_rest(const Records& records, const Vector<char>& taken) {
    Vector<std::uint32_t> needed_by(records.subjects.empty() ? 0 : records.size(), no_record);
    for (std::uint32_t image = 0; image < needed_by.size(); ++image)
        for (const std::uint32_t needed : records.needs[image])
            if (!taken[image]) needed_by[needed] = (std::min)(needed_by[needed], image);
    return needed_by;
}

/// Keeps what was not taken.
constexpr void keep_the_rest(Draft& draft, const Vector<char>& deletable, const Vector<char>& taken) {
    const Records& records = draft.records;
    const Vector<std::uint32_t> needed_by = needed_by_the_rest(records, taken);
    for (std::size_t id = 0; id < records.size(); ++id) {
        const std::uint32_t image = records.image(id);
        if (!records.is_attachment(id)) {
            if (!taken[image])
                draft.decisions.decide(id, deletable[image] ? Reason::enough_freed : Reason::image_stays);
            continue;
        }
        if (deletable[image] && needed_by[image] != no_record)
            draft.decisions.decide(id, Reason::needed, by_image(needed_by[image]));
        for (const std::uint32_t subject : records.subjects[id])
            if (!taken[subject]) draft.decisions.decide(id, Reason::attached, by_image(subject));
    }
}

}  // namespace detail

namespace planner {

/// Last stage: takes images with their attachments, least recently used first, until deleting them frees
/// `bytes_to_free`, and keeps the rest. If no image has a size, nothing can be counted, so it keeps all.
/// **Complexity:** O(n + m + b + k log n) for n records, m needed images, b blobs that images list, and k images taken.
/// **Source:** README.md, "The rule", paragraphs 5 and 6.
constexpr void budget(detail::Draft& draft, const detail::Blobs& blobs) {
    if (!draft.options.bytes_to_free) return;
    const detail::Records& records = draft.records;
    // By image.
    detail::Vector<char> deletable(records.size(), true), taken(records.size(), false);
    for (std::size_t id = 0; id < records.size(); ++id)
        if (!draft.decisions.deletes(id)) deletable[records.image(id)] = false;
    // A negative number is rejected earlier; here it frees nothing.
    const std::int64_t bytes = (std::max)(*draft.options.bytes_to_free, std::int64_t{0});
    if (bytes == (std::numeric_limits<std::int64_t>::max)())
        taken = deletable;  // no limit, which needs no sizes
    else if (blobs.known())
        detail::take_least_recently_used(draft, blobs, deletable, static_cast<std::uint64_t>(bytes), taken);
    detail::keep_the_rest(draft, deletable, taken);
}

}  // namespace planner
}  // namespace pruneplan

#endif

#ifndef PRUNEPLAN_STAGES_BUDGET_HPP
#define PRUNEPLAN_STAGES_BUDGET_HPP

#include <pruneplan/detail/ancestry.hpp>
#include <pruneplan/detail/blob_table.hpp>
#include <pruneplan/detail/list.hpp>
#include <pruneplan/detail/sort.hpp>
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
/// **Complexity:** O(n) for n records to build; O(log m) for each of m images yielded.
/// **Memory:** 4 bytes a record, and 44 a deletable image, up to three times that while they are collected.
template <class Store>
class LeastRecentlyUsed {
public:
    /// `goes` tells for each target whether all its names can be deleted.
    constexpr LeastRecentlyUsed(const ImageIndex<Store>& index, const List<char>& goes,
                                const Ancestry& ancestry)
        : index_(index), ancestry_(ancestry), image_of_(index.size(), no_record) {
        for (std::size_t id = 0; id < index.size(); ++id)
            if (goes[index.target_id(id)]) add(static_cast<std::uint32_t>(id));
        if constexpr (HasParent<Store>) pass_on_to_parents();
        queue_.reserve(images_.size());
        for (std::uint32_t image = 0; image < images_.size(); ++image) queue_.push_back(image);
        std::make_heap(queue_.begin(), queue_.end(), later());
    }

    /// Returns the next image, by the number of its first record, or `no_record`.
    constexpr std::uint32_t take() {
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

    constexpr void add(std::uint32_t record) {
        // An unknown time counts as now.
        constexpr Timestamp now{INT64_MAX, 0};
        const Timestamp created = index_.created(record).value_or(now);
        const Use use{HasLastUsed<Store> ? index_.last_used(record).value_or(now) : created, created};
        std::uint32_t& number = image_of_[index_.target_id(record)];
        if (number == no_record) {
            number = static_cast<std::uint32_t>(images_.size());
            images_.push_back({use, record, record});
            ancestry_.for_each_in_circle(record, [&](std::uint32_t other) { image_of_[other] = number; });
            return;
        }
        Image& image = images_[number];
        if (index_.name(record) < index_.name(image.name)) image.name = record;
        image.use.used = (std::max)(image.use.used, use.used);
        image.use.created = (std::max)(image.use.created, use.created);
    }

    /// Propagates uses to parents, which count as used when their newest descendant was. Children come first, so one
    /// step for each image is enough.
    constexpr void pass_on_to_parents() {
        const Groups by_depth =
            grouped(images_.size(), index_.size(), [this](std::size_t image) { return ancestry_.depths[images_[image].target]; });
        const List<std::uint32_t>& upwards = by_depth.numbers;
        for (std::size_t left = upwards.size(); left > 0; --left) {
            const Image& child = images_[upwards[left - 1]];
            pass_on(child.target, child.use);
            ancestry_.for_each_in_circle(child.target, [&](std::uint32_t other) { pass_on(other, child.use); });
        }
    }

    constexpr void pass_on(std::uint32_t child, const Use& used) {
        for (std::size_t nth = 0;; ++nth) {
            const auto parent = index_.parent(child, nth);
            if (!parent) return;
            if (image_of_[*parent] == no_record) continue;
            Use& use = images_[image_of_[*parent]].use;
            use = (std::max)(use, used);
        }
    }

    constexpr auto later() const noexcept {
        return [this](std::uint32_t number_a, std::uint32_t number_b) {
            const Image &a = images_[number_a], &b = images_[number_b];
            if (a.use != b.use) return a.use > b.use;
            const List<std::uint32_t>& depths = ancestry_.depths;
            if (!depths.empty() && depths[a.target] != depths[b.target]) return depths[a.target] < depths[b.target];
            return index_.name(a.name) > index_.name(b.name);
        };
    }

    const ImageIndex<Store>& index_;
    const Ancestry& ancestry_;
    List<std::uint32_t> image_of_;  // by target
    List<Image> images_;            // a circle of parents counts as one
    List<std::uint32_t> queue_;  // a heap
};

/// Marks images in `taken` until deleting them frees this many bytes.
template <class Store>
constexpr void take_least_recently_used(const ImageIndex<Store>& index, const List<char>& goes,
                                        const Ancestry& ancestry, std::uint64_t bytes, List<char>& taken) {
    List<std::uint32_t> going, staying;
    for (std::size_t id = 0; id < index.size(); ++id)
        if (index.target_id(id) == id) (goes[id] ? going : staying).push_back(static_cast<std::uint32_t>(id));
    if (BlobTable::listed_bytes(index, going) < bytes) {
        taken = goes;  // Not even all of them free enough.
        return;
    }
    LeastRecentlyUsed<Store> images(index, goes, ancestry);
    BlobTable blobs(index, going, staying);
    for (std::uint64_t freed = 0; freed < bytes;) {
        const std::uint32_t image = images.take();
        if (image == no_record) return;
        const auto take = [&](std::uint32_t one) {
            taken[one] = true;
            freed = saturating_sum(freed, blobs.release(one));
        };
        take(image);
        ancestry.for_each_in_circle(image, take);
    }
}

}  // namespace detail

namespace stages {

/// Fifth stage: deletes no more images than it takes to free `bytes_to_free`, least recently used first. Without
/// `blobs` in the store, nothing can be counted, so it keeps all.
/// **Complexity:** O(n + b + k log n) for n records, b blobs listed by images, and k images taken.
/// **Memory:** see `LeastRecentlyUsed` and `BlobTable`.
/// **Source:** README.md, "The rule", paragraphs 5 and 6.
template <class Store>
constexpr void budget(const ImageIndex<Store>& index, const PruneOptions& options,
                      const detail::Ancestry& ancestry, Decisions& decisions) {
    if (!options.bytes_to_free) return;
    // By target.
    detail::List<char> goes(index.size(), true), taken(index.size(), false);
    for (std::size_t id = 0; id < index.size(); ++id)
        if (!decisions.deletes(id)) goes[index.target_id(id)] = false;
    if constexpr (detail::HasBlobs<Store>)
        detail::take_least_recently_used(index, goes, ancestry, *options.bytes_to_free, taken);
    for (std::size_t id = 0; id < index.size(); ++id) {
        const std::size_t target = index.target_id(id);
        if (!taken[target]) decisions.decide(id, goes[target] ? Reason::enough_freed : Reason::image_stays);
    }
}

}  // namespace stages
}  // namespace pruneplan

#endif

#ifndef PRUNEPLAN_DETAIL_INDEX_IMAGE_LOOKUPS_HPP
#define PRUNEPLAN_DETAIL_INDEX_IMAGE_LOOKUPS_HPP

// SPDX-License-Identifier: BSL-1.0

// Finds images by truncated IDs.

#include <pruneplan/detail/index/graph.hpp>
#include <pruneplan/detail/index/records.hpp>
#include <pruneplan/detail/text/full_id.hpp>
#include <pruneplan/detail/text/words.hpp>
#include <pruneplan/detail/vector.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace pruneplan::detail {

/// Finds images by IDs of sha256, whole or truncated, with or without their algorithm.
/// **Complexity:** O(n log n) once, at the first lookup, for n images and further IDs; then O(log n) a lookup, and O(1)
/// an image found.
class ImageLookups {
public:
    /// The IDs that begin with a text: those from `begin` to `end` in the order of their digits.
    struct Range {
        std::uint32_t begin = 0, end = 0;

        constexpr bool empty() const noexcept { return begin == end; }
    };

    constexpr explicit ImageLookups(const Records& records) : records_(records) {}

    /// Finds the IDs that begin with a text; all, if it is empty.
    constexpr Range find(std::string_view text) {
        text = without_algorithm(text);
        if (!sorted_) sort();
        const Id* const first = std::lower_bound(
            ids_.begin(), ids_.end(), text, [](const Id& id, std::string_view wanted) { return id.digits < wanted; });
        const Id* const last = std::partition_point(first, static_cast<const Id*>(ids_.end()),
                                                    [&](const Id& id) { return id.digits.starts_with(text); });
        return {static_cast<std::uint32_t>(first - ids_.begin()), static_cast<std::uint32_t>(last - ids_.begin())};
    }

    /// Calls `visit(image)` for each image that has an ID of a range, until it returns false. An image can have
    /// several.
    template <class Visit>
    constexpr void for_each_image(Range range, const Visit& visit) const {
        for (; range.begin != range.end; ++range.begin)
            for (const std::uint32_t image : images_of(ids_[range.begin]))
                if (!visit(image)) return;
    }
    /// Calls `visit(image)` for each image that has an ID that begins with a text, until it returns false. None if the
    /// text is empty.
    template <class Visit>
    constexpr void for_each_image(std::string_view text, const Visit& visit) {
        if (!text.empty() && text != algorithm) for_each_image(find(text), visit);
    }

    /// Tells whether more than `count` images have IDs of a range, each counted by its IDs. **Complexity:** O(count).
    constexpr bool has_more_images(Range range, std::size_t count) const noexcept {
        for (std::size_t images = 0; range.begin != range.end; ++range.begin) {
            images += images_of(ids_[range.begin]).size();
            if (images > count) return true;
        }
        return false;
    }

    /// Tells whether an image has an ID of a range. **Complexity:** O(log i) for its i IDs, after O(n) once.
    constexpr bool has_any(std::uint32_t image, Range range) {
        if (by_image_.empty()) group_by_image();
        const std::span<const std::uint32_t> ids = by_image_[image];
        const std::uint32_t* const end = ids.data() + ids.size();
        const std::uint32_t* const at = std::lower_bound(ids.data(), end, range.begin);
        return at != end && *at < range.end;
    }

private:
    static constexpr char algorithm[] = "sha256:";

    /// An ID of sha256: the target of an image, or a further ID.
    struct Id {
        std::string_view digits{};  ///< without its algorithm
        std::uint32_t image = 0;
        std::uint32_t further_id = no_record;  ///< its number in `Records::ids`, or `no_record`
    };

    constexpr std::span<const std::uint32_t> images_of(const Id& id) const noexcept {
        if (id.further_id != no_record) return records_.ids.images(id.further_id);
        return {&id.image, 1};
    }

    constexpr void add(std::string_view id, std::uint32_t image, std::uint32_t further_id) {
        if (begins(id, algorithm))
            ids_.push_back({without_algorithm(id), image, further_id});
        else if (is_identifier(id))
            ids_.push_back({id, image, further_id});
    }

    constexpr void sort() {
        ids_.reserve(records_.size() + records_.ids.size());
        for (std::uint32_t record = 0; record < records_.size(); ++record)
            if (records_.image(record) == record) add(records_.target(record), record, no_record);
        for (std::uint32_t number = 0; number < records_.ids.size(); ++number)
            add(records_.ids[number], no_record, number);
        std::sort(ids_.begin(), ids_.end(), [](const Id& a, const Id& b) { return a.digits < b.digits; });
        sorted_ = true;
    }

    constexpr void group_by_image() {
        Vector<std::uint32_t> images, places;
        for (std::uint32_t place = 0; place < ids_.size(); ++place)
            for (const std::uint32_t image : images_of(ids_[place])) {
                images.push_back(image);
                places.push_back(place);
            }
        by_image_ = Graph(records_.size(), ids_.size(), images, places);
    }

    const Records& records_;
    bool sorted_ = false;
    Vector<Id> ids_;  // sorted by digits
    Graph by_image_;  // the places of each image's IDs in `ids_`, ascending
};

}  // namespace pruneplan::detail

#endif

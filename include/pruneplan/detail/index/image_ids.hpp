#ifndef PRUNEPLAN_DETAIL_INDEX_IMAGE_IDS_HPP
#define PRUNEPLAN_DETAIL_INDEX_IMAGE_IDS_HPP

// SPDX-License-Identifier: BSL-1.0

// The further IDs of images, beside their targets.

#include <pruneplan/detail/hash.hpp>
#include <pruneplan/detail/index/flat_index.hpp>
#include <pruneplan/detail/index/graph.hpp>
#include <pruneplan/detail/index/groups.hpp>
#include <pruneplan/detail/index/record_texts.hpp>
#include <pruneplan/detail/text/text_list.hpp>
#include <pruneplan/detail/vector.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace pruneplan::detail {

/// Holds each further ID once, by a number, with all images that have it.
/// **Complexity:** O(1) an ID on average, one hash.
class ImageIds {
public:
    constexpr explicit ImageIds(HashKey key) : key_(key) {}

    constexpr std::size_t size() const noexcept { return texts_.size(); }
    constexpr bool empty() const noexcept { return texts_.empty(); }
    constexpr std::string_view operator[](std::size_t number) const noexcept { return texts_[number]; }
    /// Returns the images that have an ID, in ascending order.
    constexpr std::span<const std::uint32_t> images(std::size_t number) const noexcept { return images_[number]; }

    /// Returns the number of an ID, or `no_record`. `hash` is that of the ID.
    constexpr std::uint32_t find(std::string_view id, std::uint64_t hash) const {
        if (empty()) return no_record;
        FlatIndex::Search search = by_text_.search(hash);
        by_text_.advance(search);
        return by_text_.find(search, [&](std::uint32_t number) { return texts_[number] == id; });
    }

    /// Adds an ID of an image. It can be found after `finish`.
    constexpr void add(std::string_view id, std::uint32_t image) {
        by_text_.make_room(size(), 1, [this](std::uint32_t number) { return hash(texts_[number], key_); });
        const auto next = static_cast<std::uint32_t>(size());
        FlatIndex::Search search = by_text_.search(hash(id, key_));
        by_text_.advance(search);
        const auto is_this = [&](std::uint32_t other) { return texts_[other] == id; };
        const std::uint32_t number = by_text_.find_or_insert(search, next, is_this);
        if (number == next) texts_.add(id);
        added_ids_.push_back(number);
        added_images_.push_back(image);
    }

    /// Groups the images by ID. `image_of(id)` returns the image whose target is an ID, or `no_record`.
    template <class ImageOf>
    constexpr void finish(std::size_t records, const ImageOf& image_of) {
        for (std::uint32_t number = 0; number < size(); ++number) {
            const std::uint32_t image = image_of(texts_[number]);
            if (image == no_record) continue;
            added_ids_.push_back(number);
            added_images_.push_back(image);
        }
        Vector<std::uint32_t> from, to;
        for (const std::uint32_t i :
             grouped(added_images_.size(), records, [this](std::size_t at) { return added_images_[at]; }).numbers) {
            from.push_back(added_ids_[i]);
            to.push_back(added_images_[i]);
        }
        images_ = Graph(size(), records, from, to);
        added_ids_ = Vector<std::uint32_t>();
        added_images_ = Vector<std::uint32_t>();
    }

private:
    HashKey key_;
    TextList texts_;
    FlatIndex by_text_;
    Graph images_;
    Vector<std::uint32_t> added_ids_, added_images_;
};

}  // namespace pruneplan::detail

#endif

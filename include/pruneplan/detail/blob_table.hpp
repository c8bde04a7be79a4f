#ifndef PRUNEPLAN_DETAIL_BLOB_TABLE_HPP
#define PRUNEPLAN_DETAIL_BLOB_TABLE_HPP

// SPDX-License-Identifier: BSL-1.0

// Blobs, each counted once however many images share it.

#include <pruneplan/detail/flat_index.hpp>
#include <pruneplan/detail/hash.hpp>
#include <pruneplan/detail/platform.hpp>
#include <pruneplan/detail/string_arena.hpp>
#include <pruneplan/detail/text.hpp>
#include <pruneplan/detail/vector.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <string_view>
#include <type_traits>
#include <utility>

namespace pruneplan::detail {

/// Returns the sum, or the greatest number if it overflows.
constexpr std::uint64_t saturating_sum(std::uint64_t a, std::uint64_t b) noexcept {
    return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

/// Returns a size as a host gives it. A negative size is unknown and counts as 0.
template <class Size>
constexpr std::uint64_t bytes_of(const Size& size) noexcept {
    if constexpr (std::is_signed_v<Size>)
        if (size < 0) return 0;
    return static_cast<std::uint64_t>(size);
}

/// Counts the blobs of an index whose store has `blobs`. Images are identified by their first record, whose blobs count
/// for all records of the image. Only the constructor reads the blobs from the store, since content may have been
/// removed later.
/// **Memory:** 40 bytes a blob, and up to three times that during construction; 14 bytes for each listing of a blob by
/// an image, of which 4 remain; 8 bytes a record, and up to 12 more during construction. Copies of digests that the
/// store returns by value.
class BlobTable {
    /// Returns a predicate for the blob with this digest.
    constexpr auto named(std::string_view digest) const {
        return [this, digest](std::uint32_t number) { return blobs_[number].digest == digest; };
    }

public:
    struct Blob {
        std::string_view digest;              ///< valid during construction
        std::uint64_t size;                   ///< in bytes; the smallest size that an image lists
        std::uint32_t images = 0;             ///< the images that have it and are not released
        std::uint32_t last_seen = no_record;  ///< the image counted last, since an image can list a blob twice
        bool consistent = true;               ///< all images list the same size
    };

    /// Counts the blobs of the images `wanted`, given by their first records; `others` are all other images. Blobs that
    /// only `others` list are not stored. Calls `blobs` twice for each wanted image, and once for each other.
    /// **Complexity:** O(n + b) for n records and b listings of blobs, one hash each.
    template <class Index>
    constexpr BlobTable(const Index& index, const Vector<std::uint32_t>& wanted, const Vector<std::uint32_t>& others) {
        std::size_t listings = 0;
        for_each_listing(index, wanted, [&](std::uint32_t, const auto&) { ++listings; });
        listed_.reserve(listings);
        end_of_image_ = Vector<std::size_t>(index.size(), 0);
        room_ = listings;
        FlatIndex by_digest(listings);
        count_images(index, by_digest, wanted, true);
        for (std::size_t id = 1; id < index.size(); ++id) end_of_image_[id] += end_of_image_[id - 1];
        count_images(index, by_digest, others, false);
        for (Blob& blob : blobs_) blob.last_seen = no_record;
    }

    /// Counts the blobs of all images.
    template <class Index>
    constexpr explicit BlobTable(const Index& index) : BlobTable(index, images_of(index), {}) {}

    /// Returns the sum of the sizes of all blobs that these images list, as if none were shared.
    template <class Index>
    static constexpr std::uint64_t listed_bytes(const Index& index, const Vector<std::uint32_t>& images) {
        std::uint64_t sum = 0;
        for_each_listing(index, images, [&](std::uint32_t, const auto& given) {
            sum = saturating_sum(sum, bytes_of(given.size));
        });
        return sum;
    }

    constexpr const Vector<Blob>& blobs() const noexcept { return blobs_; }

    /// Removes an image. Returns the bytes of its blobs that no remaining image has.
    constexpr std::uint64_t release(std::size_t target) {
        std::uint64_t freed = 0;
        for (std::size_t i = target == 0 ? 0 : end_of_image_[target - 1]; i < end_of_image_[target]; ++i) {
            Blob& blob = blobs_[listed_[i]];
            if (blob.last_seen == target) continue;
            blob.last_seen = static_cast<std::uint32_t>(target);
            if (--blob.images == 0) freed = saturating_sum(freed, blob.size);
        }
        return freed;
    }

private:
    template <class Index>
    static constexpr Vector<std::uint32_t> images_of(const Index& index) {
        Vector<std::uint32_t> images;
        for (std::size_t id = 0; id < index.size(); ++id)
            if (index.target_id(id) == id) images.push_back(static_cast<std::uint32_t>(id));
        return images;
    }

    struct Listing {
        std::string_view digest;
        std::uint64_t size = 0;
        std::uint32_t image = 0;
        bool lasting = true;  ///< the digest outlives the call that returned it
        FlatIndex::Search search{};
    };

    template <class Index, class Visit>
    static constexpr void for_each_listing(const Index& index, const Vector<std::uint32_t>& images,
                                           const Visit& visit) {
        constexpr std::size_t ahead = batch_size / 4;
        for (std::size_t i = 0; i < images.size(); ++i) {
            const std::uint32_t image = images[i];
            if (i + ahead < images.size()) prefetch_object(index.record(images[i + ahead]));
            auto&& given = index.store().blobs(index.record(image));
            const auto end = std::end(given);
            for (auto it = std::begin(given); it != end; ++it) visit(image, *it);
        }
    }

    /// Counts the blobs of these images. If `all`, adds blobs that are not stored yet. Searches in batches: see
    /// `FlatIndex`.
    template <class Index>
    constexpr void count_images(const Index& index, FlatIndex& by_digest, const Vector<std::uint32_t>& images,
                                bool all) {
        using Range = decltype(index.store().blobs(index.record(0)));
        using Listed = decltype(*std::begin(std::declval<Range&>()));
        std::array<Listing, batch_size> batch;
        std::size_t filled = 0;
        const auto resolve = [&] {
            for (std::size_t i = 0; i < filled; ++i) batch[i].search = by_digest.search(index.table().hash(batch[i].digest));
            for (std::size_t i = 0; i < filled; ++i) {
                by_digest.advance(batch[i].search);
                if (by_digest.record_at(batch[i].search) != no_record) prefetch(&blobs_[by_digest.record_at(batch[i].search)]);
            }
            for (std::size_t i = 0; i < filled; ++i)
                if (by_digest.record_at(batch[i].search) != no_record) {
                    const std::string_view digest = blobs_[by_digest.record_at(batch[i].search)].digest;
                    prefetch(digest.data(), digest.size());
                }
            for (std::size_t i = 0; i < filled; ++i) count(batch[i], by_digest, all);
            filled = 0;
        };
        for_each_listing(index, images, [&](std::uint32_t image, const auto& given) {
            // A range that is read once can reuse one object for all its blobs.
            constexpr bool lasting = std::forward_iterator<decltype(std::begin(std::declval<Range&>()))> &&
                                     (borrowed_text<decltype(given.digest)> ||
                                      (std::is_lvalue_reference_v<Range> && std::is_lvalue_reference_v<Listed>));
            const std::string_view digest = text_of(given.digest);
            prefetch(digest.data(), digest.size());
            batch[filled++] = {digest, bytes_of(given.size), image, lasting};
            if (filled == batch.size() || !lasting) resolve();
        });
        resolve();
    }

    constexpr void count(const Listing& listing, FlatIndex& by_digest, bool all) {
        const auto candidate = static_cast<std::uint32_t>(blobs_.size());
        // The table has room for the listings that were counted before. A store that changed since then can list more.
        const bool inserts = all && candidate < room_;
        const std::uint32_t number = inserts
                                         ? by_digest.find_or_insert(listing.search, candidate, named(listing.digest))
                                         : by_digest.find(listing.search, named(listing.digest));
        if (number == no_record) return;
        if (inserts && number == candidate)
            blobs_.push_back({listing.lasting ? listing.digest : texts_.add(listing.digest), listing.size});
        if (all) {
            listed_.push_back(number);
            ++end_of_image_[listing.image];
        }
        Blob& blob = blobs_[number];
        if (blob.size != listing.size) blob.consistent = false;
        // Of several sizes, counts the smallest, so that the sum is never too large.
        blob.size = (std::min)(blob.size, listing.size);
        if (blob.last_seen != listing.image) ++blob.images;
        blob.last_seen = listing.image;
    }

    StringArena texts_;
    std::size_t room_ = 0;  // the number of blobs that fit
    Vector<Blob> blobs_;
    Vector<std::uint32_t> listed_;  // the blobs of each image, by number, one image after the other
    // by record: where the blobs of its image end in `listed_`; only an image's first record has any
    Vector<std::size_t> end_of_image_;
};

}  // namespace pruneplan::detail

#endif

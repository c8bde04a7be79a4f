#ifndef PRUNEPLAN_DETAIL_BLOB_TABLE_HPP
#define PRUNEPLAN_DETAIL_BLOB_TABLE_HPP

// Blobs, each once, however many images share it.

#include <pruneplan/detail/flat_index.hpp>
#include <pruneplan/detail/hash.hpp>
#include <pruneplan/detail/list.hpp>
#include <pruneplan/detail/platform.hpp>
#include <pruneplan/detail/text.hpp>
#include <pruneplan/detail/text_arena.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <string_view>
#include <type_traits>
#include <utility>

namespace pruneplan::detail {

/// The sum, or the largest number where it does not fit.
constexpr std::uint64_t saturating_sum(std::uint64_t a, std::uint64_t b) noexcept {
    return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

/// A size as a host gives it. A negative one is not known: in doubt, nothing is freed.
template <class Size>
constexpr std::uint64_t bytes_of(const Size& size) noexcept {
    if constexpr (std::is_signed_v<Size>)
        if (size < 0) return 0;
    return static_cast<std::uint64_t>(size);
}

/// The blobs of images of an index whose store has `blobs`. Images go by the number of their first record, whose
/// blobs count for all of them. The host is asked as the table is made, and never after: by then, content may be gone.
/// Memory: 40 bytes a blob, and up to three times that while it is made; 14 for each time that an image lists one, 8 a
/// record.
class BlobTable {
    constexpr auto named(std::string_view digest) const {
        return [this, digest](std::uint32_t number) { return blobs_[number].digest == digest; };
    }

public:
    struct Blob {
        std::string_view digest;              ///< only while the table is made
        std::uint64_t size;                   ///< bytes; the least of what is said, where there is more than one word
        std::uint32_t images = 0;             ///< that have it, and are not released
        std::uint32_t last_seen = no_record;  ///< the image that was counted last: one may list a blob twice
        bool consistent = true;               ///< all who list it agree on its size
    };

    /// Of the images `wanted`, by their first records. What only `others` list, all the rest, is left out. Cost: one hash for
    /// each blob that an image lists.
    template <class Index>
    constexpr BlobTable(const Index& index, const List<std::uint32_t>& wanted, const List<std::uint32_t>& others) {
        std::size_t listings = 0;
        for_each_listing(index, wanted, [&](std::uint32_t, const auto&) { ++listings; });
        listed_.reserve(listings);
        end_of_image_ = List<std::size_t>(index.size(), 0);
        room_ = listings;
        FlatIndex by_digest(listings);
        enter(index, by_digest, wanted, true);
        for (std::size_t id = 1; id < index.size(); ++id) end_of_image_[id] += end_of_image_[id - 1];
        enter(index, by_digest, others, false);
        for (Blob& blob : blobs_) blob.last_seen = no_record;
    }

    /// Of all images.
    template <class Index>
    constexpr explicit BlobTable(const Index& index) : BlobTable(index, images_of(index), {}) {}

    /// What these images list in all, as if no blob were shared.
    template <class Index>
    static constexpr std::uint64_t listed_bytes(const Index& index, const List<std::uint32_t>& images) {
        std::uint64_t sum = 0;
        for_each_listing(index, images, [&](std::uint32_t, const auto& given) {
            sum = saturating_sum(sum, bytes_of(given.size));
        });
        return sum;
    }

    constexpr const List<Blob>& blobs() const noexcept { return blobs_; }

    /// Takes an image away, and gives the bytes that this frees: of the blobs that no other image has.
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
    static constexpr List<std::uint32_t> images_of(const Index& index) {
        List<std::uint32_t> images;
        for (std::size_t id = 0; id < index.size(); ++id)
            if (index.target_id(id) == id) images.push_back(static_cast<std::uint32_t>(id));
        return images;
    }

    struct Listing {
        std::string_view digest;
        std::uint64_t size = 0;
        std::uint32_t image = 0;
        bool stays = true;  ///< the digest, after the host gave it
        FlatIndex::Search search{};
    };

    template <class Index, class Visit>
    static constexpr void for_each_listing(const Index& index, const List<std::uint32_t>& images, const Visit& visit) {
        constexpr std::size_t ahead = batch_size / 4;
        for (std::size_t i = 0; i < images.size(); ++i) {
            const std::uint32_t image = images[i];
            if (i + ahead < images.size()) prefetch_object(index.record(images[i + ahead]));
            auto&& given = index.store().blobs(index.record(image));
            const auto end = std::end(given);
            for (auto it = std::begin(given); it != end; ++it) visit(image, *it);
        }
    }

    /// Counts these images, and where `all` is set, enters blobs that are not there yet. Blobs are searched a batch at a
    /// time: see `FlatIndex`.
    template <class Index>
    constexpr void enter(const Index& index, FlatIndex& by_digest, const List<std::uint32_t>& images, bool all) {
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
            // A range that is read once can have one place for all its blobs.
            constexpr bool stays = std::forward_iterator<decltype(std::begin(std::declval<Range&>()))> &&
                                   (borrowed_text<decltype(given.digest)> ||
                                    (std::is_lvalue_reference_v<Range> && std::is_lvalue_reference_v<Listed>));
            const std::string_view digest = text_of(given.digest);
            prefetch(digest.data(), digest.size());
            batch[filled++] = {digest, bytes_of(given.size), image, stays};
            if (filled == batch.size() || !stays) resolve();
        });
        resolve();
    }

    constexpr void count(const Listing& listing, FlatIndex& by_digest, bool all) {
        const auto candidate = static_cast<std::uint32_t>(blobs_.size());
        // There is room for as many as there were when they were counted: a store that changes meanwhile can have more.
        const bool enters = all && candidate < room_;
        const std::uint32_t number = enters ? by_digest.find_or_insert(listing.search, candidate, named(listing.digest))
                                            : by_digest.find(listing.search, named(listing.digest));
        if (number == no_record) return;
        if (enters && number == candidate)
            blobs_.push_back({listing.stays ? listing.digest : texts_.keep(listing.digest), listing.size});
        if (all) {
            listed_.push_back(number);
            ++end_of_image_[listing.image];
        }
        Blob& blob = blobs_[number];
        if (blob.size != listing.size) blob.consistent = false;
        // In doubt, its deletion frees the lesser.
        blob.size = (std::min)(blob.size, listing.size);
        if (blob.last_seen != listing.image) ++blob.images;
        blob.last_seen = listing.image;
    }

    TextArena texts_;
    std::size_t room_ = 0;  // for blobs
    List<Blob> blobs_;
    List<std::uint32_t> listed_;      // the blobs of each image, by number, one image after the other
    List<std::size_t> end_of_image_;  // by record: where in `listed_` its blobs end; none but an image's first has any
};

}  // namespace pruneplan::detail

#endif

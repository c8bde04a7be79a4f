#ifndef PRUNEPLAN_DETAIL_INDEX_BLOBS_HPP
#define PRUNEPLAN_DETAIL_INDEX_BLOBS_HPP

// SPDX-License-Identifier: BSL-1.0

// The blobs that images list, each counted once however many images share it.

#include <pruneplan/detail/batch.hpp>
#include <pruneplan/detail/hash.hpp>
#include <pruneplan/detail/index/flat_index.hpp>
#include <pruneplan/detail/index/record_texts.hpp>
#include <pruneplan/detail/index/string_arena.hpp>
#include <pruneplan/detail/platform.hpp>
#include <pruneplan/detail/text/text.hpp>
#include <pruneplan/detail/vector.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <type_traits>
#include <utility>

namespace pruneplan::detail {

/// Returns a size as a host gives it. A negative size is unknown and counts as 0.
template <class Size>
constexpr std::uint64_t bytes_of(const Size& size) noexcept {
    if constexpr (std::is_signed_v<Size>)
        if (size < 0) return 0;
    return static_cast<std::uint64_t>(size);
}

/// Returns the sum, or the greatest number if it overflows.
constexpr std::uint64_t saturating_sum(std::uint64_t a, std::uint64_t b) noexcept {
    return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

/// Holds the size of each blob, and the blobs of each image. Images are identified by their first record; other records
/// list nothing.
struct Blobs {
    struct Blob {
        std::uint64_t size = 0;  ///< in bytes; the smallest size that an image lists
        bool consistent = true;  ///< all images list the same size
    };

    Vector<Blob> blobs;
    Vector<std::uint32_t> listed;  ///< the blobs of each image, by number, one image after the other
    Vector<std::size_t> ends;      ///< by record: where the list of its image ends; empty if no sizes are known

    constexpr bool known() const noexcept { return !ends.empty(); }
    constexpr std::span<const std::uint32_t> of(std::size_t image) const noexcept {
        if (ends.empty()) return {};
        const std::size_t begin = image == 0 ? 0 : ends[image - 1];
        return {listed.data() + begin, ends[image] - begin};
    }
};

/// Collects the blobs of images, one image after the other. **Complexity:** amortized O(1) a listed blob, one hash.
class BlobCollector {
public:
    constexpr BlobCollector(std::size_t records, HashKey key) : key_(key) { collected_.ends.reserve(records); }

    /// Begins the list of the next record, which stays empty unless the record is the first of its image.
    constexpr void begin_record() { collected_.ends.push_back(0); }

    /// Adds a blob to the list. The digest is copied.
    constexpr void add(std::string_view digest, std::uint64_t size) {
        Listing& listing = batch_.next();
        listing = {text_.size(), digest.size(), size, static_cast<std::uint32_t>(collected_.ends.size() - 1), {}};
        append(text_, digest);
        if (batch_.full()) enter();
    }
    /// Returns the lists; none if no blob has a size, since nothing can be counted then.
    constexpr Blobs finish() {
        enter();
        const Vector<Blobs::Blob>& blobs = collected_.blobs;
        if (std::none_of(blobs.begin(), blobs.end(), [](const Blobs::Blob& blob) { return blob.size > 0; })) {
            collected_.ends.clear();
            collected_.listed.clear();
        }
        for (std::size_t i = 1; i < collected_.ends.size(); ++i) collected_.ends[i] += collected_.ends[i - 1];
        return std::move(collected_);
    }

private:
    struct Listing {
        std::size_t begin = 0, digest_size = 0;
        std::uint64_t size = 0;
        std::uint32_t image = 0;
        FlatIndex::Search search{};
    };
    struct Known {
        std::string_view digest{};
        std::uint32_t last_image = no_record;
    };

    constexpr std::string_view digest_of(const Listing& listing) const noexcept {
        return {text_.data() + listing.begin, listing.digest_size};
    }

    constexpr void enter() {
        if (batch_.empty()) return;
        by_digest_.make_room(known_.size(), batch_size,
                             [this](std::uint32_t blob) { return hash(known_[blob].digest, key_); });
        batch_.run([this](Listing& listing) { listing.search = by_digest_.search(hash(digest_of(listing), key_)); },
                   [this](Listing& listing) {
                       by_digest_.advance(listing.search);
                       const std::uint32_t blob = by_digest_.record_at(listing.search);
                       if (blob != no_record) prefetch(&known_[blob]);
                   },
                   [this](Listing& listing) { list(listing); });
        text_.clear();
    }

    constexpr void list(const Listing& listing) {
        const std::string_view digest = digest_of(listing);
        const auto next = static_cast<std::uint32_t>(known_.size());
        const std::uint32_t number = by_digest_.find_or_insert(
            listing.search, next, [&](std::uint32_t blob) { return known_[blob].digest == digest; });
        if (number == next) {
            known_.push_back({digests_.add(digest)});
            collected_.blobs.push_back({listing.size, true});
        }
        Blobs::Blob& blob = collected_.blobs[number];
        if (blob.size != listing.size) blob.consistent = false;
        // Of several sizes, counts the smallest, so that the sum is never too large.
        blob.size = (std::min)(blob.size, listing.size);
        // An image can list a blob twice.
        if (known_[number].last_image == listing.image) return;
        known_[number].last_image = listing.image;
        collected_.listed.push_back(number);
        ++collected_.ends[listing.image];
    }

    HashKey key_;
    Blobs collected_;
    StringArena digests_;
    Vector<Known> known_;  // by blob
    FlatIndex by_digest_;
    String text_;  // the digests of the batch
    Batch<Listing> batch_;
};

/// Counts for each blob the images that have it and are not released. It can be restricted to some images.
class BlobCounts {
public:
    /// Counts the images for which `counts(image)` is true. **Complexity:** O(n + b) for n records and b listed blobs.
    template <class Counts>
    constexpr BlobCounts(const Blobs& blobs, const Counts& counts) : blobs_(blobs), images_(blobs.blobs.size(), 0) {
        for (std::size_t image = 0; image < blobs.ends.size(); ++image)
            if (counts(image))
                for (const std::uint32_t blob : blobs.of(image)) ++images_[blob];
    }

    constexpr std::uint32_t operator[](std::size_t blob) const noexcept { return images_[blob]; }

    /// Removes an image. Returns the bytes of its blobs that no remaining image has.
    constexpr std::uint64_t release(std::size_t image) noexcept {
        std::uint64_t freed = 0;
        for (const std::uint32_t blob : blobs_.of(image))
            if (--images_[blob] == 0) freed = saturating_sum(freed, blobs_.blobs[blob].size);
        return freed;
    }

private:
    const Blobs& blobs_;
    Vector<std::uint32_t> images_;  // by blob
};

}  // namespace pruneplan::detail

#endif

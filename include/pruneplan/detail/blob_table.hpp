#ifndef PRUNEPLAN_DETAIL_BLOB_TABLE_HPP
#define PRUNEPLAN_DETAIL_BLOB_TABLE_HPP

// Blobs, each once, however many images share it.

#include <pruneplan/detail/flat_index.hpp>
#include <pruneplan/detail/hash.hpp>
#include <pruneplan/detail/list.hpp>
#include <pruneplan/detail/text.hpp>
#include <pruneplan/detail/text_arena.hpp>

#include <algorithm>
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

/// The blobs of all images of an index whose store has `blobs`. Images go by the number of their first record, whose
/// blobs count for all of them. The host is asked as the table is made, and never after: by then, content may be gone.
/// Memory: 40 bytes a blob, 15 for each time that an image lists one, 8 a record.
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

    /// Cost: one hash for each blob that an image lists.
    template <class Index>
    constexpr explicit BlobTable(const Index& index) {
        std::size_t listings = 0;
        for (std::size_t id = 0; id < index.size(); ++id)
            if (index.target_id(id) == id) for_each_given(index, id, [&](const auto&) { ++listings; });
        listed_.reserve(listings);
        end_of_image_.reserve(index.size());
        FlatIndex by_digest(listings);
        for (std::size_t id = 0; id < index.size(); ++id) {
            if (index.target_id(id) == id) enter(index, id, by_digest);
            end_of_image_.push_back(listed_.size());
        }
        for (Blob& blob : blobs_) blob.last_seen = no_record;
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
    template <class Index, class Visit>
    static constexpr void for_each_given(const Index& index, std::size_t target, Visit visit) {
        auto&& given = index.store().blobs(index.record(target));
        const auto end = std::end(given);
        for (auto it = std::begin(given); it != end; ++it) visit(*it);
    }

    template <class Index>
    constexpr void enter(const Index& index, std::size_t target, FlatIndex& by_digest) {
        using Range = decltype(index.store().blobs(index.record(target)));
        const auto image = static_cast<std::uint32_t>(target);
        for_each_given(index, target, [&](const auto& given) {
            const std::string_view digest = given.digest;
            const auto size = static_cast<std::uint64_t>(given.size);
            const auto candidate = static_cast<std::uint32_t>(blobs_.size());
            const std::uint32_t number = by_digest.find_or_insert(by_digest.search(index.table().hash(digest)), candidate, named(digest));
            if (number == candidate) {
                // A digest that goes with what `blobs` gave is copied.
                constexpr bool stays = std::is_lvalue_reference_v<Range> || borrowed_text<decltype(given.digest)>;
                blobs_.push_back({stays ? digest : texts_.keep(digest), size});
            }
            listed_.push_back(number);
            Blob& blob = blobs_[number];
            if (blob.size != size) blob.consistent = false;
            // In doubt, its deletion frees the lesser.
            blob.size = std::min(blob.size, size);
            if (blob.last_seen != image) ++blob.images;
            blob.last_seen = image;
        });
    }

    TextArena texts_;
    List<Blob> blobs_;
    List<std::uint32_t> listed_;      // the blobs of each image, by number, one image after the other
    List<std::size_t> end_of_image_;  // by record: where in `listed_` its blobs end; none but an image's first has any
};

}  // namespace pruneplan::detail

#endif

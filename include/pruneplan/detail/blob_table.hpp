#ifndef PRUNEPLAN_DETAIL_BLOB_TABLE_HPP
#define PRUNEPLAN_DETAIL_BLOB_TABLE_HPP

// Blobs, each once, however many images share it.

#include <pruneplan/detail/flat_index.hpp>
#include <pruneplan/detail/hash.hpp>
#include <pruneplan/detail/text.hpp>
#include <pruneplan/detail/text_arena.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <limits>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace pruneplan::detail {

/// The sum, or the largest number where it does not fit.
constexpr std::uint64_t saturating_sum(std::uint64_t a, std::uint64_t b) noexcept {
    return a > std::numeric_limits<std::uint64_t>::max() - b ? std::numeric_limits<std::uint64_t>::max() : a + b;
}

/// Whose blobs is a question of the host's types: `Index` is an `ImageIndex` whose store has `blobs`. Images go by the
/// number of their first record, whose blobs count for all of them. Memory: 40 bytes a blob and 15 for each time that
/// an image lists one.
template <class Index>
class BlobTable {
    constexpr auto named(std::string_view digest) const {
        return [this, digest](std::uint32_t number) { return blobs_[number].digest == digest; };
    }

public:
    struct Blob {
        std::string_view digest;
        std::uint64_t size;                   ///< bytes; the least of what is said, where there is more than one word
        std::uint32_t images = 0;             ///< that have it, and are not released
        std::uint32_t last_seen = no_record;  ///< the image that was counted last: one may list a blob twice
        bool consistent = true;               ///< all who list it agree on its size
    };

    /// Cost: one hash for each blob that an image lists.
    constexpr explicit BlobTable(const Index& index) : index_(index), by_digest_(0) {
        std::size_t listed = 0;
        for (std::size_t id = 0; id < index.size(); ++id)
            if (index.target_id(id) == id) for_each_given(id, [&](const auto&, std::string_view) { ++listed; });
        by_digest_ = FlatIndex(listed);
        for (std::size_t id = 0; id < index.size(); ++id)
            if (index.target_id(id) == id) enter(id);
        for (Blob& blob : blobs_) blob.last_seen = no_record;
    }

    constexpr const std::vector<Blob>& blobs() const noexcept { return blobs_; }

    /// Calls `visit(blob)` for each blob of an image, once for each time that it is listed.
    template <class Visit>
    constexpr void for_each(std::size_t target, Visit visit) {
        for_each_given(target, [&](const auto&, std::string_view digest) {
            visit(blobs_[by_digest_.find(index_.table().hash(digest), named(digest))]);
        });
    }

    /// Takes an image away, and gives the bytes that this frees: of the blobs that no other image has.
    constexpr std::uint64_t release(std::size_t target) {
        std::uint64_t freed = 0;
        for_each(target, [&](Blob& blob) {
            if (blob.last_seen == target) return;
            blob.last_seen = static_cast<std::uint32_t>(target);
            if (--blob.images == 0) freed = saturating_sum(freed, blob.size);
        });
        return freed;
    }

private:
    template <class Visit>
    constexpr void for_each_given(std::size_t target, Visit visit) {
        auto&& given = index_.store().blobs(index_.record(target));
        const auto end = std::end(given);
        for (auto it = std::begin(given); it != end; ++it) {
            const auto& blob = *it;
            visit(blob, std::string_view(blob.digest));
        }
    }

    constexpr void enter(std::size_t target) {
        const auto image = static_cast<std::uint32_t>(target);
        for_each_given(target, [&](const auto& given, std::string_view digest) {
            const auto size = static_cast<std::uint64_t>(given.size);
            const auto candidate = static_cast<std::uint32_t>(blobs_.size());
            const std::uint32_t number = by_digest_.find_or_insert(index_.table().hash(digest), candidate, named(digest));
            if (number == candidate) blobs_.push_back({kept(digest), size});
            Blob& blob = blobs_[number];
            if (blob.size != size) blob.consistent = false;
            // In doubt, its deletion frees the lesser.
            blob.size = std::min(blob.size, size);
            if (blob.last_seen != image) ++blob.images;
            blob.last_seen = image;
        });
    }

    /// A digest that goes with what `blobs` gave is copied.
    constexpr std::string_view kept(std::string_view digest) {
        using Range = decltype(index_.store().blobs(index_.record(0)));
        using Digest = decltype(std::begin(std::declval<Range&>())->digest);
        if constexpr (std::is_lvalue_reference_v<Range> || borrowed_text<Digest>)
            return digest;
        else
            return texts_.keep(digest);
    }

    const Index& index_;
    TextArena texts_;
    std::vector<Blob> blobs_;
    FlatIndex by_digest_;
};

}  // namespace pruneplan::detail

#endif

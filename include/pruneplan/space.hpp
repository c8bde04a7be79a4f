#ifndef PRUNEPLAN_SPACE_HPP
#define PRUNEPLAN_SPACE_HPP

// SPDX-License-Identifier: BSL-1.0

// Estimates how many bytes a plan frees.

#include <pruneplan/detail/blob_table.hpp>
#include <pruneplan/detail/vector.hpp>
#include <pruneplan/host.hpp>
#include <pruneplan/image_index.hpp>
#include <pruneplan/plan.hpp>

#include <cstddef>
#include <cstdint>

namespace pruneplan {

/// Holds sums of blob sizes in bytes. Each blob counts once. A sum that would overflow is 2^64 - 1.
struct [[nodiscard]] SpaceEstimate {
    std::uint64_t freed = 0;   ///< blobs that only fully deleted images have
    std::uint64_t shared = 0;  ///< blobs that both deleted and kept images have; they are kept
    std::uint64_t kept = 0;    ///< all blobs of kept images, including the shared ones
    /// Counts blobs that are listed with different sizes. Their size is unknown, so no sum includes them.
    std::size_t inconsistent_blobs = 0;

    /// Compares all sums.
    friend constexpr bool operator==(const SpaceEstimate&, const SpaceEstimate&) = default;
};

/// Returns what `plan` frees. An image is deleted with its last record. The blobs that the store lists for the first
/// record of an image count for all its records. The result is exact if the store keeps a blob exactly as long as an
/// image has it.
/// @pre `plan` was made of `index`, whose store has `blobs`.
/// **Complexity:** O(n + b) for n records and b blobs listed, with one hash a listed blob.
/// **Memory:** while it runs, at most 120 bytes a distinct blob, 14 a listed blob and 21 a record, and a copy of
/// digests that the store returns by value.
template <class Store>
constexpr SpaceEstimate estimate_space(const PrunePlan& plan, const ImageIndex<Store>& index) {
    static_assert(detail::HasBlobs<Store>,
                  "pruneplan: to estimate space, the store needs blobs(const Record&), a range of Blob{digest, size}");
    detail::require_plan_of(plan, index);
    detail::BlobTable blobs(index);
    detail::Vector<char> kept_images(index.size(), false);
    for (std::size_t id = 0; id < index.size(); ++id)
        if (!plan.decisions().deletes(id)) kept_images[index.target_id(id)] = true;

    detail::Vector<std::uint32_t> images_before;
    images_before.reserve(blobs.blobs().size());
    for (const auto& blob : blobs.blobs()) images_before.push_back(blob.images);
    for (std::size_t id = 0; id < index.size(); ++id)
        if (index.target_id(id) == id && !kept_images[id]) blobs.release(id);

    SpaceEstimate space;
    for (std::size_t i = 0; i < blobs.blobs().size(); ++i) {
        const auto& blob = blobs.blobs()[i];
        if (!blob.consistent) {
            ++space.inconsistent_blobs;
        } else if (blob.images == 0) {
            space.freed = detail::saturating_sum(space.freed, blob.size);
        } else {
            space.kept = detail::saturating_sum(space.kept, blob.size);
            if (blob.images != images_before[i]) space.shared = detail::saturating_sum(space.shared, blob.size);
        }
    }
    return space;
}

}  // namespace pruneplan

#endif

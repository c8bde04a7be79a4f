#ifndef PRUNEPLAN_SPACE_HPP
#define PRUNEPLAN_SPACE_HPP

// What a plan frees.

#include <pruneplan/detail/blob_table.hpp>
#include <pruneplan/detail/list.hpp>
#include <pruneplan/host.hpp>
#include <pruneplan/image_index.hpp>
#include <pruneplan/plan.hpp>

#include <cstddef>
#include <cstdint>

namespace pruneplan {

/// Bytes, each blob counted once. A sum that does not fit is the largest number.
struct [[nodiscard]] SpaceEstimate {
    std::uint64_t freed = 0;   ///< of blobs that only images that go have
    std::uint64_t shared = 0;  ///< of blobs that images that go have, and images that stay, too: they stay
    std::uint64_t kept = 0;    ///< of all blobs that stay, the shared ones among them
    /// Blobs that are said to have more than one size, and are in none of the sums: nobody knows what they take.
    std::size_t inconsistent_blobs = 0;

    friend constexpr bool operator==(const SpaceEstimate&, const SpaceEstimate&) = default;
};

/// Returns what `plan` frees in the store of `index`, which it was made of, and which has `blobs`. An image goes when its last
/// record does; the records of one image are taken to have the blobs of its first. Exact, if the store keeps a blob as
/// long as any image has it, and no longer. Cost: a hash for each blob that an image lists; meanwhile up to 120 bytes a
/// blob, 14 for each time that an image lists one, and 21 a record.
template <class Store>
constexpr SpaceEstimate estimate_space(const PrunePlan& plan, const ImageIndex<Store>& index) {
    static_assert(detail::HasBlobs<Store>,
                  "pruneplan: to estimate space, the store needs blobs(const Record&), a range of Blob{digest, size}");
    detail::require_plan_of(plan, index);
    detail::BlobTable blobs(index);
    detail::List<char> stays(index.size(), false);
    for (std::size_t id = 0; id < index.size(); ++id)
        if (!plan.decisions().deletes(id)) stays[index.target_id(id)] = true;

    detail::List<std::uint32_t> images_before;
    images_before.reserve(blobs.blobs().size());
    for (const auto& blob : blobs.blobs()) images_before.push_back(blob.images);
    for (std::size_t id = 0; id < index.size(); ++id)
        if (index.target_id(id) == id && !stays[id]) blobs.release(id);

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

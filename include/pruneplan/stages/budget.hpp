#ifndef PRUNEPLAN_STAGES_BUDGET_HPP
#define PRUNEPLAN_STAGES_BUDGET_HPP

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

/// The images of which every name goes, in the order in which a budget takes them. Memory: 48 bytes a record.
/// Cost: a sort of the images that go.
template <class Store>
class LeastRecentlyUsed {
public:
    /// `goes` says of each target whether every name of it goes.
    constexpr LeastRecentlyUsed(const ImageIndex<Store>& index, const List<char>& goes,
                                const List<std::uint32_t>& generations)
        : index_(index), images_(index.size(), {}) {
        for (std::size_t id = 0; id < index.size(); ++id) see(id);
        for (std::size_t id = 0; id < index.size(); ++id)
            if (index.target_id(id) == id && goes[id]) order_.push_back(static_cast<std::uint32_t>(id));
        if constexpr (HasParent<Store>) pass_on_to_parents(generations);
        sort(order_, [&](std::uint32_t a, std::uint32_t b) {
            if (images_[a].use != images_[b].use) return images_[a].use < images_[b].use;
            if (!generations.empty() && generations[a] != generations[b]) return generations[a] > generations[b];
            return index_.name(images_[a].name) < index_.name(images_[b].name);
        });
    }

    constexpr const List<std::uint32_t>& order() const noexcept { return order_; }

private:
    struct Use {
        Timestamp used, created;
        friend constexpr auto operator<=>(const Use&, const Use&) = default;
    };

    struct Image {
        Use use{{INT64_MIN, 0}, {INT64_MIN, 0}};
        std::uint32_t name = no_record;  ///< the record whose name sorts first
    };

    constexpr void see(std::size_t id) {
        // What nobody knows the time of was used just now.
        constexpr Timestamp now{INT64_MAX, 0};
        Image& image = images_[index_.target_id(id)];
        if (image.name == no_record || index_.name(id) < index_.name(image.name))
            image.name = static_cast<std::uint32_t>(id);
        const Timestamp created = index_.created(id).value_or(now);
        const Timestamp used = HasLastUsed<Store> ? index_.last_used(id).value_or(now) : created;
        image.use.used = std::max(image.use.used, used);
        image.use.created = std::max(image.use.created, created);
    }

    /// A parent counts as used when its newest descendant was: children first, so that one step each is enough.
    constexpr void pass_on_to_parents(const List<std::uint32_t>& generations) {
        List<std::uint32_t> by_generation = order_;
        sort(by_generation, [&](std::uint32_t a, std::uint32_t b) { return generations[a] > generations[b]; });
        for (const std::uint32_t child : by_generation)
            if (const auto parent = index_.parent(child))
                images_[*parent].use = std::max(images_[*parent].use, images_[child].use);
    }

    const ImageIndex<Store>& index_;
    List<Image> images_;  // by target
    List<std::uint32_t> order_;
};

}  // namespace detail

namespace stages {

/// Fifth stage: no more goes than it takes to free the bytes that are wanted. Where the store knows no blobs, nothing
/// can be counted, and all stays. Cost: a sort of the images that go, and two looks at each blob that an image lists.
template <class Store>
constexpr void budget(const ImageIndex<Store>& index, const PruneOptions& options,
                      const detail::List<std::uint32_t>& generations, Decisions& decisions) {
    if (!options.bytes_to_free) return;
    // By target.
    detail::List<char> goes(index.size(), true), taken(index.size(), false);
    for (std::size_t id = 0; id < index.size(); ++id)
        if (!decisions.deletes(id)) goes[index.target_id(id)] = false;
    if constexpr (detail::HasBlobs<Store>) {
        const detail::LeastRecentlyUsed<Store> images(index, goes, generations);
        detail::BlobTable blobs(index);
        std::uint64_t freed = 0;
        for (const std::uint32_t image : images.order()) {
            if (freed >= *options.bytes_to_free) break;
            taken[image] = true;
            freed = detail::saturating_sum(freed, blobs.release(image));
        }
    }
    for (std::size_t id = 0; id < index.size(); ++id)
        if (!goes[index.target_id(id)])
            decisions.decide(id, Reason::image_stays);
        else if (!taken[index.target_id(id)])
            decisions.decide(id, Reason::enough_freed);
}

}  // namespace stages
}  // namespace pruneplan

#endif

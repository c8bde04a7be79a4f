#ifndef PRUNEPLAN_FLEET_HPP
#define PRUNEPLAN_FLEET_HPP

// SPDX-License-Identifier: BSL-1.0

// Planning for many machines: a small summary of the containers of many nodes, and the shard of a record.

#include <pruneplan/detail/emptied_by_move.hpp>
#include <pruneplan/detail/flat_index.hpp>
#include <pruneplan/detail/hash.hpp>
#include <pruneplan/detail/platform.hpp>
#include <pruneplan/detail/precondition.hpp>
#include <pruneplan/detail/string_arena.hpp>
#include <pruneplan/detail/text.hpp>
#include <pruneplan/detail/vector.hpp>
#include <pruneplan/detail/words.hpp>
#include <pruneplan/host.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <type_traits>
#include <utility>

namespace pruneplan {

/// Returns the shard of all records of a target: a number less than `shards`. The same on every machine and in every
/// release.
///
/// Put every record into the shard of its target, and plan each shard alone against all containers. All records of an
/// image are then in one shard. The plans decide for every record what the plan of all records decides, for the same
/// reason and the same container, with these exceptions:
///
/// - `keep_newest_per_repository` counts the images of a repository in each shard. A record that the whole plan keeps
///   for the reason `newest` is kept for it, too. An image that the whole plan keeps is kept, but its kept names can
///   differ.
/// - `bytes_to_free` counts in each shard. No record is deleted that the whole plan without a budget keeps.
/// - The filters `before` and `since` need the image that they name. Find it among all records, add its records to
///   every shard, and name it by the whole name of a record. Ignore what a shard decides for records that were added.
/// - A store with `parent` does not find a parent in another shard, and **the parent of a kept image can be deleted**.
///   Pass the target of the oldest ancestor in place of `target`, so that a family is in one shard. Or plan in rounds:
///   collect the parents of all images that any shard keeps, show them to every shard as the `mounted_image_ids` of
///   one more container, and repeat this until a round finds no more.
/// - `unmatched_containers` also lists containers whose image is in another shard. A container that the whole plan
///   lists is listed by all shards. The converse holds if containers mount no images.
/// - `estimate_space` counts a blob as freed that only images of other shards keep.
/// - `ImageIndex::build` does not detect that two shards have the same name. Names must be unique among all records.
///
/// A target without "sha256:" has the same shard as with it, since a container's ID can mean either.
/// @pre `shards` is not 0.
/// **Complexity:** O(n) for n bytes of text.
[[nodiscard]] constexpr std::size_t shard_of(std::string_view target, std::size_t shards) noexcept {
    detail::require(shards > 0, "0 shards: give at least 1");
    if (detail::begins(target, "sha256:")) target.remove_prefix(7);
    // FNV-1a, since the key of detail::hash differs between processes. Its upper bits are distributed better than its
    // lower ones, so both halves count.
    std::uint64_t hash = 0xcbf29ce484222325;
    for (const char character : target) hash = (hash ^ static_cast<unsigned char>(character)) * 0x100000001b3;
    return static_cast<std::uint32_t>(hash ^ hash >> 32) % shards;
}

/// Holds what containers use, each use once: a range of `ContainerView`s. A node summarizes its containers and sends
/// the uses in a format that the host chooses. A planner merges the summaries of all nodes and plans with the result.
/// Merging is a union: the order does not matter, and merging a summary twice changes nothing.
///
/// A plan that is made with a summary gives every record the action and the reason that the containers themselves
/// give. The number of the container and `Decision::mounted` are those of a use in the summary.
///
/// **Memory:** 66 to 132 bytes a use, and a copy of its texts; up to 198 while it grows.
/// **Lifetime:** owns its texts. Uses are valid until the summary is changed, moved or destroyed.
class [[nodiscard]] UsageSummary {
public:
    /// Stands for all containers with one image, one `image_ref` and one mounted image or none. A container that
    /// mounts several images has as many uses.
    class Use {
    public:
        constexpr Use() = default;
        /// Makes the use of a container that mounts no image.
        constexpr Use(std::string_view image_id, std::string_view image_ref)
            : image_id_(image_id), image_ref_(image_ref) {}
        /// Makes the use of a container that mounts an image.
        constexpr Use(std::string_view image_id, std::string_view image_ref, std::string_view mounted_image_id)
            : image_id_(image_id), image_ref_(image_ref), mounted_(mounted_image_id), mounts_(true) {}

        /// Returns the digest that the containers' image resolved to.
        constexpr std::string_view image_id() const noexcept { return image_id_; }
        /// Returns what the containers' users typed.
        constexpr std::string_view image_ref() const noexcept { return image_ref_; }
        /// Returns the digest of the mounted image, or nothing.
        constexpr std::span<const std::string_view> mounted_image_ids() const noexcept PRUNEPLAN_LIFETIMEBOUND {
            return {&mounted_, mounts_ ? std::size_t{1} : std::size_t{0}};
        }

        /// Compares the texts.
        friend constexpr bool operator==(const Use&, const Use&) = default;

    private:
        std::string_view image_id_, image_ref_, mounted_;
        bool mounts_ = false;
    };

    /// Makes an empty summary.
    constexpr UsageSummary() : key_(detail::key_from_addresses(this)) {}
    /// Copies all uses and their texts.
    constexpr UsageSummary(const UsageSummary& other) : UsageSummary() {
        for (const Use& use : other) insert(use);
    }
    /// Leaves an empty summary behind.
    constexpr UsageSummary(UsageSummary&&) noexcept = default;
    /// Copies all uses and their texts, or nothing if an allocation fails.
    constexpr UsageSummary& operator=(const UsageSummary& other) { return *this = UsageSummary(other); }
    /// Leaves an empty summary behind.
    constexpr UsageSummary& operator=(UsageSummary&&) noexcept = default;
    constexpr ~UsageSummary() = default;

    /// Adds the uses of a container that are not in the summary yet.
    /// **Complexity:** amortized O(1) for each use, and its texts.
    template <ContainerView Container>
    constexpr void add(const Container& container) {
        const auto& given_id = container.image_id();
        const auto& given_ref = container.image_ref();
        const std::string_view id = detail::text_of(given_id), ref = detail::text_of(given_ref);
        bool mounts = false;
        if constexpr (knows_mounted_images<Container>) {
            for (auto&& mounted : container.mounted_image_ids()) {
                mounts = true;
                insert({id, ref, detail::text_of(mounted)});
            }
        }
        if (!mounts) insert({id, ref});
    }

    /// Adds the uses of all containers of a range, such as another summary.
    /// **Complexity:** amortized O(1) for each use, and its texts.
    template <class Containers>
    constexpr void merge(Containers&& containers) {
        static_assert(detail::fits_containers<std::remove_reference_t<Containers>>());
        for (auto&& container : containers) add(container);
    }

    /// Returns how many uses there are.
    constexpr std::size_t size() const noexcept { return uses_.size(); }
    /// Tells whether there is no use.
    constexpr bool empty() const noexcept { return uses_.empty(); }
    /// Returns the first use. Uses are in the order in which they were first added.
    constexpr const Use* begin() const noexcept PRUNEPLAN_LIFETIMEBOUND { return uses_.begin(); }
    /// Returns the end of the uses.
    constexpr const Use* end() const noexcept PRUNEPLAN_LIFETIMEBOUND { return uses_.end(); }

    /// Compares the uses, in whatever order they were added. **Complexity:** O(n) for n uses.
    friend constexpr bool operator==(const UsageSummary& a, const UsageSummary& b) {
        if (a.size() != b.size()) return false;
        for (const Use& use : a)
            if (!b.has(use)) return false;
        return true;
    }

private:
    constexpr std::uint64_t hash(const Use& use) const noexcept {
        // With two keys, since ID and reference are often the same text.
        const detail::HashKey other{key_.second, key_.first};
        std::uint64_t hash = detail::hash(use.image_id(), key_) ^ detail::hash(use.image_ref(), other);
        for (const std::string_view mounted : use.mounted_image_ids())
            hash = detail::folded_product(hash ^ key_.first, detail::hash(mounted, key_) | 1);
        return hash;
    }

    constexpr bool has(const Use& use) const {
        if (uses_.empty()) return false;
        detail::FlatIndex::Search search = places_.search(hash(use));
        places_.advance(search);
        return places_.find(search, [&](std::uint32_t other) { return uses_[other] == use; }) != detail::no_record;
    }

    /// Adds a use if it is new. Its texts may belong to this summary.
    constexpr void insert(const Use& use) {
        if (has(use)) return;
        if (uses_.size() == *room_) grow();
        Use kept(texts_.add(use.image_id()), texts_.add(use.image_ref()));
        for (const std::string_view mounted : use.mounted_image_ids())
            kept = {kept.image_id(), kept.image_ref(), texts_.add(mounted)};
        uses_.push_back(kept);
        enter(places_, uses_.size() - 1);
    }

    /// Doubles the room for uses. Changes nothing if an allocation fails.
    constexpr void grow() {
        const std::size_t room = *room_ == 0 ? 16 : 2 * *room_;
        detail::FlatIndex places(room);
        for (std::size_t number = 0; number < uses_.size(); ++number) enter(places, number);
        uses_.reserve(room);
        places_ = std::move(places);
        *room_ = room;
    }

    constexpr void enter(detail::FlatIndex& places, std::size_t number) const {
        detail::FlatIndex::Search search = places.search(hash(uses_[number]));
        places.advance(search);
        places.find_or_insert(search, static_cast<std::uint32_t>(number), [](std::uint32_t) { return false; });
    }

    detail::HashKey key_;
    detail::StringArena texts_;
    detail::Vector<Use> uses_;
    detail::FlatIndex places_{0};
    detail::EmptiedByMove<std::size_t> room_;
};

/// Returns the summary of any range of containers: see `UsageSummary`.
/// **Complexity:** O(c) for c containers and their texts.
template <class Containers>
constexpr UsageSummary summarize_usage(Containers&& containers) {
    UsageSummary summary;
    summary.merge(containers);
    return summary;
}

}  // namespace pruneplan

#endif

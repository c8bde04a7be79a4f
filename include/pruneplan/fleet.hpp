#ifndef PRUNEPLAN_FLEET_HPP
#define PRUNEPLAN_FLEET_HPP

// SPDX-License-Identifier: BSL-1.0

// Planning for many machines: a small summary of the containers of many nodes, and the shard of a record.

#include <pruneplan/detail/hash.hpp>
#include <pruneplan/detail/index/flat_index.hpp>
#include <pruneplan/detail/index/index_iterator.hpp>
#include <pruneplan/detail/platform.hpp>
#include <pruneplan/detail/precondition.hpp>
#include <pruneplan/detail/text/full_id.hpp>
#include <pruneplan/detail/text/text.hpp>
#include <pruneplan/detail/text/text_list.hpp>
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
/// - `keep_newest` counts the images of a repository in each shard. A record that the whole plan keeps
///   for the reason `newest` is kept for it, too. An image that the whole plan keeps is kept, but its kept names can
///   differ.
/// - Under `usage_rules::strict`, a shard that does not have the image of a container keeps an image of the digest or
///   ID that the container was created from. A pattern of `keep` that is an ID keeps its image unless the shard has a
///   record of that name. An image that the whole plan keeps is kept, but its kept names can differ.
/// - `bytes_to_free` counts in each shard. No record is deleted that the whole plan without a budget keeps.
/// - The filters `before` and `since` need the image that they name. Find it among all records, add its records to
///   every shard, and name it by the whole name of a record. Ignore what a shard decides for records that were added.
/// - A store with `needs` does not find an image in another shard, and **what a kept image needs can be deleted**; with
///   `subject`, an attachment whose subject is in another shard is judged without it. Pass one target for all images
///   that are connected by `needs` and `subject`, by target or ID, in place of `target`, so that a family is in one
///   shard. Or, for `needs` alone, plan in rounds: collect what all images that any shard keeps need, show it to every
///   shard as the `mounted_image_ids` of one more container, and repeat this until a round finds no more.
/// - The doubts `unmatched_container` also list containers whose image is in another shard, and `unmatched_pattern`
///   patterns that match records of another shard. A doubt of the whole plan is one of all shards: accept what not all
///   shards list. The converse holds if containers mount no images.
/// - `PrunePlan::space` counts a blob as freed that only images of other shards keep.
/// - `build_index` does not detect that two shards have the same name. Names must be unique among all records.
///
/// A target without "sha256:" has the same shard as with it, since a container's ID can mean either.
/// @pre `shards` is not 0.
/// **Complexity:** O(n) for n bytes of text.
[[nodiscard]] constexpr std::size_t shard_of(std::string_view target, std::size_t shards) noexcept {
    detail::require(shards > 0, "0 shards: give at least 1");
    target = detail::without_algorithm(target);
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
/// It owns its texts. Uses are views that are valid until the summary is changed, moved or destroyed.
class [[nodiscard]] UsageSummary {
public:
    /// Stands for all containers with one image, one `image_ref` and one mounted image or none. A container that
    /// mounts several images has as many uses.
    class Use {
    public:
        /// Makes the use of a container of an empty ID.
        constexpr Use() = default;
        /// Makes the use of a container that mounts no image.
        constexpr Use(std::string_view image_id, std::string_view image_ref)
            : image_id_(image_id), image_ref_(image_ref) {}
        /// Makes the use of a container that mounts an image.
        constexpr Use(std::string_view image_id, std::string_view image_ref, std::string_view mounted_image_id)
            : image_id_(image_id), image_ref_(image_ref), mounted_(mounted_image_id), mounts_(true) {}

        /// Returns the ID of the containers' image.
        constexpr std::string_view image_id() const noexcept { return image_id_; }
        /// Returns what the containers' users typed.
        constexpr std::string_view image_ref() const noexcept { return image_ref_; }
        /// Returns the ID of the mounted image, or nothing. It is valid as long as the use.
        constexpr std::span<const std::string_view> mounted_image_ids() const noexcept {
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
    constexpr UsageSummary(const UsageSummary&) = default;
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
        // Each text is copied before the next member is called.
        detail::String id, ref, mounted;
        const auto view = [](const detail::String& text) { return std::string_view(text.data(), text.size()); };
        append(id, detail::text_of(container.image_id()));
        append(ref, detail::text_of(container.image_ref()));
        bool mounts = false;
        if constexpr (knows_mounted_image_ids<Container>) {
            for (auto&& image : container.mounted_image_ids()) {
                mounts = true;
                mounted.clear();
                append(mounted, detail::text_of(image));
                insert({view(id), view(ref), view(mounted)});
            }
        }
        if (!mounts) insert({view(id), view(ref)});
    }

    /// Adds the uses of all containers of a range, such as another summary.
    /// **Complexity:** amortized O(1) for each use, and its texts.
    template <class Containers>
    constexpr void merge(Containers&& containers) {
        static_assert(detail::fits_containers<std::remove_reference_t<Containers>>());
        for (auto&& container : containers) add(detail::container_in(container));
    }

    /// Returns how many uses there are.
    constexpr std::size_t size() const noexcept { return texts_.size() / 3; }
    /// Tells whether there is no use.
    constexpr bool empty() const noexcept { return size() == 0; }
    /// Returns the first use. Uses are in the order in which they were first added.
    constexpr auto begin() const noexcept { return detail::IndexIterator<Uses>({this}, 0); }
    /// Returns the end of the uses.
    constexpr auto end() const noexcept { return detail::IndexIterator<Uses>({this}, size()); }

    /// Compares the uses, in whatever order they were added. **Complexity:** O(n) for n uses.
    friend constexpr bool operator==(const UsageSummary& a, const UsageSummary& b) {
        if (a.size() != b.size()) return false;
        for (std::size_t i = 0; i < a.size(); ++i)
            if (!b.has(a.use(i))) return false;
        return true;
    }

private:
    struct Uses {
        const UsageSummary* summary = nullptr;
        constexpr Use operator[](std::size_t number) const noexcept { return summary->use(number); }
    };

    /// A mounted image is stored behind one more byte, which tells it from none.
    constexpr Use use(std::size_t number) const noexcept {
        const std::string_view id = texts_[3 * number], ref = texts_[3 * number + 1], mounted = texts_[3 * number + 2];
        return mounted.empty() ? Use(id, ref) : Use(id, ref, mounted.substr(1));
    }

    constexpr std::uint64_t hash(const Use& use) const noexcept {
        // With two keys, since ID and reference are often the same text.
        const detail::HashKey other{key_.second, key_.first};
        std::uint64_t hash = detail::hash(use.image_id(), key_) ^ detail::hash(use.image_ref(), other);
        for (const std::string_view mounted : use.mounted_image_ids())
            hash = detail::folded_product(hash ^ key_.first, detail::hash(mounted, key_) | 1);
        return hash;
    }
    constexpr detail::FlatIndex::Search search(const Use& use) const noexcept {
        detail::FlatIndex::Search search = places_.search(hash(use));
        places_.advance(search);
        return search;
    }
    constexpr bool has(const Use& use) const {
        return !empty() && places_.find(search(use), [&](std::uint32_t other) { return this->use(other) == use; }) !=
                               detail::no_record;
    }

    /// Adds a use if it is new, or changes nothing if an allocation fails.
    constexpr void insert(const Use& use) {
        if (has(use)) return;
        places_.make_room(size(), 1, [this](std::uint32_t number) { return hash(this->use(number)); });
        detail::String mounted;
        for (const std::string_view image : use.mounted_image_ids()) {
            append(mounted, "/");
            append(mounted, image);
        }
        texts_.add_all({use.image_id(), use.image_ref(), {mounted.data(), mounted.size()}});
        places_.find_or_insert(search(use), static_cast<std::uint32_t>(size() - 1),
                               [](std::uint32_t) { return false; });
    }

    detail::HashKey key_;
    detail::TextList texts_;  // of each use: ID, reference, mounted image
    detail::FlatIndex places_;
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

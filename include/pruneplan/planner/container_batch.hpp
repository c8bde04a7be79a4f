#ifndef PRUNEPLAN_PLANNER_CONTAINER_BATCH_HPP
#define PRUNEPLAN_PLANNER_CONTAINER_BATCH_HPP

// SPDX-License-Identifier: BSL-1.0

// Collects containers, and looks up what they name in batches.

#include <pruneplan/detail/batch.hpp>
#include <pruneplan/detail/index/records.hpp>
#include <pruneplan/detail/text/text.hpp>
#include <pruneplan/detail/text/words.hpp>
#include <pruneplan/planner/image_use.hpp>
#include <pruneplan/syntax/digest.hpp>
#include <pruneplan/syntax/reference_grammar.hpp>

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace pruneplan::detail {

/// Tells whether a container was created by an ID of its image, whole or truncated, of sha256, or by a digest: `docker
/// run 82d1e9d`, and `docker run alpine\@sha256:82d1e9d7…`, of the image "sha256:82d1e9d7…". An empty text counts, too.
constexpr bool created_by_id(std::string_view image_id, std::string_view typed) noexcept {
    if (typed.size() > image_id.size())
        return typed[typed.size() - image_id.size() - 1] == '@' && ends(typed, image_id);
    if (!begins(image_id, "sha256:")) return false;
    image_id.remove_prefix(7);
    typed = without_algorithm(typed);
    // The first letter rules out most names.
    return typed.empty() || (image_id.starts_with(typed[0]) && begins(image_id, typed));
}

/// A container, and the searches for what it names.
struct ContainerSearch {
    std::string_view id{};     ///< of its image, with the algorithm
    std::string_view typed{};  ///< what its user typed
    std::string_view tag{};    ///< the same without a digest
    std::uint32_t number = 0;
    bool can_be_name = false;  ///< some record can have the typed text as its name
    Records::Search by_id{}, by_typed{}, by_tag{};

    constexpr bool has_digest() const noexcept { return tag.size() != typed.size(); }
};

/// Holds a batch of containers. Their texts are copied, and searched for, as they are added.
class ContainerBatch {
public:
    constexpr explicit ContainerBatch(const Records& records) : records_(records) {}

    constexpr void add_image_id(std::string_view id) {
        if (texts_.capacity() == 0) texts_.reserve(batch_size * 128);
        ContainerSearch& added = batch_.next();
        added.number = number_;
        const std::size_t begin = texts_.size();
        append_full_id(id, texts_);
        added.id = {texts_.data() + begin, texts_.size() - begin};
        added.by_id = records_.search_target(added.id.size() == id.size() ? id : added.id);
    }
    constexpr void add_image_ref(std::string_view typed) {
        ContainerSearch& added = batch_.last();
        const std::size_t digest = start_of_digest(typed);
        added.typed = typed;
        added.tag = digest == typed.npos ? typed : typed.substr(0, digest - 1);
        const Records::Kinds& kinds = records_.kinds();
        added.can_be_name = added.has_digest() ? kinds.name_with_digest || begins(typed, dangling_prefix)
                                               : kinds.name_like_id || !begins(typed, "sha256:");
        if (added.can_be_name) added.by_typed = records_.search_name(typed);
        if (added.has_digest()) added.by_tag = records_.search_name(added.tag);
        append(texts_, typed);
    }
    /// Returns the number of the container that is being added.
    constexpr std::uint32_t number() const noexcept { return number_; }
    /// Ends a container. Returns true if the batch must run.
    constexpr bool add() {
        if (number_ < ImageUse::no_container) ++number_;
        return batch_.full();
    }

    /// Looks up all containers, and calls `prefetch(image, record)` with what each most likely means, then
    /// `decide(container)` for each.
    template <class Prefetch, class Decide>
    constexpr void run(const Prefetch& prefetch, const Decide& decide) {
        const char* at = texts_.data();
        batch_.run(
            [&](ContainerSearch& container) {
                // The texts have moved while they were collected.
                container.id = {at, container.id.size()};
                container.typed = {at + container.id.size(), container.typed.size()};
                container.tag = {container.typed.data(), container.tag.size()};
                at += container.id.size() + container.typed.size();
                records_.seek_target(container.by_id);
                if (container.can_be_name) records_.seek_name(container.by_typed);
                if (container.has_digest()) records_.seek_name(container.by_tag);
            },
            [&](ContainerSearch& container) {
                const std::uint32_t image = records_.fetch_target(container.by_id);
                if (container.can_be_name) prefetch(image, records_.fetch_name(container.by_typed));
                if (container.has_digest()) prefetch(image, records_.fetch_name(container.by_tag));
            },
            [&](ContainerSearch& container) { decide(container); });
        texts_.clear();
    }

private:
    const Records& records_;
    Batch<ContainerSearch> batch_;
    std::uint32_t number_ = 0;
    String texts_;  // IDs and typed texts, one after the other
};

}  // namespace pruneplan::detail

#endif

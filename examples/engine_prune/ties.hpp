#ifndef ENGINE_PRUNE_TIES_HPP
#define ENGINE_PRUNE_TIES_HPP

// SPDX-License-Identifier: BSL-1.0

// Finds how a container is tied to an image: it runs it, mounts it, or was created from one of its names.

#include "listing.hpp"
#include "view.hpp"

#include <pruneplan/pruneplan.hpp>

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace engine_prune {

/// Returns the record of the name that a container was created from, or nothing if the store has no such record. For a
/// name with a tag and a digest, the record can have the tag only.
inline std::optional<std::size_t> record_created_from(const Index& index, const Container& container) {
    const auto reference = pruneplan::parse_reference(container.ref);
    if (!reference) return std::nullopt;
    const auto record = index.find(reference->with_default_tag().canonical());
    if (record || reference->tag().empty() || reference->digest().empty()) return record;
    return index.find(std::string(reference->name()) + ":" + std::string(reference->tag()));
}

/// Returns "mounts", or "may mount" if the name that the container mounts has moved since.
inline std::string_view mounts_in_words(const View& view, std::size_t container) {
    const auto& uncertain = view.uncertain_mounts;
    return std::find(uncertain.begin(), uncertain.end(), container) == uncertain.end() ? "mounts" : "may mount";
}

/// Returns how a container is tied to an image, in words; empty if it is not.
inline std::string tie_in_words(const View& view, const Block& block, std::size_t number) {
    const Container& container = view.listing.containers[number];
    const std::string& target = view.listing.images[block.records[0]].target;
    const auto named = record_created_from(view.index, container);
    const bool names_it = named && view.index.target(*named) == target;
    std::string words;
    if (container.id == target) {
        words = "runs it";
        if (!container.ref.empty()) words += ", created from " + escaped(container.ref);
        if (named && !names_it) words += ", which is another image now";
    } else if (names_it) {
        words =
            "runs " + short_id(container.id) + ", created from " + escaped(container.ref) + ", which is this image now";
    }
    if (mounts(container, target))
        words += (words.empty() ? "" : "; ") + std::string(mounts_in_words(view, number)) + " it";
    return words;
}

}  // namespace engine_prune

#endif

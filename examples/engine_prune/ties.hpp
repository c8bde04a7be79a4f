#ifndef ENGINE_PRUNE_TIES_HPP
#define ENGINE_PRUNE_TIES_HPP

// What containers have to do with an image.

#include "listing.hpp"
#include "view.hpp"

#include <pruneplan/pruneplan.hpp>

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>

namespace engine_prune {

/// The name that a container was created from, in the form that records have; empty if it was created from an ID.
inline std::string name_created_from(const Container& container) {
    const auto reference = pruneplan::parse_reference(container.ref);
    return reference ? std::string(reference->with_default_tag().canonical()) : "";
}

/// "mounts", or "may mount" where the name that the container mounts has moved since.
inline std::string_view mounts_in_words(const View& view, std::size_t container) {
    const auto& uncertain = view.uncertain_mounts;
    return std::find(uncertain.begin(), uncertain.end(), container) == uncertain.end() ? "mounts" : "may mount";
}

/// What a container has to do with an image; empty if nothing.
inline std::string tie_in_words(const View& view, const Block& block, std::size_t number) {
    const Container& container = view.listing.containers[number];
    const std::string& target = view.listing.images[block.records[0]].target;
    const std::string name = name_created_from(container);
    const bool names_it = std::any_of(block.records.begin(), block.records.end(),
                                      [&](std::size_t record) { return view.listing.images[record].name == name; });
    std::string words;
    if (container.id == target) {
        words = "runs it";
        if (!container.ref.empty()) words += ", created from " + escaped(container.ref);
        const auto record = view.index.find(name);
        if (record && !names_it) words += ", which is another image now";
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

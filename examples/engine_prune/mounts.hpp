#ifndef ENGINE_PRUNE_MOUNTS_HPP
#define ENGINE_PRUNE_MOUNTS_HPP

// SPDX-License-Identifier: BSL-1.0

// Finds the images that containers mount. Engines only show what the user typed, not which image that was.

#include "listing.hpp"

#include <pruneplan/pruneplan.hpp>

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace engine_prune {

/// Returns whether Podman can complete `typed` to `name`: "app:1" to "localhost/app:1".
inline bool completes(std::string_view name, std::string_view typed) {
    return name == typed || (name.ends_with(typed) && name[name.size() - typed.size() - 1] == '/');
}

/// Adds the targets of all images that `typed` can have meant. Returns false if it can have meant others, too.
template <class Index>
bool add_mounted(std::vector<std::string>& targets, const Listing& listing, const Container& container,
                 const std::string& typed, const Index& index) {
    const auto reference = pruneplan::parse_reference(typed);
    if (!reference || !reference->digest().empty()) {
        const auto image = index.find_image(reference ? std::string(reference->digest()) : typed);
        if (image) targets.emplace_back(index.target(*image));
        return image.has_value();
    }
    // A short ID is also a valid reference.
    if (const auto image = index.find_image(typed); image && !index.find(reference->with_default_tag().canonical())) {
        targets.emplace_back(index.target(*image));
        return true;
    }
    const auto tagged = reference->with_default_tag();
    const std::string canonical(tagged.canonical()), familiar(tagged.familiar());
    bool certain = false;
    for (const Image& image : listing.images) {
        const auto had_it = [&](const std::string& past) { return completes(past, familiar) || past == canonical; };
        if (std::any_of(image.past_names.begin(), image.past_names.end(), had_it)) {
            targets.push_back(image.target);
            certain = true;
        }
        if (image.name != canonical) continue;
        targets.push_back(image.target);
        certain = certain || (image.tagged && container.created && *image.tagged < *container.created);
    }
    return certain;
}

/// Sets `mounted` of each container. If a name was moved or deleted since, the image is unknown, and the container counts
/// as mounting every image. Returns the numbers of such containers.
template <class Index>
std::vector<std::size_t> resolve_mounts(Listing& listing, const Index& index) {
    std::vector<std::size_t> uncertain;
    for (std::size_t i = 0; i < listing.containers.size(); ++i) {
        Container& container = listing.containers[i];
        bool certain = true;
        for (const std::string& typed : container.mounts)
            certain = add_mounted(container.mounted, listing, container, typed, index) && certain;
        if (certain) continue;
        uncertain.push_back(i);
        container.mounted.clear();
        for (const Image& image : listing.images) container.mounted.push_back(image.target);
    }
    return uncertain;
}

}  // namespace engine_prune

#endif

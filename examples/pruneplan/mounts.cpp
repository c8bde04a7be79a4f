// SPDX-License-Identifier: BSL-1.0
#include "mounts.hpp"

#include <algorithm>
#include <string>
#include <string_view>

namespace cli {
namespace {

/// Returns whether Podman can complete `typed` to `name`: "app:1" to "localhost/app:1".
bool completes(std::string_view name, std::string_view typed) {
    return name == typed || (name.ends_with(typed) && name[name.size() - typed.size() - 1] == '/');
}

/// Adds the targets of all images that `typed` can have meant. Returns false if it can have meant others, too.
bool add_mounted(Container& container, const Listing& listing, const std::string& typed, const Index& index) {
    const auto add = [&](std::string_view target) { container.mounted.emplace_back(target); };
    const auto reference = pruneplan::parse_reference(typed);
    if (!reference || !reference->digest().empty()) {
        const auto image = index.find_image(reference ? std::string(reference->digest()) : typed);
        if (image) add(index.target(*image));
        return image.has_value();
    }
    // A short ID is also a valid reference.
    if (const auto image = index.find_image(typed); image && !index.find(reference->with_default_tag().canonical())) {
        add(index.target(*image));
        return true;
    }
    const auto tagged = reference->with_default_tag();
    bool certain = false;
    for (const Record& record : listing.records) {
        const auto had_it = [&](const std::string& past) {
            return completes(past, tagged.familiar()) || past == tagged.canonical();
        };
        if (std::any_of(record.past_names.begin(), record.past_names.end(), had_it)) {
            add(record.target);
            certain = true;
        }
        if (record.name != tagged.canonical()) continue;
        add(record.target);
        certain = certain || (record.tagged && container.created && *record.tagged < *container.created);
    }
    return certain;
}

}  // namespace

std::vector<std::size_t> resolve_mounts(Listing& listing, const Index& index) {
    std::vector<std::size_t> uncertain;
    for (std::size_t i = 0; i < listing.containers.size(); ++i) {
        Container& container = listing.containers[i];
        if (!container.mounted.empty()) continue;
        bool certain = true;
        for (const std::string& typed : container.mounts)
            certain = add_mounted(container, listing, typed, index) && certain;
        if (certain) continue;
        uncertain.push_back(i);
        container.mounted.clear();
        if (uncertain.size() > 1) continue;  // one that mounts all is enough
        for (const Record& record : listing.records) container.mounted.push_back(record.target);
    }
    return uncertain;
}

}  // namespace cli

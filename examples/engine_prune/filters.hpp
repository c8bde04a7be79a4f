#ifndef ENGINE_PRUNE_FILTERS_HPP
#define ENGINE_PRUNE_FILTERS_HPP

// Filters as the running engine reads them. Where it reads one in another way than the library, and the plan would
// delete what the engine keeps, the filter is rejected, or one that is narrower takes its place. Where its API does not
// tell enough, the plan deletes less than the engine, and a note says so.

#include "listing.hpp"

#include <pruneplan/pruneplan.hpp>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace engine_prune {

// What only this program can judge of an image reaches the library as a label, under a key that no image can have.
inline constexpr std::string_view tagged_before_until = "\ntagged before until";
inline constexpr std::string_view labels_known = "\nlabels known";

inline pruneplan::Filter has_label(std::string_view key) {
    pruneplan::Filter filter;
    filter.kind = pruneplan::FilterKind::label;
    filter.set_key(key);
    return filter;
}

/// Rejects a filter that this engine reads in another way than the library.
inline pruneplan::Result<void> check_reading(const pruneplan::Filter& filter, std::string_view text, const Listing& listing) {
    const bool podman = listing.engine == "podman";
    const auto otherwise = [&](const std::string& why) { return failure("\"" + escaped(text) + "\": " + why); };
    if (podman && filter.kind == pruneplan::FilterKind::reference && filter.negated)
        return otherwise("Podman finds more names with this pattern; give --keep names as they are shown");
    if (filter.kind != pruneplan::FilterKind::label) return {};
    const bool says_not = text.substr(0, text.find('=')).find('!') != text.npos;
    if (filter.negated != says_not && listing.usage.name != "containerd_snapshotter")
        return otherwise("this engine looks for a label that ends in \"!\"; write label!=KEY for images without KEY");
    if (podman && filter.key().find('*') != text.npos) return otherwise("Podman takes the key for a pattern; give whole keys");
    if (podman && filter.value() == "") return otherwise("to Podman an empty value is any value; leave the last \"=\" off");
    return {};
}

/// The first number of a version, 28 for "28.5.2".
inline std::optional<int> major_version(std::string_view version) {
    int major = 0;
    const auto [end, error] = std::from_chars(version.data(), version.data() + version.size(), major);
    return error == std::errc() ? std::optional(major) : std::nullopt;
}

/// The filters that take the place of what was asked for.
struct Reading {
    std::vector<pruneplan::Filter> filters;
    std::optional<pruneplan::Timestamp> until;  ///< what `tagged_before_until` means
    std::vector<std::string> notes;             ///< "CAUSE: " and a sentence
};

/// Docker with the containerd image store. `until` asks when the name was stored, which the API does not tell; the image
/// was last tagged then or later. `label!=KEY=VALUE` kept images without KEY until moby's commit d994daf576 (April 2026).
/// An image without a configuration matches no filter on labels.
inline Reading read_for_containerd(const std::vector<pruneplan::Filter>& filters, const Listing& listing) {
    using enum pruneplan::FilterKind;
    Reading reading;
    bool asks_labels = false, narrowed = false;
    for (const pruneplan::Filter& filter : filters) {
        if (filter.kind == until) {
            reading.until = std::min(filter.moment, reading.until.value_or(filter.moment));
            continue;
        }
        reading.filters.push_back(filter);
        if (filter.kind != label) continue;
        asks_labels = true;
        if (!filter.negated || !filter.value()) continue;
        narrowed = true;
        reading.filters.push_back(has_label(filter.key()));
    }
    if (reading.until) reading.filters.push_back(has_label(tagged_before_until));
    if (asks_labels) reading.filters.push_back(has_label(labels_known));
    if (narrowed && major_version(listing.version).value_or(29) >= 29)
        reading.notes.emplace_back("label!: a newer engine also deletes images without that label; the plan keeps them");
    const auto unclear = [&](const Image& image) {
        return !image.tagged || (*image.tagged >= *reading.until && (!image.created || *image.created < *reading.until));
    };
    if (reading.until && std::any_of(listing.images.begin(), listing.images.end(), unclear))
        reading.notes.emplace_back(
            "until: this engine does not tell how old a name is; the plan keeps all names of images that were tagged since");
    return reading;
}

/// All other engines. Of several `label!`, it is enough for Docker with a graph driver and for Podman that one holds.
inline Reading read_for_others(const std::vector<pruneplan::Filter>& filters) {
    Reading reading{filters, {}, {}};
    const auto is_negated_label = [](const pruneplan::Filter& filter) {
        return filter.kind == pruneplan::FilterKind::label && filter.negated;
    };
    if (std::count_if(filters.begin(), filters.end(), is_negated_label) > 1)
        reading.notes.emplace_back("label!: this engine deletes what one of several label! matches; the plan, what all match");
    return reading;
}

inline Reading read_filters(const std::vector<pruneplan::Filter>& filters, const Listing& listing) {
    if (listing.usage.name == "containerd_snapshotter") return read_for_containerd(filters, listing);
    return read_for_others(filters);
}

}  // namespace engine_prune

#endif

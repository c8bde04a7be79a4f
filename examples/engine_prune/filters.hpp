#ifndef ENGINE_PRUNE_FILTERS_HPP
#define ENGINE_PRUNE_FILTERS_HPP

// SPDX-License-Identifier: BSL-1.0

// Translates filters to what they mean to the running engine. If a filter means something else to the engine than to
// the library, and the plan would delete what the engine keeps, the filter is rejected or replaced by a narrower one.
// If the engine's API does not show enough, the plan deletes less than the engine, and a note says so.

#include "listing.hpp"

#include <pruneplan/pruneplan.hpp>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

namespace engine_prune {

using std::string_view_literals::operator""sv;

// Facts that only this program can decide are passed to the library as labels. Their keys begin with a zero byte, which a
// command line cannot hold.
inline constexpr std::string_view tagged_before_until = "\0tagged before until"sv;
inline constexpr std::string_view labels_known = "\0labels known"sv;
inline constexpr std::string_view one_label_matches = "\0one label matches"sv;
inline constexpr std::string_view one_negated_label_matches = "\0one label! matches"sv;
inline constexpr std::string_view has_key = "\0has key "sv;  // and a number

/// A filter for the library, and what the user typed for it.
struct ReadFilter {
    pruneplan::Filter filter;
    std::string typed;
};

inline ReadFilter fact(std::string_view key, std::string_view typed) {
    return {*pruneplan::parse_filter("label=" + std::string(key), {}), std::string(typed)};
}

inline bool has_label(const Image& image, std::string_view key, std::optional<std::string_view> value) {
    return std::any_of(image.labels.begin(), image.labels.end(),
                       [&](const auto& label) { return label.first == key && (!value || label.second == *value); });
}

/// Rejects a filter that means something else to this engine than to the library.
inline pruneplan::Result<void> check_reading(const pruneplan::Filter& filter, const Listing& listing) {
    const bool podman = listing.engine == "podman";
    const std::string_view text = filter.text();
    const auto otherwise = [&](const std::string& why) { return failure("\"" + escaped(text) + "\": " + why); };
    if (podman && filter.kind() == pruneplan::FilterKind::reference && filter.negated())
        return otherwise("Podman finds more names with this pattern; give --keep names as they are shown");
    if (filter.kind() != pruneplan::FilterKind::label) return {};
    const bool says_not = text.substr(0, text.find('=')).find('!') != text.npos;
    if (filter.negated() != says_not && listing.usage.name != "containerd_snapshotter")
        return otherwise("this engine looks for a label that ends in \"!\"; write label!=KEY for images without KEY");
    if (podman && filter.key().find('*') != text.npos)
        return otherwise("Podman takes the key for a pattern; give whole keys");
    if (podman && filter.value() == "")
        return otherwise("to Podman an empty value is any value; leave the last \"=\" off");
    return {};
}

/// Returns the first two numbers of a version, 28 and 5 for "28.5.2", or nothing if it does not begin with two numbers.
inline std::optional<std::pair<int, int>> version_of(std::string_view text) {
    std::pair<int, int> version;
    const char* const end = text.data() + text.size();
    const auto major = std::from_chars(text.data(), end, version.first);
    if (major.ec != std::errc() || major.ptr == end || *major.ptr != '.') return std::nullopt;
    if (std::from_chars(major.ptr + 1, end, version.second).ec != std::errc()) return std::nullopt;
    return version;
}

/// The filters that replace those of the request.
struct Reading {
    std::vector<ReadFilter> filters;
    std::optional<pruneplan::Timestamp> until;  ///< the time that `tagged_before_until` compares with
    std::vector<std::string> notes;             ///< "CAUSE: " and a sentence
};

/// Translates for Docker with the containerd image store. There, `until` compares when the name was stored. The API
/// does not show this, but the image was last tagged then or later. `label!=KEY=VALUE` kept images without KEY until
/// moby's commit d994daf576 of April 2026. An image without a configuration matches no filter on labels.
inline Reading read_for_containerd(const std::vector<pruneplan::Filter>& filters, Listing& listing) {
    using enum pruneplan::FilterKind;
    Reading reading;
    std::string_view typed_until, typed_label;
    bool narrowed = false;
    for (const pruneplan::Filter& filter : filters) {
        if (filter.kind() == until) {
            if (reading.until && *reading.until <= filter.moment()) continue;
            reading.until = filter.moment();
            typed_until = filter.text();
            continue;
        }
        reading.filters.push_back({filter, std::string(filter.text())});
        if (filter.kind() != label) continue;
        typed_label = filter.text();
        if (!filter.negated() || !filter.value()) continue;
        narrowed = true;
        const std::string key = std::string(has_key) + std::to_string(reading.filters.size());
        for (Image& image : listing.images)
            if (has_label(image, filter.key(), std::nullopt)) image.labels.emplace_back(key, "");
        reading.filters.push_back(fact(key, filter.text()));
    }
    if (reading.until) reading.filters.push_back(fact(tagged_before_until, typed_until));
    if (!typed_label.empty()) reading.filters.push_back(fact(labels_known, typed_label));
    if (narrowed && version_of(listing.version).value_or(std::pair(29, 0)).first >= 29)
        reading.notes.emplace_back(
            "label!: a newer engine also deletes images without that label; the plan keeps them");
    const auto unclear = [&](const Image& image) {
        return !image.tagged ||
               (*image.tagged >= *reading.until && (!image.created || *image.created < *reading.until));
    };
    if (reading.until && std::any_of(listing.images.begin(), listing.images.end(), unclear))
        reading.notes.emplace_back(
            "until: this engine does not tell how old a name is; the plan keeps all names of images that were tagged "
            "since");
    return reading;
}

/// Replaces several label filters, if one match is enough: images that match one of them get the label `key`, and a
/// filter for that label replaces them.
inline void take_one_of(std::vector<ReadFilter>& filters, bool negated, std::string_view key, Listing& listing) {
    const auto is_one = [&](const ReadFilter& read) {
        return read.filter.kind() == pruneplan::FilterKind::label && read.filter.negated() == negated;
    };
    const auto others = std::stable_partition(filters.begin(), filters.end(), is_one);
    if (others - filters.begin() < 2) return;
    for (Image& image : listing.images) {
        const auto matches = [&](const ReadFilter& read) {
            return has_label(image, read.filter.key(), read.filter.value()) != negated;
        };
        if (std::any_of(filters.begin(), others, matches)) image.labels.emplace_back(key, "");
    }
    std::string typed = filters.front().typed;
    for (auto other = filters.begin() + 1; other != others; ++other) typed += " or " + other->typed;
    filters.erase(filters.begin(), others);
    filters.push_back(fact(key, typed));
}

/// Translates for Docker with a graph driver: of several `label!`, one match is enough.
inline Reading read_for_graph_driver(std::vector<ReadFilter> filters, Listing& listing) {
    take_one_of(filters, true, one_negated_label_matches, listing);
    return {std::move(filters), {}, {}};
}

/// Translates for Podman, where a pattern also matches the end of a longer name. Of several filters of one kind, one
/// match is enough for Podman 4.3 and earlier; for Podman 5.8 all have to match.
inline Reading read_for_podman(std::vector<ReadFilter> filters, Listing& listing) {
    const auto version = version_of(listing.version);
    const bool one_is_enough = version && *version <= std::pair(4, 3);
    if (one_is_enough) {
        take_one_of(filters, false, one_label_matches, listing);
        take_one_of(filters, true, one_negated_label_matches, listing);
    }
    Reading reading{std::move(filters), {}, {}};
    const auto has_pattern = [](const ReadFilter& one) {
        return one.filter.kind() == pruneplan::FilterKind::reference;
    };
    if (std::any_of(reading.filters.begin(), reading.filters.end(), has_pattern))
        reading.notes.emplace_back(
            "reference: Podman finds more names with a pattern, and deletes all of an image; the plan deletes only "
            "names that match as they are shown");
    if (version && *version >= std::pair(5, 8)) return reading;
    const auto is_unclear = [&](const ReadFilter& one) {
        if (one.filter.kind() == pruneplan::FilterKind::reference) return false;
        if (one.filter.kind() == pruneplan::FilterKind::label && one_is_enough) return false;
        return std::count_if(reading.filters.begin(), reading.filters.end(), [&](const ReadFilter& other) {
                   return other.filter.kind() == one.filter.kind() && other.filter.negated() == one.filter.negated();
               }) > 1;
    };
    if (std::any_of(reading.filters.begin(), reading.filters.end(), is_unclear))
        reading.notes.emplace_back(
            "several: in some versions of Podman, one of several filters of a kind has to match; in the plan, all of "
            "them");
    return reading;
}

/// Translates filters for the engine of the listing. Can add labels to its images, under keys that begin with a zero
/// byte.
inline Reading read_filters(const std::vector<pruneplan::Filter>& filters, Listing& listing) {
    if (listing.usage.name == "containerd_snapshotter") return read_for_containerd(filters, listing);
    std::vector<ReadFilter> read;
    for (const pruneplan::Filter& filter : filters) read.push_back({filter, std::string(filter.text())});
    if (listing.engine == "podman") return read_for_podman(std::move(read), listing);
    return read_for_graph_driver(std::move(read), listing);
}

}  // namespace engine_prune

#endif

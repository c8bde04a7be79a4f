// SPDX-License-Identifier: BSL-1.0
#include "filters.hpp"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

namespace cli {
namespace {

using pruneplan::Filter;
using pruneplan::FilterKind;
using std::string_view_literals::operator""sv;

constexpr std::string_view tagged_before_until = "\0tagged before until"sv;
constexpr std::string_view has_configuration = "\0labels known"sv;
constexpr std::string_view one_label_matches = "\0one label matches"sv;
constexpr std::string_view one_negated_label_matches = "\0one label! matches"sv;
constexpr std::string_view has_key = "\0has key "sv;  // and a number

bool has_label(const Record& record, std::string_view key, std::optional<std::string_view> value) {
    const auto found = record.labels.find(std::string(key));
    return found != record.labels.end() && (!value || found->second == *value);
}

/// Adds a fact to each record for which `holds` returns true.
template <class Holds>
void add_fact(Listing& listing, std::string_view key, Holds holds) {
    for (Record& record : listing.records)
        if (holds(record)) record.labels.emplace(key, "");
}

/// Rejects a filter that means something else to this engine than to the library.
void check_reading(const Filter& filter, const Listing& listing) {
    const bool podman = listing.source == "podman";
    const std::string_view text = filter.text();
    const auto reject = [&](const std::string& why) { throw Failure(in_quotes(text) + ": " + why); };
    if (podman && filter.kind() == FilterKind::reference && filter.negated())
        reject("Podman finds more names with this pattern; give --keep names as they are shown");
    if (filter.kind() != FilterKind::label) return;
    if (listing.source == "containerd")
        reject("containerd does not show the labels of images; give --keep, or --filter reference!=PATTERN");
    const bool says_not = text.substr(0, text.find('=')).find('!') != text.npos;
    if (filter.negated() != says_not && listing.rule != "containerd_snapshotter")
        reject("this engine looks for a label that ends in \"!\"; write label!=KEY for images without KEY");
    if (podman && filter.key().find('*') != text.npos) reject("Podman takes the key for a pattern; give whole keys");
    if (podman && filter.value() == "") reject("to Podman an empty value is any value; leave the last \"=\" off");
}

/// Returns the first two numbers of a version, 28 and 5 for "28.5.2", or nothing if it does not begin with two numbers.
std::optional<std::pair<int, int>> version_of(std::string_view text) {
    std::pair<int, int> version;
    const char* const end = text.data() + text.size();
    const auto major = std::from_chars(text.data(), end, version.first);
    if (major.ec != std::errc() || major.ptr == end || *major.ptr != '.') return std::nullopt;
    if (std::from_chars(major.ptr + 1, end, version.second).ec != std::errc()) return std::nullopt;
    return version;
}

/// Translates for Docker with the containerd image store. There, `until` compares when the name was stored. The API
/// does not show this, but the image was last tagged then or later. `label!=KEY=VALUE` kept images without KEY until
/// moby's commit d994daf576 of April 2026. An image without a configuration matches no filter on labels.
Reading read_for_containerd(const std::vector<Filter>& filters, Listing& listing) {
    Reading reading;
    std::optional<Timestamp> until;
    std::string_view typed_until, typed_label;
    bool narrowed = false;
    for (const Filter& filter : filters) {
        if (filter.kind() == FilterKind::until) {
            if (until && *until <= filter.moment()) continue;
            until = filter.moment();
            typed_until = filter.text();
            continue;
        }
        reading.filters.push_back({filter, std::string(filter.text())});
        if (filter.kind() != FilterKind::label) continue;
        typed_label = filter.text();
        if (!filter.negated() || !filter.value()) continue;
        narrowed = true;
        const std::string key = std::string(has_key) + std::to_string(reading.filters.size());
        add_fact(listing, key, [&](const Record& record) { return has_label(record, filter.key(), std::nullopt); });
        reading.filters.push_back(fact(key, filter.text()));
    }
    if (!typed_label.empty()) {
        add_fact(listing, has_configuration, [](const Record& record) { return record.labels_known; });
        reading.filters.push_back(fact(has_configuration, typed_label));
    }
    if (narrowed && version_of(listing.version).value_or(std::pair(29, 0)).first >= 29)
        reading.notes.emplace_back(
            "label!: a newer engine also deletes images without that label; the plan keeps them");
    if (!until) return reading;
    add_fact(listing, tagged_before_until,
             [&](const Record& record) { return record.tagged && *record.tagged < *until; });
    reading.filters.push_back(fact(tagged_before_until, typed_until));
    const auto unclear = [&](const Record& record) {
        return !record.tagged || (*record.tagged >= *until && (!record.created || *record.created < *until));
    };
    if (std::any_of(listing.records.begin(), listing.records.end(), unclear))
        reading.notes.emplace_back(
            "until: this engine does not tell how old a name is; the plan keeps all names of images that were tagged "
            "since");
    return reading;
}

/// Replaces several label filters, if one match is enough: images that match one of them get the fact `key`, and a
/// filter for that fact replaces them.
void match_one_of(std::vector<ReadFilter>& filters, bool negated, std::string_view key, Listing& listing) {
    const auto is_one = [&](const ReadFilter& read) {
        return read.filter.kind() == FilterKind::label && read.filter.negated() == negated;
    };
    const auto others = std::stable_partition(filters.begin(), filters.end(), is_one);
    if (others - filters.begin() < 2) return;
    add_fact(listing, key, [&](const Record& record) {
        return std::any_of(filters.begin(), others, [&](const ReadFilter& read) {
            return has_label(record, read.filter.key(), read.filter.value()) != negated;
        });
    });
    std::string typed = filters.front().typed;
    for (auto other = filters.begin() + 1; other != others; ++other) typed += " or " + other->typed;
    filters.erase(filters.begin(), others);
    filters.push_back(fact(key, typed));
}

/// Translates for Podman, where a pattern also matches the end of a longer name. Of several filters of one kind, one
/// match is enough for Podman 4.3 and earlier; for Podman 5.8 all have to match.
Reading read_for_podman(std::vector<ReadFilter> filters, Listing& listing) {
    const auto version = version_of(listing.version);
    const bool one_is_enough = version && *version <= std::pair(4, 3);
    if (one_is_enough) {
        match_one_of(filters, false, one_label_matches, listing);
        match_one_of(filters, true, one_negated_label_matches, listing);
    }
    Reading reading{std::move(filters), {}};
    const auto is_reference = [](const ReadFilter& one) { return one.filter.kind() == FilterKind::reference; };
    if (std::any_of(reading.filters.begin(), reading.filters.end(), is_reference))
        reading.notes.emplace_back(
            "reference: Podman finds more names with a pattern, and deletes all of an image; the plan deletes only "
            "names that match as they are shown");
    if (version && *version >= std::pair(5, 8)) return reading;
    const auto is_unclear = [&](const ReadFilter& one) {
        if (is_reference(one) || (one.filter.kind() == FilterKind::label && one_is_enough)) return false;
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

}  // namespace

ReadFilter fact(std::string_view key, std::string_view typed) {
    return {*pruneplan::parse_filter("label=" + std::string(key), {}), std::string(typed)};
}

Reading read_filters(const std::vector<Filter>& filters, Listing& listing) {
    for (const Filter& filter : filters) check_reading(filter, listing);
    if (listing.rule == "containerd_snapshotter") return read_for_containerd(filters, listing);
    std::vector<ReadFilter> read;
    for (const Filter& filter : filters) read.push_back({filter, std::string(filter.text())});
    if (listing.source == "podman") return read_for_podman(std::move(read), listing);
    // Docker with a graph driver: of several `label!`, one match is enough.
    if (listing.rule == "graph_driver") match_one_of(read, true, one_negated_label_matches, listing);
    return {std::move(read), {}};
}

}  // namespace cli

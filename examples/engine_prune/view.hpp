#ifndef ENGINE_PRUNE_VIEW_HPP
#define ENGINE_PRUNE_VIEW_HPP

// SPDX-License-Identifier: BSL-1.0

// Orders the records of a plan and puts its reasons in words, for all output formats.

#include "filters.hpp"
#include "listing.hpp"
#include "moment.hpp"
#include "planning.hpp"

#include <pruneplan/pruneplan.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

namespace engine_prune {

/// All that is needed to print a plan.
struct View {
    const Listing& listing;
    const Index& index;
    const pruneplan::PruneOptions& options;
    const pruneplan::PrunePlan& plan;
    pruneplan::Timestamp now;
    std::string_view rule;                   ///< the name of the usage rule
    const std::vector<ReadFilter>& filters;  ///< those of `options`
    MountsKept mounts_kept = MountsKept::none;
    std::vector<std::size_t> uncertain_mounts{};  ///< containers that may mount any image, by number
};

inline bool is_deleted(const View& view, std::size_t record) {
    return view.plan[record].action == pruneplan::Action::erase;
}

inline bool is_nameless(const Image& image) { return image.name == dangling_name(image.target); }

/// Returns the familiar name of an image, unescaped.
inline std::string familiar_bytes(const Image& image) {
    const auto reference = pruneplan::parse_reference(image.name);
    return std::string(reference ? reference->familiar() : std::string_view(image.name));
}

/// Returns the familiar name for one line of a terminal. Docker shows "<none>" for an image without a name.
inline std::string familiar_name(const Image& image) {
    return is_nameless(image) ? "<none>" : escaped(familiar_bytes(image));
}

/// Returns the part of an ID that Docker shows.
inline std::string_view beginning_of(std::string_view id) {
    constexpr std::string_view algorithm = "sha256:";
    constexpr std::size_t docker_shows = 12;
    return id.starts_with(algorithm) ? id.substr(algorithm.size(), docker_shows) : id;
}

inline std::string short_id(std::string_view id) { return escaped(beginning_of(id)); }

/// Returns "container" and its name, or its number if it has no name.
inline std::string container_in_words(const Listing& listing, std::size_t number) {
    const std::string& name = listing.containers[number].name;
    return "container " + (name.empty() ? std::to_string(number) : escaped(name));
}

inline void replace_first(std::string& text, std::string_view from, std::string_view to) {
    if (const std::size_t at = text.find(from); at != text.npos && !from.empty()) text.replace(at, from.size(), to);
}

inline bool mounts(const Container& container, std::string_view target) {
    return std::find(container.mounted.begin(), container.mounted.end(), target) != container.mounted.end();
}

/// Returns the library's explanation with familiar names and filters as they were typed, and without "kept: " or
/// "deleted: ", which each format shows in its own way.
inline std::string reason_in_words(const View& view, std::size_t record) {
    const pruneplan::Decision decision = view.plan[record];
    if (decision.reason == pruneplan::Reason::filtered)
        return "it does not match the filter \"" + escaped(view.filters[*decision.option].typed) + "\"";
    std::string sentence = explain(view.plan, record);
    if (const std::size_t colon = sentence.find(": "); colon != sentence.npos) sentence.erase(0, colon + 2);
    const Image& image = view.listing.images[record];
    replace_first(sentence, image.target, beginning_of(image.target));
    if (!is_nameless(image)) replace_first(sentence, image.name, familiar_bytes(image));
    return printable(sentence);
}

/// One image, and its records: deletions first, then by name.
struct Block {
    std::vector<std::size_t> records;
    std::size_t deleted = 0;

    bool is_deleted() const { return deleted == records.size(); }
};

/// The sort key of a record: deletions first, names before IDs.
using SortKey = std::tuple<bool, bool, std::string, std::string_view>;

inline std::vector<SortKey> sort_keys_of(const View& view) {
    std::vector<SortKey> keys;
    for (std::size_t record = 0; record < view.plan.size(); ++record) {
        const Image& image = view.listing.images[record];
        keys.emplace_back(!is_deleted(view, record), is_nameless(image), familiar_name(image), image.name);
    }
    return keys;
}

/// Returns the images of the plan: first those that are deleted, then those that lose names, then the others; in each
/// part sorted by name, images without a name last.
inline std::vector<Block> blocks_of(const View& view) {
    const std::vector<SortKey> keys = sort_keys_of(view);
    std::map<std::string_view, Block> by_target;
    for (std::size_t record = 0; record < view.plan.size(); ++record) {
        Block& block = by_target[view.listing.images[record].target];
        block.records.push_back(record);
        if (is_deleted(view, record)) ++block.deleted;
    }
    std::vector<Block> blocks;
    for (auto& [target, block] : by_target) {
        std::sort(block.records.begin(), block.records.end(),
                  [&](std::size_t a, std::size_t b) { return keys[a] < keys[b]; });
        blocks.push_back(std::move(block));
    }
    const auto part = [](const Block& block) { return block.is_deleted() ? 0 : block.deleted > 0 ? 1 : 2; };
    std::sort(blocks.begin(), blocks.end(), [&](const Block& a, const Block& b) {
        if (part(a) != part(b)) return part(a) < part(b);
        return keys[a.records[0]] < keys[b.records[0]];
    });
    return blocks;
}

/// Returns how many records have each reason, the most frequent first.
inline std::vector<std::pair<pruneplan::Reason, std::size_t>> reasons_of(const View& view, pruneplan::Action action) {
    std::map<pruneplan::Reason, std::size_t> counts;
    for (const pruneplan::Decision& decision : view.plan)
        if (decision.action == action) ++counts[decision.reason];
    std::vector<std::pair<pruneplan::Reason, std::size_t>> sorted(counts.begin(), counts.end());
    std::stable_sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) { return a.second > b.second; });
    return sorted;
}

}  // namespace engine_prune

#endif

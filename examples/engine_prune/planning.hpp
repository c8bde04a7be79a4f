#ifndef ENGINE_PRUNE_PLANNING_HPP
#define ENGINE_PRUNE_PLANNING_HPP

// SPDX-License-Identifier: BSL-1.0

// Turns a listing and a request into what the library takes: an adapter, containers and options.

#include "filters.hpp"
#include "listing.hpp"
#include "request.hpp"
#include "size.hpp"

#include <pruneplan/pruneplan.hpp>

#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

namespace engine_prune {

/// The adapter, which gives the library all facts about an image. Engines do not show the layers of an image, so each
/// image counts as one blob of its size. The adapter has no `parent`, since Docker and Podman also delete the names of
/// a parent when they keep its child.
class EngineStore {
public:
    explicit EngineStore(const Listing& listing) : images_(listing.images) {}

    const std::vector<Image>& images() const { return images_; }
    static std::string_view name(const Image& image) { return image.name; }
    static std::string_view target(const Image& image) { return image.target; }
    static bool is_dangling(const Image& image) { return image.dangling; }
    static std::optional<pruneplan::Timestamp> created(const Image& image) { return image.created; }
    const std::string* label(const Image& image, std::string_view key) const {
        static const std::string yes;
        if (key == tagged_before_until) return image.tagged && until && *image.tagged < *until ? &yes : nullptr;
        if (key == labels_known) return image.labels_known ? &yes : nullptr;
        for (const auto& [known, value] : image.labels)
            if (known == key) return &value;
        return nullptr;
    }
    static std::array<pruneplan::Blob, 1> blobs(const Image& image) { return {{{image.target, image.size}}}; }

    std::optional<pruneplan::Timestamp> until;  ///< the time that `tagged_before_until` compares with

private:
    const std::vector<Image>& images_;
};

using Index = pruneplan::ImageIndex<EngineStore>;

inline pruneplan::Result<std::size_t> parse_count(std::string_view text, std::string_view option) {
    std::size_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size())
        return failure("\"" + escaped(text) + "\" is not a number for " + std::string(option) +
                       ": give 1, 2, 3 and so on");
    return number;
}

/// Returns the usage rule of the request. "engine" is the engine's own rule.
inline pruneplan::Result<NamedUsage> rule_of(const Request& request, const Listing& listing) {
    if (request.rule == "engine") return listing.usage;
    std::string known = "engine";
    for (const NamedUsage& usage : usages) {
        if (request.rule == usage.name) return usage;
        known += ", " + std::string(usage.name);
    }
    return failure("unknown rule \"" + escaped(request.rule) + "\": give one of " + known);
}

/// Selects the images that a plan keeps because a container mounts them.
enum class MountsKept : unsigned char { none, with_name, all };

/// Returns which mounted images a rule keeps. The rules of the library keep all. Of the engines' own prunes, only
/// Docker's with a graph driver keeps a mounted image, and only if it has a name.
inline MountsKept mounts_kept_by(std::string_view rule, const Listing& listing) {
    if (rule != "engine") return MountsKept::all;
    return listing.usage.name == "graph_driver" ? MountsKept::with_name : MountsKept::none;
}

/// Returns the containers for the planner, with only those mounts that keep images.
inline std::vector<Container> containers_of(const Listing& listing, const Index& index, MountsKept kept) {
    std::vector<Container> containers = listing.containers;
    for (Container& container : containers)
        std::erase_if(container.mounted, [&](const std::string& target) {
            return kept == MountsKept::none ||
                   (kept == MountsKept::with_name && index.is_dangling(*index.find_target(target)));
        });
    return containers;
}

/// Returns the options of a request. As in the engine's own prune, --all is the filter dangling=false, and contradicts
/// dangling=true. The engines count durations back from a whole second.
inline pruneplan::Result<pruneplan::PruneOptions> options_of(const Request& request, const Listing& listing,
                                                             pruneplan::Timestamp now) {
    Words filters = request.filters;
    if (request.all) filters.emplace_back("dangling=false");
    now.nanoseconds = 0;
    auto options = pruneplan::parse_filters(filters, now);
    if (!options) return options;
    for (const std::string& text : filters)
        if (const auto read = check_reading(*pruneplan::parse_filter(text, now), text, listing); !read)
            return read.error();
    const auto usage = rule_of(request, listing);
    if (!usage) return usage.error();
    options->usage = usage->rule;
    for (const std::string& pattern : request.keep) {
        auto glob = pruneplan::Glob::compile(pattern);
        if (!glob) return glob.error();
        options->keep.push_back(*std::move(glob));
    }
    if (request.keep_newest) {
        const auto count = parse_count(*request.keep_newest, "--keep-newest");
        if (!count) return count.error();
        options->keep_newest_per_repository = *count;
    }
    if (request.free) {
        const auto bytes = parse_size(*request.free);
        if (!bytes) return bytes.error();
        options->bytes_to_free = *bytes;
    }
    return options;
}

}  // namespace engine_prune

#endif

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
#include <set>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

namespace engine_prune {

/// The adapter, which gives the library all facts about an image. Engines do not show the layers of an image, so each
/// image counts as one blob of its size. The adapter has no `needs`, since Docker and Podman also delete the names of
/// an image when they keep one that is built on it.
class EngineStore {
public:
    /// `until` is the time that the fact `tagged_before_until` compares with.
    EngineStore(const Listing& listing, std::optional<pruneplan::Timestamp> until)
        : images_(listing.images), until_(until) {}

    const std::vector<Image>& images() const { return images_; }
    static std::string_view name(const Image& image) { return image.name; }
    static std::string_view target(const Image& image) { return image.target; }
    static bool is_dangling(const Image& image) { return image.dangling; }
    static std::optional<pruneplan::Timestamp> created(const Image& image) { return image.created; }
    const std::string* label(const Image& image, std::string_view key) const {
        static const std::string yes;
        if (key == tagged_before_until) return image.tagged && until_ && *image.tagged < *until_ ? &yes : nullptr;
        if (key == labels_known) return image.labels_known ? &yes : nullptr;
        for (const auto& [known, value] : image.labels)
            if (known == key) return &value;
        return nullptr;
    }
    static std::array<pruneplan::Blob, 1> blobs(const Image& image) { return {{{image.target, image.size}}}; }

private:
    const std::vector<Image>& images_;
    std::optional<pruneplan::Timestamp> until_;
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

/// The adapter of a container, with only those mounts that keep images.
class EngineContainer {
public:
    EngineContainer(const Container& container, std::vector<std::string_view> mounted)
        : container_(&container), mounted_(std::move(mounted)) {}

    std::string_view image_id() const { return container_->id; }
    std::string_view image_ref() const { return container_->ref; }
    const std::vector<std::string_view>& mounted_image_ids() const { return mounted_; }
    std::string_view name() const { return container_->name; }

private:
    const Container* container_;
    std::vector<std::string_view> mounted_;
};

/// Returns the containers for the planner. They borrow those of the listing.
inline std::vector<EngineContainer> containers_of(const Listing& listing, MountsKept kept) {
    std::set<std::string_view> dangling;
    for (const Image& image : listing.images)
        if (image.dangling) dangling.insert(image.target);
    std::vector<EngineContainer> containers;
    for (const Container& container : listing.containers) {
        std::vector<std::string_view> mounted;
        for (const std::string& target : container.mounted)
            if (kept == MountsKept::all || (kept == MountsKept::with_name && !dangling.contains(target)))
                mounted.emplace_back(target);
        containers.emplace_back(container, std::move(mounted));
    }
    return containers;
}

/// Returns the options of a request. Their usage rule is the engine's own, unless the request has another one. As in the
/// engine's own prune, --all is the filter dangling=false, and contradicts dangling=true. The engines count durations
/// back from a whole second.
inline pruneplan::Result<pruneplan::PruneOptions> options_of(const Request& request, const Listing& listing,
                                                             pruneplan::Timestamp now) {
    Words filters = request.filters;
    if (request.all) filters.emplace_back("dangling=false");
    now.nanoseconds = 0;
    auto options = pruneplan::parse_filters(filters, now);
    if (!options) return options;
    for (const pruneplan::Filter& filter : options->filters)
        if (const auto read = check_reading(filter, listing); !read) return read.error();
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
        if (*count > 0) options->keep_newest = {{.count = *count}};
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

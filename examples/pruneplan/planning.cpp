// SPDX-License-Identifier: BSL-1.0
#include "planning.hpp"

#include "mounts.hpp"
#include "store.hpp"

#include <chrono>
#include <cstdint>
#include <limits>
#include <set>
#include <utility>

namespace cli {
namespace {

using std::string_view_literals::operator""sv;

constexpr NamedRule all_rules[] = {
    {"strict", pruneplan::usage_rules::strict},
    {"containerd_snapshotter", pruneplan::usage_rules::containerd_snapshotter},
    {"graph_driver", pruneplan::usage_rules::graph_driver},
    {"whole_image", pruneplan::usage_rules::whole_image},
    {"names_only", pruneplan::usage_rules::names_only},
};

constexpr std::string_view in_repository = "\0in a repository"sv;

pruneplan::UsageRule rule_named(std::string_view name) {
    for (const NamedRule& known : rules())
        if (known.name == name) return known.rule;
    throw Failure("unknown rule " + in_quotes(name) + " in the listing");
}

MountsKept mounts_kept_by(const Request& request, const Listing& listing) {
    if (request.rule != "engine" || (listing.source != "docker" && listing.source != "podman")) return MountsKept::all;
    return listing.rule == "graph_driver" ? MountsKept::with_name : MountsKept::none;
}

/// The adapter of a container, with only those mounts that keep images.
class ContainerOfListing {
public:
    ContainerOfListing(const Container& container, std::vector<std::string_view> mounted)
        : container_(&container), mounted_(std::move(mounted)) {}

    std::string_view image_id() const { return container_->image_id; }
    std::string_view image_ref() const { return container_->image_ref; }
    const std::vector<std::string_view>& mounted_image_ids() const { return mounted_; }
    std::string_view name() const { return container_->name; }

private:
    const Container* container_;
    std::vector<std::string_view> mounted_;
};

std::vector<ContainerOfListing> containers_of(const Listing& listing, MountsKept kept) {
    std::set<std::string_view> dangling;
    for (const Record& record : listing.records)
        if (record.dangling) dangling.insert(record.target);
    std::vector<ContainerOfListing> containers;
    for (const Container& container : listing.containers) {
        std::vector<std::string_view> mounted;
        for (const std::string& target : container.mounted)
            if (kept == MountsKept::all || (kept == MountsKept::with_name && !dangling.contains(target)))
                mounted.emplace_back(target);
        containers.emplace_back(container, std::move(mounted));
    }
    return containers;
}

/// A repository of a registry can be given without the registry's name.
bool is_in(const Record& record, const std::string& repository, const Listing& listing) {
    const auto reference = pruneplan::parse_reference(record.name);
    if (!reference) return false;
    if (listing.source == "registry" && record.target.starts_with(repository + '@')) return true;
    const auto typed = pruneplan::parse_reference(repository);
    return typed && typed->name() == reference->name();
}

/// Makes records of other repositories no candidates.
void restrict_to_repositories(const Request& request, Listing& listing, std::vector<ReadFilter>& filters) {
    if (request.repositories.empty()) return;
    std::string typed;
    for (const std::string& repository : request.repositories) {
        bool found = false;
        for (Record& record : listing.records)
            if (is_in(record, repository, listing)) {
                record.labels.emplace(in_repository, "");
                found = true;
            }
        if (!found) throw Failure("--repository " + in_quotes(repository) + " holds no image: give one that is listed");
        typed += (typed.empty() ? "--repository " : ", ") + repository;
    }
    filters.push_back(fact(in_repository, typed));
}

/// Returns how much is to be freed, or nothing if there is no budget.
std::optional<std::int64_t> budget_of(const Request& request, const Listing& listing) {
    if (!request.thresholds) return request.free;
    if (listing.capacity == 0)
        throw Failure("--high: " + listing.source + " does not say how full its file system is; containerd does");
    return value_of(pruneplan::bytes_to_reach(listing.capacity, listing.available, request.thresholds->high,
                                              request.thresholds->low));
}

/// As in the engine's own prune, --all is the filter dangling=false, and contradicts dangling=true. The engines count
/// durations back from a whole second. A registry deletes an image with all its tags or not at all, as a budget does:
/// there, the budget is never used up.
pruneplan::PruneOptions options_of(const Request& request, const Listing& listing, Timestamp now) {
    const bool registry = listing.source == "registry";
    Words filters = request.filters;
    if (request.all || registry) filters.emplace_back("dangling=false");
    now.nanoseconds = 0;
    auto options = value_of(pruneplan::parse_filters(filters, now));
    options.usage = rule_named(request.rule == "engine" ? listing.rule : request.rule);
    options.keep = request.keep;
    options.keep_newest = request.keep_newest;
    options.bytes_to_free = budget_of(request, listing);
    if (registry && !options.bytes_to_free) options.bytes_to_free = std::numeric_limits<std::int64_t>::max();
    if (!request.keep_younger.empty())
        options.keep_younger_than = value_of(pruneplan::parse_age(request.keep_younger, now));
    if (!request.delete_unused.empty())
        options.delete_unused_before = value_of(pruneplan::parse_age(request.delete_unused, now));
    return options;
}

/// Returns the patterns of --keep-newest that match no name. The library doubts only those of names to keep.
Words unmatched_newest(const Index& index, const Request& request) {
    pruneplan::PruneOptions options;
    for (const pruneplan::KeepNewest& newest : request.keep_newest)
        if (newest.names) options.keep.push_back(*newest.names);
    Words patterns;
    if (options.keep.empty()) return patterns;
    for (const pruneplan::Doubt& doubt : plan_prune(index, std::vector<ContainerOfListing>(), options).doubts())
        if (doubt.kind == pruneplan::DoubtKind::unmatched_pattern)
            patterns.emplace_back(options.keep[doubt.number].pattern());
    return patterns;
}

}  // namespace

std::span<const NamedRule> rules() { return all_rules; }

Planned plan_listing(const Request& request, const Listing& unplanned) {
    Listing listing = unplanned;
    // Podman's own prune of all images also deletes what kept images were built on, and what kept lists list.
    if (request.rule == "engine" && request.all && listing.source == "podman")
        for (Record& record : listing.records) record.needs.clear();
    const Timestamp now = listing.now.value_or(Timestamp::from(std::chrono::system_clock::now()));
    auto options = options_of(request, listing, now);
    auto [filters, notes] = read_filters(options.filters, listing);  // adds facts to the listing
    restrict_to_repositories(request, listing, filters);
    options.filters.clear();
    for (const ReadFilter& read : filters) options.filters.push_back(read.filter);

    const Store store(listing.records);
    const Index index = value_of(pruneplan::build_index(store));
    value_of(check_options(index, options));
    auto uncertain = resolve_mounts(listing, index);
    const MountsKept kept = mounts_kept_by(request, listing);
    auto plan = plan_prune(index, containers_of(listing, kept), options);
    for (const std::string& pattern : unmatched_newest(index, request))
        notes.push_back("keep-newest: the pattern " + in_quotes(pattern) + " matches no name");
    const std::string rule = request.rule == "engine" ? listing.rule : request.rule;
    return {std::move(listing),
            now,
            std::move(options),
            rule,
            kept,
            std::move(filters),
            std::move(notes),
            std::move(uncertain),
            std::move(plan)};
}

std::size_t find_image(const Listing& listing, std::string_view typed) {
    const Store store(listing.records);
    return value_of(value_of(pruneplan::build_index(store)).find_image(typed));
}

}  // namespace cli

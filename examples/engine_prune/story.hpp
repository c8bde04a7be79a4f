#ifndef ENGINE_PRUNE_STORY_HPP
#define ENGINE_PRUNE_STORY_HPP

// SPDX-License-Identifier: BSL-1.0

// Prints all about one image (--explain): its names, the containers that use it, the rule, and what would change the
// plan for it.

#include "plan_table.hpp"
#include "planning.hpp"
#include "screen.hpp"
#include "table.hpp"
#include "ties.hpp"
#include "view.hpp"

#include <pruneplan/pruneplan.hpp>

#include <algorithm>
#include <cstddef>
#include <ostream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace engine_prune {

inline std::string rule_in_words(const View& view) {
    const pruneplan::UsageRule& rule = view.options.usage;
    std::string words = std::string(view.rule) + " keeps ";
    if (rule.names_in_use) words += "the names that containers were created from, and ";
    words += rule.names_kept == pruneplan::NamesKept::all ? "all names" : "the last name";
    words += " of an image that a container ";
    words += rule.digests_in_use == pruneplan::DigestUse::every_container ? "runs" : "was created from by ID or digest";
    if (view.mounts_kept == MountsKept::none) return words + "; it ignores mounts.";
    words += view.mounts_kept == MountsKept::all ? ", or mounts." : ", or of a named image that a container mounts.";
    return words;
}

/// A plan with one difference, for the section "What would change this".
struct Variation {
    std::string what;
    pruneplan::PruneOptions options;
    std::vector<EngineContainer> containers;
};

/// Returns how many kinds of options are given that keep records.
inline int options_given(const pruneplan::PruneOptions& options) {
    return (options.scope == pruneplan::Scope::dangling) + !options.filters.empty() + !options.keep.empty() +
           !options.keep_newest.empty() + options.bytes_to_free.has_value();
}

/// Adds the plan without each option that is given, or with --all.
inline void vary_options(std::vector<Variation>& variations, const View& view,
                         const std::vector<EngineContainer>& containers) {
    const auto add = [&](std::string_view what, auto change) {
        Variation variation{std::string(what), view.options, containers};
        change(variation.options);
        variations.push_back(std::move(variation));
    };
    using pruneplan::PruneOptions, pruneplan::Scope;
    if (view.options.scope == Scope::dangling) add("with --all", [](PruneOptions& o) { o.scope = Scope::unused; });
    if (view.options.scope == Scope::unused) add("without --all", [](PruneOptions& o) { o.scope = Scope::dangling; });
    if (!view.options.filters.empty()) add("without --filter", [](PruneOptions& o) { o.filters.clear(); });
    if (!view.options.keep.empty()) add("without --keep", [](PruneOptions& o) { o.keep.clear(); });
    if (!view.options.keep_newest.empty()) add("without --keep-newest", [](PruneOptions& o) { o.keep_newest.clear(); });
    if (view.options.bytes_to_free) add("without --free", [](PruneOptions& o) { o.bytes_to_free.reset(); });
    if (options_given(view.options) > 1)
        add("with no option but --all",
            [&](PruneOptions& o) { o = {.scope = Scope::unused, .usage = view.options.usage}; });
}

/// Adds the plan under each other rule.
inline void vary_rule(std::vector<Variation>& variations, const View& view) {
    const auto add = [&](std::string_view rule, const NamedUsage& usage) {
        const MountsKept kept = mounts_kept_by(rule, view.listing);
        if (usage.rule == view.options.usage && kept == view.mounts_kept) return;
        Variation variation{"with --rule " + std::string(rule), view.options, containers_of(view.listing, kept)};
        variation.options.usage = usage.rule;
        variations.push_back(std::move(variation));
    };
    add("engine", view.listing.usage);
    for (const NamedUsage& usage : usages) add(usage.name, usage);
}

inline std::vector<Variation> variations_of(const View& view, const std::vector<std::size_t>& tied) {
    const auto containers = containers_of(view.listing, view.mounts_kept);
    std::vector<Variation> variations;
    if (!tied.empty()) {
        std::vector<EngineContainer> others;
        for (std::size_t i = 0; i < containers.size(); ++i)
            if (!std::binary_search(tied.begin(), tied.end(), i)) others.push_back(containers[i]);
        const std::string which =
            tied.size() == 1 ? container_in_words(view.listing, tied[0]) : "these " + counted(tied.size(), "container");
        variations.push_back({"without " + which, view.options, std::move(others)});
    }
    vary_options(variations, view, containers);
    vary_rule(variations, view);
    return variations;
}

/// Returns a row for each record of the image and each variation that decides differently.
inline std::vector<Row> changes(const View& view, const Block& block, const std::vector<std::size_t>& tied) {
    std::vector<Row> rows;
    for (const Variation& variation : variations_of(view, tied)) {
        const auto plan = plan_prune(view.index, variation.containers, variation.options);
        std::string what = variation.what;
        for (const std::size_t record : block.records) {
            const pruneplan::Action action = plan[record].action;
            if (action == view.plan[record].action) continue;
            rows.push_back({{"  " + std::exchange(what, ""), std::string(to_string(action)),
                             familiar_name(view.listing.images[record])}});
        }
    }
    return rows;
}

inline void print_names(std::ostream& out, const View& view, const Block& block, const Screen& screen) {
    out << "\nNames:\n";
    std::vector<Row> rows;
    for (const std::size_t record : block.records) {
        const pruneplan::Action action = view.plan[record].action;
        rows.push_back({{"  " + std::string(to_string(action)), familiar_name(view.listing.images[record]),
                         reason_in_words(view, record)},
                        colour_of(action)});
    }
    print_table(out, rows, screen);
}

/// Prints the containers that are tied to the image, and returns their numbers.
inline std::vector<std::size_t> print_containers(std::ostream& out, const View& view, const Block& block,
                                                 const Screen& screen) {
    std::vector<std::size_t> tied;
    std::vector<Row> rows;
    for (std::size_t i = 0; i < view.listing.containers.size(); ++i) {
        const std::string tie = tie_in_words(view, block, i);
        if (tie.empty()) continue;
        tied.push_back(i);
        rows.push_back({{"  " + container_in_words(view.listing, i), tie}});
    }
    out << "\nContainers:\n";
    if (rows.empty()) rows.push_back({{"  no container runs it, mounts it, or was created from one of its names"}});
    print_table(out, rows, screen);
    return tied;
}

/// Prints all about the image with this name or ID. Returns an error if there is no such image.
inline pruneplan::Result<void> print_story(std::ostream& out, const View& view, std::string_view typed,
                                           const Screen& screen) {
    const auto found = view.index.find_image(typed);
    if (!found) return found.error();
    const Image& image = view.listing.images[*found];
    Block block;
    for (const Block& candidate : blocks_of(view))
        if (view.listing.images[candidate.records[0]].target == image.target) block = candidate;

    print_prose(out,
                "Image " + escaped(image.target) + ", " + readable_size(image.size) + ", created " +
                    created_since(image.created, view.now),
                screen);
    print_names(out, view, block, screen);
    const auto tied = print_containers(out, view, block, screen);
    out << "\nRule:\n";
    print_table(out, {{{"", rule_in_words(view)}}}, screen);
    auto rows = changes(view, block, tied);
    out << "\nWhat would change this:\n";
    if (rows.empty())
        rows.push_back(
            {{"  nothing: the plan is the same under every rule, without its containers, and without each option"}});
    print_table(out, rows, screen);
    return {};
}

}  // namespace engine_prune

#endif

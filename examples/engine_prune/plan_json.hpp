#ifndef ENGINE_PRUNE_PLAN_JSON_HPP
#define ENGINE_PRUNE_PLAN_JSON_HPP

// SPDX-License-Identifier: BSL-1.0

// Prints a plan as JSON for programs. plan.schema.json, in this folder, describes the format.

#include "json.hpp"
#include "view.hpp"

#include <pruneplan/pruneplan.hpp>

#include <cstddef>
#include <optional>
#include <ostream>
#include <string>

namespace engine_prune {

inline std::string moment_json(std::optional<pruneplan::Timestamp> moment) {
    const auto text = is_set(moment) ? to_rfc3339(*moment) : std::nullopt;
    return text ? quoted_json(*text) : "null";
}

inline std::string_view word_of(MountsKept kept) {
    return kept == MountsKept::all ? "all" : kept == MountsKept::with_name ? "with_name" : "none";
}

inline std::string record_json(const View& view, std::size_t record) {
    const Image& image = view.listing.images[record];
    const pruneplan::Decision decision = view.plan[record];
    const bool nameless = is_nameless(image);
    const bool has_container = decision.container && !view.listing.containers[*decision.container].name.empty();
    return json_object(
        {{"name", nameless ? "null" : quoted_json(image.name)},
         {"familiar_name", nameless ? "null" : quoted_json(familiar_bytes(image))},
         {"action", quoted_json(to_string(decision.action))},
         {"reason", quoted_json(to_string(decision.reason))},
         {"explanation", quoted_json(reason_in_words(view, record))},
         {"container", has_container ? quoted_json(view.listing.containers[*decision.container].name) : "null"}});
}

inline std::string image_json(const View& view, const Block& block) {
    const Image& image = view.listing.images[block.records[0]];
    return json_object({{"id", quoted_json(image.target)},
                        {"size", std::to_string(image.size)},
                        {"created", moment_json(image.created)},
                        {"action", quoted_json(block.is_deleted() ? "delete" : "keep")},
                        {"names", json_array(block.records, [&](std::size_t r) { return record_json(view, r); })}});
}

inline std::string counts_json(const View& view, pruneplan::Action action, std::size_t names, std::size_t images) {
    const std::string reasons = json_array(reasons_of(view, action), [](const auto& entry) {
        return json_object({{"reason", quoted_json(to_string(entry.first))}, {"names", std::to_string(entry.second)}});
    });
    return json_object({{"names", std::to_string(names)}, {"images", std::to_string(images)}, {"reasons", reasons}});
}

/// Prints the plan on one line.
inline void print_plan_json(std::ostream& out, const View& view) {
    const auto blocks = blocks_of(view);
    std::size_t deleted_images = 0;
    for (const Block& block : blocks) deleted_images += block.is_deleted() ? 1 : 0;
    const auto space = view.plan.space();
    using enum pruneplan::Action;
    out << json_object({{"format", "1"},
                        {"engine", quoted_json(view.listing.engine)},
                        {"engine_version", view.listing.version.empty() ? "null" : quoted_json(view.listing.version)},
                        {"rule", quoted_json(view.rule)},
                        {"mounted_images_kept", quoted_json(word_of(view.mounts_kept))},
                        {"now", moment_json(view.now)},
                        {"images", json_array(blocks, [&](const Block& block) { return image_json(view, block); })},
                        {"delete", counts_json(view, erase, view.plan.deleted_count(), deleted_images)},
                        {"keep", counts_json(view, keep, view.plan.kept_count(), blocks.size() - deleted_images)},
                        {"space", json_object({{"freed_at_most", std::to_string(space.freed)},
                                               {"kept", std::to_string(space.kept)}})}})
        << '\n';
}

}  // namespace engine_prune

#endif

#ifndef ENGINE_PRUNE_DOUBTS_HPP
#define ENGINE_PRUNE_DOUBTS_HPP

// SPDX-License-Identifier: BSL-1.0

// Prints what a plan is not sure of, and tells which doubts keep it from being applied.

#include "listing.hpp"

#include <pruneplan/pruneplan.hpp>

#include <cstddef>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

namespace engine_prune {

inline void print_doubts(std::ostream& out, const pruneplan::PrunePlan& plan) {
    for (const pruneplan::Doubt& doubt : plan.doubts())
        out << "doubt: " << to_string(doubt.kind) << ": " << printable(doubt.sentence) << '\n';
}

inline pruneplan::Result<pruneplan::DoubtKind> parse_doubt_kind(std::string_view text) {
    std::string known;
    for (std::size_t i = 0; i < pruneplan::doubt_kind_count; ++i) {
        const auto kind = static_cast<pruneplan::DoubtKind>(i);
        if (text == to_string(kind)) return kind;
        known += (known.empty() ? "" : ", ") + std::string(to_string(kind));
    }
    return failure("unknown doubt \"" + escaped(text) + "\" for --accept: give one of " + known);
}

/// Returns the kinds that the user accepts. @pre `parse_doubt_kind` knows each of them.
inline std::vector<pruneplan::DoubtKind> accepted(const std::vector<std::string>& texts) {
    std::vector<pruneplan::DoubtKind> kinds;
    for (const std::string& text : texts) kinds.push_back(*parse_doubt_kind(text));
    return kinds;
}

/// Returns an error if a doubt blocks and is of no kind in `accept`, as `apply_prune` does. Its message says what to
/// accept.
inline pruneplan::Result<void> check_doubts(const pruneplan::PrunePlan& plan,
                                            const std::vector<pruneplan::DoubtKind>& accept) {
    bool blocks[pruneplan::doubt_kind_count] = {};
    for (const pruneplan::Doubt& doubt : plan.doubts()) blocks[static_cast<std::size_t>(doubt.kind)] |= doubt.blocks;
    for (const pruneplan::DoubtKind kind : accept) blocks[static_cast<std::size_t>(kind)] = false;
    std::string options;
    for (std::size_t i = 0; i < pruneplan::doubt_kind_count; ++i)
        if (blocks[i]) options += " --accept " + std::string(to_string(static_cast<pruneplan::DoubtKind>(i)));
    if (options.empty()) return {};
    return pruneplan::Error{
        pruneplan::ErrorCode::doubtful_plan,
        "nothing was removed, since the plan is doubtful: to remove despite the doubts, give" + options};
}

/// Returns the exit code for an error.
inline int exit_code_of(const pruneplan::Error& error) {
    return error.code == pruneplan::ErrorCode::doubtful_plan ? 3 : 2;
}

}  // namespace engine_prune

#endif

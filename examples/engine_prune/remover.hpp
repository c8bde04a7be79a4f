#ifndef ENGINE_PRUNE_REMOVER_HPP
#define ENGINE_PRUNE_REMOVER_HPP

// SPDX-License-Identifier: BSL-1.0

// Removes names through the engine's command line.

#include "command.hpp"
#include "engine.hpp"
#include "listing.hpp"

#include <pruneplan/pruneplan.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

namespace engine_prune {

/// Removes a name while it and the survivor, if there is one, point at the planned target. The engines have no command
/// that compares and removes in one step, so a name that is moved between both is removed. The last name of an image
/// that a container uses is safe even then: the engine itself rejects its removal. A daemon should use a call that does
/// both in one step.
class EngineRemover {
public:
    explicit EngineRemover(Words command) : command_(std::move(command)) {}

    pruneplan::RemoveOutcome remove(std::string_view name, std::string_view target, std::string_view survivor) const {
        using enum pruneplan::RemoveStatus;
        if (!survivor.empty()) {
            const auto kept = look_at(subject_of(survivor, target));
            if (kept ? kept->target != target : outcome_of(kept.error()).status == not_found) return survivor_gone;
            if (!kept) return outcome_of(kept.error());
        }
        const std::string subject = subject_of(name, target);
        const auto seen = look_at(subject);
        if (!seen) return outcome_of(seen.error());
        // Removal by ID would also remove a name that the image got since.
        if (seen->target != target || (subject == target && seen->tags > 0)) return changed;
        const auto removed_lines = ask(command_, {"rmi"}, {subject});
        if (!removed_lines) return outcome_of(removed_lines.error());
        return {removed, {}, seen->tags > (has_tag(subject) ? 1u : 0u)};
    }

private:
    /// Returns the engine's name for a record: an untagged image has only its ID.
    static std::string subject_of(std::string_view name, std::string_view target) {
        return std::string(name == dangling_name(target) ? target : name);
    }

    static bool has_tag(std::string_view subject) {
        const auto reference = pruneplan::parse_reference(subject);
        return reference && reference->digest().empty();
    }

    struct Seen {
        std::string target;
        std::size_t tags;
    };

    pruneplan::Result<Seen> look_at(const std::string& subject) const {
        const auto lines =
            ask(command_, {"image", "inspect", "--format", "{{.ID}}{{range .RepoTags}}\t{{.}}{{end}}"}, {subject});
        if (!lines) return lines.error();
        if (lines->size() != 1)
            return failure("invalid answer: " + std::to_string(lines->size()) + " lines in place of one");
        const auto fields = split(lines->front(), '\t');
        return Seen{full_id(fields.front()), fields.size() - 1};
    }

    /// Reads the outcome from the engine's message: its exit code does not tell.
    static pruneplan::RemoveOutcome outcome_of(const pruneplan::Error& error) {
        const auto says = [&](std::string_view words) { return error.message.find(words) != error.message.npos; };
        if (says("No such image") || says("image not known") || says("no such image"))
            return pruneplan::RemoveStatus::not_found;
        if (says("conflict") || says("in use by") || says("image is in use")) return pruneplan::RemoveStatus::in_use;
        return {pruneplan::RemoveStatus::failed, error.message};
    }

    Words command_;
};

}  // namespace engine_prune

#endif

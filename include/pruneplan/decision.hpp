#ifndef PRUNEPLAN_DECISION_HPP
#define PRUNEPLAN_DECISION_HPP

// SPDX-License-Identifier: BSL-1.0

// What a plan says: what happens to a record, for which reason, what is doubtful, and what is freed.

#include <pruneplan/detail/platform.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace pruneplan {

/// Tells what a plan does with a record. `erase` is to delete, which is a keyword of C++.
enum class Action : unsigned char { keep, erase };

/// Tells why a record is deleted or kept. If several reasons apply, it is that of the planner's first stage that has
/// one. **Source:** README.md, "The rule", paragraph 5.
enum class Reason : unsigned char {
    // Deleted.
    unused,       ///< no container uses its image
    dangling,     ///< it is dangling, and no container uses its image
    spare_name,   ///< its image keeps another name, and is used by a container or needed by a kept image
    unprotected,  ///< a container runs its image, but the usage rule does not protect it; the image loses its last name
    attached_to_deleted,  ///< every image that it is attached to is deleted
    // Kept.
    not_dangling,  ///< the scope is `Scope::dangling`, and the record is not dangling
    filtered,      ///< it does not match the filters, or a time that they compare is unknown
    pinned,        ///< the store says that it must not be deleted
    kept_pattern,  ///< a pattern of `PruneOptions::keep` matches it
    newest,        ///< its image is among the newest of its repository, or its age is unknown
    too_young,     ///< it was created or used too recently, or its age is unknown
    name_in_use,   ///< a container was created from this name, or it is the dangling name of an image that one runs
    image_in_use,  ///< a container uses its image, and the usage rule keeps all names, or the record is an attachment
    last_name,     ///< a container uses its image, and this is the name that the image keeps
    needed,        ///< a kept image needs its image
    attached,      ///< it is attached to a kept image, or to images in a circle
    image_stays,   ///< its image keeps another name, so that deleting this one frees nothing
    enough_freed,  ///< deleting other images frees enough bytes, or no image has a size
};

/// The number of reasons.
inline constexpr std::size_t reason_count = static_cast<std::size_t>(Reason::enough_freed) + 1;

/// Returns what a plan does with a record that has this reason.
constexpr Action action_of(Reason reason) noexcept {
    return reason <= Reason::attached_to_deleted ? Action::erase : Action::keep;
}

/// Returns "keep" or "delete".
constexpr std::string_view to_string(Action action) noexcept { return action == Action::keep ? "keep" : "delete"; }

/// Returns the enumerator's name. It is stable across releases.
constexpr std::string_view to_string(Reason reason) noexcept {
    constexpr std::string_view names[] = {
        "unused",       "dangling",  "spare_name",   "unprotected", "attached_to_deleted", "not_dangling",
        "filtered",     "pinned",    "kept_pattern", "newest",      "too_young",           "name_in_use",
        "image_in_use", "last_name", "needed",       "attached",    "image_stays",         "enough_freed"};
    return detail::word_at<reason_count>(names, static_cast<std::size_t>(reason));
}

/// Tells what happens to one record, and why. Its texts belong to the plan.
struct [[nodiscard]] Decision {
    std::size_t record = 0;                ///< the record's number, in the order of the store
    std::string_view name{};               ///< the record's name, as the store spells it
    std::string_view target{};             ///< the record's target
    Action action = Action::keep;          ///< what the plan does
    Reason reason = Reason::not_dangling;  ///< why
    /// The container that caused the decision, if one did: its position in the list given to the planner. If several
    /// did, it is the first of them, or the first that puts the image in use under the usage rule. Unknown for
    /// containers after the first 2^27 - 2.
    std::optional<std::size_t> container{};
    bool mounted = false;  ///< the container mounts the image as a volume, and does not run it
    /// What decided, by its position in the options: for the reason `filtered` in `filters`, for `kept_pattern` in
    /// `keep`, for `newest` in `keep_newest`.
    std::optional<std::size_t> option{};

    friend constexpr bool operator==(const Decision&, const Decision&) = default;  ///< compares all fields
};

/// Tells what a planner was not sure of. A doubt that blocks keeps `apply_prune` from applying the plan.
enum class DoubtKind : unsigned char {
    /// No image has the container's `image_id`, or one that it mounts: the store does not show all records, the ID is
    /// of another kind than its targets, or the image was removed before. Under `usage_rules::strict`, the digest or ID
    /// in `image_ref` is enough; for an empty `image_id`, a record of the name. Blocks.
    unmatched_container,
    unprotected_image,  ///< a container runs an image that loses its last name under the usage rule; blocks
    /// A container's `image_ref` is neither a reference nor an ID. Blocks, unless the usage rule protects its image by
    /// `image_id`.
    invalid_image_ref,
    unmatched_pattern,  ///< a pattern of `PruneOptions::keep` matches no record
    invalid_name,       ///< a record's name is neither a reference nor an ID, nor dangling
    same_name,          ///< a record's name differs from that of an earlier record only in its form
};

/// The number of kinds of doubt.
inline constexpr std::size_t doubt_kind_count = 6;

/// Returns the enumerator's name. It is stable across releases.
constexpr std::string_view to_string(DoubtKind kind) noexcept {
    constexpr std::string_view names[] = {"unmatched_container", "unprotected_image", "invalid_image_ref",
                                          "unmatched_pattern",   "invalid_name",      "same_name"};
    return detail::word_at(names, static_cast<std::size_t>(kind));
}

/// Describes one doubt.
struct Doubt {
    DoubtKind kind{};  ///< what is doubtful
    /// What it is about: a container's position in the list given to the planner, the position of a pattern in
    /// `PruneOptions::keep`, or the number of a record.
    std::size_t number = 0;
    bool blocks = false;     ///< `apply_prune` does not apply the plan unless it is accepted
    std::string sentence{};  ///< the doubt in a sentence, for people
};

/// Holds sums of blob sizes in bytes. Each blob counts once. A sum that would overflow is 2^64 - 1.
struct [[nodiscard]] SpaceEstimate {
    std::uint64_t freed = 0;   ///< blobs that only fully deleted images have
    std::uint64_t shared = 0;  ///< blobs that both deleted and kept images have; they are kept
    std::uint64_t kept = 0;    ///< all blobs of kept images, including the shared ones
    /// Counts blobs that are listed with different sizes. Their size is unknown, so no sum includes them.
    std::size_t inconsistent_blobs = 0;

    friend constexpr bool operator==(const SpaceEstimate&, const SpaceEstimate&) = default;  ///< compares all sums
};

}  // namespace pruneplan

#endif

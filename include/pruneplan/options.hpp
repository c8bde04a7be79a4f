#ifndef PRUNEPLAN_OPTIONS_HPP
#define PRUNEPLAN_OPTIONS_HPP

// SPDX-License-Identifier: BSL-1.0

// The options of a prune. They combine: a record is deleted only if every option permits it.

#include <pruneplan/detail/text.hpp>
#include <pruneplan/syntax/filter.hpp>
#include <pruneplan/syntax/glob.hpp>
#include <pruneplan/syntax/result.hpp>
#include <pruneplan/syntax/timestamp.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace pruneplan {

/// Selects the records that can be deleted. **Source:** README.md, "The rule", paragraph 1.
enum class Scope : unsigned char {
    dangling,  ///< dangling records only, as in `docker image prune`
    unused,    ///< every record, as in `docker image prune --all`
};

/// Selects the containers that put their image's digest in use. **Source:** README.md, "The rule", paragraph 3.
enum class DigestUse : unsigned char {
    /// containers whose image_ref is an ID of sha256, whole or truncated, or ends in "@" and the image's digest
    created_by_digest,
    /// every container, however it was created
    every_container,
};

/// Selects the names that an image in use keeps. **Source:** README.md, "The rule", paragraph 4.
enum class NamesKept : unsigned char {
    last,  ///< at least one: if all its names would be deleted, the name that `Survivor` selects is kept
    /// every name
    all,
};

/// Tells how an engine decides that an image is in use. Three plain fields, so that one planner serves every engine.
/// **Source:** README.md, "The rule", paragraphs 2 to 4; for the presets, the prune of each engine.
struct UsageRule {
    bool names_in_use;         ///< keep the name that a container was created from, whatever it points at now
    DigestUse digests_in_use;  ///< which containers protect the image that they run, not only a name
    NamesKept names_kept;      ///< how many names an image in use keeps

    /// Compares all fields.
    friend constexpr bool operator==(const UsageRule&, const UsageRule&) = default;
};

namespace usage_rules {

/// Docker with the containerd image store. It can delete an image that a container runs: after app:latest is pulled
/// again, a container created from the old app:latest protects the name, which points at the new image, but not the
/// image that it runs. `strict` protects both.
inline constexpr UsageRule containerd_snapshotter{true, DigestUse::created_by_digest, NamesKept::last};

/// Docker with a graph driver such as overlay2 or vfs.
inline constexpr UsageRule graph_driver{false, DigestUse::every_container, NamesKept::last};

/// Podman, Docuum, and kubelet and other users of the CRI.
inline constexpr UsageRule whole_image{false, DigestUse::every_container, NamesKept::all};

/// Protects the image of every container, and the name that the container was created from. No engine uses it.
inline constexpr UsageRule strict{true, DigestUse::every_container, NamesKept::last};

}  // namespace usage_rules

/// Selects the name that an image in use keeps if all its names would be deleted. Of names that are equal in this
/// order, the one that sorts last, bytewise, is kept. **Source:** README.md, "The rule", paragraphs 4 and 6.
enum class Survivor : unsigned char {
    last_by_name,   ///< the name that sorts last, bytewise; Docker's choice
    first_by_name,  ///< the name that sorts first, bytewise
    newest,         ///< the latest `created`; a name of unknown time only if there is no other
    oldest,         ///< the earliest `created`; a name of unknown time only if there is no other
    tagged,         ///< a name with a tag, else one with a digest only, else an invalid one, else a dangling one
};

/// Configures a prune. Every field defaults to what `docker image prune` does with the containerd image store.
struct PruneOptions {
    /// The records that can be deleted.
    Scope scope = Scope::dangling;
    /// When an image is in use, and what it keeps then.
    UsageRule usage = usage_rules::containerd_snapshotter;

    /// Keeps every record that does not match all of these filters; of several filters `reference`, one must match. A
    /// record whose time or label is unknown does not match. A filter of kind `dangling` has no effect here:
    /// `parse_filters` turns it into `scope`. For the syntax and meaning of filters, see syntax/filter.hpp.
    std::vector<Filter> filters{};

    /// Keeps every record whose name matches one of these patterns in one of its forms: the familiar form with and
    /// without tag and digest, and the canonical form with and without them. A name that is not a valid reference is
    /// matched as it is.
    std::vector<Glob> keep{};

    /// Keeps the N newest images of each canonical repository, with all their names in it. 0 keeps none for this
    /// reason. An image is as new as its newest record (`created`) in the repository. Of two equally new images, the
    /// one whose last name there sorts later is kept. Images that other options keep count, too. Dangling records, and
    /// names that are not valid references, belong to no repository. Records of unknown time are kept; images that have
    /// no others do not count.
    std::size_t keep_newest_per_repository = 0;

    /// Keeps records used at this moment or later, by `last_used`, or by `created` if that is unknown. Keeps a record
    /// if both are unknown. To parse a duration, see `parse_timestamp`.
    std::optional<Timestamp> keep_younger_than{};

    /// Deletes images, least recently used first, until this many bytes are freed; keeps the rest. 0 deletes nothing;
    /// without a value, there is no limit. If the store has no `blobs`, all images are kept.
    ///
    /// The unit is the image: either all its names are deleted, or none. An image that keeps a name for another reason
    /// keeps all names. Images are ordered by `last_used` (by `created` if the store has no `last_used`), then
    /// `created`, then depth (the longest chain of ancestors first), then the name that sorts first. An image has the
    /// latest times of its records. An unknown time counts as later than any other. A parent counts as used when the
    /// latest of its descendants was, and is deleted after them.
    ///
    /// Only the bytes of blobs that no remaining image has count as freed. An image that shares all its blobs is still
    /// deleted in its turn; the last image that shares a blob frees it. **Source:** the order is that of kubelet
    /// (images/image_gc_manager.go) and Docuum.
    std::optional<std::uint64_t> bytes_to_free{};

    /// The name that an image in use keeps.
    Survivor survivor = Survivor::last_by_name;
};

/// Parses filters into options: sets `filters`, and `scope` from a filter `dangling`.
/// @param texts a range of texts, each as `parse_filter` takes it; not kept.
/// @param now the moment that durations count back from.
/// @return options with these filters. All other fields have their defaults.
/// **Errors:** those of `parse_filter`; `contradictory_filters` if `dangling` is given as true and as false.
/// **Complexity:** O(n) for n bytes of all texts.
template <class Texts>
constexpr Result<PruneOptions> parse_filters(const Texts& texts, Timestamp now) {
    PruneOptions options;
    std::optional<bool> dangling;
    for (const auto& text : texts) {
        auto filter = parse_filter(detail::text_of(text), now);
        if (!filter) return std::move(filter).error();
        if (filter->kind != FilterKind::dangling) {
            options.filters.push_back(*std::move(filter));
            continue;
        }
        if (dangling && *dangling != filter->flag)
            return Error{ErrorCode::contradictory_filters,
                         detail::joined({"contradictory filter ", detail::quoted(text), ": give dangling once"})};
        dangling = filter->flag;
        options.scope = filter->flag ? Scope::dangling : Scope::unused;
    }
    return options;
}

/// Returns how many bytes a garbage collection has to free so that the use of a file system falls to `low_percent`, if
/// it has reached `high_percent`; otherwise 0. The use is rounded up to whole percents, as kubelet does.
/// @param capacity the size of the file system, in bytes.
/// @param available the bytes that are free; more than `capacity` counts as `capacity`.
/// @param high_percent the use that starts a garbage collection.
/// @param low_percent the use that a garbage collection reaches.
/// **Errors:** `bad_threshold` if a percentage is over 100, `low_percent` is over `high_percent`, or `capacity` is 0.
/// **Source:** kubelet, images/image_gc_manager.go, `NewImageGCManager` and `GarbageCollect`.
constexpr Result<std::uint64_t> bytes_to_free(std::uint64_t capacity, std::uint64_t available, unsigned high_percent,
                                              unsigned low_percent) {
    if (high_percent > 100 || low_percent > high_percent)
        return Error{ErrorCode::bad_threshold, "invalid thresholds: 0 <= low <= high <= 100 must hold, in percent"};
    if (capacity == 0)
        return Error{ErrorCode::bad_threshold, "invalid capacity 0: give the size of the file system in bytes"};
    if (available >= capacity) return std::uint64_t{0};
    // 100 * available / capacity, rounded down, without a product that can overflow.
    unsigned available_percent = 0;
    std::uint64_t rest = 0;
    for (int i = 0; i < 100; ++i) {
        if (rest >= capacity - available) {
            rest -= capacity - available;
            ++available_percent;
        } else {
            rest += available;
        }
    }
    if (100 - available_percent < high_percent) return std::uint64_t{0};
    const std::uint64_t free_percent = 100 - low_percent;
    const std::uint64_t wanted = capacity / 100 * free_percent + capacity % 100 * free_percent / 100;
    return wanted > available ? wanted - available : 0;
}

}  // namespace pruneplan

#endif

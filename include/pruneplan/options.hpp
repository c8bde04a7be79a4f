#ifndef PRUNEPLAN_OPTIONS_HPP
#define PRUNEPLAN_OPTIONS_HPP

// SPDX-License-Identifier: BSL-1.0

// The options of a prune. They combine: a record is deleted only if every option permits it.

#include <pruneplan/detail/text/decimal.hpp>
#include <pruneplan/detail/text/message.hpp>
#include <pruneplan/detail/text/text.hpp>
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
    /// no container; an image that one mounts is in use nevertheless
    no_container,
};

/// Selects the names that an image in use keeps. **Source:** README.md, "The rule", paragraph 4.
enum class NamesKept : unsigned char {
    last,  ///< at least one: if all its names would be deleted, the name that `Survivor` selects is kept
    /// every name
    all,
};

/// Tells how an engine decides that an image is in use. Three plain fields, so that one planner serves every engine.
/// The default is `usage_rules::strict`.
/// **Source:** README.md, "The rule", paragraphs 2 to 4; for the presets, the prune of each engine.
struct UsageRule {
    /// Keep the name that a container was created from, whatever it points at now.
    bool names_in_use = true;
    /// Which containers protect the image that they run, not only a name.
    DigestUse digests_in_use = DigestUse::every_container;
    /// How many names an image in use keeps.
    NamesKept names_kept = NamesKept::last;

    /// Compares all fields.
    friend constexpr bool operator==(const UsageRule&, const UsageRule&) = default;
};

namespace usage_rules {

/// Protects the image of every container, and the name that the container was created from: no container loses either.
/// If the store does not know a container's `image_id`, the digest or ID in its `image_ref` counts.
inline constexpr UsageRule strict{};

/// Docker with the containerd image store. It can delete an image that a container runs: after app:latest is pulled
/// again, a container created from the old app:latest protects the name, which points at the new image, but not the
/// image that it runs. `strict` protects both.
inline constexpr UsageRule containerd_snapshotter{true, DigestUse::created_by_digest, NamesKept::last};

/// Docker with a graph driver such as overlay2 or vfs.
inline constexpr UsageRule graph_driver{false, DigestUse::every_container, NamesKept::last};

/// Podman, Docuum, and kubelet and other users of the CRI.
inline constexpr UsageRule whole_image{false, DigestUse::every_container, NamesKept::all};

/// nerdctl, which protects the names that containers were created from, and no image.
inline constexpr UsageRule names_only{true, DigestUse::no_container, NamesKept::last};

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

/// Selects how `KeepNewest` orders images. An image has the latest time, the highest version, or the last name of its
/// records in the repository.
enum class NewestBy : unsigned char {
    created,    ///< by `created`
    last_used,  ///< by `last_used`, or by `created` if that is unknown
    version,    ///< by the tag as a version: see `compare_versions`
    name,       ///< by name, bytewise
};

/// Keeps the newest images of each repository, with all their names in it that match `names`. Of two equally new
/// images, the one whose last name there sorts later is kept. Images that other options keep count, too. An image that
/// another image of the repository needs takes no other's place: it is kept with that one, or if it is among the newest
/// of all. Attachments, dangling records, names that are not valid references, and names that are IDs belong to no
/// repository. By a time, records of unknown time are kept, and images that have no others do not count.
struct KeepNewest {
    /// How many images of each repository are kept.
    std::size_t count = 0;
    /// The names that count, as in `PruneOptions::keep`; all without a value.
    std::optional<Glob> names{};
    /// What makes an image newer.
    NewestBy by = NewestBy::created;
};

/// Configures a prune. A record is deleted only if every option permits it.
struct PruneOptions {
    // What can be deleted.

    /// The records that can be deleted.
    Scope scope = Scope::dangling;
    /// When an image is in use, and what it keeps then.
    UsageRule usage{};
    /// Keeps every record that does not match all of these filters; of several filters `reference`, one must match. A
    /// record whose time is unknown matches no filter of time. For their syntax and meaning, see syntax/filter.hpp.
    std::vector<Filter> filters{};

    // What is kept.

    /// Keeps every record whose name matches one of these patterns in one of its forms: the familiar form with and
    /// without tag and digest, and the canonical form with and without them. A name that is not a valid reference is
    /// matched as it is. `**` matches across slashes. A pattern without wildcards can also be a reference in any other
    /// of its forms ("library/alpine", "index.docker.io/library/alpine"), or an ID, whole or truncated.
    std::vector<Glob> keep{};
    /// Keeps the newest images of each repository by each of these rules.
    std::vector<KeepNewest> keep_newest{};
    /// Keeps records used at this moment or later, by `last_used`, or by `created` if that is unknown. Keeps a record
    /// if both are unknown. To parse a duration, use `parse_age`.
    std::optional<Timestamp> keep_younger_than{};

    // How much is deleted.

    /// Deletes images, least recently used first, until this many bytes are freed; keeps the rest. If all that can be
    /// deleted frees less, all of it is deleted: compare `PrunePlan::space`. 0 by itself deletes nothing; without a
    /// value, there is no limit. If the store has no `blobs`, or none of them has a size, all images are kept; beside
    /// others, an image without a size counts as 0. The greatest number deletes all that can be deleted whole, which
    /// needs no sizes.
    ///
    /// The unit is the image with what is attached to it: either all its names are deleted, or none. An image that
    /// keeps a name for another reason keeps all names. Images are ordered by `last_used` (by `created` if the store
    /// has no `last_used`), then `created`, then depth (the longest chain of needed images first), then the name that
    /// sorts first. An image has the latest times of its records. An unknown time counts as later than any other. An
    /// image counts as used when the latest of the images that need it was, and is deleted after them.
    ///
    /// Only the bytes of blobs that no remaining image has count as freed. An image that shares all its blobs is still
    /// deleted in its turn; the last image that shares a blob frees it. **Source:** the order is that of kubelet
    /// (images/image_gc_manager.go) and Docuum.
    std::optional<std::int64_t> bytes_to_free{};
    /// With `bytes_to_free`, deletes images last used before this moment even when enough is freed. **Source:**
    /// kubelet, `imageMaximumGCAge`.
    std::optional<Timestamp> delete_unused_before{};

    // Which name an image in use keeps.

    /// The name that an image in use keeps.
    Survivor survivor = Survivor::last_by_name;
};

namespace detail {

/// Tells which facts of records options need: times of creation, times of last use, labels.
struct FactsNeeded {
    bool created = false, last_used = false, labels = false;

    /// A template: not every supported standard library can use a vector in constant expressions.
    template <class Options>
    constexpr explicit FactsNeeded(const Options& options) {
        for (std::size_t i = 0; i < options.filters.size(); ++i) {
            const FilterKind kind = options.filters[i].kind();
            labels = labels || kind == FilterKind::label;
            created = created || (kind != FilterKind::label && kind != FilterKind::reference);
        }
        for (std::size_t i = 0; i < options.keep_newest.size(); ++i)
            last_used = last_used || options.keep_newest[i].by == NewestBy::last_used;
        last_used = last_used || options.keep_younger_than || options.bytes_to_free;
        created = created || last_used || !options.keep_newest.empty() || options.survivor == Survivor::newest ||
                  options.survivor == Survivor::oldest;
    }
};

}  // namespace detail

/// Parses filters into options: sets `filters`, and `scope` from a filter `dangling`.
/// @param texts a range of texts, each as `parse_filter` takes it, or a filter `dangling`; not kept.
/// @param now the moment that durations count back from.
/// @return options with these filters. All other fields have their defaults.
/// **Errors:** those of `parse_filter`; `contradictory_filters` if `dangling` is given as true and as false.
/// **Complexity:** O(n) for n bytes of all texts.
template <class Texts>
constexpr Result<PruneOptions> parse_filters(const Texts& texts, Timestamp now) {
    PruneOptions options;
    std::optional<bool> dangling;
    for (const auto& text : texts) {
        const std::string_view view = detail::text_of(text);
        if (auto value = detail::dangling_value(view)) {
            if (!*value) return std::move(*value).error();
            if (dangling && *dangling != **value)
                return Error{ErrorCode::contradictory_filters,
                             detail::joined({"contradictory filter ", detail::quoted(view), ": give dangling once"})};
            dangling = **value;
            options.scope = *dangling ? Scope::dangling : Scope::unused;
            continue;
        }
        auto filter = parse_filter(view, now);
        if (!filter) return std::move(filter).error();
        options.filters.push_back(*std::move(filter));
    }
    return options;
}

/// Returns how many bytes a garbage collection has to free so that the use of a file system falls to `low_percent`, if
/// it has reached `high_percent`; otherwise 0. The use is rounded up to whole percents, as kubelet does.
/// @param capacity the size of the file system, in bytes.
/// @param available the bytes that are free; more than `capacity` counts as `capacity`.
/// @param high_percent the use that starts a garbage collection.
/// @param low_percent the use that a garbage collection reaches.
/// **Errors:** `bad_threshold` if a percentage is over 100, `low_percent` is over `high_percent`, or `capacity` is 0 or
/// over 2^63 - 1.
/// **Source:** kubelet, images/image_gc_manager.go, `NewImageGCManager` and `GarbageCollect`.
constexpr Result<std::int64_t> bytes_to_reach(std::uint64_t capacity, std::uint64_t available, unsigned high_percent,
                                              unsigned low_percent) {
    if (high_percent > 100 || low_percent > high_percent)
        return Error{ErrorCode::bad_threshold, "invalid thresholds: 0 <= low <= high <= 100 must hold, in percent"};
    if (capacity == 0 || capacity > INT64_MAX)
        return Error{ErrorCode::bad_threshold,
                     detail::joined({"invalid capacity ", detail::Decimal(capacity),
                                     ": give the size of the file system in bytes, from 1 to 2^63 - 1"})};
    if (available >= capacity) return std::int64_t{0};
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
    if (100 - available_percent < high_percent) return std::int64_t{0};
    const std::uint64_t free_percent = 100 - low_percent;
    const std::uint64_t wanted = capacity / 100 * free_percent + capacity % 100 * free_percent / 100;
    return wanted > available ? static_cast<std::int64_t>(wanted - available) : 0;
}

}  // namespace pruneplan

#endif

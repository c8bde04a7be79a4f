#ifndef PRUNEPLAN_OPTIONS_HPP
#define PRUNEPLAN_OPTIONS_HPP

// What a host asks for. Every option goes with every other: a record goes only if all of them let it go.

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

/// Which records may go at all.
enum class Scope : unsigned char {
    dangling,  ///< only dangling records: what `docker image prune` considers
    unused,    ///< every record: what `docker image prune --all` considers
};

/// Which containers put the digest in use that they resolved to.
enum class DigestUse : unsigned char {
    created_by_digest,  ///< those whose image_ref is an ID, cut off or whole, or ends in "@" and the digest
    every_container,
};

/// How many names a digest in use keeps.
enum class NamesKept : unsigned char {
    last,  ///< one: none of the candidates where another name stays anyway, else the one that `Survivor` says
    all,
};

/// How an engine decides that an image is in use. Three plain fields, so that one planner serves every engine.
/// Source of the presets: pruneplan's design, section 3, and each engine's own prune.
struct UsageRule {
    bool names_in_use;         ///< the name that a container was created from stays, whatever it points at now
    DigestUse digests_in_use;  ///< which containers protect the image they run, and not just a name
    NamesKept names_kept;      ///< of a digest in use

    friend constexpr bool operator==(const UsageRule&, const UsageRule&) = default;
};

namespace usage_rules {

/// Docker with the containerd image store. Its hole: once app:latest was pulled anew, a container that was made from
/// the old app:latest protects the new one, and its own image only if a name outside the candidates holds it.
inline constexpr UsageRule containerd_snapshotter{true, DigestUse::created_by_digest, NamesKept::last};

/// Docker with a graph driver: overlay2, vfs, and so on.
inline constexpr UsageRule graph_driver{false, DigestUse::every_container, NamesKept::last};

/// Podman, kubelet and other users of CRI, Docuum.
inline constexpr UsageRule whole_image{false, DigestUse::every_container, NamesKept::all};

/// No container ever loses its image, nor the name it was made from.
inline constexpr UsageRule strict{true, DigestUse::every_container, NamesKept::last};

}  // namespace usage_rules

/// Which name of an image in use stays, where all would go and one has to. Ties go to the name that sorts last.
enum class Survivor : unsigned char {
    last_by_name,   ///< bytewise: what Docker keeps
    first_by_name,  ///< bytewise
    newest,         ///< by `created`; a name of unknown time only where there is no other
    oldest,         ///< by `created`; a name of unknown time only where there is no other
    tagged,         ///< a name with a tag rather than one with a digest alone, and any rather than a dangling one
};

/// What a prune is to do. Every field has the default of `docker image prune`.
struct PruneOptions {
    Scope scope = Scope::dangling;
    UsageRule usage = usage_rules::containerd_snapshotter;

    /// Only records that all of these match may go: see `parse_filter` for how several of one kind combine. A record
    /// that a filter cannot judge, since a time or a label is not to be had, stays. A `dangling` filter among them says
    /// nothing: `parse_filters` makes the scope of it.
    std::vector<Filter> filters{};

    /// Never deleted, whatever else is said: records of which one form of the name matches one of the patterns, as for
    /// the filter `reference`. A name that is no reference is held against the patterns as it is.
    std::vector<Glob> keep{};

    /// Of each canonical repository, the N newest images (targets) stay, with all the names that they have in it: by
    /// `created`, an image counting as its newest record there; of two as new, the one whose last name sorts later.
    /// Images that may not go anyway count, too. Dangling records and names that are no references are in no repository.
    /// A record of unknown time stays, and takes nobody's place. 0: none stays for this.
    std::size_t keep_newest_per_repository = 0;

    /// Records used (`last_used`, or where that is not known `created`) at this moment or later stay, and so do those of
    /// which neither is known. For a duration, see `parse_timestamp`.
    std::optional<Timestamp> keep_younger_than{};

    /// So many bytes are wanted: images go in order until that much is freed, and the rest stays. The unit is the image:
    /// all its names go or none, and one that keeps a name keeps all. First goes what was used longest ago, then what was
    /// created first, then what has most ancestors, then what sorts first by name; unknown times count as now. A parent
    /// counts as used when its newest descendant was, and goes after it. Freed is what no image has any more: one that
    /// shares all it has goes in its turn, too, and frees its bytes with the last that shares them. Kubelet and Docuum go
    /// in this order.
    std::optional<std::uint64_t> bytes_to_free{};

    Survivor survivor = Survivor::last_by_name;
};

/// Parses filters, as `parse_filter` does each, into options: `filters`, and `scope` from a filter `dangling`.
/// `texts` is a range of texts; it is not kept. Refuses what `parse_filter` refuses, and `dangling` both ways
/// (`contradictory_filters`).
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
                         detail::joined({detail::quoted(text), " contradicts a filter before it: give dangling once"})};
        dangling = filter->flag;
        options.scope = filter->flag ? Scope::dangling : Scope::unused;
    }
    return options;
}

/// How many bytes a garbage collection has to free so that the use of a file system falls to `low_percent`, if it has
/// reached `high_percent`; else 0. `capacity` and `available` in bytes; more available than there is counts as all.
/// Refuses, with `bad_threshold`, percentages over 100, a low one over the high one, and a capacity of 0.
/// Rule: kubelet, images/image_gc_manager.go, NewImageGCManager and GarbageCollect.
constexpr Result<std::uint64_t> bytes_to_free(std::uint64_t capacity, std::uint64_t available, unsigned high_percent,
                                              unsigned low_percent) {
    if (high_percent > 100 || low_percent > high_percent)
        return Error{ErrorCode::bad_threshold, "thresholds are percentages: 0 <= low <= high <= 100"};
    if (capacity == 0) return Error{ErrorCode::bad_threshold, "a file system of 0 bytes: give its capacity"};
    if (available >= capacity) return std::uint64_t{0};
    // 100 * available / capacity, rounded down, without a product that could overflow.
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

#ifndef PRUNEPLAN_OPTIONS_HPP
#define PRUNEPLAN_OPTIONS_HPP

// What a host asks for.

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
    last,  ///< one: none of the candidates where another name stays anyway, else the one that sorts last
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

/// What a prune is to do. Every field has the default of `docker image prune`.
struct PruneOptions {
    Scope scope = Scope::dangling;
    UsageRule usage = usage_rules::containerd_snapshotter;
};

}  // namespace pruneplan

#endif

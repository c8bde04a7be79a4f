#ifndef PRUNEPLAN_HOST_HPP
#define PRUNEPLAN_HOST_HPP

// SPDX-License-Identifier: BSL-1.0

// What a host provides: its store of image records, its containers, and a remover. A type that has the members meets
// the concept; there is no base class and no registration. Members may be static.

#include <pruneplan/detail/members.hpp>
#include <pruneplan/syntax/timestamp.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>

namespace pruneplan {

/// Tells the result of a removal. All but `failed` are expected answers of a store.
enum class RemoveStatus : unsigned char {
    removed,    ///< the store removed the name
    not_found,  ///< the store has no such name
    changed,    ///< the name now points at another target, and was not removed
    in_use,     ///< the store reports that the name is in use, and did not remove it
    failed,     ///< the store failed for another reason, given in `error`
};

/// Holds the result of one removal.
struct RemoveOutcome {
    /// What happened.
    RemoveStatus status = RemoveStatus::failed;
    std::string error{};  ///< with `failed`: the store's message
    /// With `removed`, `not_found` or `changed`: the target has another name in the store that the plan does not know,
    /// so the report does not count its image as deleted. A store that cannot tell leaves it false; then only the names
    /// in the index count.
    bool still_named = false;
};

/// Describes a part of an image's content: a layer, a configuration, a manifest. **Lifetime:** for how long the digest
/// must live, see `ImageStore`.
struct Blob {
    /// Identifies the blob, such as "sha256:…".
    std::string_view digest;
    /// The size in bytes, as stored.
    std::uint64_t size = 0;
};

/// Describes a store of image records, as a host adapts it. Required members, which may be static:
///
///     const std::vector<Record>& images() const;       // or a span: a forward range of records of any type
///     static std::string_view name(const Record&);     // unique and canonical: "docker.io/library/alpine:latest"
///     static std::string_view target(const Record&);   // what the name points at: "sha256:82d1e9d7…"
///
/// Optional members, detected at compile time. `check_options` rejects an option that needs a missing one:
///
///     static Timestamp created(const Record&);              // or std::optional<Timestamp>, empty where it is unknown
///     static Timestamp last_used(const Record&);            // the same; without it, `created` counts
///     static std::optional<std::string_view> label(const Record&, std::string_view key);   // or a pointer to text
///     static bool pinned(const Record&);                    // never delete: CRI's pinned, a lease of a pull, …
///     static bool is_dangling(const Record&);               // default: name == "moby-dangling@" + target
///     static std::string_view parent(const Record&);        // the target of the parent image, "" for none
///     static std::vector<Blob> blobs(const Record&);        // or another range, for exact space; called before anything
///                                                           // is removed, never after
///
/// Names are canonical, as `Reference::canonical` returns them, with a tag or a digest. The names that containers were
/// created from are compared with them in this form. Other names are compared bytewise; only containers that use their
/// image put them in use.
///
/// An optional member that does not fit (wrong type, private, no overload for a const store and a record, unsatisfied
/// constraints) is a compile error. A store must not be final.
///
/// A text can be a `std::string_view`, a `std::string`, a `const char*` or an array of `char`. A null pointer is an
/// empty text; from `label`, it is no label.
///
/// **Lifetime:** a name or target returned as a reference, pointer or view is borrowed. It must stay unchanged while an
/// index of the store lives and its plans are read, until the first removal of `apply_prune`. A name or target returned
/// by value is copied into the index. A blob's digest that is lent (a view, a pointer, or a reference into a range that
/// is lent) must stay unchanged until the function that reads the blobs returns: `plan_prune`, `estimate_space` or
/// `summary`; for `apply_prune`, until the first removal. A digest returned by value is copied. Labels and parents are
/// read before the next member is called.
template <class Store>
concept ImageStore = !std::is_final_v<Store> && detail::HasImages<Store> && detail::HasSteadyImages<Store> &&
                     detail::HasName<Store> && detail::HasTarget<Store> && detail::FittingAbilities<Store>;

// What a store provides beyond names and targets, for a host to `static_assert` on.

/// Tells whether the store knows when records were created.
template <class Store>
inline constexpr bool knows_created = detail::HasCreated<Store>;
/// Tells whether the store knows when records were last used.
template <class Store>
inline constexpr bool knows_last_used = detail::HasLastUsed<Store>;
/// Tells whether the store knows labels.
template <class Store>
inline constexpr bool knows_label = detail::HasLabel<Store>;
/// Tells whether the store knows pinned records.
template <class Store>
inline constexpr bool knows_pinned = detail::HasPinned<Store>;
/// Tells whether the store itself decides which records are dangling.
template <class Store>
inline constexpr bool knows_is_dangling = detail::HasIsDangling<Store>;
/// Tells whether the store knows parents.
template <class Store>
inline constexpr bool knows_parent = detail::HasParent<Store>;
/// Tells whether the store knows blobs and their sizes.
template <class Store>
inline constexpr bool knows_blobs = detail::HasBlobs<Store>;

/// Describes a container, in any state. A stopped container uses its image, too. Required members:
///
///     std::string_view image_id() const;    // the digest that its image resolved to at creation, as in `target`
///     std::string_view image_ref() const;   // what its user typed, verbatim: "alpine", "82d1e9d", "app@sha256:…", ""
///
/// Optional member, for images that are mounted as volumes:
///
///     std::vector<std::string_view> mounted_image_ids() const;   // or another range of digests, as in `target`
///
/// An ID of 64 lower-case hex digits without an algorithm counts as "sha256:" and these digits. A container whose
/// `image_ref` is not a valid reference puts no name in use but the dangling name of its image; whether it protects its
/// image by `image_id` depends on the usage rule. Texts are of the same kinds as those of a store. A container must not
/// be final.
///
/// **Lifetime:** if containers are lvalues of a forward range (a vector, a list, a view over one), texts that they lend
/// must stay unchanged until `plan_prune` returns. If a range creates its containers while it is read, or is read once
/// (a cursor's rows, a generator), texts must stay unchanged until the next container is read; they are copied.
template <class Container>
concept ContainerView =
    !std::is_final_v<Container> && detail::HasImageId<Container> && detail::HasImageRef<Container> &&
    (detail::HasMountedImageIds<Container> || !detail::MentionsMountedImageIds<Container>);

/// Tells whether containers provide the images that they mount.
template <class Container>
inline constexpr bool knows_mounted_images = detail::HasMountedImageIds<Container>;

/// Describes a remover, through which `apply_prune` deletes. Required member:
///
///     RemoveOutcome remove(std::string_view name, std::string_view expected_target);
///
/// It removes the name only while the name points at `expected_target`. Comparing and removing is one atomic step, like
/// `DeleteTarget` of containerd's image store. A plan can be old: for a name that points at another target now, it
/// returns `changed`.
///
/// A name with the reason `spare_name` may be removed only while a kept name points at its image. A remover that can
/// check this provides one of two members. Without one, `apply_prune` skips such names. Either:
///
///     RemoveOutcome remove(std::string_view name, std::string_view expected_target, std::string_view survivor);
///
/// which removes the name only while `survivor` points at the target, too, in one atomic step, and else returns
/// `in_use`. Or, for a host whose store nothing else changes during the run:
///
///     bool holds(std::string_view name, std::string_view target);      // whether the name points at the target now
///
/// `apply_prune` asks `holds` about one kept name of the image after the other, until it returns true. Without `holds`,
/// `survivor` is always the kept name with the lowest record number. A remover can have both.
///
/// **Lifetime:** the texts live until `apply_prune` returns, even if the store's records do not.
template <class Remover>
concept ImageRemover = detail::RemovesByName<Remover> && detail::FittingRemover<Remover>;

/// Tells whether a remover can check survivors, so that spare names are removed.
template <class Remover>
inline constexpr bool checks_survivors = detail::RemovesWithSurvivor<Remover> || detail::HasHolds<Remover>;

}  // namespace pruneplan

#endif

#ifndef PRUNEPLAN_HOST_HPP
#define PRUNEPLAN_HOST_HPP

// SPDX-License-Identifier: BSL-1.0

// What a host provides: its store of image records, its containers, and a remover. A type that has the members meets
// the concept; there is no base class and no registration. Members may be static.

#include <pruneplan/detail/host/container_members.hpp>
#include <pruneplan/detail/host/remover_members.hpp>
#include <pruneplan/detail/host/store_members.hpp>
#include <pruneplan/syntax/timestamp.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace pruneplan {

/// Describes a store of image records, as a host adapts it. Required members:
///
///     const std::vector<Record>& images() const;       // or another forward range of records of any type
///     static std::string_view name(const Record&);     // unique, in any form: "alpine:3", "ghcr.io/a/b@sha256:…"
///     static std::string_view target(const Record&);   // what the name points at: "sha256:82d1e9d7…"
///
/// Optional members, detected at compile time. An option that needs a missing one is an error of `plan_prune`:
///
///     static Timestamp created(const Record&);              // or std::optional<Timestamp>, empty where it is unknown
///     static Timestamp last_used(const Record&);            // the same; without it, `created` counts
///     static std::optional<std::string_view> label(const Record&, std::string_view key);   // or a pointer to text
///     static bool pinned(const Record&);                    // never delete: CRI's pinned, a lease of a pull, …
///     static bool is_dangling(const Record&);               // default: name == "moby-dangling@" + target
///     static std::vector<std::string_view> ids(const Record&);     // further digests by which a runtime may mean the
///                                                           // image: its configuration, its manifests; or one text
///     static std::vector<std::string_view> needs(const Record&);   // targets or IDs of images that it needs: what it
///                                                           // is built on, what an index lists; or one text
///     static std::string_view subject(const Record&);       // target or ID of the image that it is attached to, ""
///                                                           // for none; for cosign's tags, see `attachment_subject`
///     static std::vector<Blob> blobs(const Record&);        // or another range, for sizes; see `Blob`
///
/// A name is compared with what containers' users typed by its canonical form, whatever form the store spells; the
/// remover gets the store's own spelling. Names that are not valid references are compared bytewise.
///
/// Elements of the range can be records, pointers or smart pointers to records, none of them null, or be created while
/// it is read.
///
/// An optional member that does not fit (wrong type, private, no overload for a const store and a record, unsatisfied
/// constraints) is a compile error. So is a member with a name that is often written in its place: `is_pinned`,
/// `labels`, `created_at`, `last_used_at`, `dangling`, `parent`, `parents`, `image_ids`, `subjects`, `layers`.
///
/// An ID that several images have means all of them. 64 lower-case hex digits alone are an ID of sha256. IDs in `needs`
/// and `subject` are whole; one that no image has is ignored. A registry keeps a manifest for each repository that has
/// it: with several repositories in a store, `target`, `needs` and `subject` are such as "team/app\@sha256:…".
///
/// Records of one target have the same `blobs`; those of the first are read.
///
/// A text can be a `std::string_view`, a `std::string`, a `const char*` or an array of `char`. A null pointer is an
/// empty text; from `label`, it is no label. Each text is copied, or read to its end, before the next member is called.
template <class Store>
concept ImageStore =
    detail::HasImages<Store> && detail::HasName<Store> && detail::HasTarget<Store> && detail::FittingMembers<Store>;

/// Describes a part of an image's content: a layer, a configuration, a manifest. `blobs` can return any type with these
/// two members. A negative size is unknown and counts as 0.
struct Blob {
    /// Identifies the blob, such as "sha256:…".
    std::string_view digest;
    /// The size in bytes, as stored.
    std::uint64_t size = 0;
};

// What a store or a container provides beyond the required members, for a host to `static_assert` on.

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
/// Tells whether the store knows further IDs of images.
template <class Store>
inline constexpr bool knows_ids = detail::HasIds<Store>;
/// Tells whether the store knows which records are attached to which images.
template <class Store>
inline constexpr bool knows_subject = detail::HasSubject<Store>;
/// Tells whether the store knows which images an image needs.
template <class Store>
inline constexpr bool knows_needs = detail::HasNeeds<Store>;
/// Tells whether the store knows blobs and their sizes.
template <class Store>
inline constexpr bool knows_blobs = detail::HasBlobs<Store>;

/// Describes a container, in any state. A stopped container uses its image, too. Required members:
///
///     std::string_view image_id() const;    // the digest that its runtime reports for its image, whole
///     std::string_view image_ref() const;   // what its user typed, verbatim: "alpine", "82d1e9d", "app@sha256:…", ""
///
/// `image_id` is empty only if nothing is known: then rules that protect names protect the name in `image_ref`, and no
/// rule protects the image, should that name have moved. If the runtime completes short names otherwise than Docker
/// (Podman's "localhost/app:1"), `image_ref` is the completed name.
///
/// Optional members:
///
///     std::vector<std::string_view> mounted_image_ids() const;   // or another range: images mounted as volumes
///     std::string_view name() const;                             // what to call the container in sentences
///
/// An ID of 64 lower-case hex digits without an algorithm counts as "sha256:" and these digits. A truncated one in
/// `image_id` matches no image, which is a doubt; an empty one in `mounted_image_ids` protects nothing. Texts are of
/// the same kinds as those of a store, and each is copied before the next member is called.
template <class Container>
concept ContainerView = detail::HasImageId<Container> && detail::HasImageRef<Container> &&
                        (detail::HasMountedImageIds<Container> || !detail::MentionsMountedImageIds<Container>) &&
                        (detail::HasContainerName<Container> || !detail::MentionsContainerName<Container>);

/// Tells whether containers provide the images that they mount.
template <class Container>
inline constexpr bool knows_mounted_image_ids = detail::HasMountedImageIds<Container>;
/// Tells whether containers provide what to call them.
template <class Container>
inline constexpr bool knows_name = detail::HasContainerName<Container>;

/// Tells the result of a removal. All but `failed` are expected answers of a store.
enum class RemoveStatus : unsigned char {
    removed,        ///< the store removed the name
    not_found,      ///< the store has no such name
    changed,        ///< the name now points at another target, and was not removed
    survivor_gone,  ///< `survivor` does not point at the target, and the name was not removed
    in_use,         ///< the store reports that the name is in use, and did not remove it
    failed,         ///< the store failed for another reason, given in `error`
    vetoed,         ///< in a report: the host's `before` returned false
    needed,         ///< in a report: an image that needs this one was kept
    attached,       ///< in a report: an image that this record is attached to was kept
};

/// The number of statuses.
inline constexpr std::size_t remove_status_count = 9;

/// Returns the enumerator's name. It is stable across releases.
constexpr std::string_view to_string(RemoveStatus status) noexcept {
    constexpr std::string_view names[] = {"removed", "not_found", "changed", "survivor_gone", "in_use",
                                          "failed",  "vetoed",    "needed",  "attached"};
    return detail::word_at(names, static_cast<std::size_t>(status));
}

/// Holds the result of one removal.
struct RemoveOutcome {
    /// What happened.
    RemoveStatus status = RemoveStatus::failed;
    std::string error{};  ///< with `failed`: the store's message
    /// The image has another name in the store that the plan does not know: it does not count as deleted, and what it
    /// needs is kept. Of the answers for several names of an image, that for the last counts. A store that cannot tell
    /// leaves it false; then only the names in the plan count.
    bool still_named = false;

    /// Holds a failure without a message.
    RemoveOutcome() = default;
    /// Holds a status, and what else the store tells.
    RemoveOutcome(RemoveStatus what, std::string message = {}, bool has_other_name = false)
        : status(what), error(std::move(message)), still_named(has_other_name) {}
};

/// Describes a remover, through which `apply_prune` deletes: an object with this member, or a callable with these
/// parameters, which may return a `RemoveStatus` alone:
///
///     RemoveOutcome remove(std::string_view name, std::string_view target, std::string_view survivor);
///
/// It removes `name` only while `name` points at `target`, and, if `survivor` is not empty, only while `survivor`
/// points at `target`, too: all in one atomic step, like `DeleteTarget` of containerd's image store. A plan can be old:
/// for a name that points at another target now, it returns `changed`; if `survivor` does not point at `target`, it
/// returns `survivor_gone`, and is asked again with the next name that the image keeps.
///
/// `survivor` is empty if all names of the image are deleted. The texts live until `apply_prune` returns, even if the
/// store's records do not.
template <class Remover>
concept ImageRemover = detail::RemovesAsMember<Remover> || detail::RemovesAsCallable<Remover>;

}  // namespace pruneplan

#endif

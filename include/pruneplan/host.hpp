#ifndef PRUNEPLAN_HOST_HPP
#define PRUNEPLAN_HOST_HPP

// SPDX-License-Identifier: BSL-1.0

// What a host provides: its store of image records, its containers, and a remover. A type that has the members meets
// the concept; there is no base class and no registration. Members may be static.

#include <pruneplan/detail/text.hpp>
#include <pruneplan/syntax/timestamp.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

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

namespace detail {

template <class Range>
using IteratorOf = decltype(std::begin(std::declval<Range&>()));

template <class Range>
concept Iterable = requires(Range& range) {
    { std::begin(range) } -> std::input_iterator;
    { std::begin(range) != std::end(range) } -> std::convertible_to<bool>;
};

template <class Store>
using ImagesOf = decltype(std::declval<const Store&>().images());

template <class Store>
concept HasImages = requires(const Store& store) { store.images(); } && Iterable<ImagesOf<Store>> &&
                    std::forward_iterator<IteratorOf<ImagesOf<Store>>>;

template <class Store>
using RecordIterator = IteratorOf<ImagesOf<Store>>;

template <class Store>
using RecordOf = std::remove_cvref_t<std::iter_reference_t<RecordIterator<Store>>>;

/// Records keep their addresses while the store is unchanged, since the index points at them.
template <class Store>
concept HasSteadyImages = std::is_lvalue_reference_v<std::iter_reference_t<RecordIterator<Store>>> &&
                          (std::is_lvalue_reference_v<ImagesOf<Store>> ||
                           std::ranges::enable_borrowed_range<std::remove_cvref_t<ImagesOf<Store>>>);

template <class Store>
concept HasName = requires(const Store& store, const RecordOf<Store>& record) {
    { store.name(record) } -> TextLike;
};

template <class Store>
concept HasTarget = requires(const Store& store, const RecordOf<Store>& record) {
    { store.target(record) } -> TextLike;
};

// Optional members. A member that exists but does not fit is a host's mistake, and must not count as absent. So each
// has two concepts: `Has…` tells whether the call compiles, `Mentions…` whether a member of that name exists.

template <class Given>
concept TimeLike = std::same_as<std::remove_cvref_t<Given>, Timestamp> ||
                   std::same_as<std::remove_cvref_t<Given>, std::optional<Timestamp>>;

template <class Given>
concept BlobLike = requires(const Given& given) {
    { given.digest } -> TextLike;
    { given.size } -> std::convertible_to<std::uint64_t>;
};

template <class Range>
concept BlobRange = Iterable<Range> && BlobLike<std::remove_cvref_t<std::iter_reference_t<IteratorOf<Range>>>>;

template <class Store>
concept HasCreated = requires(const Store& store, const RecordOf<Store>& record) {
    { store.created(record) } -> TimeLike;
};
template <class Store>
concept HasLastUsed = requires(const Store& store, const RecordOf<Store>& record) {
    { store.last_used(record) } -> TimeLike;
};
template <class Store>
concept HasLabel = requires(const Store& store, const RecordOf<Store>& record, std::string_view key) {
    { store.label(record, key) } -> MaybeText;
};
template <class Store>
concept HasPinned = requires(const Store& store, const RecordOf<Store>& record) {
    { store.pinned(record) } -> std::same_as<bool>;
};
template <class Store>
concept HasIsDangling = requires(const Store& store, const RecordOf<Store>& record) {
    { store.is_dangling(record) } -> std::same_as<bool>;
};
template <class Store>
concept HasParent = requires(const Store& store, const RecordOf<Store>& record) {
    { store.parent(record) } -> TextLike;
};
template <class Store>
concept HasBlobs = requires(const Store& store, const RecordOf<Store>& record) {
    { store.blobs(record) } -> BlobRange;
};

/// A type that a class can derive from.
template <class T>
concept Derivable = std::is_class_v<T> && !std::is_final_v<T>;

/// Inherits the member of `Named`. If `T` has a member of the same name, whatever its access, overloads or constraints,
/// the name is ambiguous, and `&Both::name` does not compile.
template <Derivable T, class Named>
struct Both : T, Named {};

struct NamedCreated { int created; };
struct NamedLastUsed { int last_used; };
struct NamedLabel { int label; };
struct NamedPinned { int pinned; };
struct NamedIsDangling { int is_dangling; };
struct NamedParent { int parent; };
struct NamedBlobs { int blobs; };
struct NamedMountedImageIds { int mounted_image_ids; };
struct NamedHolds { int holds; };

template <class Store>
concept MentionsCreated = Derivable<Store> && !requires { &Both<Store, NamedCreated>::created; };
template <class Store>
concept MentionsLastUsed = Derivable<Store> && !requires { &Both<Store, NamedLastUsed>::last_used; };
template <class Store>
concept MentionsLabel = Derivable<Store> && !requires { &Both<Store, NamedLabel>::label; };
template <class Store>
concept MentionsPinned = Derivable<Store> && !requires { &Both<Store, NamedPinned>::pinned; };
template <class Store>
concept MentionsIsDangling = Derivable<Store> && !requires { &Both<Store, NamedIsDangling>::is_dangling; };
template <class Store>
concept MentionsParent = Derivable<Store> && !requires { &Both<Store, NamedParent>::parent; };
template <class Store>
concept MentionsBlobs = Derivable<Store> && !requires { &Both<Store, NamedBlobs>::blobs; };
template <class Container>
concept MentionsMountedImageIds = Derivable<Container> && !requires { &Both<Container, NamedMountedImageIds>::mounted_image_ids; };
template <class Remover>
concept MentionsHolds = Derivable<Remover> && !requires { &Both<Remover, NamedHolds>::holds; };

template <class Store>
concept FittingAbilities =
    (HasCreated<Store> || !MentionsCreated<Store>) && (HasLastUsed<Store> || !MentionsLastUsed<Store>) &&
    (HasLabel<Store> || !MentionsLabel<Store>) && (HasPinned<Store> || !MentionsPinned<Store>) &&
    (HasIsDangling<Store> || !MentionsIsDangling<Store>) && (HasParent<Store> || !MentionsParent<Store>) &&
    (HasBlobs<Store> || !MentionsBlobs<Store>);

template <class Container>
concept HasImageId = requires(const Container& container) {
    { container.image_id() } -> TextLike;
};

template <class Container>
concept HasImageRef = requires(const Container& container) {
    { container.image_ref() } -> TextLike;
};

template <class Range>
concept TextRange = Iterable<Range> && TextLike<std::iter_reference_t<IteratorOf<Range>>>;

template <class Container>
concept HasMountedImageIds = requires(const Container& container) {
    { container.mounted_image_ids() } -> TextRange;
};

template <class Store>
consteval bool fits_store() {
    static_assert(!std::is_final_v<Store>,
                  "pruneplan: the store must not be final: its optional members are found by deriving from it");
    static_assert(HasImages<Store>, "pruneplan: the store needs images() const, a forward range of its records");
    if constexpr (HasImages<Store>) {
        static_assert(HasSteadyImages<Store>,
                      "pruneplan: images() must return an lvalue range (a reference to a container, or a span), "
                      "steady while the index lives");
        static_assert(HasName<Store>, "pruneplan: the store needs name(const Record&), the record's name as text");
        static_assert(HasTarget<Store>,
                      "pruneplan: the store needs target(const Record&), the digest that the name points at as text");
        static_assert(HasCreated<Store> || !MentionsCreated<Store>,
                      "pruneplan: the store's created(const Record&) must return Timestamp or std::optional<Timestamp>");
        static_assert(HasLastUsed<Store> || !MentionsLastUsed<Store>,
                      "pruneplan: the store's last_used(const Record&) must return Timestamp or std::optional<Timestamp>");
        static_assert(HasLabel<Store> || !MentionsLabel<Store>,
                      "pruneplan: the store's label(const Record&, std::string_view key) must return an optional text");
        static_assert(HasPinned<Store> || !MentionsPinned<Store>,
                      "pruneplan: the store's pinned(const Record&) must return bool");
        static_assert(HasIsDangling<Store> || !MentionsIsDangling<Store>,
                      "pruneplan: the store's is_dangling(const Record&) must return bool");
        static_assert(HasParent<Store> || !MentionsParent<Store>,
                      "pruneplan: the store's parent(const Record&) must return text, empty where there is no parent");
        static_assert(HasBlobs<Store> || !MentionsBlobs<Store>,
                      "pruneplan: the store's blobs(const Record&) must return a range of Blob{digest, size}");
    }
    return true;
}

template <class Containers>
consteval bool fits_containers() {
    static_assert(Iterable<Containers>, "pruneplan: containers must be a range");
    if constexpr (Iterable<Containers>) {
        using Container = std::remove_cvref_t<std::iter_reference_t<IteratorOf<Containers>>>;
        static_assert(!std::is_final_v<Container>,
                      "pruneplan: a container must not be final: its optional members are found by deriving from it");
        static_assert(HasImageId<Container>,
                      "pruneplan: a container needs image_id() const, the digest it resolved to, as text");
        static_assert(HasImageRef<Container>,
                      "pruneplan: a container needs image_ref() const, what its user typed, as text");
        static_assert(HasMountedImageIds<Container> || !MentionsMountedImageIds<Container>,
                      "pruneplan: a container's mounted_image_ids() const must return a range of digests as text");
    }
    return true;
}

template <class Remover>
concept RemovesByName = requires(Remover& remover, std::string_view text) {
    { remover.remove(text, text) } -> std::convertible_to<RemoveOutcome>;
};
template <class Remover>
concept RemovesWithSurvivor = requires(Remover& remover, std::string_view text) {
    { remover.remove(text, text, text) } -> std::convertible_to<RemoveOutcome>;
};
template <class Remover>
concept HasHolds = requires(Remover& remover, std::string_view text) {
    { remover.holds(text, text) } -> std::same_as<bool>;
};

/// Converts to any parameter type. Used in unevaluated code only, so the conversion is not defined.
struct Anything {
    template <class T>
    operator T() const;
};

template <class Remover>
concept MentionsRemoveWithSurvivor =
    requires(Remover& remover, std::string_view text) { remover.remove(text, text, text); } ||
    requires(Remover& remover, Anything anything) { remover.remove(anything, anything, anything); };

template <class Remover>
concept FittingRemover =
    !std::is_final_v<Remover> && (HasHolds<Remover> || !MentionsHolds<Remover>) &&
    (RemovesWithSurvivor<Remover> || !MentionsRemoveWithSurvivor<Remover>);

template <class Remover>
consteval bool fits_remover() {
    static_assert(!std::is_final_v<Remover>,
                  "pruneplan: the remover must not be final: its optional members are found by deriving from it");
    static_assert(RemovesByName<Remover>,
                  "pruneplan: the remover needs remove(std::string_view name, std::string_view expected_target), which "
                  "returns a RemoveOutcome");
    static_assert(HasHolds<Remover> || !MentionsHolds<Remover>,
                  "pruneplan: the remover's holds(name, target) must return bool");
    static_assert(RemovesWithSurvivor<Remover> || !MentionsRemoveWithSurvivor<Remover>,
                  "pruneplan: the remover's remove(name, expected_target, survivor) takes three texts and returns a "
                  "RemoveOutcome");
    return true;
}

}  // namespace detail

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

#ifndef PRUNEPLAN_HOST_HPP
#define PRUNEPLAN_HOST_HPP

// What a host shows the planner: its store of image records, and its containers. Nothing is derived from, nothing is
// registered: a type that has the members meets the concept. Members may be static.

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

/// What became of a removal. All but `failed` are answers that a store gives in the course of things.
enum class RemoveStatus : unsigned char {
    removed,    ///< the name is gone, by this removal
    not_found,  ///< there was no such name any more
    changed,    ///< the name points at another target now, and stays
    in_use,     ///< the store says that somebody needs it now, and it stays
    failed,     ///< nobody knows but the store, which says why
};

struct RemoveOutcome {
    RemoveStatus status = RemoveStatus::failed;
    std::string error{};  ///< of `failed`: the store's own words
    /// Of `removed`: the store has another name for the target, one that is younger than the plan. A store that does not
    /// know leaves it as it is, and the plan's own names count.
    bool still_named = false;
};

namespace detail {

template <class T>
concept TextLike = std::convertible_to<T, std::string_view>;

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

// Abilities. A member that is there and does not fit is a mistake, and must not count as one that is not there: hence
// two questions for each. A member that is a template or overloaded is found by calling it.

template <class Given>
concept TimeLike = std::same_as<std::remove_cvref_t<Given>, Timestamp> ||
                   std::same_as<std::remove_cvref_t<Given>, std::optional<Timestamp>>;

/// An optional or a pointer: a text, or none.
template <class Given>
concept MaybeText = requires(const Given& given) {
    static_cast<bool>(given);
    { *given } -> TextLike;
};

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

template <class Store>
concept MentionsCreated = requires { &Store::created; } ||
                          requires(const Store& store, const RecordOf<Store>& record) { store.created(record); };
template <class Store>
concept MentionsLastUsed = requires { &Store::last_used; } ||
                           requires(const Store& store, const RecordOf<Store>& record) { store.last_used(record); };
template <class Store>
concept MentionsLabel = requires { &Store::label; } ||
                        requires(const Store& store, const RecordOf<Store>& record) { store.label(record, ""); };
template <class Store>
concept MentionsPinned = requires { &Store::pinned; } ||
                         requires(const Store& store, const RecordOf<Store>& record) { store.pinned(record); };
template <class Store>
concept MentionsIsDangling = requires { &Store::is_dangling; } ||
                             requires(const Store& store, const RecordOf<Store>& record) { store.is_dangling(record); };
template <class Store>
concept MentionsParent = requires { &Store::parent; } ||
                         requires(const Store& store, const RecordOf<Store>& record) { store.parent(record); };
template <class Store>
concept MentionsBlobs = requires { &Store::blobs; } ||
                        requires(const Store& store, const RecordOf<Store>& record) { store.blobs(record); };

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

template <class Container>
concept MentionsMountedImageIds = requires { &Container::mounted_image_ids; } ||
                                  requires(const Container& container) { container.mounted_image_ids(); };

template <class Store>
consteval bool fits_store() {
    static_assert(HasImages<Store>, "pruneplan: the store needs images() const, a forward range of its records");
    if constexpr (HasImages<Store>) {
        static_assert(HasSteadyImages<Store>,
                      "pruneplan: images() must give an lvalue range (a reference to a container, or a span), "
                      "steady while the index lives");
        static_assert(HasName<Store>, "pruneplan: the store needs name(const Record&), the record's name as text");
        static_assert(HasTarget<Store>,
                      "pruneplan: the store needs target(const Record&), the digest that the name points at as text");
        static_assert(HasCreated<Store> || !MentionsCreated<Store>,
                      "pruneplan: the store's created(const Record&) must give Timestamp or std::optional<Timestamp>");
        static_assert(HasLastUsed<Store> || !MentionsLastUsed<Store>,
                      "pruneplan: the store's last_used(const Record&) must give Timestamp or std::optional<Timestamp>");
        static_assert(HasLabel<Store> || !MentionsLabel<Store>,
                      "pruneplan: the store's label(const Record&, std::string_view key) must give an optional text");
        static_assert(HasPinned<Store> || !MentionsPinned<Store>,
                      "pruneplan: the store's pinned(const Record&) must give bool");
        static_assert(HasIsDangling<Store> || !MentionsIsDangling<Store>,
                      "pruneplan: the store's is_dangling(const Record&) must give bool");
        static_assert(HasParent<Store> || !MentionsParent<Store>,
                      "pruneplan: the store's parent(const Record&) must give text, empty where there is no parent");
        static_assert(HasBlobs<Store> || !MentionsBlobs<Store>,
                      "pruneplan: the store's blobs(const Record&) must give a range of Blob{digest, size}");
    }
    return true;
}

template <class Containers>
consteval bool fits_containers() {
    static_assert(Iterable<const Containers>, "pruneplan: containers must be a range");
    if constexpr (Iterable<const Containers>) {
        using Container = std::remove_cvref_t<std::iter_reference_t<IteratorOf<const Containers>>>;
        static_assert(HasImageId<Container>,
                      "pruneplan: a container needs image_id() const, the digest it resolved to, as text");
        static_assert(HasImageRef<Container>,
                      "pruneplan: a container needs image_ref() const, what its user typed, as text");
        static_assert(HasMountedImageIds<Container> || !MentionsMountedImageIds<Container>,
                      "pruneplan: a container's mounted_image_ids() const must give a range of digests as text");
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
template <class Remover>
concept MentionsHolds = requires { &Remover::holds; };

template <class Remover>
consteval bool fits_remover() {
    static_assert(RemovesByName<Remover>,
                  "pruneplan: the remover needs remove(name, expected_target), which gives a RemoveOutcome");
    static_assert(HasHolds<Remover> || !MentionsHolds<Remover>,
                  "pruneplan: the remover's holds(name, target) must give bool");
    return true;
}

}  // namespace detail

/// A piece of an image's content: a layer, a configuration, a manifest. `size` in bytes, as the store keeps it.
struct Blob {
    std::string_view digest;
    std::uint64_t size = 0;
};

/// A store of image records, as its host adapts it:
///
///     const std::vector<Record>& images() const;       // or a span: a forward range of records of any type
///     static std::string_view name(const Record&);     // unique: "docker.io/library/alpine:latest"
///     static std::string_view target(const Record&);   // what the name points at: "sha256:82d1e9d7…"
///
/// A name or target given as a reference, a pointer or a view is borrowed: it must stay while an index of the store
/// lives. One given by value, as a `std::string`, is copied into the index.
///
/// Optional, and found at compile time. An option that needs one that is not there is refused by `check_options`:
///
///     static Timestamp created(const Record&);              // or std::optional<Timestamp>: none where not known
///     static Timestamp last_used(const Record&);            // the same; a host that knows of no use gives `created`
///     static std::optional<std::string_view> label(const Record&, std::string_view key);   // or a pointer to text
///     static bool pinned(const Record&);                    // never delete: CRI's pinned, a lease of a pull, …
///     static bool is_dangling(const Record&);               // default: name == "moby-dangling@" + target
///     static std::string_view parent(const Record&);        // the target of the parent image, "" for none
///     static auto blobs(const Record&);                     // a range of Blob{digest, size}, for exact space; asked
///                                                           // a few times, before anything is removed, never after
template <class Store>
concept ImageStore = detail::HasImages<Store> && detail::HasSteadyImages<Store> && detail::HasName<Store> &&
                     detail::HasTarget<Store> && detail::FittingAbilities<Store>;

/// A container, in whatever state:
///
///     std::string_view image_id() const;    // the digest its image resolved to when it was created, as `target` gives it
///     std::string_view image_ref() const;   // what its user typed, verbatim: "alpine", "82d1e9d", "app@sha256:…", ""
///
/// Optional: `auto mounted_image_ids() const`, a range of the digests of images that are mounted as volumes.
///
/// All texts may be given by value. A container whose `image_ref` is no reference still protects by its `image_id`.
template <class Container>
concept ContainerView =
    detail::HasImageId<Container> && detail::HasImageRef<Container> &&
    (detail::HasMountedImageIds<Container> || !detail::MentionsMountedImageIds<Container>);

/// Where a host deletes, for `apply_prune`:
///
///     RemoveOutcome remove(std::string_view name, std::string_view expected_target);
///
/// Removes the name only while it points at `expected_target`, in one step with the look, as containerd's DeleteTarget
/// does. A plan can be old: what was tagged anew since is `changed`, and must not go.
///
/// A name that goes because another one keeps its image in use leans on that other one, which may have vanished since.
/// A remover says which it can tell; one that has neither is not asked to remove such a name:
///
///     RemoveOutcome remove(std::string_view name, std::string_view expected_target, std::string_view survivor);
///
/// the same, only while `survivor`, too, points at the target, in one step; else `in_use`. Or, with a gap between look
/// and removal that only a host that is alone with its store can afford:
///
///     bool holds(std::string_view name, std::string_view target);      // whether the name points at the target now
template <class Remover>
concept ImageRemover =
    detail::RemovesByName<Remover> && (detail::HasHolds<Remover> || !detail::MentionsHolds<Remover>);

}  // namespace pruneplan

#endif

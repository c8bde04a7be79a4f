#ifndef PRUNEPLAN_DETAIL_MEMBERS_HPP
#define PRUNEPLAN_DETAIL_MEMBERS_HPP

// SPDX-License-Identifier: BSL-1.0

// Detects the members of a host's types, and rejects in one line those that do not fit: see host.hpp.

#include <pruneplan/detail/text.hpp>

#include <concepts>
#include <cstdint>
#include <iterator>
#include <optional>
#include <string_view>
#include <type_traits>
#include <utility>

namespace pruneplan {

struct RemoveOutcome;
struct Timestamp;

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
}  // namespace pruneplan

#endif

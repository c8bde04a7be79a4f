#ifndef PRUNEPLAN_HOST_HPP
#define PRUNEPLAN_HOST_HPP

// What a host shows the planner: its store of image records, and its containers. Nothing is derived from, nothing is
// registered: a type that has the members meets the concept. Members may be static.

#include <concepts>
#include <cstddef>
#include <iterator>
#include <span>
#include <string_view>
#include <type_traits>
#include <utility>

namespace pruneplan {

namespace detail {

template <class T>
concept TextLike = std::convertible_to<T, std::string_view>;

/// Whether a text given as `T` stays where it is after the call: a reference, a pointer, or a view. What is given by
/// value goes with the expression, and has to be copied.
template <class T>
inline constexpr bool borrowed_text =
    std::is_lvalue_reference_v<T> || std::is_pointer_v<T> || std::ranges::enable_borrowed_range<std::remove_cv_t<T>>;

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

/// An optional member that is there and does not fit is a mistake, and must not count as not there: hence two
/// questions for each ability.
template <class Store>
concept MentionsIsDangling = requires { &Store::is_dangling; } ||
                             requires(const Store& store, const RecordOf<Store>& record) { store.is_dangling(record); };

template <class Store>
concept HasIsDangling = requires(const Store& store, const RecordOf<Store>& record) {
    { store.is_dangling(record) } -> std::same_as<bool>;
};

template <class Container>
concept HasImageId = requires(const Container& container) {
    { container.image_id() } -> TextLike;
};

template <class Container>
concept HasImageRef = requires(const Container& container) {
    { container.image_ref() } -> TextLike;
};

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
        static_assert(!MentionsIsDangling<Store> || HasIsDangling<Store>,
                      "pruneplan: the store's is_dangling(const Record&) must give bool");
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
    }
    return true;
}

}  // namespace detail

/// A store of image records, as its host adapts it:
///
///     const std::vector<Record>& images() const;       // or a span: a forward range of records of any type
///     static std::string_view name(const Record&);     // unique: "docker.io/library/alpine:latest"
///     static std::string_view target(const Record&);   // what the name points at: "sha256:82d1e9d7…"
///
/// A name or target given as a reference, a pointer or a view is borrowed: it must stay while an index of the store
/// lives. One given by value, as a `std::string`, is copied into the index.
///
/// Optional, and found at compile time:
///
///     static bool is_dangling(const Record&);          // default: name == "moby-dangling@" + target
template <class Store>
concept ImageStore = detail::HasImages<Store> && detail::HasSteadyImages<Store> && detail::HasName<Store> &&
                     detail::HasTarget<Store> &&
                     (!detail::MentionsIsDangling<Store> || detail::HasIsDangling<Store>);

/// A container, in whatever state:
///
///     std::string_view image_id() const;    // the digest its image resolved to when it was created, as `target` gives it
///     std::string_view image_ref() const;   // what its user typed, verbatim: "alpine", "82d1e9d", "app@sha256:…", ""
///
/// Both may be given by value. A container whose `image_ref` is no reference still protects by its `image_id`.
template <class Container>
concept ContainerView = detail::HasImageId<Container> && detail::HasImageRef<Container>;

}  // namespace pruneplan

#endif

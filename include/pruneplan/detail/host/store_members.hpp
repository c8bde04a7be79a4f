#ifndef PRUNEPLAN_DETAIL_HOST_STORE_MEMBERS_HPP
#define PRUNEPLAN_DETAIL_HOST_STORE_MEMBERS_HPP

// SPDX-License-Identifier: BSL-1.0

// Detects the members of a store, and rejects in one line those that do not fit: see host.hpp.

#include <pruneplan/detail/host/members.hpp>
#include <pruneplan/detail/is_result.hpp>
#include <pruneplan/detail/text/text.hpp>

#include <concepts>
#include <cstdint>
#include <iterator>
#include <optional>
#include <string_view>
#include <type_traits>
#include <utility>

namespace pruneplan {

struct Timestamp;

namespace detail {

template <class Store>
using ImagesOf = decltype(std::declval<const Store&>().images());

template <class Store>
concept HasImages = requires(const Store& store) { store.images(); } && Iterable<ImagesOf<Store>> &&
                    std::forward_iterator<IteratorOf<ImagesOf<Store>>>;

/// What an iterator over the records returns: a record, or a pointer to one.
template <class Store>
using ElementOf = std::iter_reference_t<IteratorOf<ImagesOf<Store>>>;

template <class Store, class Element>
concept NamesElement = requires(const Store& store, const Element& element) { store.name(element); };

/// Returns the record that an element is, or points at.
template <class Store, class Element>
constexpr const auto& record_in(const Element& element) noexcept {
    if constexpr (!NamesElement<Store, Element> && Dereferenceable<Element>)
        return pointed_at(element);
    else
        return element;
}

template <class Store>
using RecordOf =
    std::remove_cvref_t<decltype(record_in<Store>(std::declval<const std::remove_cvref_t<ElementOf<Store>>&>()))>;

/// Records have addresses that last while the store does not change: they are not created while the range is read.
template <class Store>
inline constexpr bool has_lasting_records =
    std::is_pointer_v<std::remove_cvref_t<ElementOf<Store>>> ||
    (std::is_lvalue_reference_v<ElementOf<Store>> &&
     (std::is_lvalue_reference_v<ImagesOf<Store>> ||
      std::ranges::enable_borrowed_range<std::remove_cvref_t<ImagesOf<Store>>>));

template <class Store>
concept HasName = requires(const Store& store, const RecordOf<Store>& record) {
    { store.name(record) } -> TextLike;
};
template <class Store>
concept HasTarget = requires(const Store& store, const RecordOf<Store>& record) {
    { store.target(record) } -> TextLike;
};

/// The parameter of a member that is neither overloaded nor a template.
template <class Member>
struct ParameterOf {};
template <class Given, class Parameter>
struct ParameterOf<Given (*)(Parameter)> {
    using type = Parameter;
};
template <class Given, class Parameter>
struct ParameterOf<Given (*)(Parameter) noexcept> {
    using type = Parameter;
};
template <class Given, class Class, class Parameter>
struct ParameterOf<Given (Class::*)(Parameter) const> {
    using type = Parameter;
};
template <class Given, class Class, class Parameter>
struct ParameterOf<Given (Class::*)(Parameter) const noexcept> {
    using type = Parameter;
};

/// Tells whether a member with this parameter can return a view into something that dies when it returns: a record
/// converted to another type, or a copy of a record.
template <class Record, class Parameter>
inline constexpr bool loses_record =
    std::is_reference_v<Parameter>
        ? !std::is_base_of_v<std::remove_cvref_t<Parameter>, Record> &&
              !std::is_same_v<std::remove_cvref_t<Parameter>, Record>
        : !std::is_same_v<std::remove_cv_t<Parameter>, Record> ||
              (std::is_class_v<Record> && !Dereferenceable<Record> && !borrowed_text<Record>);

// A member whose parameter is unknown, because it is a template, can still take a copy.

template <class Store>
using NameOf = decltype(std::declval<const Store&>().name(std::declval<const RecordOf<Store>&>()));
template <class Store>
using TargetOf = decltype(std::declval<const Store&>().target(std::declval<const RecordOf<Store>&>()));

template <class Store>
concept LosesRecordInName =
    (requires { typename ParameterOf<decltype(&Store::name)>::type; } &&
     loses_record<RecordOf<Store>, typename ParameterOf<decltype(&Store::name)>::type>) ||
    (loses_record<RecordOf<Store>, RecordOf<Store>> &&
     (requires { static_cast<NameOf<Store> (*)(RecordOf<Store>)>(&Store::name); } ||
      requires { static_cast<NameOf<Store> (Store::*)(RecordOf<Store>) const>(&Store::name); }));
template <class Store>
concept LosesRecordInTarget =
    (requires { typename ParameterOf<decltype(&Store::target)>::type; } &&
     loses_record<RecordOf<Store>, typename ParameterOf<decltype(&Store::target)>::type>) ||
    (loses_record<RecordOf<Store>, RecordOf<Store>> &&
     (requires { static_cast<TargetOf<Store> (*)(RecordOf<Store>)>(&Store::target); } ||
      requires { static_cast<TargetOf<Store> (Store::*)(RecordOf<Store>) const>(&Store::target); }));

// Optional members. A member that exists but does not fit is a host's mistake, and must not count as absent. So each
// has two concepts: `Has…` tells whether the call compiles, `Mentions…` whether a member of that name exists, or one of
// a name that is often written in its place.

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
concept HasOneId = requires(const Store& store, const RecordOf<Store>& record) {
    { store.ids(record) } -> TextLike;
};
template <class Store>
concept HasIds = HasOneId<Store> || requires(const Store& store, const RecordOf<Store>& record) {
    { store.ids(record) } -> TextRange;
};
template <class Store>
concept NeedsOne = requires(const Store& store, const RecordOf<Store>& record) {
    { store.needs(record) } -> TextLike;
};
template <class Store>
concept HasNeeds = NeedsOne<Store> || requires(const Store& store, const RecordOf<Store>& record) {
    { store.needs(record) } -> TextRange;
};
template <class Store>
concept HasSubject = requires(const Store& store, const RecordOf<Store>& record) {
    { store.subject(record) } -> TextLike;
} || requires(const Store& store, const RecordOf<Store>& record) {
    { store.subject(record) } -> MaybeText;
};
template <class Store>
concept HasBlobs = requires(const Store& store, const RecordOf<Store>& record) {
    { store.blobs(record) } -> BlobRange;
};

struct NamedCreated {
    int created;
};
struct NamedLastUsed {
    int last_used;
};
struct NamedLabel {
    int label;
};
struct NamedPinned {
    int pinned;
};
struct NamedIsDangling {
    int is_dangling;
};
struct NamedIds {
    int ids;
};
struct NamedNeeds {
    int needs;
};
struct NamedSubject {
    int subject;
};
struct NamedBlobs {
    int blobs;
};

template <class Store>
concept MentionsCreated = requires(const Store& store, const RecordOf<Store>& record) {
    store.created_at(record);
} || (Derivable<Store> ? !requires { &Both<Store, NamedCreated>::created; } : requires { &Store::created; });
template <class Store>
concept MentionsLastUsed = requires(const Store& store, const RecordOf<Store>& record) {
    store.last_used_at(record);
} || (Derivable<Store> ? !requires { &Both<Store, NamedLastUsed>::last_used; } : requires { &Store::last_used; });
template <class Store>
concept MentionsLabel = requires(const Store& store, const RecordOf<Store>& record) {
    store.labels(record);
} || (Derivable<Store> ? !requires { &Both<Store, NamedLabel>::label; } : requires { &Store::label; });
template <class Store>
concept MentionsPinned = requires(const Store& store, const RecordOf<Store>& record) {
    store.is_pinned(record);
} || (Derivable<Store> ? !requires { &Both<Store, NamedPinned>::pinned; } : requires { &Store::pinned; });
template <class Store>
concept MentionsIsDangling = requires(const Store& store, const RecordOf<Store>& record) {
    store.dangling(record);
} || (Derivable<Store> ? !requires { &Both<Store, NamedIsDangling>::is_dangling; } : requires { &Store::is_dangling; });
template <class Store>
concept MentionsIds = requires(const Store& store, const RecordOf<Store>& record) { store.image_ids(record); } ||
                      (Derivable<Store> ? !requires { &Both<Store, NamedIds>::ids; } : requires { &Store::ids; });
template <class Store>
concept MentionsNeeds =
    requires(const Store& store, const RecordOf<Store>& record) { store.parent(record); } ||
    requires(const Store& store, const RecordOf<Store>& record) { store.parents(record); } ||
    (Derivable<Store> ? !requires { &Both<Store, NamedNeeds>::needs; } : requires { &Store::needs; });
template <class Store>
concept MentionsSubject = requires(const Store& store, const RecordOf<Store>& record) {
    store.subjects(record);
} || (Derivable<Store> ? !requires { &Both<Store, NamedSubject>::subject; } : requires { &Store::subject; });
template <class Store>
concept MentionsBlobs = requires(const Store& store, const RecordOf<Store>& record) {
    store.layers(record);
} || (Derivable<Store> ? !requires { &Both<Store, NamedBlobs>::blobs; } : requires { &Store::blobs; });

template <class Store>
concept FittingMembers =
    !LosesRecordInName<Store> && !LosesRecordInTarget<Store> && (HasCreated<Store> || !MentionsCreated<Store>) &&
    (HasLastUsed<Store> || !MentionsLastUsed<Store>) && (HasLabel<Store> || !MentionsLabel<Store>) &&
    (HasPinned<Store> || !MentionsPinned<Store>) && (HasIsDangling<Store> || !MentionsIsDangling<Store>) &&
    (HasIds<Store> || !MentionsIds<Store>) && (HasNeeds<Store> || !MentionsNeeds<Store>) &&
    (HasSubject<Store> || !MentionsSubject<Store>) && (HasBlobs<Store> || !MentionsBlobs<Store>);

template <class Store>
consteval bool fits_store() {
    static_assert(!is_result<Store>, "pruneplan: this is a Result: check it, and pass its value, *result");
    static_assert(HasImages<Store> || is_result<Store>,
                  "pruneplan: the store needs images() const, a forward range of its records");
    if constexpr (HasImages<Store>) {
        static_assert(HasName<Store>, "pruneplan: the store needs name(const Record&), the record's name as text");
        static_assert(HasTarget<Store>,
                      "pruneplan: the store needs target(const Record&), the digest that the name points at as text");
        static_assert(
            !LosesRecordInName<Store> && !LosesRecordInTarget<Store>,
            "pruneplan: name and target must take the record as const Record&: a conversion or a copy of it dies "
            "before the text is read");
        static_assert(
            HasCreated<Store> || !MentionsCreated<Store>,
            "pruneplan: the store's created(const Record&) must return Timestamp or std::optional<Timestamp>");
        static_assert(
            HasLastUsed<Store> || !MentionsLastUsed<Store>,
            "pruneplan: the store's last_used(const Record&) must return Timestamp or std::optional<Timestamp>");
        static_assert(HasLabel<Store> || !MentionsLabel<Store>,
                      "pruneplan: the store's label(const Record&, std::string_view key) must return an optional text");
        static_assert(HasPinned<Store> || !MentionsPinned<Store>,
                      "pruneplan: the store's pinned(const Record&) must return bool");
        static_assert(HasIsDangling<Store> || !MentionsIsDangling<Store>,
                      "pruneplan: the store's is_dangling(const Record&) must return bool");
        static_assert(
            HasIds<Store> || !MentionsIds<Store>,
            "pruneplan: the store's ids(const Record&) must return further digests of the image: a range of texts, "
            "or one");
        static_assert(
            HasNeeds<Store> || !MentionsNeeds<Store>,
            "pruneplan: the store's needs(const Record&) must return the targets of images that it needs: one text "
            "or a range of texts");
        static_assert(
            HasSubject<Store> || !MentionsSubject<Store>,
            "pruneplan: the store's subject(const Record&) must return the target or ID of the image that the "
            "record is attached to, as text");
        static_assert(HasBlobs<Store> || !MentionsBlobs<Store>,
                      "pruneplan: the store's blobs(const Record&) must return a range of Blob{digest, size}");
    }
    return true;
}

}  // namespace detail
}  // namespace pruneplan

#endif

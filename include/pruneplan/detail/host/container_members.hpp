#ifndef PRUNEPLAN_DETAIL_HOST_CONTAINER_MEMBERS_HPP
#define PRUNEPLAN_DETAIL_HOST_CONTAINER_MEMBERS_HPP

// SPDX-License-Identifier: BSL-1.0

// Detects the members of a container, and rejects in one line those that do not fit: see host.hpp.

#include <pruneplan/detail/host/members.hpp>
#include <pruneplan/detail/is_result.hpp>
#include <pruneplan/detail/text/text.hpp>

#include <iterator>
#include <type_traits>
#include <utility>

namespace pruneplan::detail {

template <class Container>
concept HasImageId = requires(const Container& container) {
    { container.image_id() } -> TextLike;
};
template <class Container>
concept HasImageRef = requires(const Container& container) {
    { container.image_ref() } -> TextLike;
};
template <class Container>
concept HasMountedImageIds = requires(const Container& container) {
    { container.mounted_image_ids() } -> TextRange;
};
template <class Container>
concept HasContainerName = requires(const Container& container) {
    { container.name() } -> TextLike;
};

struct NamedMountedImageIds {
    int mounted_image_ids;
};

template <class Container>
concept MentionsMountedImages = requires(const Container& container) { container.mounted_images(); };
template <class Container>
concept MentionsMountedIds = requires(const Container& container) { container.mounted_ids(); };
template <class Container>
concept MentionsMountedImageId = requires(const Container& container) { container.mounted_image_id(); };
template <class Container>
concept DeclaresMountedImageIds = (Derivable<Container> ? !requires {
    &Both<Container, NamedMountedImageIds>::mounted_image_ids;
} : requires { &Container::mounted_image_ids; });
template <class Container>
concept MentionsMountedImageIds = MentionsMountedImages<Container> || MentionsMountedIds<Container> ||
                                  MentionsMountedImageId<Container> || DeclaresMountedImageIds<Container>;

/// A data member of this name is of no interest.
template <class Container>
concept MentionsContainerName = requires(const Container& container) { container.name(); };

/// Returns the container that an element of a range is, or points at.
template <class Element>
constexpr const auto& container_in(const Element& element) noexcept {
    if constexpr (!HasImageId<Element> && Dereferenceable<Element>)
        return pointed_at(element);
    else
        return element;
}

template <class Containers>
using ContainerOf = std::remove_cvref_t<decltype(container_in(
    std::declval<const std::remove_cvref_t<std::iter_reference_t<IteratorOf<Containers>>>&>()))>;

template <class Containers>
consteval bool fits_containers() {
    static_assert(!is_result<std::remove_cv_t<Containers>>,
                  "pruneplan: this is a Result: check it, and pass its value, *result");
    static_assert(Iterable<Containers> || is_result<std::remove_cv_t<Containers>>,
                  "pruneplan: containers must be a range");
    if constexpr (Iterable<Containers>) {
        using Container = ContainerOf<Containers>;
        static_assert(HasImageId<Container>,
                      "pruneplan: a container needs image_id() const, the digest of its image, as text");
        static_assert(HasImageRef<Container>,
                      "pruneplan: a container needs image_ref() const, what its user typed, as text");
        static_assert(HasMountedImageIds<Container> || !MentionsMountedImageIds<Container>,
                      "pruneplan: a container's mounted_image_ids() const must return a range of digests as text");
        static_assert(HasContainerName<Container> || !MentionsContainerName<Container>,
                      "pruneplan: a container's name() const must return text");
    }
    return true;
}

}  // namespace pruneplan::detail

#endif

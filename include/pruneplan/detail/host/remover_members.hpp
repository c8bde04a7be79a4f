#ifndef PRUNEPLAN_DETAIL_HOST_REMOVER_MEMBERS_HPP
#define PRUNEPLAN_DETAIL_HOST_REMOVER_MEMBERS_HPP

// SPDX-License-Identifier: BSL-1.0

// Detects what a remover is, and rejects in one line what does not fit: see host.hpp.

#include <concepts>
#include <string_view>

namespace pruneplan {

struct RemoveOutcome;

namespace detail {

template <class Remover>
concept RemovesAsMember = requires(Remover& remover, std::string_view text) {
    { remover.remove(text, text, text) } -> std::convertible_to<RemoveOutcome>;
};
template <class Remover>
concept RemovesAsCallable = requires(Remover& remover, std::string_view text) {
    { remover(text, text, text) } -> std::convertible_to<RemoveOutcome>;
};

template <class Remover>
consteval bool fits_remover() {
    static_assert(RemovesAsMember<Remover> || RemovesAsCallable<Remover>,
                  "pruneplan: a remover takes three std::string_views, remove(name, target, survivor), and returns a "
                  "RemoveOutcome or a RemoveStatus; it is a member of an object, or a callable");
    return true;
}

}  // namespace detail
}  // namespace pruneplan

#endif

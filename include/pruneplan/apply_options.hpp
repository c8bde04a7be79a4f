#ifndef PRUNEPLAN_APPLY_OPTIONS_HPP
#define PRUNEPLAN_APPLY_OPTIONS_HPP

// SPDX-License-Identifier: BSL-1.0

// Callbacks that a host can pass to `apply_prune`.

#include <pruneplan/host.hpp>
#include <pruneplan/plan.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <utility>

namespace pruneplan {

/// Describes a removal that was tried, for `after`. **Lifetime:** its texts live until `apply_prune` returns.
struct AppliedStep {
    std::size_t done;   ///< the number of steps so far, including this one and those that were skipped
    std::size_t total;  ///< the number of steps of the plan
    /// The step.
    PlannedDeletion deletion;
    const RemoveOutcome& outcome;   ///< valid until `after` returns
    bool image_deleted;             ///< the removal of this record deleted its image
    std::uint64_t space_reclaimed;  ///< bytes freed by this step
};

namespace detail {

/// The default of each callback: permits every step, ignores what was done, and never stops.
struct CallNothing {
    constexpr bool operator()(const PlannedDeletion&) const noexcept { return true; }
    constexpr void operator()(const AppliedStep&) const noexcept {}
    constexpr bool operator()() const noexcept { return false; }
};

}  // namespace detail

/// Holds callbacks for `apply_prune`, which takes any type that has one or more of these members, functions or
/// callables:
///
///     bool should_stop();                    // called before each step: true ends the run
///     bool before(const PlannedDeletion&);   // called next, unless the image is to be kept: false skips the step
///     void after(const AppliedStep&);        // called after each removal that was tried: progress, events
///
/// An image is to be kept if one that is built on it was. A spare name can be skipped after `before` returned true: if
/// no kept name of its image is left, or the remover cannot check that.
///
/// `apply_prune` calls them, and never copies or stores them. **Throws:** what they throw passes through.
template <class Before = detail::CallNothing, class After = detail::CallNothing, class ShouldStop = detail::CallNothing>
struct ApplyOptions {
    Before before{};           ///< called before each removal
    After after{};             ///< called after each removal that was tried
    ShouldStop should_stop{};  ///< called before each step

    /// Returns the same options with another callback: `with_before(f).with_after(g)`.
    template <class Other>
    constexpr ApplyOptions<Other, After, ShouldStop> with_before(Other other) const {
        return {std::move(other), after, should_stop};
    }
    /// @overload
    template <class Other>
    constexpr ApplyOptions<Before, Other, ShouldStop> with_after(Other other) const {
        return {before, std::move(other), should_stop};
    }
    /// @overload
    template <class Other>
    constexpr ApplyOptions<Before, After, Other> with_should_stop(Other other) const {
        return {before, after, std::move(other)};
    }
};
/// Runs all steps without callbacks.
using ApplyAll = ApplyOptions<>;

/// Deduces the types of the callbacks.
template <class Before, class After, class ShouldStop>
ApplyOptions(Before, After, ShouldStop) -> ApplyOptions<Before, After, ShouldStop>;

/// Returns options with one callback.
template <class Before>
constexpr ApplyOptions<Before> with_before(Before before) {
    return {std::move(before), {}, {}};
}
/// @overload
template <class After>
constexpr ApplyOptions<detail::CallNothing, After> with_after(After after) {
    return {{}, std::move(after), {}};
}
/// @overload
template <class ShouldStop>
constexpr ApplyOptions<detail::CallNothing, detail::CallNothing, ShouldStop> with_should_stop(ShouldStop should_stop) {
    return {{}, {}, std::move(should_stop)};
}

namespace detail {

template <class Options>
concept HasBefore = requires(Options& options, const PlannedDeletion& deletion) {
    { options.before(deletion) } -> std::same_as<bool>;
};
template <class Options>
concept HasAfter = requires(Options& options, const AppliedStep& step) { options.after(step); };
template <class Options>
concept HasShouldStop = requires(Options& options) {
    { options.should_stop() } -> std::same_as<bool>;
};

struct NamedBefore { int before; };
struct NamedAfter { int after; };
struct NamedShouldStop { int should_stop; };
template <class Options>
concept MentionsBefore = Derivable<Options> && !requires { &Both<Options, NamedBefore>::before; };
template <class Options>
concept MentionsAfter = Derivable<Options> && !requires { &Both<Options, NamedAfter>::after; };
template <class Options>
concept MentionsShouldStop = Derivable<Options> && !requires { &Both<Options, NamedShouldStop>::should_stop; };

template <class Options>
consteval bool fits_apply_options() {
    static_assert(!std::is_final_v<Options>,
                  "pruneplan: the options must not be final: their members are found by deriving from them");
    static_assert(HasBefore<Options> || !MentionsBefore<Options>,
                  "pruneplan: before(const PlannedDeletion&) must return bool");
    static_assert(HasAfter<Options> || !MentionsAfter<Options>, "pruneplan: after must take a const AppliedStep&");
    static_assert(HasShouldStop<Options> || !MentionsShouldStop<Options>, "pruneplan: should_stop() must return bool");
    static_assert(HasBefore<Options> || HasAfter<Options> || HasShouldStop<Options>,
                  "pruneplan: options to apply a plan need a member before, after or should_stop: see ApplyOptions");
    return true;
}

}  // namespace detail
}  // namespace pruneplan

#endif

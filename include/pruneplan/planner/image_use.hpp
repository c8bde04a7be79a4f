#ifndef PRUNEPLAN_PLANNER_IMAGE_USE_HPP
#define PRUNEPLAN_PLANNER_IMAGE_USE_HPP

// SPDX-License-Identifier: BSL-1.0

// How containers use images.

#include <pruneplan/detail/platform.hpp>
#include <pruneplan/detail/vector.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace pruneplan::detail {

/// Holds how containers use each image. An image is "run" if a container runs it. It is "in use" if the usage rule
/// protects it for a container, or a container mounts it. It is "kept" if one of its records is kept. The result does
/// not depend on the order in which containers are added.
class ImageUse {
public:
    /// Stands for no container, and for all with this or a greater number.
    static constexpr std::uint32_t no_container = 0x07ffffff;

    /// One word, since the planner holds one for each record.
    struct State {
        std::uint32_t container : 27 = no_container;  ///< the first that puts the image in use, or else uses it
        std::uint32_t mounts : 1 = 0;                 ///< that container only mounts the image
        std::uint32_t in_use : 1 = 0;
        std::uint32_t run : 1 = 0;
        std::uint32_t kept : 1 = 0;
        std::uint32_t marked : 1 = 0;  ///< see `mark`

        friend constexpr bool operator==(const State&, const State&) = default;
    };
    static_assert(sizeof(State) == sizeof(std::uint32_t));

    constexpr explicit ImageUse(std::size_t records) : states_(records, State{}) {}

    constexpr const State& operator[](std::uint32_t image) const noexcept { return states_[image]; }
    constexpr void prefetch(std::uint32_t image) const noexcept { detail::prefetch(states_.data() + image); }

    /// Adds a container that uses the image. Returns true if it is the first that runs the image, and that is marked.
    constexpr bool add(std::uint32_t image, std::uint32_t container, bool mounts, bool in_use) {
        State& state = states_[image];
        const bool first = state.run == 0 && !mounts && state.marked != 0;
        container = (std::min)(container, no_container);
        if (rank(container, mounts, in_use) < rank(state.container, state.mounts != 0, state.in_use != 0)) {
            state.container = container & no_container;  // which it is: this says so to compilers
            state.mounts = mounts;
        }
        state.in_use |= std::uint32_t{in_use};
        state.run |= std::uint32_t{!mounts};
        any_ = true;
        return first;
    }
    /// Marks an image, so that `add` tells when a container first runs it.
    constexpr void mark(std::uint32_t image) { states_[image].marked = 1; }
    constexpr void keep_if(std::uint32_t image, bool kept) { states_[image].kept |= std::uint32_t{kept}; }

    /// Tells whether any container uses an image.
    constexpr bool any() const noexcept { return any_; }

private:
    /// Ranks a container's use of an image. The smallest counts: what puts the image in use before what does not, then
    /// the first container, then running before mounting.
    static constexpr std::uint32_t rank(std::uint32_t container, bool mounts, bool in_use) noexcept {
        return std::uint32_t{!in_use} << 28 | container << 1 | std::uint32_t{mounts};
    }

    Vector<State> states_;  // by image
    bool any_ = false;
};

}  // namespace pruneplan::detail

#endif

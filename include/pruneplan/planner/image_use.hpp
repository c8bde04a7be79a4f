#ifndef PRUNEPLAN_PLANNER_IMAGE_USE_HPP
#define PRUNEPLAN_PLANNER_IMAGE_USE_HPP

// SPDX-License-Identifier: BSL-1.0

// How containers use images.

#include <pruneplan/detail/platform.hpp>
#include <pruneplan/detail/vector.hpp>

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

    struct State {
        std::uint32_t container : 27 = no_container;  ///< the first that puts the image in use, or else uses it
        std::uint32_t mounts : 1 = 0;                 ///< that container only mounts the image
        std::uint32_t in_use : 1 = 0;
        std::uint32_t run : 1 = 0;
        std::uint32_t kept : 1 = 0;
        std::uint32_t marked : 1 = 0;

        friend constexpr bool operator==(const State&, const State&) = default;
    };

    constexpr explicit ImageUse(std::size_t records) : states_(records, State{}) {}

    constexpr const State& operator[](std::uint32_t image) const noexcept { return states_[image]; }
    constexpr void prefetch(std::uint32_t image) const noexcept { detail::prefetch(states_.data() + image); }

    /// Adds a container that uses the image. Returns true if it is the first that runs the image, and that is marked.
    constexpr bool add(std::uint32_t image, std::uint32_t container, bool mounts, bool in_use) {
        State& state = states_[image];
        const bool first = state.run == 0 && !mounts && state.marked != 0;
        const std::uint32_t before = std::uint32_t{state.container} << 1 | std::uint32_t{state.mounts},
                            now = container << 1 | std::uint32_t{mounts};
        State fresh = state;
        fresh.container = container & no_container;
        fresh.mounts = mounts;
        fresh.in_use = in_use;
        // Bitwise, because the branches would be unpredictable.
        const bool better = (in_use & (state.in_use == 0)) | ((in_use == (state.in_use != 0)) & (now < before));
        state = better ? fresh : state;
        state.run |= std::uint32_t{!mounts};
        any_ = true;
        return first;
    }
    constexpr void mark(std::uint32_t image) { states_[image].marked = 1; }
    constexpr void keep_if(std::uint32_t image, bool kept) { states_[image].kept |= std::uint32_t{kept}; }

    /// Tells whether any container uses an image.
    constexpr bool any() const noexcept { return any_; }

private:
    Vector<State> states_;  // by image
    bool any_ = false;
};

}  // namespace pruneplan::detail

#endif

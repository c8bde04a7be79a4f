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

    class State {
    public:
        /// Returns the first container that puts the image in use, or else uses it.
        constexpr std::uint32_t container() const noexcept { return use_ >> 1 & no_container; }
        /// Tells whether that container only mounts the image.
        constexpr bool mounts() const noexcept { return (use_ & 1) != 0; }
        constexpr bool in_use() const noexcept { return use_ < not_in_use; }
        constexpr bool run() const noexcept { return run_ != 0; }
        constexpr bool kept() const noexcept { return kept_ != 0; }
        constexpr bool marked() const noexcept { return marked_ != 0; }

        friend constexpr bool operator==(const State&, const State&) = default;

    private:
        friend ImageUse;
        static constexpr std::uint32_t not_in_use = 1u << 28;

        /// The use that counts, of those that were added the smallest: what puts in use before what does not, then the
        /// first container, then running before mounting.
        std::uint32_t use_ : 29 = not_in_use | no_container << 1;
        std::uint32_t run_ : 1 = 0;
        std::uint32_t kept_ : 1 = 0;
        std::uint32_t marked_ : 1 = 0;
    };

    constexpr explicit ImageUse(std::size_t records) : states_(records, State{}) {}

    constexpr const State& operator[](std::uint32_t image) const noexcept { return states_[image]; }
    constexpr void prefetch(std::uint32_t image) const noexcept { detail::prefetch(states_.data() + image); }

    /// Adds a container that uses the image. Returns true if it is the first that runs the image, and that is marked.
    constexpr bool add(std::uint32_t image, std::uint32_t container, bool mounts, bool in_use) {
        State& state = states_[image];
        const bool first = state.run_ == 0 && !mounts && state.marked_ != 0;
        const std::uint32_t use =
            (in_use ? 0 : State::not_in_use) | (container & no_container) << 1 | std::uint32_t{mounts};
        state.use_ = (std::min)(std::uint32_t{state.use_}, use) & (2 * State::not_in_use - 1);
        state.run_ |= std::uint32_t{!mounts};
        any_ = true;
        return first;
    }
    constexpr void mark(std::uint32_t image) { states_[image].marked_ = 1; }
    constexpr void keep_if(std::uint32_t image, bool kept) { states_[image].kept_ |= std::uint32_t{kept}; }

    /// Tells whether any container uses an image.
    constexpr bool any() const noexcept { return any_; }

private:
    Vector<State> states_;  // by image
    bool any_ = false;
};

}  // namespace pruneplan::detail

#endif

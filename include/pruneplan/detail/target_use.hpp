#ifndef PRUNEPLAN_DETAIL_TARGET_USE_HPP
#define PRUNEPLAN_DETAIL_TARGET_USE_HPP

// SPDX-License-Identifier: BSL-1.0

// How containers use targets. A target is identified by the number of its first record.

#include <pruneplan/detail/platform.hpp>
#include <pruneplan/detail/vector.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace pruneplan::detail {

/// Packs a container's number, and whether it runs or only mounts an image, into one word. The container listed earlier
/// has the lesser word.
class Usage {
public:
    /// Means no container. Containers with this or a greater number are recorded under it.
    static constexpr std::uint32_t no_container = 0x07fffffe;

    constexpr Usage() = default;
    constexpr Usage(std::uint32_t container, bool mounts) : word_(container << 1 | mounts) {}
    static constexpr Usage from_word(std::uint32_t word) {
        Usage usage;
        usage.word_ = word;
        return usage;
    }

    constexpr std::uint32_t word() const noexcept { return word_; }
    constexpr std::uint32_t container() const noexcept { return word_ >> 1; }
    constexpr bool mounts() const noexcept { return (word_ & 1) != 0; }

private:
    std::uint32_t word_ = no_container << 1;
};

/// Holds the use of each target. A target is "run" if a container runs it. It is "in use" if the usage rule protects it
/// for a container, or a container mounts it. It is "kept" if one of its records is kept. The result does not depend on
/// the order in which containers are added. **Memory:** four bytes a record.
class TargetUse {
public:
    constexpr explicit TargetUse(std::size_t records) : states_(records, 0) {}

    /// Adds a container that uses the target. Remembers the first container that puts the target in use, or else the
    /// first that uses it. Returns true if the container is the first that runs the target, and the target is marked.
    constexpr bool add(std::uint32_t target, Usage usage, bool in_use) {
        std::uint32_t& state = states_[target];
        const std::uint32_t marks = state & (runs_bit | marked_bit), runs = usage.mounts() ? 0 : runs_bit;
        state = (std::max)(state ^ marks, (in_use ? in_use_bit : 0) | (all - usage.word())) | marks | runs;
        any_ = true;
        return marks == marked_bit && runs != 0;
    }

    /// Marks a target: see `add`.
    constexpr void mark(std::uint32_t target) { states_[target] |= marked_bit; }

    constexpr void prefetch(std::uint32_t target) const noexcept { detail::prefetch(states_.data() + target); }

    constexpr void keep_if(std::uint32_t target, bool kept) { states_[target] |= kept_bit * kept; }

    constexpr bool is_run(std::uint32_t target) const noexcept { return (states_[target] & runs_bit) != 0; }
    constexpr bool in_use(std::uint32_t target) const noexcept { return (states_[target] & in_use_bit) != 0; }
    constexpr bool is_kept(std::uint32_t target) const noexcept { return (states_[target] & kept_bit) != 0; }
    constexpr Usage usage(std::uint32_t target) const noexcept { return Usage::from_word(all - (states_[target] & all)); }

    /// Tells whether any container uses a target.
    constexpr bool any() const noexcept { return any_; }

private:
    /// The lower bits hold the complement of the usage, so that the greatest state is the one to remember.
    static constexpr std::uint32_t in_use_bit = 0x80000000, kept_bit = 0x40000000, runs_bit = 0x20000000,
                                   marked_bit = 0x10000000, all = 0x0fffffff;

    Vector<std::uint32_t> states_;
    bool any_ = false;
};

}  // namespace pruneplan::detail

#endif

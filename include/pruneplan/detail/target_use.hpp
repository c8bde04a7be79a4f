#ifndef PRUNEPLAN_DETAIL_TARGET_USE_HPP
#define PRUNEPLAN_DETAIL_TARGET_USE_HPP

// Which targets containers use, and how. A target is named by the number of its first record.

#include <pruneplan/detail/list.hpp>
#include <pruneplan/detail/platform.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace pruneplan::detail {

/// A container, and whether it runs an image or just mounts it as a volume, in one word. The lesser word is the
/// container that was listed earlier.
class Usage {
public:
    /// The number of a container where there is none, and of all that are listed after it.
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

/// Four bytes a record. A target is "run" if a container runs it, "in use" if the usage rule protects it for a container
/// or a container mounts it, and "kept" if one of its records is kept. The order in which containers are added has no
/// effect.
class TargetUse {
public:
    constexpr explicit TargetUse(std::size_t records) : states_(records, 0) {}

    /// For a container that uses the target. The first container is remembered, but one that puts the target in use comes
    /// before one that does not. Returns whether it is the first that runs a marked target.
    constexpr bool add(std::uint32_t target, Usage usage, bool in_use) {
        std::uint32_t& state = states_[target];
        const std::uint32_t marks = state & (runs_bit | marked_bit), runs = usage.mounts() ? 0 : runs_bit;
        state = (std::max)(state ^ marks, (in_use ? in_use_bit : 0) | (all - usage.word())) | marks | runs;
        any_ = true;
        return marks == marked_bit && runs != 0;
    }

    constexpr void mark(std::uint32_t target) { states_[target] |= marked_bit; }

    constexpr void prefetch(std::uint32_t target) const noexcept { detail::prefetch(states_.data() + target); }

    constexpr void keep_if(std::uint32_t target, bool kept) { states_[target] |= kept_bit * kept; }

    constexpr bool is_run(std::uint32_t target) const noexcept { return (states_[target] & runs_bit) != 0; }
    constexpr bool in_use(std::uint32_t target) const noexcept { return (states_[target] & in_use_bit) != 0; }
    constexpr bool is_kept(std::uint32_t target) const noexcept { return (states_[target] & kept_bit) != 0; }
    constexpr Usage usage(std::uint32_t target) const noexcept { return Usage::from_word(all - (states_[target] & all)); }

    /// Whether any target is used by a container.
    constexpr bool any() const noexcept { return any_; }

private:
    /// The lower bits hold the usage backwards, so that the greater state is the one to remember.
    static constexpr std::uint32_t in_use_bit = 0x80000000, kept_bit = 0x40000000, runs_bit = 0x20000000,
                                   marked_bit = 0x10000000, all = 0x0fffffff;

    List<std::uint32_t> states_;
    bool any_ = false;
};

}  // namespace pruneplan::detail

#endif

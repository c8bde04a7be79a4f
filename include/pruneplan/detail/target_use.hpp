#ifndef PRUNEPLAN_DETAIL_TARGET_USE_HPP
#define PRUNEPLAN_DETAIL_TARGET_USE_HPP

// Which targets containers hold, and how. A target goes by the number of its first record.

#include <pruneplan/detail/list.hpp>
#include <pruneplan/detail/platform.hpp>

#include <cstddef>
#include <cstdint>

namespace pruneplan::detail {

/// A container's number where it is not known, or does not fit.
inline constexpr std::uint32_t no_container = 0x3ffffffe;

/// Four bytes a record. "Held" means that a container runs this target, "in use" that the usage rule protects it, too,
/// and "stays" that one of its records does.
class TargetUse {
public:
    constexpr explicit TargetUse(std::size_t records) : states_(records, free) {}

    /// Of several containers, the first is remembered; one that puts the target in use comes before one that does not.
    constexpr void hold(std::uint32_t target, std::uint32_t container, bool in_use) {
        std::uint32_t& state = states_[target];
        const std::uint32_t wanted = container | (in_use ? in_use_bit : 0);
        // Without a branch, since nobody could guess it.
        const std::uint32_t takes = 0u - ((state == free) | (wanted > (state | free)));
        state = (wanted & takes) | (state & ~takes);
        any_in_use_ |= in_use;
    }

    constexpr void prefetch(std::uint32_t target) const noexcept { detail::prefetch(states_.data() + target); }

    constexpr void stay_if(std::uint32_t target, bool stays) { states_[target] |= stays ? stays_bit : 0; }

    constexpr bool held(std::uint32_t target) const noexcept { return container(target) != free; }
    constexpr bool in_use(std::uint32_t target) const noexcept { return (states_[target] & in_use_bit) != 0; }
    constexpr bool stays(std::uint32_t target) const noexcept { return (states_[target] & stays_bit) != 0; }
    constexpr std::uint32_t container(std::uint32_t target) const noexcept { return states_[target] & free; }
    constexpr bool any_in_use() const noexcept { return any_in_use_; }

private:
    static constexpr std::uint32_t in_use_bit = 0x80000000, stays_bit = 0x40000000, free = 0x3fffffff;

    List<std::uint32_t> states_;
    bool any_in_use_ = false;
};

}  // namespace pruneplan::detail

#endif

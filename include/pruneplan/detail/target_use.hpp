#ifndef PRUNEPLAN_DETAIL_TARGET_USE_HPP
#define PRUNEPLAN_DETAIL_TARGET_USE_HPP

// Which targets containers hold, and how. A target goes by the number of its first record.

#include <pruneplan/detail/list.hpp>
#include <pruneplan/detail/platform.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace pruneplan::detail {

/// A container's number where it is not known, or does not fit.
inline constexpr std::uint32_t no_container = 0x1ffffffe;

/// Four bytes a record. "Held" means that a container runs or mounts this target, "in use" that the usage rule protects
/// it, too, and "stays" that one of its records does. It does not matter in which order containers are put.
class TargetUse {
public:
    constexpr explicit TargetUse(std::size_t records) : states_(records, 0) {}

    /// By a container that runs the target. Of several, the first is remembered; one that puts it in use comes before
    /// one that does not.
    constexpr void hold(std::uint32_t target, std::uint32_t container, bool in_use) {
        put(target, container, in_use, runs_bit);
    }

    /// By a container that mounts it as a volume, which puts it in use.
    constexpr void mount(std::uint32_t target, std::uint32_t container) { put(target, container, true, 0); }

    constexpr void prefetch(std::uint32_t target) const noexcept { detail::prefetch(states_.data() + target); }

    constexpr void stay_if(std::uint32_t target, bool stays) { states_[target] |= stays_bit * stays; }

    constexpr bool runs(std::uint32_t target) const noexcept { return (states_[target] & runs_bit) != 0; }
    constexpr bool in_use(std::uint32_t target) const noexcept { return (states_[target] & in_use_bit) != 0; }
    constexpr bool stays(std::uint32_t target) const noexcept { return (states_[target] & stays_bit) != 0; }
    constexpr std::uint32_t container(std::uint32_t target) const noexcept { return all - (states_[target] & all); }
    constexpr bool any_in_use() const noexcept { return any_in_use_; }

private:
    /// The lower bits count containers backwards, so that the greater state is the one to remember.
    static constexpr std::uint32_t in_use_bit = 0x80000000, stays_bit = 0x40000000, runs_bit = 0x20000000, all = 0x1fffffff;

    constexpr void put(std::uint32_t target, std::uint32_t container, bool in_use, std::uint32_t runs) {
        std::uint32_t& state = states_[target];
        const std::uint32_t before = state & runs_bit;
        state = std::max(state ^ before, (in_use ? in_use_bit : 0) | (all - container)) | before | runs;
        any_in_use_ |= in_use;
    }

    List<std::uint32_t> states_;
    bool any_in_use_ = false;
};

}  // namespace pruneplan::detail

#endif

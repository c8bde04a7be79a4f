#ifndef PRUNEPLAN_DETAIL_FLAT_INDEX_HPP
#define PRUNEPLAN_DETAIL_FLAT_INDEX_HPP

// A hash table from hashes to record numbers. The keys stay where they are: who looks up says how to compare.

#include <pruneplan/detail/platform.hpp>

#include <cstddef>
#include <cstdint>
#include <vector>

namespace pruneplan::detail {

inline constexpr std::uint32_t no_record = 0xffffffff;

/// Open addressing with linear probing. Its size is set once, for at most `records` entries: 8 bytes a slot, four slots
/// for three entries. The lower half of a hash chooses the slot, the upper half stands beside the number, so that
/// nearly every comparison of keys that is made succeeds.
class FlatIndex {
public:
    constexpr FlatIndex() = default;
    constexpr explicit FlatIndex(std::size_t records) : slots_(records + records / 3 + 1) {}

    constexpr void prefetch(std::uint64_t hash) const noexcept { detail::prefetch(&slots_[home(hash)]); }

    /// The number in the hash's first slot if it may be the one, else `no_record`: what to prefetch next.
    constexpr std::uint32_t likely(std::uint64_t hash) const noexcept {
        const Slot slot = slots_[home(hash)];
        return slot.tag == tag(hash) ? slot.record : no_record;
    }

    /// The record with this hash for which `equal(number)` holds, or `no_record`.
    template <class Equal>
    constexpr std::uint32_t find(std::uint64_t hash, Equal equal) const {
        return slots_.empty() ? no_record : slots_[slot_of(hash, equal)].record;
    }

    /// As `find`; where there is none, `record` is entered, and returned.
    template <class Equal>
    constexpr std::uint32_t find_or_insert(std::uint64_t hash, std::uint32_t record, Equal equal) {
        Slot& slot = slots_[slot_of(hash, equal)];
        if (slot.record == no_record) slot = {tag(hash), record};
        return slot.record;
    }

private:
    struct Slot {
        std::uint32_t tag = 0, record = no_record;
    };

    static constexpr std::uint32_t tag(std::uint64_t hash) noexcept { return static_cast<std::uint32_t>(hash >> 32); }

    constexpr std::size_t home(std::uint64_t hash) const noexcept {
        return static_cast<std::size_t>(((hash & 0xffffffff) * slots_.size()) >> 32);
    }

    /// Where the wanted record stands, or the free slot where it would. There always is one: see the constructor.
    template <class Equal>
    constexpr std::size_t slot_of(std::uint64_t hash, Equal& equal) const {
        std::size_t at = home(hash);
        while (slots_[at].record != no_record && !(slots_[at].tag == tag(hash) && equal(slots_[at].record)))
            if (++at == slots_.size()) at = 0;
        return at;
    }

    std::vector<Slot> slots_;
};

}  // namespace pruneplan::detail

#endif

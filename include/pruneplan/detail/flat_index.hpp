#ifndef PRUNEPLAN_DETAIL_FLAT_INDEX_HPP
#define PRUNEPLAN_DETAIL_FLAT_INDEX_HPP

// A hash table from hashes to record numbers. The keys stay where they are: who looks up says how to compare.

#include <pruneplan/detail/list.hpp>
#include <pruneplan/detail/platform.hpp>

#include <cstddef>
#include <cstdint>

namespace pruneplan::detail {

inline constexpr std::uint32_t no_record = 0xffffffff;

/// How many searches are made together: see `FlatIndex`.
inline constexpr std::size_t batch_size = 64;

/// Open addressing with linear probing. Its size is set once, for at most `records` entries: 8 bytes a slot, four slots
/// for three entries. The lower half of a hash chooses the slot, the upper half stands beside the number, so that
/// nearly every comparison of keys that is made succeeds.
///
/// Memory is slow, and what a search reads next hangs on what it read before. Who has many searches makes them in
/// steps: each step asks for the memory that the next one reads, and all take it before any takes the next.
class FlatIndex {
public:
    /// A search under way. It stays good while entries are added.
    struct Search {
        std::uint64_t hash = 0;
        std::size_t slot = 0;
    };

    constexpr explicit FlatIndex(std::size_t records) : slots_(records + records / 3 + 1, {0, no_record}) {}

    /// Asks for the hash's first slot.
    constexpr Search search(std::uint64_t hash) const noexcept {
        const auto home = static_cast<std::size_t>(((hash & 0xffffffff) * slots_.size()) >> 32);
        prefetch(&slots_[home]);
        return {hash, home};
    }

    /// Goes on to a slot with the hash's upper half, or to a free one.
    constexpr void advance(Search& search) const noexcept {
        while (slots_[search.slot].record != no_record && slots_[search.slot].tag != tag(search.hash))
            search.slot = after(search.slot);
    }

    /// The record where the search stands, or `no_record`. Once it was advanced, most likely the one that is searched.
    constexpr std::uint32_t record_at(const Search& search) const noexcept { return slots_[search.slot].record; }

    /// The record with this hash for which `equal(number)` holds, or `no_record`.
    template <class Equal>
    constexpr std::uint32_t find(Search search, Equal equal) const {
        return slots_[find_slot(search, equal)].record;
    }

    /// As `find`; where there is none, `record` is entered, and returned.
    template <class Equal>
    constexpr std::uint32_t find_or_insert(Search search, std::uint32_t record, Equal equal) {
        Slot& slot = slots_[find_slot(search, equal)];
        if (slot.record == no_record) slot = {tag(search.hash), record};
        return slot.record;
    }

private:
    struct Slot {
        std::uint32_t tag, record;
    };

    static constexpr std::uint32_t tag(std::uint64_t hash) noexcept { return static_cast<std::uint32_t>(hash >> 32); }

    constexpr std::size_t after(std::size_t slot) const noexcept { return slot + 1 == slots_.size() ? 0 : slot + 1; }

    /// Where the wanted record stands, or the free slot where it would. There always is one: see the constructor.
    template <class Equal>
    constexpr std::size_t find_slot(Search search, Equal& equal) const {
        for (;; search.slot = after(search.slot)) {
            advance(search);
            if (record_at(search) == no_record || equal(record_at(search))) return search.slot;
        }
    }

    List<Slot> slots_;
};

}  // namespace pruneplan::detail

#endif

#ifndef PRUNEPLAN_DETAIL_FLAT_INDEX_HPP
#define PRUNEPLAN_DETAIL_FLAT_INDEX_HPP

// A hash table from hashes to record numbers. The keys stay where they are: who looks up says how to compare.

#include <pruneplan/detail/list.hpp>
#include <pruneplan/detail/platform.hpp>

#include <bit>
#include <cstddef>
#include <cstdint>

namespace pruneplan::detail {

inline constexpr std::uint32_t no_record = 0xffffffff;

/// How many searches are made together: see `FlatIndex`.
inline constexpr std::size_t batch_size = 32;

/// Open addressing, in buckets of eight slots. Its size is set once, for at most `records` entries: 5 bytes a slot, two
/// slots an entry. One half of a hash chooses the bucket; 7 bits of the other, the tag, stand for the key. The tags of a
/// bucket are the bytes of one word, small enough to stay in a cache, and are held against a key's all at once.
///
/// Memory is slow, and what a search reads next hangs on what it read before. Who has many searches makes them in
/// steps: each step asks for the memory that the next one reads, and all take it before any takes the next.
class FlatIndex {
public:
    /// A search under way. It stays good while entries are added.
    struct Search {
        std::uint64_t hash;
        std::size_t slot;
    };

    constexpr explicit FlatIndex(std::size_t records)
        : tags_(records / 4 + 1, 0), records_(slots_per_bucket * tags_.size(), no_record) {}

    /// Asks for the hash's first bucket.
    constexpr Search search(std::uint64_t hash) const noexcept {
        // The mask tells compilers that a std::size_t of 32 bits is wide enough, without a cast.
        const std::size_t bucket = ((hash & 0xffffffff) * tags_.size() >> 32) & 0xffffffff;
        prefetch(&tags_[bucket]);
        prefetch(&records_[bucket * slots_per_bucket]);
        return {hash, bucket * slots_per_bucket};
    }

    /// Goes on to the first slot that has the hash's tag, or is free.
    constexpr void advance(Search& search) const noexcept {
        search.slot = first_stop(search.slot / slots_per_bucket, search.hash, highest_bits);
    }

    /// The record where the search stands, or `no_record`. Once it was advanced, most likely the one that is searched.
    constexpr std::uint32_t record_at(const Search& search) const noexcept { return records_[search.slot]; }

    /// The record with this hash for which `equal(number)` holds, or `no_record`. Asks of fewer numbers, most often of one
    /// or none, where the search was advanced.
    template <class Equal>
    constexpr std::uint32_t find(Search search, Equal equal) const {
        return records_[find_slot(search, equal)];
    }

    /// As `find`; where there is none, `record` is entered, and returned.
    template <class Equal>
    constexpr std::uint32_t find_or_insert(Search search, std::uint32_t record, Equal equal) {
        const std::size_t slot = find_slot(search, equal);
        if (records_[slot] == no_record) {
            tags_[slot / slots_per_bucket] |= tag(search.hash) << 8 * (slot % slots_per_bucket);
            records_[slot] = record;
        }
        return records_[slot];
    }

private:
    static constexpr std::size_t slots_per_bucket = 8;
    static constexpr std::uint64_t lowest_bits = 0x0101010101010101, highest_bits = lowest_bits << 7;

    /// With the highest bit set: a slot without it is free.
    static constexpr std::uint64_t tag(std::uint64_t hash) noexcept { return hash >> 57 | 0x80; }

    /// The highest bit of each byte whose slot has the hash's tag, or is free. Slots are taken one after the other: what
    /// it says of slots behind a free one does not matter.
    constexpr std::uint64_t stops_in(std::size_t bucket, std::uint64_t hash) const noexcept {
        const std::uint64_t differences = tags_[bucket] ^ tag(hash) * lowest_bits;
        return (differences | ~(differences + (highest_bits - lowest_bits))) & highest_bits;
    }

    /// The first of these slots of the bucket that is a stop, or of all slots that follow.
    constexpr std::size_t first_stop(std::size_t bucket, std::uint64_t hash, std::uint64_t of_bucket) const noexcept {
        std::uint64_t stops = stops_in(bucket, hash) & of_bucket;
        while (stops == 0) {
            bucket = bucket + 1 == tags_.size() ? 0 : bucket + 1;
            stops = stops_in(bucket, hash);
        }
        return bucket * slots_per_bucket + static_cast<std::size_t>(std::countr_zero(stops)) / 8;
    }

    /// Where the wanted record stands, or the free slot where it would. There always is one: see the constructor.
    template <class Equal>
    constexpr std::size_t find_slot(Search search, const Equal& equal) const {
        while (record_at(search) != no_record && !equal(record_at(search))) {
            const std::uint64_t behind = highest_bits << 8 * (search.slot % slots_per_bucket) << 8;
            search.slot = first_stop(search.slot / slots_per_bucket, search.hash, behind);
        }
        return search.slot;
    }

    List<std::uint64_t> tags_;
    List<std::uint32_t> records_;
};

}  // namespace pruneplan::detail

#endif

#ifndef PRUNEPLAN_DETAIL_INDEX_FLAT_INDEX_HPP
#define PRUNEPLAN_DETAIL_INDEX_FLAT_INDEX_HPP

// SPDX-License-Identifier: BSL-1.0

// A hash table from hashes to record numbers. It does not store keys: the caller compares them. A plain planner with
// std::unordered_map takes 2.8 to 8.3 times as long as this library: see tests/measure/benchmark/README.md.

#include <pruneplan/detail/index/record_texts.hpp>
#include <pruneplan/detail/platform.hpp>
#include <pruneplan/detail/vector.hpp>

#include <bit>
#include <cstddef>
#include <cstdint>
#include <utility>

namespace pruneplan::detail {

/// Maps hashes to numbers, by open addressing in buckets of eight slots. The capacity is fixed at construction, for at
/// most `records` entries, with two slots or more for each. **Memory:** O(n) for n entries.
///
/// One half of a hash selects the bucket. Seven bits of the other half, the tag, stand for the key. The tags of a
/// bucket are the bytes of one word; all are compared with a tag at once.
///
/// The steps of a search depend on each other's memory. So a caller with many searches interleaves them: see
/// `Batch`.
class FlatIndex {
public:
    /// A search in progress. It stays valid while entries are added.
    struct Search {
        std::uint64_t hash;
        std::size_t slot;
    };

    constexpr FlatIndex() = default;
    constexpr explicit FlatIndex(std::size_t records)
        : tags_(records / 4 + 1, 0), records_(slots_per_bucket * tags_.size(), no_record) {}

    /// Returns how many entries it has room for.
    constexpr std::size_t room() const noexcept { return tags_.empty() ? 0 : (tags_.size() - 1) * 4; }

    /// Makes room for `more` entries beside the numbers below `count`, which it holds. `hash_of(number)` returns the
    /// hash of one. Changes nothing if an allocation fails. **Complexity:** amortized O(1) an entry.
    template <class HashOf>
    constexpr void make_room(std::size_t count, std::size_t more, const HashOf& hash_of) {
        if (count + more <= room()) return;
        FlatIndex grown(2 * (count + more) + slots_per_bucket);
        for (std::uint32_t number = 0; number < count; ++number) {
            Search search = grown.search(hash_of(number));
            grown.advance(search);
            grown.find_or_insert(search, number, [](std::uint32_t) { return false; });
        }
        *this = std::move(grown);
    }

    /// Starts a search, and prefetches the bucket of the hash.
    constexpr Search search(std::uint64_t hash) const noexcept {
        // The mask tells compilers that a std::size_t of 32 bits is wide enough, without a cast.
        const std::size_t bucket = ((hash & 0xffffffff) * tags_.size() >> 32) & 0xffffffff;
        prefetch(&tags_[bucket]);
        prefetch(&records_[bucket * slots_per_bucket]);
        return {hash, bucket * slots_per_bucket};
    }

    /// Advances a search to the first slot that has the hash's tag or is free.
    constexpr void advance(Search& search) const noexcept {
        search.slot = first_stop(search.slot / slots_per_bucket, search.hash, highest_bits);
    }

    /// Returns the record at the search's slot, or `no_record`. After `advance`, it is most likely the wanted one, if
    /// there is any.
    constexpr std::uint32_t record_at(const Search& search) const noexcept { return records_[search.slot]; }

    /// Returns the record with this hash for which `equal(record)` is true, or `no_record`. After `advance`, it most
    /// often calls `equal` at most once.
    template <class Equal>
    constexpr std::uint32_t find(Search search, Equal equal) const {
        return records_[find_slot(search, equal)];
    }

    /// Like `find`, but inserts and returns `record` if no such record exists. @pre There is room for it.
    template <class Equal>
    constexpr std::uint32_t find_or_insert(Search search, std::uint32_t record, Equal equal) {
        // The slot can have been taken since the search was advanced, by any hash.
        if (record_at(search) != no_record && !has_tag(search)) advance(search);
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

    /// The highest bit is set; in a free slot it is not.
    static constexpr std::uint64_t tag(std::uint64_t hash) noexcept { return hash >> 57 | 0x80; }

    constexpr bool has_tag(const Search& search) const noexcept {
        return (tags_[search.slot / slots_per_bucket] >> 8 * (search.slot % slots_per_bucket) & 0xff) ==
               tag(search.hash);
    }

    /// Returns the highest bit of each byte whose slot has the hash's tag or is free. Bits behind the first free slot
    /// have no meaning, as slots are filled in order.
    constexpr std::uint64_t stops_in(std::size_t bucket, std::uint64_t hash) const noexcept {
        const std::uint64_t differences = tags_[bucket] ^ tag(hash) * lowest_bits;
        return (differences | ~(differences + (highest_bits - lowest_bits))) & highest_bits;
    }

    /// Returns the first stop among the slots `of_bucket`, or in the buckets that follow.
    constexpr std::size_t first_stop(std::size_t bucket, std::uint64_t hash, std::uint64_t of_bucket) const noexcept {
        std::uint64_t stops = stops_in(bucket, hash) & of_bucket;
        while (stops == 0) {
            bucket = bucket + 1 == tags_.size() ? 0 : bucket + 1;
            stops = stops_in(bucket, hash);
        }
        return bucket * slots_per_bucket + static_cast<std::size_t>(std::countr_zero(stops)) / 8;
    }

    /// Returns the slot of the record, or the free slot where it would be. There is a free slot: see the constructor.
    template <class Equal>
    constexpr std::size_t find_slot(Search search, const Equal& equal) const {
        while (record_at(search) != no_record && !equal(record_at(search))) {
            const std::uint64_t behind = highest_bits << 8 * (search.slot % slots_per_bucket) << 8;
            search.slot = first_stop(search.slot / slots_per_bucket, search.hash, behind);
        }
        return search.slot;
    }

    Vector<std::uint64_t> tags_;
    Vector<std::uint32_t> records_;
};

}  // namespace pruneplan::detail

#endif

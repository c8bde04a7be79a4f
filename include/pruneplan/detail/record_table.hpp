#ifndef PRUNEPLAN_DETAIL_RECORD_TABLE_HPP
#define PRUNEPLAN_DETAIL_RECORD_TABLE_HPP

// The part of an index that does not depend on the host's types: names and targets, found by hash.

#include <pruneplan/detail/flat_index.hpp>
#include <pruneplan/detail/hash.hpp>
#include <pruneplan/detail/platform.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace pruneplan::detail {

/// How many records or containers are looked up together: while the memory of the last one's slots is fetched, the
/// hashes of the next are computed.
inline constexpr std::size_t batch_size = 16;

/// A record's texts, which lie elsewhere.
struct Entry {
    static constexpr std::size_t longest_text = 0x7fffffff;

    const char* name_data = nullptr;
    const char* target_data = nullptr;
    std::uint32_t name_size : 31 = 0;
    std::uint32_t dangling : 1 = 0;
    std::uint32_t target_size = 0;

    constexpr Entry() = default;
    constexpr Entry(std::string_view name, std::string_view target, bool is_dangling)
        : name_data(name.data()),
          target_data(target.data()),
          name_size(static_cast<std::uint32_t>(name.size()) & longest_text),
          dangling(is_dangling),
          target_size(static_cast<std::uint32_t>(target.size())) {}

    constexpr std::string_view name() const noexcept { return {name_data, name_size}; }
    constexpr std::string_view target() const noexcept { return {target_data, target_size}; }
};

/// Memory: 28 bytes a record, and 22 for the two tables. Cost of an entry: two hashes, and two comparisons at the most.
class RecordTable {
    constexpr auto named(std::string_view name) const {
        return [this, name](std::uint32_t record) { return entries_[record].name() == name; };
    }
    constexpr auto targeting(std::string_view target) const {
        return [this, target](std::uint32_t record) { return entries_[record].target() == target; };
    }

public:
    constexpr RecordTable() = default;
    constexpr RecordTable(std::size_t records, HashKey key) : key_(key), by_name_(records), by_target_(records) {
        entries_.reserve(records);
        first_of_target_.reserve(records);
    }

    constexpr std::size_t size() const noexcept { return entries_.size(); }
    constexpr const Entry* entries() const noexcept { return entries_.data(); }
    constexpr const Entry& operator[](std::size_t record) const noexcept { return entries_[record]; }

    /// The first record on the same target: one number stands for a target.
    constexpr std::uint32_t target_id(std::size_t record) const noexcept { return first_of_target_[record]; }

    /// Appends a batch, and gives the number of a record whose name was there before, or `no_record`.
    constexpr std::uint32_t append(std::span<const Entry> batch) {
        std::array<std::uint64_t, batch_size> name_hashes{}, target_hashes{};
        for (std::size_t i = 0; i < batch.size(); ++i) {
            name_hashes[i] = hash(batch[i].name());
            target_hashes[i] = hash(batch[i].target());
            by_name_.prefetch(name_hashes[i]);
            by_target_.prefetch(target_hashes[i]);
        }
        for (std::size_t i = 0; i < batch.size(); ++i) {
            const auto record = static_cast<std::uint32_t>(entries_.size());
            entries_.push_back(batch[i]);
            if (by_name_.find_or_insert(name_hashes[i], record, named(batch[i].name())) != record) return record;
            first_of_target_.push_back(by_target_.find_or_insert(target_hashes[i], record, targeting(batch[i].target())));
        }
        return no_record;
    }

    constexpr std::uint64_t hash(std::string_view text) const noexcept { return detail::hash(text, key_); }
    constexpr std::uint64_t hash(std::uint32_t a, std::uint32_t b) const noexcept { return detail::hash(a, b, key_); }

    constexpr void prefetch_name(std::uint64_t hash) const noexcept { by_name_.prefetch(hash); }
    constexpr void prefetch_target(std::uint64_t hash) const noexcept { by_target_.prefetch(hash); }

    constexpr std::uint32_t find_name(std::string_view name, std::uint64_t hash) const {
        return by_name_.find(hash, named(name));
    }
    constexpr std::uint32_t find_target(std::string_view target, std::uint64_t hash) const {
        return by_target_.find(hash, targeting(target));
    }

private:
    HashKey key_;
    std::vector<Entry> entries_;
    std::vector<std::uint32_t> first_of_target_;
    FlatIndex by_name_, by_target_;
};

}  // namespace pruneplan::detail

#endif

#ifndef PRUNEPLAN_DETAIL_RECORD_TABLE_HPP
#define PRUNEPLAN_DETAIL_RECORD_TABLE_HPP

// SPDX-License-Identifier: BSL-1.0

// Finds names and targets by hash: the part of an index that does not depend on the host's types.

#include <pruneplan/detail/emptied_by_move.hpp>
#include <pruneplan/detail/flat_index.hpp>
#include <pruneplan/detail/hash.hpp>
#include <pruneplan/detail/platform.hpp>
#include <pruneplan/detail/significant_part.hpp>
#include <pruneplan/detail/vector.hpp>
#include <pruneplan/detail/words.hpp>

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace pruneplan::detail {

/// Holds views of a record's name and target, in less memory than two std::string_view.
struct Entry {
    static constexpr std::size_t longest_text = 0x7fffffff;

    const char* name_data;
    const char* target_data;
    std::uint32_t name_size, target_size;

    constexpr Entry() = default;
    constexpr Entry(std::string_view name, std::string_view target)
        : name_data(name.data()),
          target_data(target.data()),
          name_size(static_cast<std::uint32_t>(name.size())),
          target_size(static_cast<std::uint32_t>(target.size())) {}

    constexpr std::string_view name() const noexcept { return {name_data, name_size}; }
    constexpr std::string_view target() const noexcept { return {target_data, target_size}; }
};

/// Identifies the content of a table, for a comparison in O(1): by the address and number of its entries, and a keyed
/// hash of all names and targets.
struct TableIdentity {
    const Entry* entries = nullptr;
    std::size_t size = 0;
    std::uint64_t fingerprint = 0;

    friend constexpr bool operator==(const TableIdentity&, const TableIdentity&) = default;
};

/// Finds records by name and by target.
///
/// Names are hashed without the parts that a reference may omit, so that a reference finds its record however it is
/// typed.
/// **Complexity:** O(1) an entry on average: two hashes, and most often one or two comparisons.
/// **Memory:** 28 bytes a record, and 20 for the two hash tables.
class RecordTable {
    /// Returns a predicate for the record with this name.
    constexpr auto named(std::string_view name) const {
        return [this, name](std::uint32_t record) { return entries_[record].name() == name; };
    }
    /// Returns a predicate for records with this target.
    constexpr auto targeting(std::string_view target) const {
        return [this, target](std::uint32_t record) { return entries_[record].target() == target; };
    }

public:
    using Search = FlatIndex::Search;

    constexpr RecordTable(std::size_t records, HashKey key) : key_(key), by_name_(records), by_target_(records) {
        entries_.reserve(records);
        first_of_target_.reserve(records);
    }

    constexpr std::size_t size() const noexcept { return entries_.size(); }
    constexpr const Entry* entries() const noexcept { return entries_.data(); }
    constexpr const Entry& operator[](std::size_t record) const noexcept { return entries_[record]; }

    /// Returns the first record with the same target, which identifies the target.
    constexpr std::uint32_t target_id(std::size_t record) const noexcept { return first_of_target_[record]; }

    constexpr TableIdentity identity() const noexcept { return {entries_.data(), size(), *fingerprint_}; }

    /// Tells whether the texts are unchanged since they were entered; a store that lends its texts can have changed
    /// them. **Complexity:** O(n) for n records and their texts.
    constexpr bool has_its_texts() const noexcept {
        std::uint64_t fingerprint = 0;
        for (const Entry& entry : entries_) fingerprint = with_entry(fingerprint, entry, hash_of_name(entry.name()), hash(entry.target()));
        return fingerprint == *fingerprint_;
    }

    /// Tells whether a typed text that begins with "sha256:", as an ID does, can be the name of some record.
    constexpr bool has_name_like_id() const noexcept { return has_name_like_id_; }

    /// Tells whether some target has the length of a sha256 ID without its algorithm.
    constexpr bool has_bare_target() const noexcept { return has_bare_target_; }

    /// Adds a record. It can be found after the next `enter`.
    constexpr void push(const Entry& entry) { entries_.push_back(entry); }

    /// Enters the records pushed since the last call, at most `batch_size`, into the hash tables. Returns the first
    /// record whose name was there already, or `no_record`.
    constexpr std::uint32_t enter() {
        const std::size_t first = first_of_target_.size(), count = entries_.size() - first;
        Search names[batch_size], targets[batch_size];
        for (std::size_t i = 0; i < count; ++i) {
            const std::string_view part = significant_part(entries_[first + i].name());
            has_name_like_id_ |= begins(part, "sha256:");
            has_bare_target_ |= entries_[first + i].target_size == 64;
            names[i] = by_name_.search(hash(part));
            targets[i] = search_target(entries_[first + i].target());
            *fingerprint_ = with_entry(*fingerprint_, entries_[first + i], names[i].hash, targets[i].hash);
        }
        for (std::size_t i = 0; i < count; ++i) {
            by_name_.advance(names[i]);
            seek_target(targets[i]);
        }
        for (std::size_t i = 0; i < count; ++i) fetch_target(targets[i]);
        for (std::size_t i = 0; i < count; ++i) {
            const Entry& entry = entries_[first + i];
            const auto record = static_cast<std::uint32_t>(first + i);
            if (by_name_.find_or_insert(names[i], record, named(entry.name())) != record) return record;
            first_of_target_.push_back(by_target_.find_or_insert(targets[i], record, targeting(entry.target())));
        }
        return no_record;
    }

    constexpr std::uint64_t hash(std::string_view text) const noexcept { return detail::hash(text, key_); }

    // The steps of a search, as `FlatIndex` explains: `search_…`, `seek_…`, `fetch_…`, `find_…`. Each prefetches what
    // the next one reads. @pre The table has a record.

    constexpr Search search_name(std::string_view name) const noexcept {
        return by_name_.search(hash(significant_part(name)));
    }
    constexpr Search search_target(std::string_view target) const noexcept { return by_target_.search(hash(target)); }

    constexpr void prefetch_entry(std::uint32_t record) const noexcept { prefetch(entries_.data() + record); }
    constexpr void prefetch_name(std::uint32_t record) const noexcept {
        prefetch(entries_[record].name_data, entries_[record].name_size);
    }

    /// Prefetches a name for a loop over the names of all records.
    constexpr void prefetch_names_after(std::size_t record) const noexcept {
        constexpr std::size_t ahead = 16;
        if (record + ahead < size()) prefetch_name(static_cast<std::uint32_t>(record + ahead));
    }

    constexpr void seek_name(Search& search) const noexcept {
        by_name_.advance(search);
        prefetch_entry(or_first(by_name_.record_at(search)));
    }
    constexpr void seek_target(Search& search) const noexcept {
        by_target_.advance(search);
        prefetch_entry(or_first(by_target_.record_at(search)));
    }

    /// Prefetches the text to compare. Returns the record most likely searched for, for further prefetching.
    constexpr std::uint32_t fetch_name(const Search& search) const noexcept {
        const std::uint32_t record = or_first(by_name_.record_at(search));
        prefetch_name(record);
        return record;
    }
    constexpr std::uint32_t fetch_target(const Search& search) const noexcept {
        const std::uint32_t record = or_first(by_target_.record_at(search));
        prefetch(entries_[record].target_data, entries_[record].target_size);
        return record;
    }

    constexpr std::uint32_t find_name(std::string_view name) const {
        if (entries_.empty()) return no_record;
        Search search = search_name(name);
        by_name_.advance(search);
        return by_name_.find(search, named(name));
    }
    constexpr std::uint32_t find_target(std::string_view target) const {
        if (entries_.empty()) return no_record;
        Search search = search_target(target);
        by_target_.advance(search);
        return find_target(target, search);
    }
    constexpr std::uint32_t find_target(std::string_view target, const Search& search) const {
        return by_target_.find(search, targeting(target));
    }
    /// Returns the record with this hash for which `equal(record)` is true, or `no_record`.
    template <class Equal>
    constexpr std::uint32_t find_name_if(const Search& search, Equal equal) const {
        return by_name_.find(search, equal);
    }

private:
    constexpr std::uint64_t hash_of_name(std::string_view name) const noexcept { return hash(significant_part(name)); }

    /// Returns the fingerprint, extended by a record whose name and target have these hashes. The size of the name
    /// tells names with the same significant part apart.
    static constexpr std::uint64_t with_entry(std::uint64_t fingerprint, const Entry& entry, std::uint64_t name,
                                              std::uint64_t target) noexcept {
        return folded_product(fingerprint ^ name ^ entry.name_size, target | 1);
    }

    /// Returns the record, or 0 for `no_record`: a useless prefetch costs less than an unpredictable branch.
    static constexpr std::uint32_t or_first(std::uint32_t record) noexcept {
        return record & (0u - (record != no_record));
    }

    HashKey key_;
    Vector<Entry> entries_;
    Vector<std::uint32_t> first_of_target_;
    FlatIndex by_name_, by_target_;
    EmptiedByMove<std::uint64_t> fingerprint_;
    bool has_name_like_id_ = false, has_bare_target_ = false;
};

}  // namespace pruneplan::detail

#endif

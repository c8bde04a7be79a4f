#ifndef PRUNEPLAN_TESTS_BENCHMARK_FLOOR_HPP
#define PRUNEPLAN_TESTS_BENCHMARK_FLOOR_HPP

// SPDX-License-Identifier: BSL-1.0

// The floor: the least work that any planner must do. It hashes each record's name and target once into a flat table,
// and looks each container's reference and ID up once, without parsing them. It applies no rule, stores no decision,
// and does not detect records with the same name. Keys are compared in full.
//
// `Floor` prefetches the slots of the table, as a plain implementation does. `TunedFloor` is the fastest version that
// we found: it also prefetches the keys, in the four steps of `FloorBatch`.

#include "population.hpp"

#include <pruneplan/detail/hash.hpp>
#include <pruneplan/detail/platform.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

namespace benchmark {

/// Maps hashes to record numbers: 8 bytes a slot, linear probing.
class FloorTable {
public:
    struct Slot {
        std::uint32_t tag = 0, record = none;
    };
    static constexpr std::uint32_t none = 0xffffffff;

    /// Three slots a record: more are not faster, and fewer than two are slower.
    explicit FloorTable(std::size_t records) : slots_(3 * records + 1) {}

    static std::uint32_t tag(std::uint64_t hash) { return static_cast<std::uint32_t>(hash >> 32); }
    std::size_t home(std::uint64_t hash) const { return ((hash & 0xffffffff) * slots_.size()) >> 32; }
    std::size_t after(std::size_t at) const { return at + 1 == slots_.size() ? 0 : at + 1; }

    Slot& operator[](std::size_t at) { return slots_[at]; }
    const Slot& operator[](std::size_t at) const { return slots_[at]; }

private:
    std::vector<Slot> slots_;
};

class Floor {
public:
    /// Inserts each record's name and target.
    explicit Floor(const Population& population)
        : names_(population.store.records.size()),
          targets_(population.store.records.size()),
          records_(population.store.records),
          key_(pruneplan::detail::key_from_addresses(&population)) {
        std::array<std::uint64_t, batch> names, targets;
        for (std::size_t start = 0; start < records_.size(); start += batch) {
            const std::size_t size = std::min(batch, records_.size() - start);
            for (std::size_t i = 0; i < size; ++i) {
                names[i] = hash(names_, records_[start + i].name);
                targets[i] = hash(targets_, records_[start + i].digest);
            }
            for (std::size_t i = 0; i < size; ++i) {
                found_ += insert(names_, names[i], start + i, &Record::name);
                found_ += insert(targets_, targets[i], start + i, &Record::digest);
            }
        }
    }

    void look_up(const std::vector<Container>& containers) {
        std::array<std::uint64_t, batch> names, targets;
        for (std::size_t start = 0; start < containers.size(); start += batch) {
            const std::size_t size = std::min(batch, containers.size() - start);
            for (std::size_t i = 0; i < size; ++i) {
                names[i] = hash(names_, containers[start + i].ref);
                targets[i] = hash(targets_, containers[start + i].id);
            }
            for (std::size_t i = 0; i < size; ++i) {
                found_ += names_[find(names_, names[i], containers[start + i].ref, &Record::name)].record;
                found_ += targets_[find(targets_, targets[i], containers[start + i].id, &Record::digest)].record;
            }
        }
    }

    /// A sum over all records found. Use it, so that the compiler does not remove a search.
    std::uint64_t found() const { return found_; }

private:
    static constexpr std::size_t batch = 16;

    std::uint64_t hash(const FloorTable& table, std::string_view text) const {
        const std::uint64_t hash = pruneplan::detail::hash(text, key_);
        pruneplan::detail::prefetch(&table[table.home(hash)]);
        return hash;
    }

    std::size_t find(const FloorTable& table, std::uint64_t hash, std::string_view text,
                     std::string Record::*member) const {
        std::size_t at = table.home(hash);
        while (table[at].record != FloorTable::none &&
               !(table[at].tag == FloorTable::tag(hash) && records_[table[at].record].*member == text))
            at = table.after(at);
        return at;
    }

    std::uint32_t insert(FloorTable& table, std::uint64_t hash, std::size_t record, std::string Record::*member) {
        FloorTable::Slot& slot = table[find(table, hash, records_[record].*member, member)];
        if (slot.record == FloorTable::none) slot = {FloorTable::tag(hash), static_cast<std::uint32_t>(record)};
        return slot.record;
    }

    FloorTable names_, targets_;
    const std::vector<Record>& records_;
    pruneplan::detail::HashKey key_;
    std::uint64_t found_ = 0;
};

inline constexpr std::size_t floor_batch = 64;

/// Looks up a batch of texts in steps. Each step is done for all texts before the next one, and prefetches the memory
/// that the next one needs.
template <std::string Record::*Member>
class FloorBatch {
public:
    FloorBatch(FloorTable& table, const std::vector<Record>& records, pruneplan::detail::HashKey key)
        : table_(table), records_(records), key_(key) {}

    /// First step: hashes the text, and prefetches its slot.
    void add(std::size_t i, const std::string& text) {
        texts_[i] = text;
        hashes_[i] = pruneplan::detail::hash(texts_[i], key_);
        places_[i] = table_.home(hashes_[i]);
        pruneplan::detail::prefetch(&table_[places_[i]]);
    }

    /// Second step: finds the first slot with the same tag, and prefetches its record.
    void find_slot(std::size_t i) {
        std::size_t at = places_[i];
        while (table_[at].record != FloorTable::none && table_[at].tag != FloorTable::tag(hashes_[i]))
            at = table_.after(at);
        places_[i] = at;
        pruneplan::detail::prefetch(&(records_[record_or_first(table_[at].record)].*Member));
    }

    /// Third step: prefetches the text of the record.
    void fetch_text(std::size_t i) {
        const std::string& text = records_[record_or_first(table_[places_[i]].record)].*Member;
        pruneplan::detail::prefetch(text.data());
        pruneplan::detail::prefetch(text.data() + text.size());
    }

    /// Last step: compares the texts.
    std::uint32_t find(std::size_t i) const { return table_[slot_of(i)].record; }

    std::uint32_t find_or_insert(std::size_t i, std::uint32_t record) {
        FloorTable::Slot& slot = table_[slot_of(i)];
        if (slot.record == FloorTable::none) slot = {FloorTable::tag(hashes_[i]), record};
        return slot.record;
    }

private:
    /// Returns the first record in place of `none`: a useless prefetch costs less than an unpredictable branch.
    static std::size_t record_or_first(std::uint32_t record) { return record & (0u - (record != FloorTable::none)); }

    std::size_t slot_of(std::size_t i) const {
        std::size_t at = places_[i];
        while (table_[at].record != FloorTable::none &&
               !(table_[at].tag == FloorTable::tag(hashes_[i]) && records_[table_[at].record].*Member == texts_[i]))
            at = table_.after(at);
        return at;
    }

    FloorTable& table_;
    const std::vector<Record>& records_;
    pruneplan::detail::HashKey key_;
    std::array<std::string_view, floor_batch> texts_;
    std::array<std::uint64_t, floor_batch> hashes_;
    std::array<std::size_t, floor_batch> places_;
};

class TunedFloor {
public:
    explicit TunedFloor(const Population& population)
        : names_(population.store.records.size()),
          targets_(population.store.records.size()),
          records_(population.store.records),
          key_(pruneplan::detail::key_from_addresses(&population)) {
        auto [by_name, by_target] = batches();
        for (std::size_t start = 0; start < records_.size(); start += floor_batch) {
            const std::size_t size = std::min(floor_batch, records_.size() - start);
            for (std::size_t i = 0; i < size; ++i) {
                by_name.add(i, records_[start + i].name);
                by_target.add(i, records_[start + i].digest);
            }
            for (std::size_t i = 0; i < size; ++i) {
                by_name.find_slot(i);
                by_target.find_slot(i);
            }
            for (std::size_t i = 0; i < size; ++i) by_target.fetch_text(i);
            for (std::size_t i = 0; i < size; ++i) {
                const auto record = static_cast<std::uint32_t>(start + i);
                found_ += by_name.find_or_insert(i, record);
                found_ += by_target.find_or_insert(i, record);
            }
        }
    }

    void look_up(const std::vector<Container>& containers) {
        auto [by_name, by_target] = batches();
        for (std::size_t start = 0; start < containers.size(); start += floor_batch) {
            const std::size_t size = std::min(floor_batch, containers.size() - start);
            for (std::size_t i = 0; i < size; ++i) {
                by_name.add(i, containers[start + i].ref);
                by_target.add(i, containers[start + i].id);
            }
            for (std::size_t i = 0; i < size; ++i) {
                by_name.find_slot(i);
                by_target.find_slot(i);
            }
            for (std::size_t i = 0; i < size; ++i) {
                by_name.fetch_text(i);
                by_target.fetch_text(i);
            }
            for (std::size_t i = 0; i < size; ++i) {
                found_ += by_name.find(i);
                found_ += by_target.find(i);
            }
        }
    }

    std::uint64_t found() const { return found_; }

private:
    struct Batches {
        FloorBatch<&Record::name> by_name;
        FloorBatch<&Record::digest> by_target;
    };
    Batches batches() { return {{names_, records_, key_}, {targets_, records_, key_}}; }

    FloorTable names_, targets_;
    const std::vector<Record>& records_;
    pruneplan::detail::HashKey key_;
    std::uint64_t found_ = 0;
};

}  // namespace benchmark

#endif

#ifndef PRUNEPLAN_TESTS_BENCHMARK_FLOOR_HPP
#define PRUNEPLAN_TESTS_BENCHMARK_FLOOR_HPP

// SPDX-License-Identifier: BSL-1.0

// The floor: the least work by which the rule can be applied, and its result kept. It copies each record's name and
// target, hashes both once into flat tables, groups records by target, looks each container's text and ID up once,
// decides, and stores a reason for each record. It compares keys in full, and prefetches everything in batches. It does
// not parse, so it finds only names that were typed as they are stored; it checks no input, and reports no container and
// no doubt; it does not order the deletions.

#include "population.hpp"

#include <pruneplan/detail/hash.hpp>
#include <pruneplan/detail/platform.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>
#include <vector>

namespace benchmark {

/// Owns texts, in blocks that never move.
class FloorTexts {
public:
    std::string_view add(std::string_view text) {
        if (left_ < text.size()) {
            left_ = std::max<std::size_t>(text.size(), size_ / 8 + 4096);
            blocks_.push_back(std::make_unique_for_overwrite<char[]>(left_));
            at_ = blocks_.back().get();
        }
        std::memcpy(at_, text.data(), text.size());
        const std::string_view copy(at_, text.size());
        at_ += text.size();
        left_ -= text.size();
        size_ += text.size();
        return copy;
    }

private:
    std::vector<std::unique_ptr<char[]>> blocks_;
    char* at_ = nullptr;
    std::size_t left_ = 0, size_ = 0;
};

/// Finds records by a text: 8 bytes a slot, three slots a record, linear probing. A batch of searches takes each step
/// together, and prefetches what the next one reads.
class FloorTable {
public:
    static constexpr std::uint32_t none = 0xffffffff;
    static constexpr std::size_t batch = 32;

    FloorTable(std::size_t records, pruneplan::detail::HashKey key) : slots_(3 * records + 1), key_(key) {
        texts_.reserve(records);
    }

    void start(std::size_t i, std::string_view text) {
        sought_[i] = text;
        hashes_[i] = pruneplan::detail::hash(text, key_);
        places_[i] = (hashes_[i] & 0xffffffff) * slots_.size() >> 32;
        pruneplan::detail::prefetch(&slots_[places_[i]]);
    }
    void fetch_record(std::size_t i) {
        while (slots_[places_[i]].record != none && slots_[places_[i]].tag != tag(i)) advance(i);
        pruneplan::detail::prefetch(texts_.data() + first_if_none(i));
    }
    void fetch_text(std::size_t i) {
        if (texts_.empty()) return;
        const std::string_view text = texts_[first_if_none(i)];
        pruneplan::detail::prefetch(text.data());
        pruneplan::detail::prefetch(text.data() + text.size());
    }
    std::uint32_t find(std::size_t i) {
        for (; slots_[places_[i]].record != none; advance(i))
            if (slots_[places_[i]].tag == tag(i) && texts_[slots_[places_[i]].record] == sought_[i]) break;
        return slots_[places_[i]].record;
    }
    /// Adds the next record, with its text, or with that of the record that was found.
    std::uint32_t find_or_add(std::size_t i) {
        const std::uint32_t found = find(i), next = static_cast<std::uint32_t>(texts_.size());
        texts_.push_back(found == none ? sought_[i] : texts_[found]);
        if (found == none) slots_[places_[i]] = {tag(i), next};
        return found == none ? next : found;
    }
    /// Replaces the last text by its copy.
    void own(std::string_view copy) { texts_.back() = copy; }

    std::string_view operator[](std::uint32_t record) const { return texts_[record]; }

private:
    struct Slot {
        std::uint32_t tag = 0, record = none;
    };

    std::uint32_t tag(std::size_t i) const { return static_cast<std::uint32_t>(hashes_[i] >> 32); }
    void advance(std::size_t i) { places_[i] = places_[i] + 1 == slots_.size() ? 0 : places_[i] + 1; }
    /// A useless prefetch costs less than an unpredictable branch.
    std::uint32_t first_if_none(std::size_t i) const {
        const std::uint32_t record = slots_[places_[i]].record;
        return record & (0u - (record != none));
    }

    std::vector<Slot> slots_;
    std::vector<std::string_view> texts_;  // by record
    pruneplan::detail::HashKey key_;
    std::array<std::string_view, batch> sought_;
    std::array<std::uint64_t, batch> hashes_;
    std::array<std::size_t, batch> places_;
};

class Floor {
public:
    explicit Floor(const Population& population)
        : names_(population.store.records.size(), pruneplan::detail::key_from_addresses(&population)),
          targets_(population.store.records.size(), pruneplan::detail::key_from_addresses(&population)) {
        read(population.store.records);
        reasons_.resize(images_.size(), deleted);
        in_use_.resize(images_.size(), false);
        use(population.containers);
        keep_last_names();
    }

    std::size_t deleted_count() const {
        return static_cast<std::size_t>(std::count(reasons_.begin(), reasons_.end(), deleted));
    }

private:
    enum Reason : unsigned char { deleted, name_in_use, last_name };

    /// Takes the steps of the searches for two texts of each item, then `finish(i, item)`.
    template <class Items, class Texts, class Finish>
    void search(const Items& items, const Texts& texts, const Finish& finish) {
        for (std::size_t start = 0; start < items.size(); start += FloorTable::batch) {
            const std::size_t size = std::min(FloorTable::batch, items.size() - start);
            for (std::size_t i = 0; i < size; ++i) {
                const auto [name, target] = texts(items[start + i]);
                names_.start(i, name);
                targets_.start(i, target);
            }
            for (std::size_t i = 0; i < size; ++i) {
                names_.fetch_record(i);
                targets_.fetch_record(i);
            }
            for (std::size_t i = 0; i < size; ++i) {
                names_.fetch_text(i);
                targets_.fetch_text(i);
            }
            for (std::size_t i = 0; i < size; ++i) finish(i, items[start + i]);
        }
    }

    struct Texts {
        std::string_view name, target;
    };

    void read(const std::vector<Record>& records) {
        images_.reserve(records.size());
        search(
            records, [](const Record& record) { return Texts{record.name, record.digest}; },
            [&](std::size_t i, const Record& record) {
                names_.find_or_add(i);
                names_.own(owned_.add(record.name));
                images_.push_back(targets_.find_or_add(i));
                if (images_.back() + 1 == images_.size()) targets_.own(owned_.add(record.digest));
            });
    }

    void use(const std::vector<Container>& containers) {
        search(
            containers, [](const Container& container) { return Texts{container.ref, container.id}; },
            [&](std::size_t i, const Container& container) {
                if (const std::uint32_t record = names_.find(i); record != FloorTable::none)
                    reasons_[record] = name_in_use;
                const std::uint32_t image = targets_.find(i);
                if (image != FloorTable::none && created_by_id(container)) in_use_[image] = true;
            });
    }

    static bool created_by_id(const Container& container) {
        const std::string_view id = container.id, typed = container.ref;
        return typed.size() >= id.size() ? typed.ends_with(id) : id.substr(sizeof "sha256:" - 1).starts_with(typed);
    }

    void keep_last_names() {
        std::vector<std::uint32_t> last(images_.size(), FloorTable::none);
        for (std::uint32_t record = 0; record < images_.size(); ++record)
            if (reasons_[record] != deleted) in_use_[images_[record]] = false;
        for (std::uint32_t record = 0; record < images_.size(); ++record) {
            std::uint32_t& best = last[images_[record]];
            if (in_use_[images_[record]] && (best == FloorTable::none || names_[best] < names_[record])) best = record;
        }
        for (const std::uint32_t record : last)
            if (record != FloorTable::none) reasons_[record] = last_name;
    }

    FloorTable names_, targets_;
    FloorTexts owned_;
    std::vector<std::uint32_t> images_;  // by record: the first record of its target
    std::vector<Reason> reasons_;        // by record
    std::vector<char> in_use_;           // by image
};

}  // namespace benchmark

#endif

#ifndef PRUNEPLAN_DETAIL_INDEX_RECORD_TEXTS_HPP
#define PRUNEPLAN_DETAIL_INDEX_RECORD_TEXTS_HPP

// SPDX-License-Identifier: BSL-1.0

// The names and targets of records, which an index and its plans own.

#include <pruneplan/detail/platform.hpp>
#include <pruneplan/detail/text/words.hpp>
#include <pruneplan/detail/vector.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace pruneplan::detail {

/// Stands for no record, no image, and a free slot.
inline constexpr std::uint32_t no_record = 0xffffffff;

/// The length of the longest name or target, in bytes.
inline constexpr std::uint32_t longest_text = 0x7fffffff;

/// Owns the name of each record and the target of each image. An image is identified by the number of its first record,
/// whose name is followed by the size and the text of the target. Texts stand in blocks that never move.
class RecordTexts {
public:
    constexpr RecordTexts() = default;
    constexpr RecordTexts(RecordTexts&&) noexcept = default;
    constexpr RecordTexts& operator=(RecordTexts&&) noexcept = default;
    constexpr RecordTexts(const RecordTexts& other)
        : places_(other.places_), blocks_(other.blocks_), size_(other.size_) {
        for (std::size_t block = 0; block < blocks_.size(); ++block) {
            const std::size_t end = block + 1 < blocks_.size() ? blocks_[block + 1].first_record : size();
            const char* const from = other.blocks_[block].text.begin();
            for (std::size_t record = blocks_[block].first_record; record < end; ++record)
                places_[record].name = blocks_[block].text.begin() + (places_[record].name - from);
        }
    }
    constexpr RecordTexts& operator=(const RecordTexts& other) { return *this = RecordTexts(other); }
    constexpr ~RecordTexts() = default;

    constexpr void reserve(std::size_t records) { places_.reserve(records); }

    constexpr std::size_t size() const noexcept { return places_.size(); }
    constexpr std::string_view name(std::size_t record) const noexcept {
        return {places_[record].name, places_[record].name_size};
    }
    constexpr std::string_view target(std::size_t record) const noexcept {
        const Place& first = places_[places_[record].image];
        const char* const at = first.name + first.name_size;
        return {at + size_of_size, load<std::uint32_t>(at)};
    }
    constexpr std::uint32_t image(std::size_t record) const noexcept { return places_[record].image; }
    constexpr bool is_first(std::size_t record) const noexcept { return places_[record].image == record; }
    constexpr bool is_dangling(std::size_t record) const noexcept { return places_[record].dangling != 0; }

    // @pre The record exists.

    constexpr void prefetch(std::size_t record) const noexcept { detail::prefetch(&places_[record]); }
    constexpr void prefetch_name(std::size_t record) const noexcept {
        detail::prefetch(places_[record].name, places_[record].name_size);
    }
    constexpr void prefetch_target(std::size_t image) const noexcept {
        detail::prefetch(places_[image].name + places_[image].name_size, 64);
    }
    /// Prefetches a name for a loop over the names of all records.
    constexpr void prefetch_names_after(std::size_t record) const noexcept {
        constexpr std::size_t ahead = 16;
        if (record + ahead < size()) prefetch_name(record + ahead);
    }

    /// Makes room for records whose texts have this size together, in one block.
    constexpr void make_room(std::size_t texts, std::size_t records) {
        const std::size_t needed = texts + records * size_of_size;
        if (!blocks_.empty() && blocks_.back().text.capacity() - blocks_.back().text.size() >= needed) return;
        blocks_.push_back({{}, size()});
        // Each block adds an eighth, so that little is left over.
        blocks_.back().text.reserve((std::max)(needed, size_ / 8));
    }
    /// Adds a record. The target is copied only if the record is the first of its image. @pre There is room.
    constexpr void add(std::string_view name, std::string_view target, std::uint32_t image, bool dangling) {
        const bool first = image == size();
        const std::size_t added = name.size() + (first ? size_of_size + target.size() : 0);
        char* const begin = blocks_.back().text.extend(added);
        char* at = copy_text(name, begin);
        if (first) {
            for (std::size_t i = 0; i < size_of_size; ++i) *at++ = static_cast<char>(target.size() >> (8 * i) & 0xff);
            copy_text(target, at);
        }
        size_ += added;
        places_.push_back({begin, static_cast<std::uint32_t>(name.size() & longest_text), dangling, image});
    }

private:
    static constexpr std::size_t size_of_size = 4;

    struct Place {
        const char* name = nullptr;
        std::uint32_t name_size : 31 = 0;
        std::uint32_t dangling : 1 = 0;
        std::uint32_t image = 0;
    };

    struct Block {
        Vector<char> text{};
        std::size_t first_record = 0;
    };

    Vector<Place> places_;  // by record
    Vector<Block> blocks_;
    std::size_t size_ = 0;  // of all texts
};

}  // namespace pruneplan::detail

#endif

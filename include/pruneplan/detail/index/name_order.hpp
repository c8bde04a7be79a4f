#ifndef PRUNEPLAN_DETAIL_INDEX_NAME_ORDER_HPP
#define PRUNEPLAN_DETAIL_INDEX_NAME_ORDER_HPP

// SPDX-License-Identifier: BSL-1.0

// Sorts records by name.

#include <pruneplan/detail/index/record_texts.hpp>
#include <pruneplan/detail/text/words.hpp>
#include <pruneplan/detail/vector.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace pruneplan::detail {

/// Sorts records by name, bytewise. Sorts four bytes of each name at a time, as numbers, so that most comparisons need
/// not read the names; what all names of a group begin with is skipped.
/// **Complexity:** O(b + n log n) for n names and b bytes of names that share their beginning with others.
class NameOrder {
public:
    constexpr explicit NameOrder(const RecordTexts& texts) : texts_(texts) {}

    /// Sorts the records from `first` to `end`.
    constexpr void sort(std::uint32_t* first, std::uint32_t* end) {
        keyed_.clear();
        keyed_.reserve(static_cast<std::size_t>(end - first));
        for (std::uint32_t* at = first; at != end; ++at) keyed_.push_back(*at);
        open_.push_back({0, keyed_.size(), 0});
        while (!open_.empty()) {
            const Group group = open_.back();
            open_.pop_back();
            if (group.end - group.begin <= few)
                sort_few(group);
            else
                split(group);
        }
        for (const std::uint64_t keyed : keyed_) *first++ = static_cast<std::uint32_t>(keyed);
    }

private:
    static constexpr std::size_t few = 12, key_size = 4;

    /// Records whose names are equal up to `depth`.
    struct Group {
        std::size_t begin, end, depth;
    };

    constexpr std::string_view name(std::uint64_t keyed) const noexcept {
        return texts_.name(static_cast<std::uint32_t>(keyed));
    }
    constexpr std::string_view rest(std::uint64_t keyed, std::size_t depth) const noexcept {
        const std::string_view whole = name(keyed);
        return {whole.data() + depth, whole.size() - depth};
    }

    constexpr void sort_few(const Group& group) {
        for (std::size_t i = group.begin + 1; i < group.end; ++i) {
            const std::uint64_t moved = keyed_[i];
            const std::string_view text = rest(moved, group.depth);
            std::size_t at = i;
            for (; at > group.begin && text < rest(keyed_[at - 1], group.depth); --at) keyed_[at] = keyed_[at - 1];
            keyed_[at] = moved;
        }
    }

    /// Returns the length of what all names of a group begin with.
    constexpr std::size_t common(const Group& group) const noexcept {
        const std::string_view first = name(keyed_[group.begin]);
        std::size_t size = first.size();
        for (std::size_t i = group.begin + 1; i < group.end && size > group.depth; ++i) {
            const std::string_view other = name(keyed_[i]);
            size = (std::min)(size, other.size());
            std::size_t same = group.depth;
            while (same < size && first[same] == other[same]) ++same;
            size = same;
        }
        return size;
    }

    /// Returns the next four bytes as a number in their order; a name that ends earlier is filled up by zeros.
    constexpr std::uint64_t key(std::uint64_t keyed, std::size_t depth) const noexcept {
        const std::string_view text = rest(keyed, depth);
        if (text.size() >= key_size) return load_big_endian_4(text.data()) << 32;
        std::uint64_t key = 0;
        for (std::size_t i = 0; i < key_size; ++i)
            key = key << 8 | (i < text.size() ? static_cast<unsigned char>(text[i]) : 0u);
        return key << 32;
    }

    constexpr void split(const Group& group) {
        constexpr std::size_t ahead = 16;
        const std::size_t depth = common(group);
        for (std::size_t i = group.begin; i < group.end; ++i) {
            if (i + ahead < group.end) texts_.prefetch_name(static_cast<std::uint32_t>(keyed_[i + ahead]));
            keyed_[i] = key(keyed_[i], depth) | static_cast<std::uint32_t>(keyed_[i]);
        }
        sort_by_key(group);
        for (std::size_t begin = group.begin, end = begin; begin < group.end; begin = end) {
            while (end < group.end && keyed_[end] >> 32 == keyed_[begin] >> 32) ++end;
            if (end - begin > 1) open_.push_back({close_ended(begin, end, depth + key_size), end, depth + key_size});
        }
    }

    /// Sorts by the keys alone: large groups byte by byte, by counting, without a branch that depends on a key.
    constexpr void sort_by_key(const Group& group) {
        const std::size_t size = group.end - group.begin;
        std::uint64_t* const first = keyed_.begin() + group.begin;
        if (size < 128) {
            std::sort(first, first + size);
            return;
        }
        if (sorted_.size() < size) sorted_ = Vector<std::uint64_t>(size, 0);
        std::uint64_t differences = 0;
        for (std::size_t i = 1; i < size; ++i) differences |= first[i] ^ first[0];
        for (unsigned shift = 32; shift < 64; shift += 8) {
            if ((differences >> shift & 0xff) == 0) continue;
            std::array<std::uint32_t, 257> ends{};
            for (std::size_t i = 0; i < size; ++i) ++ends[(first[i] >> shift & 0xff) + 1];
            for (std::size_t i = 1; i < ends.size(); ++i) ends[i] += ends[i - 1];
            for (std::size_t i = 0; i < size; ++i) sorted_[ends[first[i] >> shift & 0xff]++] = first[i];
            std::copy_n(sorted_.begin(), size, first);
        }
    }

    /// Sorts the names that end before `depth` to the front, the shortest first. Returns where the others begin.
    constexpr std::size_t close_ended(std::size_t begin, std::size_t end, std::size_t depth) {
        std::size_t others = begin;
        for (std::size_t i = begin; i < end; ++i)
            if (name(keyed_[i]).size() < depth) std::swap(keyed_[i], keyed_[others++]);
        std::sort(keyed_.begin() + begin, keyed_.begin() + others,
                  [this](std::uint64_t a, std::uint64_t b) { return name(a).size() < name(b).size(); });
        return others;
    }

    const RecordTexts& texts_;
    Vector<std::uint64_t> keyed_;   // a key in the upper half, a record in the lower
    Vector<std::uint64_t> sorted_;  // room for a pass
    Vector<Group> open_;
};

}  // namespace pruneplan::detail

#endif

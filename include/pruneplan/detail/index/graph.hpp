#ifndef PRUNEPLAN_DETAIL_INDEX_GRAPH_HPP
#define PRUNEPLAN_DETAIL_INDEX_GRAPH_HPP

// SPDX-License-Identifier: BSL-1.0

// Lists of numbers by number, in plain columns: which image needs which, which record is attached to which.

#include <pruneplan/detail/vector.hpp>

#include <cstddef>
#include <cstdint>
#include <span>

namespace pruneplan::detail {

/// Holds a list of numbers for each number. Empty if no list has any.
class Graph {
public:
    constexpr Graph() = default;
    /// Groups links `from` numbers below `lists` `to` numbers below `members`. A link that is given twice counts once.
    /// Links of one list keep their order.
    /// **Complexity:** O(l + n + m) for l lists, n members and m links.
    constexpr Graph(std::size_t lists, std::size_t members, const Vector<std::uint32_t>& from,
                    const Vector<std::uint32_t>& to) {
        if (from.empty()) return;
        Vector<std::size_t> begins(lists + 1, 0);
        for (const std::uint32_t list : from) ++begins[list + 1];
        for (std::size_t list = 0; list < lists; ++list) begins[list + 1] += begins[list];
        Vector<std::uint32_t> grouped(to.size(), 0), last(members, 0xffffffff);
        Vector<std::size_t> next = begins;
        for (std::size_t i = 0; i < from.size(); ++i) grouped[next[from[i]]++] = to[i];
        ends_.reserve(lists);
        for (std::uint32_t list = 0; list < lists; ++list) {
            for (std::size_t i = begins[list]; i < begins[list + 1]; ++i) {
                if (last[grouped[i]] == list) continue;
                last[grouped[i]] = list;
                members_.push_back(grouped[i]);
            }
            ends_.push_back(members_.size());
        }
    }

    constexpr bool empty() const noexcept { return members_.empty(); }

    constexpr std::span<const std::uint32_t> operator[](std::size_t list) const noexcept {
        if (members_.empty()) return {};
        const std::size_t begin = list == 0 ? 0 : ends_[list - 1];
        return {members_.data() + begin, ends_[list] - begin};
    }

private:
    Vector<std::size_t> ends_;  // by list: where it ends in `members_`
    Vector<std::uint32_t> members_;
};

}  // namespace pruneplan::detail

#endif

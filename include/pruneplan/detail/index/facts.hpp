#ifndef PRUNEPLAN_DETAIL_INDEX_FACTS_HPP
#define PRUNEPLAN_DETAIL_INDEX_FACTS_HPP

// SPDX-License-Identifier: BSL-1.0

// What a store tells about its records beyond names and targets, in columns. A plan reads only those that its options
// ask for.

#include <pruneplan/detail/vector.hpp>

#include <compare>
#include <cstddef>
#include <cstdint>

namespace pruneplan::detail {

/// Holds a time as a column stores it. An unknown time is later than any other.
struct Moment {
    static constexpr std::int64_t unknown = INT64_MAX;

    std::int64_t seconds = unknown;
    std::int32_t nanoseconds = 0x7fffffff;

    constexpr bool is_known() const noexcept { return nanoseconds != 0x7fffffff; }
    friend constexpr auto operator<=>(const Moment&, const Moment&) = default;
};

/// Tells which optional members a store has.
struct Abilities {
    bool created = false, last_used = false, label = false, pinned = false, blobs = false;
};

/// Holds columns by record. A column that the options do not need, or the store cannot fill, is empty.
struct Facts {
    Abilities abilities;
    Vector<Moment> created, last_used;
    Vector<char> pinned;
    /// The position in `PruneOptions::filters` of the first filter `label` that the record does not match, or
    /// `no_option`.
    Vector<std::uint32_t> unlabelled;

    /// Stands for no filter, no pattern and no rule.
    static constexpr std::uint32_t no_option = 0x7fffffff;

    constexpr Moment created_at(std::size_t record) const noexcept {
        return created.empty() ? Moment{} : created[record];
    }
    /// Returns when the record was last used, or, if that is unknown, created.
    constexpr Moment used_at(std::size_t record) const noexcept {
        return !last_used.empty() && last_used[record].is_known() ? last_used[record] : created_at(record);
    }
};

}  // namespace pruneplan::detail

#endif

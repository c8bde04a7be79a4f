#ifndef PRUNEPLAN_RECORD_FILTERS_HPP
#define PRUNEPLAN_RECORD_FILTERS_HPP

// SPDX-License-Identifier: BSL-1.0

// Matches records against filters, whose meaning stands in syntax/filter.hpp. Private: all names are in `detail`.

#include <pruneplan/detail/vector.hpp>
#include <pruneplan/host.hpp>
#include <pruneplan/image_index.hpp>
#include <pruneplan/image_lookups.hpp>
#include <pruneplan/syntax/filter.hpp>
#include <pruneplan/syntax/glob.hpp>
#include <pruneplan/syntax/timestamp.hpp>

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

namespace pruneplan {

namespace detail {

/// Matches records against a set of filters. The constructor computes what does not depend on a record.
/// **Complexity:** to build, one lookup (see `ImageLookups`) for each filter `before` and `since`, and then O(n) for n
/// records; a match, O(f) for f filters on labels or patterns.
template <class Store>
class FilterSet {
public:
    constexpr FilterSet(const ImageIndex<Store>& index, std::span<const Filter> filters)
        : index_(index), filters_(filters) {
        NamedImages images(index);
        for (const Filter& filter : filters) {
            switch (filter.kind) {
                case FilterKind::reference:
                    judgeable_ = judgeable_ && filter.glob;
                    if (filter.glob) (filter.negated ? unwanted_ : wanted_).add(*filter.glob);
                    break;
                case FilterKind::until:
                    if constexpr (HasCreated<Store>)
                        narrow(before_, filter.moment, true);
                    else
                        judgeable_ = false;
                    break;
                case FilterKind::before:
                case FilterKind::since:
                    judgeable_ = judgeable_ && HasCreated<Store> && images.add(filter);
                    break;
                case FilterKind::label:
                case FilterKind::dangling: break;
            }
        }
        if (judgeable_ && !images.bounds().empty()) narrow_by(images.bounds());
    }

    /// Tells whether a record matches all filters. `parsed_names[id]` caches what was parsed of its name.
    constexpr bool matches(std::size_t id, ParsedNames& parsed_names) {
        if (!in_time(id) || !labelled(id)) return false;
        if (wanted_.empty() && unwanted_.empty()) return true;
        index_.table().prefetch_names_after(id);
        return named(id, parsed_names[id]);
    }
    /// @overload
    constexpr bool matches(std::size_t id) {
        ParsedName parsed;
        return in_time(id) && labelled(id) && named(id, parsed);
    }

private:
    /// How an image's creation times bound those of other records: from above (`before`), from below (`since`), or
    /// both.
    enum Bound : unsigned char { no_bound = 0, bound_above = 1, bound_below = 2 };

    /// Collects the images that filters `before` and `since` name.
    class NamedImages {
    public:
        constexpr explicit NamedImages(const ImageIndex<Store>& index) : index_(index), lookups_(index) {}

        /// Adds the image of a filter. Returns false if no image matches, or several do.
        constexpr bool add(const Filter& filter) {
            bool ambiguous = false;
            const auto image = lookups_.find(filter.value().value_or(""), ambiguous);
            if (!image) return false;
            if (bounds_.empty()) bounds_ = Vector<unsigned char>(index_.size(), no_bound);
            bounds_[index_.target_id(*image)] |= filter.kind == FilterKind::before ? bound_above : bound_below;
            return true;
        }

        /// Returns the bounds by target. Empty if no filter names an image.
        constexpr const Vector<unsigned char>& bounds() const noexcept { return bounds_; }

    private:
        const ImageIndex<Store>& index_;
        ImageLookups<ImageIndex<Store>> lookups_;
        Vector<unsigned char> bounds_;
    };

    /// Replaces a bound by `moment` if that is earlier, or, unless `earlier`, later. If `moment` is unknown, no record
    /// matches.
    constexpr void narrow(std::optional<Timestamp>& bound, std::optional<Timestamp> moment, bool earlier) {
        judgeable_ = judgeable_ && moment;
        if (moment && (!bound || (*moment < *bound) == earlier)) bound = moment;
    }

    /// Narrows the bounds by each record of an image that a filter names. If one has an unknown time, no record
    /// matches.
    constexpr void narrow_by(const Vector<unsigned char>& bounds) {
        for (std::size_t id = 0; id < index_.size(); ++id) {
            const unsigned char bound = bounds[index_.target_id(id)];
            if ((bound & bound_above) != 0) narrow(before_, index_.created(id), true);
            if ((bound & bound_below) != 0) narrow(after_, index_.created(id), false);
        }
    }

    constexpr bool in_time(std::size_t id) const {
        if (!judgeable_) return false;
        if constexpr (HasCreated<Store>) {
            if (!before_ && !after_) return true;
            const auto made = index_.created(id);
            return made && (!before_ || *made < *before_) && (!after_ || *after_ < *made);
        }
        return true;
    }

    constexpr bool labelled(std::size_t id) const {
        for (const Filter& filter : filters_) {
            if (filter.kind != FilterKind::label) continue;
            if constexpr (HasLabel<Store>) {
                const auto& given = index_.store().label(index_.record(id), filter.key());
                const auto label = maybe_text(given);
                const bool has = label && (!filter.value() || *label == *filter.value());
                if (has == filter.negated) return false;
            } else {
                return false;
            }
        }
        return true;
    }

    /// Tells whether the name matches all filters on names. Returns false for one that is not a valid reference.
    constexpr bool named(std::size_t id, ParsedName& parsed) {
        if (wanted_.empty() && unwanted_.empty()) return true;
        return forms_.read(index_.name(id), parsed) && !forms_.match_any(unwanted_) &&
               (wanted_.empty() || forms_.match_any(wanted_));
    }

    const ImageIndex<Store>& index_;
    std::span<const Filter> filters_;
    Globs wanted_, unwanted_;
    bool judgeable_ = true;  // false if a filter needs what is missing, so that no record can match
    std::optional<Timestamp> before_, after_;
    NameForms forms_;
};

/// Returns the first filter that a record does not match, or null if it matches all. Filters `reference` that are not
/// negated come after all others, since one match is enough.
template <class Store>
constexpr const Filter* rejecting_filter(const ImageIndex<Store>& index, std::span<const Filter> filters, std::size_t id) {
    const auto matches = [&](std::span<const Filter> some) { return FilterSet<Store>(index, some).matches(id); };
    const auto is_wanted_name = [](const Filter& filter) {
        return filter.kind == FilterKind::reference && !filter.negated;
    };
    for (const Filter& filter : filters)
        if (!is_wanted_name(filter) && !matches({&filter, 1})) return &filter;
    // One matching name filter is enough.
    const Filter* first = nullptr;
    for (const Filter& filter : filters) {
        if (!is_wanted_name(filter)) continue;
        if (matches({&filter, 1})) return nullptr;
        if (first == nullptr) first = &filter;
    }
    return first;
}

}  // namespace detail
}  // namespace pruneplan

#endif

#ifndef PRUNEPLAN_RECORD_FILTERS_HPP
#define PRUNEPLAN_RECORD_FILTERS_HPP

// Whether a record matches filters. What several filters of one kind mean together: see syntax/filter.hpp.

#include <pruneplan/host.hpp>
#include <pruneplan/image_index.hpp>
#include <pruneplan/syntax/filter.hpp>
#include <pruneplan/syntax/glob.hpp>
#include <pruneplan/syntax/timestamp.hpp>

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

namespace pruneplan {

namespace detail {

/// Whether records match all filters. What depends on no record is worked out once.
template <class Store>
class FilterSet {
public:
    constexpr FilterSet(const ImageIndex<Store>& index, std::span<const Filter> filters, NameCuts& cuts)
        : index_(index), filters_(filters), cuts_(cuts) {
        for (const Filter& filter : filters) {
            const FilterKind kind = filter.kind;
            if (kind == FilterKind::reference) {
                judgeable_ = judgeable_ && filter.glob;
                if (filter.glob) (filter.negated ? unwanted_ : wanted_).add(*filter.glob);
            }
            if (kind != FilterKind::until && kind != FilterKind::before && kind != FilterKind::since) continue;
            if constexpr (HasCreated<Store>)
                narrow(kind == FilterKind::since ? after_ : before_,
                       kind == FilterKind::until ? filter.moment : time_of_image(filter.value().value_or(""), kind),
                       kind != FilterKind::since);
            else
                judgeable_ = false;
        }
    }

    constexpr bool matches(std::size_t id) {
        return in_time(id) && labelled(id) && named(id);
    }

private:
    constexpr void narrow(std::optional<Timestamp>& bound, std::optional<Timestamp> moment, bool earlier) {
        judgeable_ = judgeable_ && moment;
        if (moment && (!bound || (*moment < *bound) == earlier)) bound = moment;
    }

    /// The first moment at which a record of the image was made, or for `since` the last: none, if there is no such
    /// image, or one of the moments is not known.
    constexpr std::optional<Timestamp> time_of_image(std::string_view typed, FilterKind kind) const {
        bool ambiguous = false;
        const auto image = index_.find_image(typed, ambiguous);
        if (!image) return std::nullopt;
        const std::size_t target = index_.target_id(*image);
        std::optional<Timestamp> time;
        for (std::size_t id = target; id < index_.size(); ++id) {
            if (index_.target_id(id) != target) continue;
            const auto made = index_.created(id);
            if (!made) return std::nullopt;
            if (!time || (*made < *time) == (kind == FilterKind::before)) time = made;
        }
        return time;
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

    /// What is no reference has no name that could be judged.
    constexpr bool named(std::size_t id) {
        if (wanted_.empty() && unwanted_.empty()) return true;
        index_.table().prefetch_names_after(id);
        return forms_.read(index_.name(id), cuts_[id]) && !forms_.match_any(unwanted_) &&
               (wanted_.empty() || forms_.match_any(wanted_));
    }

    const ImageIndex<Store>& index_;
    std::span<const Filter> filters_;
    NameCuts& cuts_;
    Globs wanted_, unwanted_;
    bool judgeable_ = true;
    std::optional<Timestamp> before_, after_;
    NameForms forms_;
};

/// Returns the first filter that a record does not match, or null if it matches all.
template <class Store>
constexpr const Filter* rejecting_filter(const ImageIndex<Store>& index, std::span<const Filter> filters, std::size_t id) {
    NameCuts cuts(index.size());
    const auto matches = [&](std::span<const Filter> some) { return FilterSet<Store>(index, some, cuts).matches(id); };
    if (matches(filters)) return nullptr;
    const auto is_wanted_name = [](const Filter& filter) {
        return filter.kind == FilterKind::reference && !filter.negated;
    };
    for (const Filter& filter : filters)
        if (!is_wanted_name(filter) && !matches({&filter, 1})) return &filter;
    // Of several names that are wanted, one has to match.
    for (const Filter& filter : filters)
        if (is_wanted_name(filter)) return &filter;
    return nullptr;
}

}  // namespace detail
}  // namespace pruneplan

#endif

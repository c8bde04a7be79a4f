#ifndef PRUNEPLAN_STAGES_CANDIDATES_HPP
#define PRUNEPLAN_STAGES_CANDIDATES_HPP

#include <pruneplan/host.hpp>
#include <pruneplan/image_index.hpp>
#include <pruneplan/options.hpp>
#include <pruneplan/plan.hpp>
#include <pruneplan/syntax/filter.hpp>
#include <pruneplan/syntax/glob.hpp>
#include <pruneplan/syntax/timestamp.hpp>

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

namespace pruneplan {

namespace detail {

/// All filters, as one question about a record. What depends on no record is worked out once.
template <class Store>
class FilterSet {
public:
    constexpr FilterSet(const ImageIndex<Store>& index, const std::vector<Filter>& filters, NameCuts& cuts)
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
                const auto& label = index_.store().label(index_.record(id), filter.key());
                const bool has = label && (!filter.value() || std::string_view(*label) == *filter.value());
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
    const std::vector<Filter>& filters_;
    NameCuts& cuts_;
    Globs wanted_, unwanted_;
    bool judgeable_ = true;
    std::optional<Timestamp> before_, after_;
    NameForms forms_;
};

}  // namespace detail

namespace stages {

/// First stage: which records may go at all. Cost: a look at each record, and one at its labels and its name for each
/// filter on them. Rule: pruneplan's design, section 3, 1; of the filters, see syntax/filter.hpp.
template <class Store>
constexpr void candidates(const ImageIndex<Store>& index, const PruneOptions& options, detail::NameCuts& cuts,
                          Decisions& decisions) {
    detail::FilterSet<Store> filters(index, options.filters, cuts);
    for (std::size_t id = 0; id < index.size(); ++id) {
        if (index.is_dangling(id))
            decisions.decide(id, Reason::dangling);
        else if (options.scope == Scope::dangling)
            decisions.decide(id, Reason::not_dangling);
        if (!options.filters.empty() && decisions.deletes(id) && !filters.matches(id))
            decisions.decide(id, Reason::filtered);
    }
}

}  // namespace stages
}  // namespace pruneplan

#endif

#ifndef PRUNEPLAN_PLANNER_RECORD_FILTERS_HPP
#define PRUNEPLAN_PLANNER_RECORD_FILTERS_HPP

// SPDX-License-Identifier: BSL-1.0

// Matches records against filters, whose meaning stands in syntax/filter.hpp.

#include <pruneplan/detail/index/facts.hpp>
#include <pruneplan/detail/vector.hpp>
#include <pruneplan/image_index.hpp>
#include <pruneplan/options.hpp>
#include <pruneplan/planner/draft.hpp>
#include <pruneplan/planner/name_forms.hpp>
#include <pruneplan/syntax/filter.hpp>
#include <pruneplan/syntax/glob.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>

namespace pruneplan::detail {

/// Finds the filter that a record does not match. The constructor computes what does not depend on a record.
/// **Complexity:** to build, O(n + f log n) for n records and f filters; a record that matches, O(p) for p patterns, of
/// which short ones are matched together.
class RecordFilters {
public:
    constexpr explicit RecordFilters(Draft& draft) : draft_(draft), filters_(draft.filters) {
        find_named_images();
        for (std::uint32_t number = 0; number < filters_.size(); ++number) add(filters_[number], number);
    }

    /// Returns the position of a filter that a record does not match, or `Facts::no_option` if it matches all.
    constexpr std::uint32_t rejecting(std::size_t id) {
        if (unjudgeable_ != Facts::no_option) return unjudgeable_;
        if (above_.filter != Facts::no_option && !(draft_.facts.created_at(id) < above_.moment)) return above_.filter;
        if (below_.filter != Facts::no_option &&
            !(draft_.facts.created_at(id).is_known() && below_.moment < draft_.facts.created_at(id)))
            return below_.filter;
        if (!draft_.facts.unlabelled.empty() && draft_.facts.unlabelled[id] != Facts::no_option)
            return draft_.facts.unlabelled[id];
        return wanted_.empty() && unwanted_.empty() ? Facts::no_option : rejecting_name(id);
    }

    /// Tells whether a filter compares a time that is unknown: that of a record, or of the image that the filter names.
    constexpr bool lacks_time(std::size_t id, std::uint32_t number) const {
        const FilterKind kind = filters_[number].kind();
        if (kind == FilterKind::label || kind == FilterKind::reference) return false;
        if (!draft_.facts.created_at(id).is_known()) return true;
        return kind != FilterKind::until && named_[number] != no_record && !times_[place_[named_[number]]].known;
    }

private:
    /// A bound on times of creation, and the filter that it comes from.
    struct Bound {
        Moment moment{};
        std::uint32_t filter = Facts::no_option;
    };
    /// The times of an image that a filter names. If one is unknown, no record matches.
    struct Times {
        Moment earliest{}, latest{INT64_MIN, 0};
        bool known = true;
    };

    /// Finds the images that filters `before` and `since` name, and collects their times in one pass.
    constexpr void find_named_images() {
        for (const Filter& filter : filters_) {
            bool ambiguous = false;
            const bool names_image = filter.kind() == FilterKind::before || filter.kind() == FilterKind::since;
            named_.push_back(names_image
                                 ? find_image(draft_.records, draft_.images, filter.value().value_or(""), ambiguous)
                                 : no_record);
            if (named_.back() == no_record) continue;
            if (place_.empty()) place_ = Vector<std::uint32_t>(draft_.records.size(), no_record);
            if (place_[named_.back()] != no_record) continue;
            place_[named_.back()] = static_cast<std::uint32_t>(times_.size());
            times_.push_back({});
        }
        for (std::size_t id = 0; id < place_.size(); ++id) {
            const std::uint32_t place = place_[draft_.records.image(id)];
            if (place == no_record) continue;
            const Moment made = draft_.facts.created_at(id);
            Times& times = times_[place];
            times.known = times.known && made.is_known();
            times.earliest = (std::min)(times.earliest, made);
            times.latest = (std::max)(times.latest, made);
        }
    }

    constexpr void add(const Filter& filter, std::uint32_t number) {
        switch (filter.kind()) {
            case FilterKind::label: judge(draft_.facts.abilities.label, number); break;
            case FilterKind::reference:
                (filter.negated() ? unwanted_ : wanted_).add(filter.glob());
                if (!filter.negated() && first_wanted_ == Facts::no_option) first_wanted_ = number;
                break;
            case FilterKind::until:
                judge(draft_.facts.abilities.created, number);
                narrow(above_, moment_of(filter.moment()), true, number);
                break;
            case FilterKind::before:
            case FilterKind::since: {
                const std::uint32_t image = named_[number];
                const bool known = draft_.facts.abilities.created && image != no_record && times_[place_[image]].known;
                judge(known, number);
                if (!known) break;
                if (filter.kind() == FilterKind::before)
                    narrow(above_, times_[place_[image]].earliest, true, number);
                else
                    narrow(below_, times_[place_[image]].latest, false, number);
                break;
            }
        }
    }

    /// Without what a filter needs, no record matches it.
    constexpr void judge(bool can, std::uint32_t number) {
        if (!can && unjudgeable_ == Facts::no_option) unjudgeable_ = number;
    }

    /// Replaces a bound by one that fewer records meet.
    constexpr void narrow(Bound& bound, Moment moment, bool earlier, std::uint32_t number) {
        if (bound.filter == Facts::no_option || (earlier ? moment < bound.moment : bound.moment < moment))
            bound = {moment, number};
    }

    /// Of several filters `reference` that are not negated, one must match. A name that is not a valid reference
    /// matches neither kind.
    constexpr std::uint32_t rejecting_name(std::size_t id) {
        draft_.records.texts().prefetch_names_after(id);
        const bool is_name = forms_.read(draft_.records.name(id), draft_.names[id]);
        if (!is_name || forms_.match_any(unwanted_))
            for (std::uint32_t number = 0; number < filters_.size(); ++number)
                if (const Filter& filter = filters_[number];
                    filter.kind() == FilterKind::reference &&
                    (filter.negated() ? !is_name || forms_.match(filter.glob()) : !is_name))
                    return number;
        return wanted_.empty() || forms_.match_any(wanted_) ? Facts::no_option : first_wanted_;
    }

    Draft& draft_;
    std::span<const Filter> filters_;
    Vector<std::uint32_t> named_;  // by filter: the image that it names
    Vector<std::uint32_t> place_;  // by image: its place in `times_`
    Vector<Times> times_;
    std::uint32_t unjudgeable_ = Facts::no_option, first_wanted_ = Facts::no_option;
    Bound above_, below_;
    Globs wanted_, unwanted_;
    NameForms forms_;
};

}  // namespace pruneplan::detail

#endif

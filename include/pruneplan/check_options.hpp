#ifndef PRUNEPLAN_CHECK_OPTIONS_HPP
#define PRUNEPLAN_CHECK_OPTIONS_HPP

// What a planner cannot do for a store, said before it plans.

#include <pruneplan/image_lookups.hpp>
#include <pruneplan/host.hpp>
#include <pruneplan/image_index.hpp>
#include <pruneplan/options.hpp>
#include <pruneplan/syntax/filter.hpp>
#include <pruneplan/syntax/result.hpp>

#include <string_view>
#include <utility>

namespace pruneplan {

namespace detail {

/// A template, since not every supported compiler evaluates std::string at compile time.
template <class Missing = Error>
constexpr Missing missing(std::string_view option, std::string_view member) {
    return {ErrorCode::missing_ability, joined({option, " cannot be judged: the store needs ", member})};
}

template <class Store>
constexpr Result<void> check_filter(const ImageIndex<Store>& index, const Filter& filter,
                                    ImageLookups<ImageIndex<Store>>& images) {
    switch (filter.kind) {
        case FilterKind::until:
            if (!HasCreated<Store>) return missing("the filter until", "created(const Record&)");
            break;
        case FilterKind::label:
            if (!HasLabel<Store>) return missing("the filter label", "label(const Record&, std::string_view key)");
            break;
        case FilterKind::before:
        case FilterKind::since:
            if (!HasCreated<Store>) return missing("the filters before and since", "created(const Record&)");
            if (bool ambiguous = false; !images.find(filter.value().value_or(""), ambiguous))
                return index.find_image(filter.value().value_or("")).error();
            break;
        case FilterKind::reference:
            if (!filter.glob)
                return Error{ErrorCode::bad_filter, "a filter reference without a pattern: parse_filter makes one"};
            break;
        case FilterKind::dangling: break;
    }
    return {};
}

}  // namespace detail

/// Whether all that `options` asks for can be judged with what the store of `index` knows. Refuses an option that needs
/// a member that the store does not have (`missing_ability`, naming it), a filter `before` or `since` an image that is
/// not there or not only one (`image_not_found`, `ambiguous_id`), and a filter `reference` that was made by hand, without
/// a pattern (`bad_filter`). `plan_prune` takes all options all the same, and keeps what it cannot judge.
/// Complexity: O(n) for each of the first eight `before` and `since`, then O(n log n) for all others together.
template <class Store>
constexpr Result<void> check_options(const ImageIndex<Store>& index, const PruneOptions& options) {
    detail::ImageLookups<ImageIndex<Store>> images(index);
    for (const Filter& filter : options.filters)
        if (auto checked = detail::check_filter(index, filter, images); !checked) return checked;
    if (options.keep_newest_per_repository > 0 && !detail::HasCreated<Store>)
        return detail::missing("keep_newest_per_repository", "created(const Record&)");
    if (options.keep_younger_than && !detail::HasCreated<Store> && !detail::HasLastUsed<Store>)
        return detail::missing("keep_younger_than", "created(const Record&) or last_used(const Record&)");
    if (options.bytes_to_free && !detail::HasBlobs<Store>)
        return detail::missing("bytes_to_free", "blobs(const Record&)");
    if ((options.survivor == Survivor::newest || options.survivor == Survivor::oldest) && !detail::HasCreated<Store>)
        return detail::missing("a survivor by age", "created(const Record&)");
    return {};
}

}  // namespace pruneplan

#endif

#ifndef PRUNEPLAN_CHECK_OPTIONS_HPP
#define PRUNEPLAN_CHECK_OPTIONS_HPP

// SPDX-License-Identifier: BSL-1.0

// Finds options that a store cannot support, before planning.

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

/// Returns the error for an option that needs a missing member. A template: not every supported compiler evaluates
/// std::string at compile time.
template <class Missing = Error>
constexpr Missing missing(std::string_view option, std::string_view member) {
    return {ErrorCode::missing_ability, joined({option, " is not supported: the store needs ", member})};
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
            if (!HasCreated<Store>) return missing("the filter before or since", "created(const Record&)");
            if (bool ambiguous = false; !images.find(filter.value().value_or(""), ambiguous))
                return index.find_image(filter.value().value_or("")).error();
            break;
        case FilterKind::reference:
            if (!filter.glob)
                return Error{ErrorCode::bad_filter,
                             "invalid filter reference without a pattern: create it with parse_filter"};
            break;
        case FilterKind::dangling: break;
    }
    return {};
}

}  // namespace detail

/// Checks that the store of `index` provides every member that `options` needs. Calling it is optional: `plan_prune`
/// accepts all options, and keeps the records that it cannot decide on.
/// **Errors:** `missing_ability` if an option needs a member that the store lacks; the message names it.
/// `image_not_found` or `ambiguous_id` if a filter `before` or `since` names no image or several. `bad_filter` if a
/// filter `reference` was created without a pattern.
/// **Complexity:** O(n) for each of the first eight filters `before` and `since`, then O(n log n) for all others
/// together, for n records.
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

#ifndef PRUNEPLAN_EXPLAIN_HPP
#define PRUNEPLAN_EXPLAIN_HPP

// SPDX-License-Identifier: BSL-1.0

// Explains in a sentence what a plan does with a record, and why.

#include <pruneplan/detail/decimal.hpp>
#include <pruneplan/detail/text.hpp>
#include <pruneplan/detail/words.hpp>
#include <pruneplan/host.hpp>
#include <pruneplan/image_index.hpp>
#include <pruneplan/options.hpp>
#include <pruneplan/plan.hpp>
#include <pruneplan/record_filters.hpp>
#include <pruneplan/syntax/filter.hpp>
#include <pruneplan/syntax/glob.hpp>
#include <pruneplan/syntax/result.hpp>

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace pruneplan {

namespace detail {

/// Names a container by its position in the list given to the planner: "container 3". A template: not every supported
/// compiler evaluates std::string at compile time.
struct NumberedContainers {
    template <class Number>
    constexpr auto operator()(Number container) const {
        return joined({"container ", Decimal(container)});
    }
};

template <class Call>
concept NamesContainers = requires(const Call& call, std::size_t container) {
    { call(container) } -> TextLike;
};

/// Returns the text of the filter that a record does not match, in quotes; empty if there is no such filter, or it was
/// not parsed.
template <class Store>
constexpr auto quoted_filter(const ImageIndex<Store>& index, const PruneOptions& options, std::size_t record) {
    const Filter* const filter = rejecting_filter(index, std::span<const Filter>(options.filters), record);
    return filter == nullptr || filter->text().empty() ? std::string() : joined({quoted(filter->text())});
}

/// Returns the pattern that a record matches, in quotes; empty if it matches none.
template <class Store>
constexpr auto quoted_pattern(const ImageIndex<Store>& index, const PruneOptions& options, std::size_t record) {
    NameForms forms;
    const bool is_reference = forms.read(index.name(record));
    for (const Glob& glob : options.keep)
        if (is_reference ? forms.match(glob) : glob.matches(index.name(record))) return joined({quoted(glob.pattern())});
    return std::string();
}

/// Explains a decision. `options` is null if the caller did not pass them.
template <class Store, class Call>
constexpr std::string explain(const PrunePlan& plan, const ImageIndex<Store>& index, std::size_t record,
                              const PruneOptions* options, const Call& name_of) {
    require_plan_of(plan, index);
    const Decision decision = plan.decisions()[record];
    const std::string_view name = index.name(record), target = index.target(record);
    std::string container;
    if (decision.container) container = std::string(text_of(name_of(*decision.container)));
    const std::string_view uses = decision.mounted ? " mounts " : " runs ";

    switch (decision.reason) {
        case Reason::unused: return "deleted: no container uses it";
        case Reason::dangling: return "deleted: it is dangling, and no container uses it";
        case Reason::spare_name:
            if (!decision.container)
                return joined({"deleted: a kept image is built on ", target, ", which keeps another name"});
            return joined({"deleted: ", container, uses, target, ", which keeps another name"});
        case Reason::unprotected:
            return joined({"deleted: ", container, uses, target, ", but the usage rule does not protect the image of a "
                           "container that was created from a name; the rule strict does"});
        case Reason::not_dangling: return "kept: it is not dangling, and only dangling images are candidates";
        case Reason::filtered: {
            const std::string filter = options == nullptr ? std::string() : quoted_filter(index, *options, record);
            return filter.empty() ? "kept: it does not match the filters"
                                  : joined({"kept: it does not match the filter ", filter});
        }
        case Reason::pinned: return "kept: it is pinned";
        case Reason::kept_pattern: {
            const std::string pattern = options == nullptr ? std::string() : quoted_pattern(index, *options, record);
            return pattern.empty() ? "kept: it matches a pattern of names to keep"
                                   : joined({"kept: it matches the pattern ", pattern, " of names to keep"});
        }
        case Reason::newest:
            return index.created(record)
                       ? "kept: it is among the newest images of its repository"
                       : "kept: its age is unknown, so it can be among the newest images of its repository";
        case Reason::too_young: return "kept: it was used or created too recently, or its age is unknown";
        case Reason::name_in_use:
            if (begins(name, dangling_prefix))
                return joined({"kept: ", container, uses, name.substr(sizeof dangling_prefix - 1),
                               ", and this is the dangling name of that image"});
            if (index.is_dangling(record))
                return joined({"kept: ", container, uses, target, ", and this is the dangling name of that image"});
            return joined({"kept: ", container, " was created from ", name});
        case Reason::image_in_use: return joined({"kept: ", container, uses, target});
        case Reason::last_name:
            return joined({"kept: ", container, uses, target, ", and this is the last name of that image"});
        case Reason::parent: return joined({"kept: a kept image is built on ", target});
        case Reason::image_stays:
            return joined({"kept: ", target, " keeps another name, so that deleting this one frees nothing"});
        case Reason::enough_freed:
            return knows_blobs<Store> ? "kept: deleting other images frees enough"
                                      : "kept: the store does not tell sizes, so that no space can be counted";
    }
    return {};
}

}  // namespace detail

/// Returns a sentence on what `plan` does with a record, and why, such as "kept: container 3 runs sha256:82d1e9d…, and
/// this is the last name of that image". Containers are numbered from 0, as given to the planner.
/// @param plan the plan.
/// @param index the index that the plan was made of.
/// @param record the record's number in `index`.
/// @pre `plan` was made of `index`, and `record` is less than its size.
/// **Complexity:** O(n) for n bytes of the texts that the sentence names.
template <class Store>
[[nodiscard]] constexpr std::string explain(const PrunePlan& plan, const ImageIndex<Store>& index, std::size_t record) {
    return detail::explain(plan, index, record, nullptr, detail::NumberedContainers());
}

/// Like the function above. `name_of(container)` returns what to call a container, by its number, as text.
template <class Store, detail::NamesContainers Call>
[[nodiscard]] constexpr std::string explain(const PrunePlan& plan, const ImageIndex<Store>& index, std::size_t record,
                                            const Call& name_of) {
    return detail::explain(plan, index, record, nullptr, name_of);
}

/// Like the function above, and names the filter or pattern that decided. `options` are those that the plan was made
/// with. **Complexity:** if a filter or pattern decided, one match for each of them, and O(n) for each filter `before`
/// or `since`, for n records.
template <class Store>
[[nodiscard]] constexpr std::string explain(const PrunePlan& plan, const ImageIndex<Store>& index, std::size_t record,
                                            const PruneOptions& options) {
    return detail::explain(plan, index, record, &options, detail::NumberedContainers());
}
/// @overload
template <class Store, detail::NamesContainers Call>
[[nodiscard]] constexpr std::string explain(const PrunePlan& plan, const ImageIndex<Store>& index, std::size_t record,
                                            const PruneOptions& options, const Call& name_of) {
    return detail::explain(plan, index, record, &options, name_of);
}

}  // namespace pruneplan

#endif

#ifndef PRUNEPLAN_PLANNER_CHECK_OPTIONS_HPP
#define PRUNEPLAN_PLANNER_CHECK_OPTIONS_HPP

// SPDX-License-Identifier: BSL-1.0

// Finds options that are invalid, or that a store cannot support, before planning.

#include <pruneplan/detail/index/facts.hpp>
#include <pruneplan/detail/index/image_lookups.hpp>
#include <pruneplan/detail/index/records.hpp>
#include <pruneplan/detail/text/decimal.hpp>
#include <pruneplan/detail/text/message.hpp>
#include <pruneplan/image_index.hpp>
#include <pruneplan/options.hpp>
#include <pruneplan/syntax/filter.hpp>
#include <pruneplan/syntax/result.hpp>

#include <cstddef>
#include <optional>
#include <string_view>
#include <utility>

namespace pruneplan::detail {

/// Checks options against the records and members of a store: see `pruneplan::check_options`.
class OptionCheck {
public:
    constexpr OptionCheck(const Records& records, const Abilities& abilities)
        : records_(records), can_(abilities), images_(records) {}

    /// A template: not every supported standard library can use a vector in constant expressions.
    template <class Options>
    constexpr Result<void> check(const Options& options) {
        constexpr std::string_view created = "created(const Record&)",
                                   used = "created(const Record&) or last_used(const Record&)";
        const bool by_age = options.survivor == Survivor::newest || options.survivor == Survivor::oldest;
        for (std::size_t i = 0; i < options.filters.size(); ++i) check_filter(options.filters[i]);
        for (std::size_t i = 0; i < options.keep_newest.size(); ++i) {
            const NewestBy by = options.keep_newest[i].by;
            if (by == NewestBy::created) need(can_.created, "keep_newest by created", created);
            if (by == NewestBy::last_used) need(can_.created || can_.last_used, "keep_newest by last_used", used);
        }
        if (options.keep_younger_than) {
            need(can_.created || can_.last_used, "keep_younger_than", used);
            check_moment("keep_younger_than", *options.keep_younger_than);
        }
        if (options.bytes_to_free) {
            need(can_.blobs, "bytes_to_free", "blobs(const Record&)");
            if (*options.bytes_to_free < 0)
                fail(ErrorCode::bad_option,
                     joined({"invalid bytes_to_free -", Decimal(0 - static_cast<std::uint64_t>(*options.bytes_to_free)),
                             ": give the number of bytes to free, from 0 on"}));
        }
        if (options.delete_unused_before) {
            if (!options.bytes_to_free)
                fail(ErrorCode::bad_option, "delete_unused_before has no effect without bytes_to_free: set that, too");
            need(can_.created || can_.last_used, "delete_unused_before", used);
            check_moment("delete_unused_before", *options.delete_unused_before);
        }
        if (by_age) need(can_.created, "a survivor by age", created);
        return std::move(result_);
    }

private:
    constexpr void check_filter(const Filter& filter) {
        switch (filter.kind()) {
            case FilterKind::until: need(can_.created, "the filter until", "created(const Record&)"); break;
            case FilterKind::label:
                need(can_.label, "the filter label", "label(const Record&, std::string_view key)");
                break;
            case FilterKind::before:
            case FilterKind::since: {
                need(can_.created, "the filter before or since", "created(const Record&)");
                bool ambiguous = false;
                const std::string_view typed = filter.value().value_or("");
                if (result_ && find_image(records_, images_, typed, ambiguous) == no_record)
                    result_ = image_error(typed, ambiguous);
                break;
            }
            case FilterKind::reference: break;
        }
    }

    constexpr void need(bool has, std::string_view option, std::string_view member) {
        if (!has) fail(ErrorCode::missing_ability, joined({option, " is not supported: the store needs ", member}));
    }
    constexpr void check_moment(std::string_view option, Timestamp moment) {
        if (!is_valid(moment))
            fail(ErrorCode::bad_option,
                 joined({"invalid ", option, ": its nanoseconds must be between 0 and 999999999"}));
    }
    template <class Message>
    constexpr void fail(ErrorCode code, const Message& message) {
        if (result_) result_ = Error{code, message};
    }

    const Records& records_;
    const Abilities& can_;
    ImageLookups images_;
    Result<void> result_;
};

}  // namespace pruneplan::detail

#endif

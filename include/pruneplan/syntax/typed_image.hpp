#ifndef PRUNEPLAN_SYNTAX_TYPED_IMAGE_HPP
#define PRUNEPLAN_SYNTAX_TYPED_IMAGE_HPP

// SPDX-License-Identifier: BSL-1.0

// Finds the image that people mean by what they type.

#include <pruneplan/detail/index/image_lookups.hpp>
#include <pruneplan/detail/index/records.hpp>
#include <pruneplan/detail/text/message.hpp>
#include <pruneplan/syntax/digest.hpp>
#include <pruneplan/syntax/error.hpp>
#include <pruneplan/syntax/reference_grammar.hpp>

#include <cstdint>
#include <string_view>

namespace pruneplan::detail {

/// Returns the image that a user means by a name, a target or an ID, in this order, or `no_record`. `ambiguous` is set
/// if an ID matches several images, or a reference several names of different images.
constexpr std::uint32_t find_image(const Records& records, ImageLookups& lookups, std::string_view typed,
                                   bool& ambiguous) {
    std::uint32_t found = records.find_name(typed);
    if (found != no_record) return records.image(found);
    const auto add = [&](std::uint32_t image) {
        ambiguous = found != no_record && found != image;
        found = image;
        return !ambiguous;
    };
    records.find_name(typed, [&](std::uint32_t record) {
        return is_same_reference(records.name(record), typed, false) && !add(records.image(record));
    });
    if (found == no_record) found = records.find_target(typed);
    if (found == no_record) found = records.find_other_form(typed);
    if (found == no_record && is_digest(typed)) records.for_each(records.find_id(typed), add);
    if (found == no_record && !ambiguous) lookups.for_each_image(typed, add);
    return ambiguous ? no_record : found;
}

/// Returns the error of a name or ID that means no image, or several. A template: not every supported compiler
/// evaluates std::string at compile time.
template <class Failure = Error>
constexpr Failure image_error(std::string_view typed, bool ambiguous) {
    if (ambiguous && is_id(typed))
        return {ErrorCode::ambiguous_id,
                joined({"ambiguous ID ", quoted(typed), ": it matches several images, use ",
                        is_digest(typed) || is_identifier(typed) ? "the name or target of one" : "more digits"})};
    if (ambiguous)
        return {ErrorCode::ambiguous_id, joined({"ambiguous name ", quoted(typed),
                                                 ": it means several images, use a name as the store spells it"})};
    return {ErrorCode::image_not_found,
            joined({"image ", quoted(typed), " not found: use the name or ID of a stored image"})};
}

}  // namespace pruneplan::detail

#endif

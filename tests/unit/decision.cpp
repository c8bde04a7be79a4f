// SPDX-License-Identifier: BSL-1.0

// Tests the words of what a plan says.

#include "../support/check.hpp"

#include <pruneplan/decision.hpp>

#include <cstddef>
#include <string>

using pruneplan::Action;
using pruneplan::DoubtKind;
using pruneplan::Reason;

TEST_CASE("the words of reasons and actions and kinds of doubt are the names of the enumerators") {
    std::string words;
    for (std::size_t i = 0; i < pruneplan::reason_count; ++i)
        words += std::string(to_string(static_cast<Reason>(i))) + " ";
    CHECK(words ==
          "unused dangling spare_name unprotected attached_to_deleted not_dangling filtered pinned kept_pattern newest "
          "too_young name_in_use image_in_use last_name needed attached image_stays enough_freed ");
    CHECK(to_string(static_cast<Reason>(pruneplan::reason_count)) == "unknown");
    words.clear();
    for (std::size_t i = 0; i < pruneplan::doubt_kind_count; ++i)
        words += std::string(to_string(static_cast<DoubtKind>(i))) + " ";
    CHECK(words == "unmatched_container unprotected_image invalid_image_ref unmatched_pattern invalid_name same_name ");
    CHECK(to_string(static_cast<DoubtKind>(pruneplan::doubt_kind_count)) == "unknown");
    CHECK(to_string(Action::keep) == "keep");
    CHECK(to_string(Action::erase) == "delete");
}

TEST_CASE("a reason tells whether the record is deleted") {
    CHECK_TWICE(action_of(Reason::unused) == Action::erase);
    CHECK_TWICE(action_of(Reason::attached_to_deleted) == Action::erase);
    CHECK_TWICE(action_of(Reason::not_dangling) == Action::keep);
    CHECK_TWICE(action_of(Reason::enough_freed) == Action::keep);
}

// SPDX-License-Identifier: BSL-1.0

// Tests `parse_reason` and `parse_action`, the inverses of `to_string`.

#include "../support/check.hpp"

#include <pruneplan/words.hpp>

#include <cstddef>
#include <string>
#include <string_view>

namespace {

using pruneplan::Action;
using pruneplan::ErrorCode;
using pruneplan::parse_action;
using pruneplan::parse_reason;
using pruneplan::Reason;

constexpr bool every_reason_is_parsed_back() {
    for (std::size_t i = 0; i < pruneplan::reason_count; ++i) {
        const auto reason = static_cast<Reason>(i);
        if (to_string(reason) == "unknown" || parse_reason(to_string(reason)) != reason) return false;
    }
    return true;
}

}  // namespace

TEST_CASE("the words of all reasons and actions are parsed back") {
    CHECK_TWICE(every_reason_is_parsed_back());
    CHECK_TWICE(parse_reason("last_name") == Reason::last_name);
    CHECK_TWICE(parse_action("keep") == Action::keep);
    CHECK_TWICE(parse_action("delete") == Action::remove);
}

TEST_CASE("an unknown reason is rejected and the error lists the valid words") {
    for (const std::string_view text : {"", "Unused", "unused ", " unused", "unuse", "unusedd", "unknown", "keep"})
        CHECK(parse_reason(text).error().code == ErrorCode::invalid_format);
    CHECK(parse_reason(std::string_view("unused\0", 7)).error().code == ErrorCode::invalid_format);
    CHECK(
        parse_reason("Pinned\n").error().message ==
        "invalid reason \"Pinned%0A\": use unused, dangling, spare_name, unprotected, not_dangling, filtered, pinned, "
        "kept_pattern, newest, too_young, name_in_use, image_in_use, last_name, parent, image_stays or enough_freed");
}

TEST_CASE("an unknown action is rejected and the error lists the valid words") {
    for (const std::string_view text : {"", "remove", "KEEP", "keep,delete"})
        CHECK(parse_action(text).error().code == ErrorCode::invalid_format);
    CHECK(parse_action("remove").error().message == "invalid action \"remove\": use keep or delete");
}

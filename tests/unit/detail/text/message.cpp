// SPDX-License-Identifier: BSL-1.0

// Tests how texts of strangers are quoted in messages.

#include "../../../support/check.hpp"

#include <pruneplan/detail/text/message.hpp>

#include <string>
#include <string_view>

namespace {

constexpr bool quotes(std::string_view text, std::string_view quoted) {
    return std::string_view(pruneplan::detail::quoted(text)) == quoted;
}

}  // namespace

TEST_CASE("a quoted text has its control bytes and quotes and percent signs and bytes beyond ASCII as %XX") {
    CHECK_TWICE(quotes("", "\"\""));
    CHECK_TWICE(quotes(" a~", "\" a~\""));
    CHECK_TWICE(quotes("alpine", "\"alpine\""));
    CHECK_TWICE(quotes("a\n\"%\xc3", "\"a%0A%22%25%C3\""));
    CHECK_TWICE(quotes("\n\x1f", "\"%0A%1F\""));
    CHECK_TWICE(quotes("100%\"", "\"100%25%22\""));
    CHECK_TWICE(quotes("\x7f\xc3\xff", "\"%7F%C3%FF\""));
}

TEST_CASE("a quoted text is truncated after 80 bytes") {
    CHECK(quotes(std::string(80, 'a'), "\"" + std::string(80, 'a') + "\""));
    CHECK(quotes(std::string(1 << 20, 'a'), "\"" + std::string(80, 'a') + "...\""));
    const std::string longest(80, '%');
    CHECK(std::string_view(pruneplan::detail::quoted(longest)).size() == 242);
    CHECK(std::string_view(pruneplan::detail::quoted(longest)).ends_with("%25\""));
    CHECK(std::string_view(pruneplan::detail::quoted(longest + "b")).ends_with("%25...\""));
}

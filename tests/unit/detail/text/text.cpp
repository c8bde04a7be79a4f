// SPDX-License-Identifier: BSL-1.0

// Tests how the texts that a host returns are read.

#include "../../../support/check.hpp"

#include <pruneplan/detail/text/text.hpp>
#include <pruneplan/host.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace {

using pruneplan::detail::maybe_text;
using pruneplan::detail::text_of;

constexpr const char* null = nullptr;
constexpr char unterminated[] = {'a', 'b', 'c'};
constexpr char terminated[8] = "ab";

}  // namespace

TEST_CASE("a host can return text as a view or string or pointer or array") {
    CHECK_TWICE(text_of(std::string_view("ab")) == "ab");
    CHECK(text_of(std::string("ab")) == "ab");
    CHECK_TWICE(text_of("ab") == "ab");
    CHECK_TWICE(text_of(static_cast<const char*>("ab")) == "ab");
}

TEST_CASE("a null pointer is an empty text") { CHECK_TWICE(text_of(null).empty()); }

TEST_CASE("an array of characters ends at its first zero or at its end") {
    CHECK_TWICE(text_of(terminated) == "ab");
    CHECK_TWICE(text_of(unterminated) == "abc");
}

TEST_CASE("an optional text is absent if it is an empty optional or a null pointer or holds one") {
    const std::string text = "ab";
    CHECK_TWICE(maybe_text(std::optional<std::string_view>("ab")) == "ab");
    CHECK_TWICE(!maybe_text(std::optional<std::string_view>()));
    CHECK(maybe_text(&text) == "ab");
    CHECK(!maybe_text(static_cast<const std::string*>(nullptr)));
    CHECK_TWICE(maybe_text(static_cast<const char*>("ab")) == "ab");
    CHECK_TWICE(!maybe_text(null));
    CHECK_TWICE(!maybe_text(std::optional<const char*>(null)));
    CHECK_TWICE(maybe_text(std::optional<const char*>("ab")) == "ab");
}

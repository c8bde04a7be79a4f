// SPDX-License-Identifier: BSL-1.0

// Tests IDs with and without their algorithm.

#include "../../../support/check.hpp"

#include <pruneplan/detail/text/full_id.hpp>

#include <string>
#include <string_view>

using pruneplan::detail::append_full_id;
using pruneplan::detail::is_identifier;
using pruneplan::detail::is_lower_hex;
using pruneplan::detail::String;
using pruneplan::detail::without_algorithm;

namespace {

constexpr std::string_view digits = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

constexpr bool is_full_id(std::string_view id, std::string_view algorithm, std::string_view rest) {
    String out;
    append_full_id(id, out);
    const std::string_view text(out.data(), out.size());
    return text.substr(0, algorithm.size()) == algorithm && text.substr(algorithm.size()) == rest;
}

}  // namespace

TEST_CASE("only lower-case hex digits are lower-case hex wherever another byte stands") {
    CHECK(is_lower_hex(""));
    CHECK(is_lower_hex(digits));
    for (std::size_t at = 0; at < digits.size(); ++at)
        for (const char wrong : {'A', 'F', 'g', '/', ':', '`', '\0', '\xe0'}) {
            std::string text(digits);
            text[at] = wrong;
            CHECK_FALSE(is_lower_hex(text));
            CHECK_FALSE(is_identifier(text));
        }
}

TEST_CASE("64 hex digits alone are an ID and get the algorithm sha256") {
    CHECK_TWICE(is_identifier(digits));
    CHECK_TWICE(!is_identifier(digits.substr(1)));
    CHECK_TWICE(is_full_id(digits, "sha256:", digits));
    CHECK_TWICE(is_full_id("sha256:ab", "", "sha256:ab"));
    CHECK_TWICE(is_full_id(digits.substr(1), "", digits.substr(1)));
}

TEST_CASE("an ID without its algorithm is all behind the first sha256: and other texts are as they are") {
    CHECK_TWICE(without_algorithm("sha256:ab") == "ab");
    CHECK_TWICE(without_algorithm("sha256:sha256:ab") == "sha256:ab");
    CHECK_TWICE(without_algorithm("sha256:") == "");
    for (const std::string_view other : {"", "ab", "sha512:ab", "sha256", "asha256:ab"})
        CHECK(without_algorithm(other) == other);
}

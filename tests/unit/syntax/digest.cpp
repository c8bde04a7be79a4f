// SPDX-License-Identifier: BSL-1.0

// Tests digests: parsing and errors.

#include "../../support/check.hpp"

#include <pruneplan/syntax/digest.hpp>

#include <string>
#include <string_view>

namespace {

using pruneplan::ErrorCode;
using pruneplan::parse_digest;

#define HEX64 "82d1e9d7ed48a7523bdebc18cf6290bdb97b82302a8a9c27d4fe885949ea94d1"

constexpr ErrorCode error_of(std::string_view text) { return parse_digest(text).error().code; }

}  // namespace

TEST_CASE("a digest has an algorithm and its encoded value") {
    CHECK_TWICE(parse_digest("sha256:" HEX64)->algorithm == "sha256");
    CHECK_TWICE(parse_digest("sha256:" HEX64)->encoded == HEX64);
    CHECK_TWICE(parse_digest("sha512:" HEX64 HEX64)->encoded.size() == 128);
}

TEST_CASE("an invalid digest is rejected as of invalid format or invalid length or unsupported algorithm") {
    CHECK_TEXT_TWICE(error_of("") == ErrorCode::digest_invalid_format);
    CHECK_TEXT_TWICE(error_of(":") == ErrorCode::digest_invalid_format);
    CHECK_TEXT_TWICE(error_of("sha256") == ErrorCode::digest_invalid_format);
    CHECK_TEXT_TWICE(error_of("sha256:") == ErrorCode::digest_invalid_format);
    CHECK_TEXT_TWICE(error_of("sha256:" HEX64 "0") == ErrorCode::digest_invalid_length);
    CHECK_TEXT_TWICE(error_of("sha512:" HEX64) == ErrorCode::digest_invalid_length);
    CHECK_TEXT_TWICE(error_of("md5:d41d8cd98f00b204e9800998ecf8427e") == ErrorCode::digest_unsupported);
    CHECK_TEXT_TWICE(error_of("sha256+b64:" HEX64) == ErrorCode::digest_unsupported);
    CHECK_TEXT_TWICE(error_of("sha+:" HEX64) == ErrorCode::digest_invalid_format);
    CHECK_TEXT_TWICE(error_of("MD5:" HEX64) == ErrorCode::digest_invalid_format);
    CHECK_TEXT_TWICE(error_of("md5:!") == ErrorCode::digest_invalid_format);
    std::string upper = "sha256:" HEX64;
    upper[8] = 'A';
    CHECK(error_of(upper) == ErrorCode::digest_invalid_format);
}

TEST_CASE("a well-formed digest of another algorithm is unsupported and not malformed") {
    CHECK_TEXT_TWICE(error_of("az09+a.z_0-9:AZaz09_=-") == ErrorCode::digest_unsupported);
    for (const std::string_view text : {"z:a", "a:z", "0:Z", "9:A", "a:0", "a:9", "a:_", "a:=", "a:-"})
        CHECK(error_of(text) == ErrorCode::digest_unsupported);
    for (const std::string_view text :
         {"A:a", "Z:a", "{:a", "`:a", "/:a", "a:/", "a:@", "a:[", "a:`", "a:{", "a++b:c", "a+:b", "+a:b"})
        CHECK(error_of(text) == ErrorCode::digest_invalid_format);
}

TEST_CASE("zero bytes are not a digest") {
    CHECK(parse_digest(std::string(7, '\0')).error().code == ErrorCode::digest_invalid_format);
    CHECK(parse_digest(std::string(8, '\0')).error().code == ErrorCode::digest_invalid_format);
}

TEST_CASE("an invalid digest is quoted in the error with what would be valid") {
    CHECK_TEXT_TWICE(parse_digest("sha256:12").error().message ==
                     "invalid digest \"sha256:12\": sha256 has 64 hex digits, sha512 has 128");
}

TEST_CASE("an ID is a digest or up to 64 lower-case hex digits with or without sha256") {
    using pruneplan::detail::is_id;
    CHECK_TWICE(is_id(HEX64));
    CHECK_TWICE(is_id("8"));
    CHECK_TWICE(is_id("sha256:8"));
    CHECK_TWICE(is_id("sha256:" HEX64));
    CHECK_TWICE(is_id("sha512:" HEX64 HEX64));
    CHECK_TWICE(!is_id(""));
    CHECK_TWICE(!is_id("sha256:"));
    CHECK_TWICE(!is_id("sha256"));
    CHECK_TWICE(!is_id("8D"));
    CHECK_TWICE(!is_id("8g"));
    CHECK_TWICE(!is_id(HEX64 "0"));
    CHECK_TWICE(!is_id("sha256:" HEX64 "0"));
    CHECK_TWICE(!is_id("sha512:" HEX64));
    CHECK_TWICE(!is_id("sha512:8"));
    CHECK_TWICE(!is_id("sha256:sha256:8"));
}

// SPDX-License-Identifier: BSL-1.0

// Tests error codes and errors.

#include "../../support/check.hpp"

#include <pruneplan/syntax/error.hpp>

#include <string>

using pruneplan::Error;
using pruneplan::ErrorCode;

TEST_CASE("every error code has its own word") {
    std::string words;
    for (int code = 0; code <= static_cast<int>(ErrorCode::store_changed); ++code) {
        const std::string word = " " + std::string(to_string(static_cast<ErrorCode>(code))) + " ";
        CHECK(word != " unknown ");
        CHECK(words.find(word) == words.npos);
        words += word;
    }
    CHECK(to_string(static_cast<ErrorCode>(255)) == "unknown");
}

TEST_CASE("errors are equal if their codes and messages are equal") {
    CHECK_TEXT_TWICE(Error{ErrorCode::uppercase, "a"} == Error{ErrorCode::uppercase, "a"});
    CHECK_TEXT_TWICE(Error{ErrorCode::uppercase, "a"} != Error{ErrorCode::uppercase, "b"});
    CHECK_TEXT_TWICE(Error{ErrorCode::uppercase, "a"} != Error{ErrorCode::identifier, "a"});
}

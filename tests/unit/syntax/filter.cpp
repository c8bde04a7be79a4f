// SPDX-License-Identifier: BSL-1.0

// Tests the filters that users type.

#include "../../support/check.hpp"

#include <pruneplan/syntax/filter.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace {

using pruneplan::ErrorCode;
using pruneplan::FilterKind;
using pruneplan::parse_filter;
using pruneplan::Timestamp;

constexpr Timestamp now{1719500000, 0};

constexpr bool is_label(std::string_view text, std::string_view key, std::optional<std::string_view> value,
                        bool negated) {
    const auto filter = parse_filter(text, now);
    return filter && filter->kind() == FilterKind::label && filter->key() == key && filter->value() == value &&
           filter->negated() == negated;
}

/// Returns what a filter `dangling` asks for, or nothing for a text that is not one.
constexpr std::optional<bool> dangling(std::string_view text) {
    const auto value = pruneplan::detail::dangling_value(text);
    if (!value) return std::nullopt;
    return **value;
}

constexpr ErrorCode error_of(std::string_view text) { return parse_filter(text, now).error().code; }

}  // namespace

TEST_CASE("until takes a duration or date and stores a moment") {
    CHECK_TWICE(parse_filter("until=1h", now)->moment() == Timestamp{1719496400, 0});
    CHECK_TWICE(parse_filter("until=2024-06-27", now)->kind() == FilterKind::until);
}

TEST_CASE("a label filter is a key or key=value and an exclamation mark on either side negates it") {
    CHECK_TWICE(is_label("label=a", "a", std::nullopt, false));
    CHECK_TWICE(is_label("label=a=", "a", "", false));
    CHECK_TWICE(is_label("label=a=b=c", "a", "b=c", false));
    CHECK_TWICE(is_label("label!=a=b", "a", "b", true));
    CHECK_TWICE(is_label("label=a!=b", "a", "b", true));
    CHECK_TWICE(is_label("label!=a!=b", "a", "b", false));
    CHECK_TWICE(is_label("label=a!", "a", std::nullopt, true));
}

TEST_CASE("the case of a filter's key and blanks around key and value are ignored") {
    CHECK_TWICE(is_label(" LABEL = a=b ", "a", "b", false));
}

TEST_CASE("dangling accepts true and 1 and false and 0 and nothing else") {
    using pruneplan::detail::dangling_value;
    CHECK_TWICE(dangling("dangling=true") == true);
    CHECK_TWICE(dangling(" Dangling = 1 ") == true);
    CHECK_TWICE(dangling("dangling=false") == false);
    CHECK_TWICE(dangling("DANGLING=0") == false);
    CHECK_TWICE(!dangling("label=dangling"));
    CHECK_TWICE(!dangling("dangling"));
    CHECK_TWICE(!dangling("dangling!=true"));
    for (const std::string_view text : {"dangling=yes", "dangling=", "dangling=True"}) {
        INFO(text);
        CHECK(dangling_value(text)->error().code == ErrorCode::bad_filter);
    }
    CHECK(dangling_value("dangling=yes")->error().message ==
          "invalid value \"yes\" of dangling: write true, false, 1 or 0");
}

TEST_CASE("parse_filter rejects dangling, which selects the scope") {
    CHECK_TEXT_TWICE(error_of("dangling=true") == ErrorCode::bad_filter);
    CHECK(parse_filter(" Dangling=true", now).error().message ==
          "invalid filter \" Dangling=true\": dangling selects the scope, use parse_filters");
}

TEST_CASE("before and since take the name or ID of an image and reject an empty one") {
    CHECK_TWICE(parse_filter("before=alpine:3", now)->value() == "alpine:3");
    CHECK_TWICE(parse_filter("since=82d1e9d", now)->kind() == FilterKind::since);
    CHECK_TEXT_TWICE(error_of("before=") == ErrorCode::bad_filter);
    CHECK_TEXT_TWICE(error_of("since= ") == ErrorCode::bad_filter);
}

TEST_CASE("a reference filter has a pattern in which two stars in a row match as one") {
    CHECK_TWICE(parse_filter("reference=ghcr.io/**", now)->glob().matches("ghcr.io/app"));
    CHECK_TWICE(!parse_filter("reference=ghcr.io/**", now)->glob().matches("ghcr.io/team/app"));
    CHECK_TWICE(parse_filter("reference!=a", now)->negated());
    CHECK_TWICE(parse_filter("reference=a", now)->kind() == FilterKind::reference);
}

TEST_CASE("a filter has the text that it was parsed from") {
    CHECK_TWICE(parse_filter(" Label = a=b ", now)->text() == " Label = a=b ");
}

TEST_CASE("a filter can be copied and assigned") {
    auto filter = *parse_filter("label=a=b", now);
    const auto copy = filter;
    filter = *parse_filter("reference=c", now);
    CHECK(filter.glob().pattern() == "c");
    CHECK_FALSE(filter.value());
    filter = copy;
    const auto& itself = filter;
    filter = itself;
    CHECK(filter.kind() == FilterKind::label);
    CHECK(filter.key() == "a");
    CHECK(filter.value() == "b");
}

TEST_CASE("an invalid filter is rejected with its error code and a message that states what is valid") {
    CHECK_TEXT_TWICE(error_of("") == ErrorCode::bad_filter);
    CHECK_TEXT_TWICE(error_of("until") == ErrorCode::bad_filter);
    CHECK_TEXT_TWICE(error_of("until=soon") == ErrorCode::bad_timestamp);
    CHECK_TEXT_TWICE(error_of("reference=[") == ErrorCode::bad_pattern);
    CHECK_TEXT_TWICE(error_of("reference=a b") == ErrorCode::bad_pattern);
    CHECK_TEXT_TWICE(error_of("until!=1h") == ErrorCode::unknown_filter);
    CHECK(parse_filter("unitl=1h", now).error().message ==
          "unknown filter \"unitl\": use one of until, label, label!, reference, reference!, before, since, dangling");
    CHECK(parse_filter("until", now).error().message == "invalid filter \"until\": write key=value, such as until=24h");
}

TEST_CASE("an until filter with now in milliseconds is rejected") {
    CHECK_TEXT_TWICE(parse_filter("until=24h", {1719500000000, 0}).error().code == ErrorCode::bad_timestamp);
}

TEST_CASE("a label filter of more than 4096 bytes for key and value together is rejected") {
    const std::string key(96, 'k'), value(4000, 'v');
    CHECK(parse_filter("label=" + key + "=" + value, now).has_value());
    CHECK(error_of("label=" + key + "=" + value + "v") == ErrorCode::label_too_long);
    CHECK(error_of("label=" + std::string(4097, 'k')) == ErrorCode::label_too_long);
}

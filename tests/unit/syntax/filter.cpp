// SPDX-License-Identifier: BSL-1.0

// Tests the filters that users type.

#include "../../support/check.hpp"

#include <pruneplan/syntax/filter.hpp>

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
    return filter && filter->kind == FilterKind::label && filter->key() == key && filter->value() == value &&
           filter->negated == negated;
}

/// Tells whether a reference pattern matches a name.
constexpr bool matches_name(std::string_view pattern, std::string_view name) {
    pruneplan::detail::NameForms forms;
    return forms.read(name) && forms.match(*pruneplan::Glob::compile(pattern));
}

constexpr ErrorCode error_of(std::string_view text) { return parse_filter(text, now).error().code; }

}  // namespace

TEST_CASE("until takes a duration or date and stores a moment") {
    CHECK_TWICE(parse_filter("until=1h", now)->moment == Timestamp{1719496400, 0});
    CHECK_TWICE(parse_filter("until=2024-06-27", now)->kind == FilterKind::until);
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
    CHECK_TWICE(parse_filter("dangling=true", now)->flag);
    CHECK_TWICE(parse_filter("dangling=1", now)->flag);
    CHECK_TWICE(!parse_filter("dangling=false", now)->flag);
    CHECK_TWICE(!parse_filter("dangling=0", now)->flag);
    CHECK_TEXT_TWICE(error_of("dangling=yes") == ErrorCode::bad_filter);
    CHECK_TEXT_TWICE(error_of("dangling=") == ErrorCode::bad_filter);
}

TEST_CASE("before and since take the name or ID of an image and reject an empty one") {
    CHECK_TWICE(parse_filter("before=alpine:3", now)->value() == "alpine:3");
    CHECK_TWICE(parse_filter("since=82d1e9d", now)->kind == FilterKind::since);
    CHECK_TEXT_TWICE(error_of("before=") == ErrorCode::bad_filter);
    CHECK_TEXT_TWICE(error_of("since= ") == ErrorCode::bad_filter);
}

TEST_CASE("a reference pattern matches the familiar or canonical form of a name with or without tag") {
    CHECK_TWICE(matches_name("alpine:3", "docker.io/library/alpine:3"));
    CHECK_TWICE(matches_name("alpine", "docker.io/library/alpine:3"));
    CHECK_TWICE(matches_name("docker.io/library/alpine:3", "docker.io/library/alpine:3"));
    CHECK_TWICE(matches_name("docker.io/library/alpine", "docker.io/library/alpine:3"));
    CHECK_TWICE(matches_name("docker.io/library/alpine:latest", "alpine"));
    CHECK_TWICE(!matches_name("alpine:latest", "alpine"));
    CHECK_TWICE(!matches_name("library/alpine", "docker.io/library/alpine:3"));
    CHECK_TWICE(matches_name("a_b.c/*", "a_b.c/d"));
    // Classes that match "/".
    CHECK_TWICE(matches_name("alpin[^x]", "docker.io/library/alpine:3"));
    CHECK_TWICE(matches_name("alpine[^x]3", "docker.io/library/alpine:3"));
    CHECK_TWICE(matches_name("docker.io[^x]library/alpine:latest", "alpine"));
    CHECK_TWICE(!matches_name("alpine[^x]latest", "alpine"));
    CHECK_TWICE(matches_name("alpine@sha256:*",
                             "alpine@sha256:82d1e9d7ed48a7523bdebc18cf6290bdb97b82302a8a9c27d4fe885949ea94d1"));
}

TEST_CASE("an invalid filter is rejected with its error code and a message that states what is valid") {
    CHECK_TEXT_TWICE(error_of("") == ErrorCode::bad_filter);
    CHECK_TEXT_TWICE(error_of("until") == ErrorCode::bad_filter);
    CHECK_TEXT_TWICE(error_of("until=soon") == ErrorCode::bad_timestamp);
    CHECK_TEXT_TWICE(error_of("reference=[") == ErrorCode::bad_pattern);
    CHECK_TEXT_TWICE(error_of("until!=1h") == ErrorCode::unknown_filter);
    CHECK(parse_filter("unitl=1h", now).error().message ==
          "unknown filter \"unitl\": use one of until, label, label!, reference, reference!, before, since, dangling");
    CHECK(parse_filter("until", now).error().message == "invalid filter \"until\": write key=value, such as until=24h");
}

TEST_CASE("a label filter of more than 4096 bytes for key and value together is rejected") {
    const std::string key(96, 'k'), value(4000, 'v');
    CHECK(parse_filter("label=" + key + "=" + value, now).has_value());
    CHECK(error_of("label=" + key + "=" + value + "v") == ErrorCode::label_too_long);
    CHECK(error_of("label=" + std::string(4097, 'k')) == ErrorCode::label_too_long);
}

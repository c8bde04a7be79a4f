// SPDX-License-Identifier: BSL-1.0
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

constexpr bool is_label(std::string_view text, std::string_view key, std::optional<std::string_view> value, bool negated) {
    const auto filter = parse_filter(text, now);
    return filter && filter->kind == FilterKind::label && filter->key() == key && filter->value() == value &&
           filter->negated == negated;
}

constexpr bool is_reference(std::string_view pattern, std::string_view name) {
    pruneplan::detail::NameForms forms;
    return forms.read(name) && forms.match(*pruneplan::Glob::compile(pattern));
}

constexpr ErrorCode refused(std::string_view text) { return parse_filter(text, now).error().code; }

}  // namespace

TEST_CASE("until is a moment") {
    CHECK_TWICE(parse_filter("until=1h", now)->moment == Timestamp{1719496400, 0});
    CHECK_TWICE(parse_filter("until=2024-06-27", now)->kind == FilterKind::until);
}

TEST_CASE("a label is a key, or a key and a value, and an exclamation mark turns it round") {
    CHECK_TWICE(is_label("label=a", "a", std::nullopt, false));
    CHECK_TWICE(is_label("label=a=", "a", "", false));
    CHECK_TWICE(is_label("label=a=b=c", "a", "b=c", false));
    CHECK_TWICE(is_label("label!=a=b", "a", "b", true));
    CHECK_TWICE(is_label("label=a!=b", "a", "b", true));
    CHECK_TWICE(is_label("label!=a!=b", "a", "b", false));
    CHECK_TWICE(is_label("label=a!", "a", std::nullopt, true));
}

TEST_CASE("the key's case and blanks at the ends do not count") {
    CHECK_TWICE(is_label(" LABEL = a=b ", "a", "b", false));
}

TEST_CASE("dangling takes four words") {
    CHECK_TWICE(parse_filter("dangling=true", now)->flag);
    CHECK_TWICE(parse_filter("dangling=1", now)->flag);
    CHECK_TWICE(!parse_filter("dangling=false", now)->flag);
    CHECK_TWICE(!parse_filter("dangling=0", now)->flag);
    CHECK_TEXT_TWICE(refused("dangling=yes") == ErrorCode::bad_filter);
    CHECK_TEXT_TWICE(refused("dangling=") == ErrorCode::bad_filter);
}

TEST_CASE("before and since name an image") {
    CHECK_TWICE(parse_filter("before=alpine:3", now)->value() == "alpine:3");
    CHECK_TWICE(parse_filter("since=82d1e9d", now)->kind == FilterKind::since);
    CHECK_TEXT_TWICE(refused("before=") == ErrorCode::bad_filter);
    CHECK_TEXT_TWICE(refused("since= ") == ErrorCode::bad_filter);
}

TEST_CASE("a reference pattern is held against four forms of the name") {
    CHECK_TWICE(is_reference("alpine:3", "docker.io/library/alpine:3"));
    CHECK_TWICE(is_reference("alpine", "docker.io/library/alpine:3"));
    CHECK_TWICE(is_reference("docker.io/library/alpine:3", "docker.io/library/alpine:3"));
    CHECK_TWICE(is_reference("docker.io/library/alpine", "docker.io/library/alpine:3"));
    CHECK_TWICE(is_reference("docker.io/library/alpine:latest", "alpine"));
    CHECK_TWICE(!is_reference("alpine:latest", "alpine"));
    CHECK_TWICE(!is_reference("library/alpine", "docker.io/library/alpine:3"));
    CHECK_TWICE(is_reference("a_b.c/*", "a_b.c/d"));
    // A class that takes "/"
    CHECK_TWICE(is_reference("alpin[^x]", "docker.io/library/alpine:3"));
    CHECK_TWICE(is_reference("alpine[^x]3", "docker.io/library/alpine:3"));
    CHECK_TWICE(is_reference("docker.io[^x]library/alpine:latest", "alpine"));
    CHECK_TWICE(!is_reference("alpine[^x]latest", "alpine"));
    CHECK_TWICE(is_reference("alpine@sha256:*",
                             "alpine@sha256:82d1e9d7ed48a7523bdebc18cf6290bdb97b82302a8a9c27d4fe885949ea94d1"));
}

TEST_CASE("what is no filter is refused with its class, and with what there is") {
    CHECK_TEXT_TWICE(refused("") == ErrorCode::bad_filter);
    CHECK_TEXT_TWICE(refused("until") == ErrorCode::bad_filter);
    CHECK_TEXT_TWICE(refused("until=soon") == ErrorCode::bad_timestamp);
    CHECK_TEXT_TWICE(refused("reference=[") == ErrorCode::bad_pattern);
    CHECK_TEXT_TWICE(refused("until!=1h") == ErrorCode::unknown_filter);
    CHECK(parse_filter("unitl=1h", now).error().message ==
          "unknown filter \"unitl\": use one of until, label, label!, reference, reference!, before, since, dangling");
    CHECK(parse_filter("until", now).error().message == "invalid filter \"until\": write key=value, such as until=24h");
}

TEST_CASE("a label has at most 4,096 bytes, key and value together") {
    const std::string key(96, 'k'), value(4000, 'v');
    CHECK(parse_filter("label=" + key + "=" + value, now).has_value());
    CHECK(refused("label=" + key + "=" + value + "v") == ErrorCode::label_too_long);
    CHECK(refused("label=" + std::string(4097, 'k')) == ErrorCode::label_too_long);
}

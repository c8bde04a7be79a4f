// SPDX-License-Identifier: BSL-1.0

// Tests the parsing of times, and their conversion from std::chrono. tests/consumers/compile_fail/ tests that a steady clock is
// rejected.

#include "../../support/check.hpp"

#include <pruneplan/syntax/timestamp.hpp>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>

namespace {

using pruneplan::ErrorCode;
using pruneplan::parse_age;
using pruneplan::parse_timestamp;
using pruneplan::Timestamp;
using namespace std::chrono;

constexpr Timestamp now{1719500000, 500};

constexpr bool is(std::string_view text, Timestamp expected) {
    const auto parsed = parse_timestamp(text, now);
    return parsed && *parsed == expected;
}

template <class Duration>
constexpr Timestamp from(Duration since_1970) {
    return Timestamp::from(sys_time<Duration>(since_1970));
}

/// Returns what `last_write_time` would return for a file.
template <class Duration>
file_time<Duration> file_time_of(Duration since_1970) {
    return file_clock::from_sys(sys_time<Duration>(since_1970));
}

/// A clock that converts to the system's clock in two steps, as the clock of files does on Windows.
struct UtcClock {
    using time_point = std::chrono::time_point<UtcClock, seconds>;
    static constexpr sys_time<seconds> to_sys(time_point point) {
        return sys_time<seconds>(point.time_since_epoch() - seconds(10));
    }
};
struct WindowsClock {
    using time_point = std::chrono::time_point<WindowsClock, seconds>;
    static constexpr UtcClock::time_point to_utc(time_point point) {
        return UtcClock::time_point(point.time_since_epoch() - seconds(100));
    }
};

}  // namespace

TEST_CASE("a duration is subtracted from now and a plain number is Unix seconds") {
    CHECK_TWICE(is("24h", {1719500000 - 86400, 500}));
    CHECK_TWICE(is("1h30m5s", {1719500000 - 5405, 500}));
    CHECK_TWICE(is("501ns", {1719499999, 999999999}));
    CHECK_TWICE(is("-1m", {1719500060, 500}));
    CHECK_TWICE(is("0s", now));
    CHECK_TWICE(is("0", {0, 0}));
}

TEST_CASE("a duration of at most 2^63 - 1 nanoseconds is accepted in one part or several") {
    CHECK_TWICE(is("9223372036854775807ns", {1719500000 - 9223372037, 145224693}));
    CHECK_TWICE(is("2562047h47m16.854775807s", {1719500000 - 9223372037, 145224693}));
    CHECK_TEXT_TWICE(!parse_timestamp("2562047h47m16.854775808s", now));
    CHECK_TEXT_TWICE(!parse_timestamp("2562047h47m16.854775807s1ns", now));
    CHECK_TEXT_TWICE(!parse_timestamp("2562047h47m16.854775807s2ns", now));
    CHECK_TEXT_TWICE(!parse_timestamp("9223372036854775808ns1ns", now));
    CHECK_TEXT_TWICE(!parse_timestamp("9223372036854775809ns", now));
}

TEST_CASE("a date is in UTC unless it has an offset and must be in the calendar") {
    CHECK_TWICE(is("2024-06-27", {1719446400, 0}));
    CHECK_TWICE(is("2024-06-27T15", {1719500400, 0}));
    CHECK_TWICE(is("2024-06-27T14:53:20.25Z", {1719500000, 250000000}));
    CHECK_TWICE(is("2024-06-27T16:53:20+02:00", {1719500000, 0}));
    CHECK_TWICE(is("2024-06-27T12:23:20-02:30", {1719500000, 0}));
    CHECK_TEXT_TWICE(!parse_timestamp("2024-06-27T16:53:20+002:00", now));
    CHECK_TEXT_TWICE(!parse_timestamp("2024-06-27T16:53:20+02:000", now));
    CHECK_TEXT_TWICE(!parse_timestamp("2024-06-27T16:53:20+2:00", now));
    CHECK_TEXT_TWICE(!parse_timestamp("2024-06-27T16:53:20+02:0", now));
    CHECK_TWICE(is("0000-01-01", {-62167219200, 0}));
    CHECK_TWICE(is("9999-12-31T23:59:59Z", {253402300799, 0}));
    CHECK_TWICE(is("2024-02-29", {1709164800, 0}));
    CHECK_TEXT_TWICE(!parse_timestamp("2023-02-29", now));
    CHECK_TEXT_TWICE(!parse_timestamp("1900-02-29", now));
    CHECK_TWICE(is("2000-02-29", {951782400, 0}));
}

TEST_CASE("day numbers of four centuries are consecutive and agree with std::chrono") {
    std::int64_t expected = pruneplan::detail::days_since_1970(1800, 1, 1);
    CHECK(expected == sys_days(year(1800) / 1 / 1).time_since_epoch().count());
    for (int y = 1800; y < 2200; ++y)
        for (int m = 1; m <= 12; ++m)
            for (int d = 1; d <= pruneplan::detail::days_in(m, y); ++d)
                REQUIRE(pruneplan::detail::days_since_1970(y, m, d) == expected++);
}

TEST_CASE("a time of the system's clock converts to a timestamp") {
    CHECK_TWICE(from(seconds(-7)) == Timestamp{-7, 0});
    CHECK_TWICE(from(hours(-7)) == Timestamp{-25200, 0});
    CHECK_TWICE(from(milliseconds(-1)) == Timestamp{-1, 999000000});
    CHECK_TWICE(from(nanoseconds(-1)) == Timestamp{-1, 999999999});
    CHECK_TWICE(from(nanoseconds(1719500000123456789)) == Timestamp{1719500000, 123456789});
    CHECK_TWICE(from(duration<std::int64_t, std::ratio<1, 10000000>>(-3)) == Timestamp{-1, 999999700});
    CHECK_TWICE(from(duration<std::int64_t, std::ratio<1, 2000000000>>(-3)) == Timestamp{-1, 999999998});
    // a tick that is not a whole number of nanoseconds
    using Frames = duration<std::int64_t, std::ratio<1, 60>>;
    CHECK_TWICE(from(Frames(59)) == Timestamp{0, 983333333});
    CHECK_TWICE(from(Frames(-1)) == Timestamp{-1, 983333333});
}

TEST_CASE("the last write time of a file converts to the same moment of the system's clock") {
    CHECK(Timestamp::from(file_time_of(seconds(1719500000))) == Timestamp{1719500000, 0});
    CHECK(Timestamp::from(file_time_of(nanoseconds(1719500000123456789))) == Timestamp{1719500000, 123456789});
    CHECK(Timestamp::from(file_time_of(nanoseconds(-1))) == Timestamp{-1, 999999999});
    // After 2174, where the clock of files in libstdc++ starts.
    CHECK(Timestamp::from(file_time_of(nanoseconds(7000000000000000001))) == Timestamp{7000000000, 1});
    const std::filesystem::file_time_type written = file_time_of(file_clock::duration(seconds(1719500000)));
    CHECK(Timestamp::from(written) == Timestamp{1719500000, 0});
}

TEST_CASE("a time of a clock that converts to UTC converts to a timestamp") {
    CHECK_TWICE(Timestamp::from(WindowsClock::time_point(seconds(1000))) == Timestamp{890, 0});
}

TEST_CASE("nanoseconds of a timestamp are valid from 0 to 999999999") {
    using pruneplan::detail::is_valid;
    CHECK_TWICE(is_valid({-1, 0}) && is_valid({0, 999999999}));
    CHECK_TWICE(!is_valid({0, -1}) && !is_valid({0, 1000000000}));
}

TEST_CASE("a now after the year 9999 is rejected, since it is in milliseconds") {
    const Timestamp milliseconds{1719500000000, 0};
    for (const auto& rejected : {parse_timestamp("24h", milliseconds), parse_age("24h", milliseconds),
                                 parse_timestamp("2024-06-27", milliseconds), parse_timestamp("1d", milliseconds)})
        CHECK(rejected.error() ==
              pruneplan::Error{ErrorCode::bad_timestamp,
                               "invalid now \"1719500000000\": it is after the year 9999, so it may be in "
                               "milliseconds: give seconds"});
    CHECK_TWICE(parse_timestamp("0s", {253402300799, 999999999}).has_value());
    CHECK_TEXT_TWICE(!parse_timestamp("0s", {253402300800, 0}));
    CHECK_TEXT_TWICE(!parse_timestamp("1h", {INT64_MAX, 0}));
}

TEST_CASE("an age is a moment that is not after now") {
    CHECK_TWICE(*parse_age("24h", now) == *parse_timestamp("24h", now));
    CHECK_TWICE(*parse_age("0s", now) == now);
    CHECK_TWICE(parse_age("2024-06-27T14:53:20Z", now)->seconds == now.seconds);
    CHECK_TEXT_TWICE(parse_age("-24h", now).error().code == ErrorCode::bad_timestamp);
    CHECK_TEXT_TWICE(!parse_age("-1ns", now));
    CHECK_TEXT_TWICE(!parse_age("2024-06-28", now));
    CHECK_TEXT_TWICE(!parse_age("1719500001", now));
    CHECK(parse_age("soon", now).error() == parse_timestamp("soon", now).error());
    CHECK(parse_age("-24h", now).error().message ==
          "invalid age \"-24h\": it is after now; write a duration without a sign, such as 24h, or a past moment");
}

TEST_CASE("a default-constructed timestamp is the start of 1970") {
    CHECK_TWICE(Timestamp().seconds == 0);
    CHECK_TWICE(Timestamp().nanoseconds == 0);
}

TEST_CASE("timestamps are ordered by seconds and then by nanoseconds") {
    CHECK_TWICE(Timestamp{1, 999999999} < Timestamp{2, 0});
    CHECK_TWICE(Timestamp{2, 0} < Timestamp{2, 1});
}

TEST_CASE("an invalid time is quoted in the error with what would be valid") {
    CHECK_TEXT_TWICE(parse_timestamp("1d", now).error().code == ErrorCode::bad_timestamp);
    CHECK(
        parse_timestamp("yesterday", now).error().message ==
        "invalid time \"yesterday\": write a duration such as 24h, a date such as 2024-06-27 or 2024-06-27T15:04:05Z, "
        "or Unix seconds");
}

TEST_CASE("a megabyte of digits is rejected except as a fraction of a second") {
    const std::string digits(1 << 20, '9');
    for (const std::string& text :
         {digits, digits + "h", "0." + digits, "2024-06-27T15:04:05." + digits, "1h" + digits})
        CHECK_FALSE(parse_timestamp(text, now).has_value());
    CHECK(parse_timestamp("0." + digits + "s", now).has_value());
}

TEST_CASE("a time out of the range of a timestamp converts to the first or last moment") {
    CHECK_TWICE(from(nanoseconds(INT64_MIN)) == Timestamp{-9223372037, 145224192});
    CHECK_TWICE(from(nanoseconds(INT64_MAX)) == Timestamp{9223372036, 854775807});
    CHECK_TWICE(from(hours(INT64_MAX)).seconds == INT64_MAX);
    CHECK_TWICE(from(hours(INT64_MIN)).seconds == INT64_MIN);
    CHECK_TWICE(from(duration<std::uint64_t>(UINT64_MAX)).seconds == INT64_MAX);
    CHECK_TWICE(from(duration<double>(1e300)).seconds == INT64_MAX);
    CHECK_TWICE(from(duration<double>(-1e300)).seconds == INT64_MIN);
    CHECK_TWICE(from(duration<double>(9223372036854775808.0)).seconds == INT64_MAX);
    CHECK_TWICE(from(duration<double>(-1.5)).seconds == -1);
}

TEST_CASE("a duration that leads before the first timestamp stops there") {
    CHECK_TWICE(*parse_timestamp("1h", {INT64_MIN, 0}) == Timestamp{INT64_MIN, 0});
    CHECK_TWICE(*parse_timestamp("1h", {INT64_MIN + 3600, 5}) == Timestamp{INT64_MIN, 5});
    CHECK_TWICE(*parse_timestamp("-9223372036s", {253402300799, 5}) == Timestamp{262625672835, 5});
}

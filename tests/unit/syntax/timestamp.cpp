// SPDX-License-Identifier: BSL-1.0

// Tests the parsing of times, and their conversion from and to std::chrono.

#include "../../support/check.hpp"

#include <pruneplan/syntax/timestamp.hpp>

#include <chrono>
#include <cstdint>
#include <limits>
#include <string>

namespace {

using pruneplan::ErrorCode;
using pruneplan::parse_timestamp;
using pruneplan::Timestamp;
using namespace std::chrono;

constexpr Timestamp now{1719500000, 500};

constexpr bool is(std::string_view text, Timestamp expected) {
    const auto parsed = parse_timestamp(text, now);
    return parsed && *parsed == expected;
}

template <class Duration>
constexpr bool converts_and_back(Duration duration) {
    const time_point<system_clock, Duration> point{duration};
    return Timestamp::from(point).template to<time_point<system_clock, Duration>>() == point;
}

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

TEST_CASE("a timestamp converts to std::chrono and back") {
    CHECK_TWICE(converts_and_back(seconds(-5)));
    CHECK_TWICE(converts_and_back(milliseconds(-1)));
    CHECK_TWICE(converts_and_back(nanoseconds(-1)));
    CHECK_TWICE(converts_and_back(nanoseconds(1719500000123456789)));
    CHECK_TWICE(converts_and_back(hours(-7)));
    CHECK_TWICE(converts_and_back(duration<std::int64_t, std::ratio<1, 10000000>>(-3)));
    CHECK_TWICE(Timestamp::from(sys_time<milliseconds>(milliseconds(-1))) == Timestamp{-1, 999000000});
    // a tick that is not a whole number of nanoseconds
    using Frames = duration<std::int64_t, std::ratio<1, 60>>;
    CHECK_TWICE(Timestamp::from(sys_time<Frames>(Frames(59))) == Timestamp{0, 983333333});
    CHECK_TWICE(Timestamp::from(sys_time<Frames>(Frames(-1))) == Timestamp{-1, 983333333});
    CHECK_TWICE(Timestamp{1, 500000000}.to<sys_time<Frames>>() == sys_time<Frames>(Frames(90)));
    CHECK_TWICE(Timestamp{-1, 0}.to<sys_time<minutes>>() == sys_time<minutes>(minutes(-1)));
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

TEST_CASE("a time out of the range of a clock converts to the first or last moment of that clock") {
    using std::chrono::nanoseconds, std::chrono::hours, std::chrono::seconds, std::chrono::sys_time;
    constexpr Timestamp year_1{-62135596800, 0}, earliest{INT64_MIN, 0}, latest{INT64_MAX, 999999999};
    CHECK_TWICE(year_1.to<sys_time<nanoseconds>>() == sys_time<nanoseconds>::min());
    CHECK_TWICE(latest.to<sys_time<nanoseconds>>() == sys_time<nanoseconds>::max());
    CHECK_TWICE(earliest.to<sys_time<seconds>>().time_since_epoch().count() == INT64_MIN);
    CHECK_TWICE(Timestamp::from(sys_time<nanoseconds>::min()).to<sys_time<nanoseconds>>() ==
                sys_time<nanoseconds>::min());
    CHECK_TWICE(Timestamp::from(sys_time<nanoseconds>::max()).to<sys_time<nanoseconds>>() ==
                sys_time<nanoseconds>::max());
    CHECK_TWICE(Timestamp::from(sys_time<hours>(hours(INT64_MAX))).seconds == INT64_MAX);
    CHECK_TWICE(Timestamp::from(sys_time<hours>(hours(INT64_MIN))).seconds == INT64_MIN);
    using Small = sys_time<std::chrono::duration<std::int32_t>>;
    CHECK_TWICE(latest.to<Small>().time_since_epoch().count() == INT32_MAX);
    CHECK_TWICE(year_1.to<Small>().time_since_epoch().count() == INT32_MIN);
    using Fractional = sys_time<std::chrono::duration<double>>;
    CHECK(Timestamp::from(Fractional(std::chrono::duration<double>(1e300))).seconds == INT64_MAX);
    CHECK(Timestamp::from(Fractional(std::chrono::duration<double>(-1e300))).seconds == INT64_MIN);
    CHECK(Timestamp::from(Fractional(std::chrono::duration<double>(1.5))).seconds == 1);
}

TEST_CASE("a clock of whole seconds converts to whole seconds") {
    using std::chrono::seconds, std::chrono::sys_time;
    CHECK_TWICE(Timestamp::from(sys_time<seconds>(seconds(-7))) == Timestamp{-7, 0});
}

TEST_CASE("a duration that leads beyond the first or last timestamp stops there") {
    CHECK_TWICE(*parse_timestamp("-1h", {INT64_MAX, 0}) == Timestamp{INT64_MAX, 999999999});
    CHECK_TWICE(*parse_timestamp("1h", {INT64_MIN, 0}) == Timestamp{INT64_MIN, 0});
    CHECK_TWICE(*parse_timestamp("1h", {INT64_MAX, 5}) == Timestamp{INT64_MAX - 3600, 5});
}

// SPDX-License-Identifier: BSL-1.0
// Fuzzes parse_timestamp, parse_age, and conversions from clocks. Compares dates with those of <chrono>.

#include "targets.hpp"

#include <pruneplan/syntax/timestamp.hpp>

#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

namespace {

using fuzz::require;
using pruneplan::Timestamp;

constexpr Timestamp now{1719500000, 123456789};

bool all_digits(std::string_view text) { return text.find_first_not_of("0123456789") == text.npos; }

/// Compares a date such as "2024-06-27", without a time, with <chrono>.
void check_date(std::string_view text) {
    if (text.size() != 10 || text[4] != '-' || text[7] != '-') return;
    const std::string year(text.substr(0, 4)), month(text.substr(5, 2)), day(text.substr(8));
    if (!all_digits(year) || !all_digits(month) || !all_digits(day)) return;
    const std::chrono::year_month_day date{std::chrono::year(std::atoi(year.c_str())),
                                           std::chrono::month(static_cast<unsigned>(std::atoi(month.c_str()))),
                                           std::chrono::day(static_cast<unsigned>(std::atoi(day.c_str())))};
    const auto parsed = pruneplan::parse_timestamp(text, now);
    require(parsed.has_value() == date.ok(), "a date is valid if the calendar has it");
    if (!parsed) return;
    const auto days = std::chrono::sys_days(date).time_since_epoch().count();
    require(*parsed == Timestamp{std::int64_t{86400} * days, 0}, "a date is the moment that <chrono> computes");
}

/// Compares the conversion of a moment of a clock with <chrono>.
template <class Duration>
void check_clock(std::int64_t ticks) {
    using Point = std::chrono::time_point<std::chrono::system_clock, Duration>;
    const Point point{Duration(static_cast<typename Duration::rep>(ticks))};
    const auto seconds = std::chrono::floor<std::chrono::seconds>(point);
    const auto rest = std::chrono::duration_cast<std::chrono::nanoseconds>(point - seconds);
    require(Timestamp::from(point) ==
                Timestamp{seconds.time_since_epoch().count(), static_cast<std::int32_t>(rest.count())},
            "a moment of a clock is converted as <chrono> does");
}

/// Checks that an age is a moment that is not after now.
void check_age(std::string_view text, const pruneplan::Result<Timestamp>& parsed) {
    const auto age = pruneplan::parse_age(text, now);
    require(age.has_value() == (parsed && *parsed <= now), "an age is a valid moment that is not after now");
    if (age) require(*age == *parsed, "an age is the moment that parse_timestamp returns");
}

}  // namespace

void fuzz::timestamps(std::string_view bytes) {
    check_date(bytes);
    const auto parsed = pruneplan::parse_timestamp(bytes, now);
    check_age(bytes, parsed);
    require(!pruneplan::parse_timestamp(bytes, {INT64_MAX, 0}), "a present moment after the year 9999 is rejected");
    for (const Timestamp edge : {Timestamp{253402300799, 999'999'999}, Timestamp{INT64_MIN, 0}}) {
        const auto at_edge = pruneplan::parse_timestamp(bytes, edge);
        require(at_edge.has_value() == parsed.has_value(),
                "whether a time is valid does not depend on the present moment");
        if (!at_edge) continue;
        require(at_edge->nanoseconds >= 0 && at_edge->nanoseconds < Timestamp::billion,
                "nanoseconds are less than a second");
    }
    if (!parsed) {
        require(parsed.error().code == pruneplan::ErrorCode::bad_timestamp,
                "a rejected time has the error bad_timestamp");
        return;
    }
    require(parsed->nanoseconds >= 0 && parsed->nanoseconds < Timestamp::billion, "nanoseconds are less than a second");
    check_clock<std::chrono::nanoseconds>(parsed->seconds);
    check_clock<std::chrono::microseconds>(parsed->seconds);
    check_clock<std::chrono::seconds>(parsed->seconds);
}

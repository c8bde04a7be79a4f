// SPDX-License-Identifier: BSL-1.0
// Fuzzes parse_timestamp, and conversions from and to clocks. Compares dates with those of <chrono>.

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

/// Checks the conversion to a clock and back.
template <class Clock, class Duration>
void check_clock(Timestamp moment) {
    using Point = std::chrono::time_point<Clock, Duration>;
    const Timestamp back = Timestamp::from(moment.to<Point>());
    // A moment beyond the range of the clock becomes the nearest moment of the clock.
    require(back.nanoseconds >= 0 && back.nanoseconds < Timestamp::billion, "nanoseconds are less than a second");
    if (back <= moment) {
        const Timestamp next =
            Timestamp::from(moment.to<Point>() == Point::max() ? Point::max() : moment.to<Point>() + Duration(1));
        require(moment < next || moment.to<Point>() == Point::max(), "a conversion loses less than a tick");
    } else {
        require(moment.to<Point>() == Point::min(), "only a moment before the range of the clock becomes later");
    }
}

}  // namespace

void fuzz::timestamps(std::string_view bytes) {
    check_date(bytes);
    const auto parsed = pruneplan::parse_timestamp(bytes, now);
    for (const Timestamp edge : {Timestamp{INT64_MAX, 999'999'999}, Timestamp{INT64_MIN, 0}}) {
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
    check_clock<std::chrono::system_clock, std::chrono::nanoseconds>(*parsed);
    check_clock<std::chrono::system_clock, std::chrono::microseconds>(*parsed);
    check_clock<std::chrono::system_clock, std::chrono::seconds>(*parsed);
}

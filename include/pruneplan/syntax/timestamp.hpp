#ifndef PRUNEPLAN_SYNTAX_TIMESTAMP_HPP
#define PRUNEPLAN_SYNTAX_TIMESTAMP_HPP

// SPDX-License-Identifier: BSL-1.0

// Moments in time, and their text forms. The current time is always a parameter; nothing here reads a clock.
//
//   timestamp  = duration  |  date [ "T" time ] [ zone ]  |  unix
//   duration   = [ "+" | "-" ] ( "0" | 1*( number unit ) )     unit = "h" | "m" | "s" | "ms" | "us" | "µs" | "ns"
//   date       = 4digit "-" 2digit "-" 2digit
//   time       = 1*2digit [ ":" 2digit [ ":" 2digit [ ( "." | "," ) 1*9digit ] ] ]
//   zone       = "Z" | ( "+" | "-" ) 2digit ":" 2digit         without one: UTC
//   unix       = [ "+" ] 1*digit [ "." *digit ]                seconds since 1970

#include <pruneplan/detail/text/characters.hpp>
#include <pruneplan/detail/text/decimal.hpp>
#include <pruneplan/syntax/result.hpp>

#include <algorithm>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <type_traits>
#include <utility>

namespace pruneplan {

/// Holds a moment: `seconds` since 1970-01-01T00:00:00Z in Unix time, and `nanoseconds` (0 to 999,999,999) after it.
struct Timestamp {
    /// Seconds since 1970-01-01T00:00:00Z.
    std::int64_t seconds = 0;
    /// Nanoseconds after that second.
    std::int32_t nanoseconds = 0;

    /// Orders moments by time.
    friend constexpr auto operator<=>(const Timestamp&, const Timestamp&) = default;

    /// Converts a `std::chrono::time_point` of the system's clock or of a file, such as `last_write_time` returns.
    /// Other clocks do not compile. Rounds towards the past to nanoseconds; a count of ticks in floating point is first
    /// truncated to whole ticks. A moment out of range becomes the first or last one.
    /// @pre A tick is whole seconds, or 1/d of one, where d is at most 10^9 or a multiple of it. Others do not compile.
    template <class TimePoint>
    static constexpr Timestamp from(const TimePoint& point);

    /// The number of nanoseconds in a second.
    static constexpr std::int64_t billion = 1'000'000'000;
};

namespace detail {

/// Returns the product, or the least or greatest number if it overflows.
constexpr std::int64_t saturating_product(std::int64_t a, std::int64_t positive) noexcept {
    if (a > INT64_MAX / positive) return INT64_MAX;
    if (a < INT64_MIN / positive) return INT64_MIN;
    return a * positive;
}

/// Converts to a whole number; a number out of range becomes the least or greatest.
template <class From>
constexpr std::int64_t saturating_cast(From from) noexcept {
    if constexpr (std::is_floating_point_v<From>) {
        constexpr From after = static_cast<From>(9223372036854775808.0);  // 2^63, which is exact
        if (from >= after) return INT64_MAX;
        return from >= -after ? static_cast<std::int64_t>(from) : INT64_MIN;
    } else {
        if (std::cmp_greater(from, INT64_MAX)) return INT64_MAX;
        return std::cmp_less(from, INT64_MIN) ? INT64_MIN : static_cast<std::int64_t>(from);
    }
}

/// Converts a time point of a clock that counts from 1970.
template <class TimePoint>
constexpr Timestamp since_1970(const TimePoint& point) {
    using Period = typename TimePoint::duration::period;
    constexpr std::int64_t billion = Timestamp::billion;
    const std::int64_t count = saturating_cast(point.time_since_epoch().count());
    if constexpr (Period::den == 1) {
        return {saturating_product(count, Period::num), 0};
    } else {
        static_assert(
            Period::num == 1 && (Period::den <= billion || Period::den % billion == 0),
            "pruneplan: a clock's tick must be whole seconds, or 1/d of a second, where d is at most 10^9 or a "
            "multiple of it");
        const std::int64_t rest = count % Period::den, borrow = rest < 0 ? 1 : 0;
        const std::int64_t ticks = rest + borrow * Period::den;
        return {count / Period::den - borrow,
                static_cast<std::int32_t>(Period::den <= billion ? ticks * billion / Period::den
                                                                 : ticks / (Period::den / billion))};
    }
}

/// Tells whether the nanoseconds are in their range.
constexpr bool is_valid(Timestamp moment) noexcept {
    return moment.nanoseconds >= 0 && moment.nanoseconds < Timestamp::billion;
}

}  // namespace detail

template <class TimePoint>
constexpr Timestamp Timestamp::from(const TimePoint& point) {
    using Clock = typename TimePoint::clock;
    if constexpr (requires { Clock::to_time_t(typename Clock::time_point()); }) {
        return detail::since_1970(point);
    } else if constexpr (requires { Clock::to_sys(point); }) {
        return from(Clock::to_sys(point));
    } else if constexpr (requires { Clock::to_utc(point); }) {  // the clock of files in Microsoft's library
        return from(Clock::to_utc(point));
    } else {
        static_assert(sizeof(TimePoint) == 0,
                      "pruneplan: a time must be of the system's clock or of a file: no other clock counts from 1970");
        return {};
    }
}

namespace detail {

/// Reads a text from its front. Each function reads what it names and returns true, or reads nothing and returns false.
class Cursor {
public:
    constexpr explicit Cursor(std::string_view text) : left_(text) {}

    constexpr bool empty() const noexcept { return left_.empty(); }

    constexpr bool consume(std::string_view literal) noexcept {
        if (!left_.starts_with(literal)) return false;
        left_.remove_prefix(literal.size());
        return true;
    }

    constexpr bool consume_any_of(std::string_view characters) noexcept {
        if (left_.empty() || characters.find(left_.front()) == characters.npos) return false;
        left_.remove_prefix(1);
        return true;
    }

    /// Reads all digits that follow, or none.
    constexpr std::string_view digits() noexcept {
        const std::size_t end = skip(left_, 0, digit);
        const std::string_view taken = left_.substr(0, end);
        left_.remove_prefix(end);
        return taken;
    }

    /// Reads a number of `least` to `most` digits. Returns false, after it has read the number, if that is not between
    /// `low` and `high`.
    constexpr bool number(std::size_t least, std::size_t most, int low, int high, int& out) noexcept {
        const std::size_t count = (std::min)(skip(left_.substr(0, most), 0, digit), most);
        if (count < least) return false;
        out = 0;
        for (std::size_t i = 0; i < count; ++i) out = 10 * out + (left_[i] - '0');
        left_.remove_prefix(count);
        return low <= out && out <= high;
    }

private:
    std::string_view left_;
};

/// Converts digits to a number; returns false if it is greater than `most`. @pre `most` is at least 9.
constexpr bool whole_number(std::string_view digits, std::uint64_t most, std::uint64_t& out) noexcept {
    out = 0;
    for (const char c : digits) {
        const auto value = static_cast<std::uint64_t>(c - '0');
        if (out > (most - value) / 10) return false;
        out = 10 * out + value;
    }
    return true;
}

struct DurationUnit {
    std::string_view name;
    std::uint64_t nanoseconds;
};

/// The units of durations. A name that begins with another, as "ms" with "m", precedes it.
inline constexpr DurationUnit duration_units[] = {
    {"ns", 1},
    {"us", 1'000},
    {"\xc2\xb5s", 1'000},  // U+00B5, the micro sign
    {"\xce\xbcs", 1'000},  // U+03BC, the Greek letter
    {"ms", 1'000'000},
    {"s", 1'000'000'000},
    {"m", 60'000'000'000},
    {"h", 3'600'000'000'000},
};

/// Returns the part of a unit that the digits after the point stand for. Computes in double, as Go does, for equal
/// results.
constexpr std::uint64_t fraction_of(std::string_view digits, std::uint64_t unit) noexcept {
    std::uint64_t number = 0;
    double scale = 1;
    for (const char c : digits) {
        if (number > static_cast<std::uint64_t>(INT64_MAX) / 10) break;
        number = 10 * number + static_cast<std::uint64_t>(c - '0');
        scale *= 10;
    }
    return static_cast<std::uint64_t>(static_cast<double>(number) * (static_cast<double>(unit) / scale));
}

/// The magnitude of the least duration, in nanoseconds. No greater duration has one that is as great.
inline constexpr std::uint64_t longest_duration = std::uint64_t{1} << 63;

/// Reads a number and its unit, such as "1.5h", as nanoseconds. Returns false if it is invalid.
constexpr bool read_duration_part(Cursor& at, std::uint64_t& out) noexcept {
    const std::string_view before = at.digits();
    const std::string_view after = at.consume(".") ? at.digits() : std::string_view();
    std::uint64_t number = 0, unit = 0;
    if ((before.empty() && after.empty()) || !whole_number(before, longest_duration, number)) return false;
    for (const DurationUnit& known : duration_units)
        if (unit == 0 && at.consume(known.name)) unit = known.nanoseconds;
    if (unit == 0 || number > longest_duration / unit) return false;
    out = number * unit + fraction_of(after, unit);
    return out <= longest_duration;
}

/// Parses a duration into nanoseconds; returns false if it is invalid. **Source:** Go, `time.ParseDuration`.
constexpr bool parse_duration(std::string_view text, std::int64_t& out) noexcept {
    Cursor at(text);
    const bool negative = at.consume("-");
    if (!negative) at.consume("+");
    if (at.empty()) return false;
    out = 0;
    if (Cursor zero = at; zero.consume("0") && zero.empty()) return true;
    std::uint64_t sum = 0;
    while (!at.empty()) {
        std::uint64_t part = 0;
        if (!read_duration_part(at, part) || sum > longest_duration - part) return false;
        sum += part;
    }
    if (sum == longest_duration) {
        out = INT64_MIN;
        return negative;
    }
    out = negative ? -static_cast<std::int64_t>(sum) : static_cast<std::int64_t>(sum);
    return true;
}

/// Returns `now` less the duration, or the first moment if that is out of range. The least duration cannot be negated,
/// and is its own negative, as in Go. @pre `now` is not after the year 9999.
constexpr Timestamp before(Timestamp now, std::int64_t duration) noexcept {
    const std::int64_t shift = duration == INT64_MIN ? duration : -duration;
    std::int64_t nanoseconds = now.nanoseconds + shift % Timestamp::billion;
    std::int64_t seconds = shift / Timestamp::billion;
    if (nanoseconds < 0) {
        nanoseconds += Timestamp::billion;
        --seconds;
    } else if (nanoseconds >= Timestamp::billion) {
        nanoseconds -= Timestamp::billion;
        ++seconds;
    }
    if (seconds < 0 && now.seconds < INT64_MIN - seconds) return {INT64_MIN, 0};
    return {now.seconds + seconds, static_cast<std::int32_t>(nanoseconds)};
}

constexpr bool is_leap(int year) noexcept { return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0); }

constexpr int days_in(int month, int year) noexcept {
    constexpr int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return days[month - 1] + (month == 2 && is_leap(year) ? 1 : 0);
}

/// Returns the days from 1970-01-01 to a date of the Gregorian calendar in the years 0 to 9999.
constexpr std::int64_t days_since_1970(int year, int month, int day) noexcept {
    // whole years since year -399, the start of 400 years, so that all numbers are positive
    const int past = year + 399;
    std::int64_t days = 365 * past + past / 4 - past / 100 + past / 400;
    for (int m = 1; m < month; ++m) days += days_in(m, year);
    constexpr std::int64_t to_1970 = 365 * 2369 + 2369 / 4 - 2369 / 100 + 2369 / 400;
    return days + day - 1 - to_1970;
}

/// Returns the first nine digits after a point as nanoseconds.
constexpr std::int32_t nanoseconds_of(std::string_view digits) noexcept {
    std::int32_t number = 0;
    for (std::size_t i = 0; i < 9; ++i) number = 10 * number + (i < digits.size() ? digits[i] - '0' : 0);
    return number;
}

struct TimeOfDay {
    int hour = 0, minute = 0, second = 0;
    std::int32_t nanoseconds = 0;
};

/// Reads a time, such as "15", "15:04", "15:04:05" or "15:04:05.678". Returns false if it is invalid.
constexpr bool read_time(Cursor& at, TimeOfDay& out) noexcept {
    if (!at.number(1, 2, 0, 23, out.hour)) return false;
    if (!at.consume(":")) return true;
    if (!at.number(2, 2, 0, 59, out.minute)) return false;
    if (!at.consume(":")) return true;
    if (!at.number(2, 2, 0, 59, out.second)) return false;
    if (!at.consume_any_of(".,")) return true;
    const std::string_view fraction = at.digits();
    out.nanoseconds = nanoseconds_of(fraction);
    return !fraction.empty() && fraction.size() <= 9;
}

/// Reads a zone, such as "Z" or "-07:00", or nothing, as minutes after UTC. Returns false if it is invalid.
constexpr bool read_zone(Cursor& at, int& out) noexcept {
    out = 0;
    if (at.consume("Z")) return true;
    const int sign = at.consume("+") ? 1 : at.consume("-") ? -1 : 0;
    if (sign == 0) return true;
    int hours = 0, minutes = 0;
    if (!at.number(2, 2, 0, 99, hours) || !at.consume(":") || !at.number(2, 2, 0, 99, minutes)) return false;
    out = sign * (60 * hours + minutes);
    return true;
}

/// Parses a date or a time. **Source:** the layouts of RFC 3339 that Docker's `until` takes, as Go's `time.Parse` reads
/// them.
constexpr std::optional<Timestamp> parse_date(std::string_view text) noexcept {
    Cursor at(text);
    int year = 0, month = 0, day = 0, zone = 0;
    TimeOfDay time;
    if (!at.number(4, 4, 0, 9999, year) || !at.consume("-") || !at.number(2, 2, 1, 12, month) || !at.consume("-") ||
        !at.number(2, 2, 1, days_in(month, year), day))
        return std::nullopt;
    if (at.consume("T") && !read_time(at, time)) return std::nullopt;
    if (!read_zone(at, zone) || !at.empty()) return std::nullopt;
    const std::int64_t days = days_since_1970(year, month, day);
    return Timestamp{86400 * days + 60 * (60 * time.hour + time.minute - zone) + time.second, time.nanoseconds};
}

/// Parses Unix seconds. **Source:** moby, api/types/time, the format in which Docker's client sends a time to its
/// daemon.
constexpr std::optional<Timestamp> parse_unix_seconds(std::string_view text) noexcept {
    Cursor at(text);
    at.consume("+");
    const std::string_view whole = at.digits();
    std::uint64_t seconds = 0, any = 0;
    if (whole.empty() || !whole_number(whole, INT64_MAX, seconds)) return std::nullopt;
    const std::string_view fraction = at.consume(".") ? at.digits() : std::string_view();
    if (!at.empty() || !whole_number(fraction, UINT64_MAX, any)) return std::nullopt;
    return Timestamp{static_cast<std::int64_t>(seconds), nanoseconds_of(fraction)};
}

}  // namespace detail

/// Parses a moment as Docker's `until` takes it: a Go duration before `now` ("24h", "1h30m"); a date or a time of RFC
/// 3339 ("2024-06-27", "2024-06-27T15:04Z"), in UTC unless it has a zone; or Unix seconds, with or without a fraction.
/// @param text the moment.
/// @param now the moment that durations count back from.
/// **Errors:** `bad_timestamp` for a text of another form, and for a `now` after the year 9999.
/// **Complexity:** O(n) for n bytes.
/// **Source:** moby, `timetypes.GetTimestamp`; tests/oracle/vectors/timestamps.tsv. Messages can differ from those of
/// moby.
constexpr Result<Timestamp> parse_timestamp(std::string_view text, Timestamp now) {
    if (constexpr std::int64_t end_of_9999 = 253402300799; now.seconds > end_of_9999)
        return Error{
            ErrorCode::bad_timestamp,
            detail::joined({"invalid now ", detail::quoted(detail::Decimal(static_cast<std::uint64_t>(now.seconds))),
                            ": it is after the year 9999, so it may be in milliseconds: give seconds"})};
    // A lone "0" is the start of 1970, not a duration.
    std::int64_t duration = 0;
    if (text != "0" && detail::parse_duration(text, duration)) return detail::before(now, duration);
    if (const auto date = detail::parse_date(text)) return *date;
    if (const auto unix_seconds = detail::parse_unix_seconds(text)) return *unix_seconds;
    return Error{ErrorCode::bad_timestamp,
                 detail::joined({"invalid time ", detail::quoted(text),
                                 ": write a duration such as 24h, a date such as 2024-06-27 or 2024-06-27T15:04:05Z, "
                                 "or Unix seconds"})};
}

/// Parses a moment like `parse_timestamp`, for options that compare with the age of records. It must not be after
/// `now`.
/// **Errors:** those of `parse_timestamp`, and `bad_timestamp` for a moment after `now`, such as "-24h".
/// **Complexity:** O(n) for n bytes.
constexpr Result<Timestamp> parse_age(std::string_view text, Timestamp now) {
    auto moment = parse_timestamp(text, now);
    if (!moment || *moment <= now) return moment;
    return Error{ErrorCode::bad_timestamp,
                 detail::joined({"invalid age ", detail::quoted(text),
                                 ": it is after now; write a duration without a sign, such as 24h, or a past moment"})};
}

}  // namespace pruneplan

#endif

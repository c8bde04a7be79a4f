#ifndef ENGINE_PRUNE_MOMENT_HPP
#define ENGINE_PRUNE_MOMENT_HPP

// SPDX-License-Identifier: BSL-1.0

// Formats times for people and for programs.

#include <pruneplan/pruneplan.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <optional>
#include <string>

namespace engine_prune {

/// Returns a duration in Docker's words. Source: github.com/docker/go-units, duration.go, HumanDuration.
inline std::string readable_duration(std::int64_t seconds) {
    const auto counted = [](std::int64_t count, const char* unit) { return std::to_string(count) + " " + unit; };
    constexpr std::int64_t minute = 60, hour = 60 * minute, day = 24, week = 7 * day, month = 30 * day,
                           year = 365 * day;
    if (seconds < 1) return "Less than a second";
    if (seconds == 1) return "1 second";
    if (seconds < minute) return counted(seconds, "seconds");
    if (seconds < 2 * minute) return "About a minute";
    if (seconds < hour) return counted(seconds / minute, "minutes");
    const std::int64_t hours = seconds / hour + (seconds % hour >= hour / 2 ? 1 : 0);  // to the nearest
    if (hours == 1) return "About an hour";
    if (hours < 2 * day) return counted(hours, "hours");
    if (hours < 2 * week) return counted(hours / day, "days");
    if (hours < 2 * month) return counted(hours / week, "weeks");
    if (hours < 2 * year) return counted(hours / month, "months");
    return counted(seconds / hour / year, "years");
}

/// Returns whether a time is known. Go's zero time, in the year 1, means that it is not.
inline bool is_set(std::optional<pruneplan::Timestamp> moment) {
    constexpr std::int64_t go_zero = -62'135'596'800;
    return moment && moment->seconds != go_zero;
}

/// Returns what Docker shows below CREATED, in whole seconds; "N/A" if the time is unknown.
inline std::string created_since(std::optional<pruneplan::Timestamp> created, pruneplan::Timestamp now) {
    if (!is_set(created)) return "N/A";
    if (*created >= now) return readable_duration(0) + " ago";
    // Unsigned: two times of a listing can be further apart than a signed number holds.
    const std::uint64_t seconds =
        static_cast<std::uint64_t>(now.seconds) - static_cast<std::uint64_t>(created->seconds);
    return readable_duration(static_cast<std::int64_t>(std::min<std::uint64_t>(seconds, INT64_MAX))) + " ago";
}

/// Returns a time as RFC 3339, in UTC: "2026-11-25T07:51:57Z"; nothing outside of the years 0 to 9999.
inline std::optional<std::string> to_rfc3339(pruneplan::Timestamp moment) {
    constexpr std::int64_t seconds_a_day = 86'400, first_day = -719'528, last_day = 2'932'896;
    const std::int64_t of_day = (moment.seconds % seconds_a_day + seconds_a_day) % seconds_a_day;
    const std::int64_t days = (moment.seconds - of_day) / seconds_a_day;
    if (days < first_day || days > last_day) return std::nullopt;
    const std::chrono::year_month_day date{std::chrono::sys_days(std::chrono::days(static_cast<int>(days)))};
    char text[64];
    std::snprintf(text, sizeof text, "%04d-%02u-%02uT%02d:%02d:%02dZ", static_cast<int>(date.year()),
                  static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                  static_cast<int>(of_day / 3600), static_cast<int>(of_day / 60 % 60), static_cast<int>(of_day % 60));
    return text;
}

}  // namespace engine_prune

#endif

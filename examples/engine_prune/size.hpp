#ifndef ENGINE_PRUNE_SIZE_HPP
#define ENGINE_PRUNE_SIZE_HPP

// SPDX-License-Identifier: BSL-1.0

// Prints sizes as Docker does, and parses them.

#include "listing.hpp"

#include <pruneplan/pruneplan.hpp>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

namespace engine_prune {

/// Returns a size as Docker prints it: in powers of 1000, with three digits in a list of images and four in a sum.
/// Docker prints 999.6kB as "1e+03kB"; this function returns "1MB". Source: github.com/docker/go-units, size.go,
/// HumanSizeWithPrecision.
inline std::string readable_size(std::uint64_t bytes, int digits = 3) {
    constexpr std::string_view units[] = {"B", "kB", "MB", "GB", "TB", "PB", "EB"};
    double size = static_cast<double>(bytes);
    std::size_t unit = 0;
    for (; size >= 1000 && unit + 1 < std::size(units); ++unit) size /= 1000;
    char text[32];
    std::snprintf(text, sizeof text, "%.*g", digits, size);
    const bool rounded_up = std::string_view(text) == "1e+03" || std::string_view(text) == "1000";
    if (rounded_up && unit + 1 < std::size(units)) return "1" + std::string(units[unit + 1]);
    return text + std::string(units[unit]);
}

/// Returns the bytes of a unit: "", "B", "k", "kB", "KiB", "m", …, in any case; nothing if the unit is unknown.
inline std::optional<std::uint64_t> unit_size(std::string_view name) {
    constexpr std::string_view prefixes = "kmgtp";
    std::string rest(name);
    for (char& c : rest)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    if (rest.ends_with('b')) rest.pop_back();
    const bool binary = rest.size() == 2 && rest[1] == 'i' && name.size() == 3;
    if (binary) rest.pop_back();
    if (rest.empty()) return 1;
    const std::size_t power = prefixes.find(rest);
    if (rest.size() > 1 || power == prefixes.npos) return std::nullopt;
    std::uint64_t bytes = 1;
    for (std::size_t i = 0; i <= power; ++i) bytes *= binary ? 1024 : 1000;
    return bytes;
}

/// Returns the bytes of a decimal fraction of a unit, rounded to the nearest byte, halves up. Units are at most 2^50.
/// The loop divides by ten for each digit, from the last; rounding down each time is the same as rounding down once.
inline std::uint64_t fraction_in_bytes(std::string_view digits, std::uint64_t unit) {
    std::uint64_t half_bytes = 0;
    for (auto digit = digits.rbegin(); digit != digits.rend(); ++digit)
        half_bytes = (half_bytes + 2 * unit * static_cast<std::uint64_t>(*digit - '0')) / 10;
    return (half_bytes + 1) / 2;
}

/// Parses "1.5GB", "500MB", "1kB", "500M", "2GiB" or a number of bytes.
inline pruneplan::Result<std::int64_t> parse_size(std::string_view text) {
    constexpr std::string_view digits = "0123456789";
    const auto invalid = [&](std::string_view why) { return failure("\"" + escaped(text) + "\" " + std::string(why)); };
    const auto number_end = [&](std::size_t from) {
        return std::min(text.find_first_not_of(digits, from), text.size());
    };

    std::size_t end = number_end(0);
    std::uint64_t whole = 0;
    const auto [parsed, error] = std::from_chars(text.data(), text.data() + end, whole);
    constexpr std::string_view too_large = "is too large a size: give less than 9.2EB";
    if (error == std::errc::result_out_of_range) return invalid(too_large);
    std::string_view fraction;
    if (end > 0 && text.substr(end).starts_with('.')) {
        const std::size_t start = end + 1;
        end = number_end(start);
        fraction = text.substr(start, end - start);
        if (fraction.empty()) end = 0;
    }
    std::string_view unit_name = text.substr(end);
    if (unit_name.size() > 1 && unit_name.starts_with(' ')) unit_name.remove_prefix(1);
    const auto unit = unit_size(unit_name);
    if (end == 0 || !unit) return invalid("is not a size: give bytes, or a size such as 1.5GB, 500MB or 2GiB");

    const std::uint64_t rest = fraction_in_bytes(fraction, *unit);
    if (whole > (INT64_MAX - rest) / *unit) return invalid(too_large);
    return static_cast<std::int64_t>(whole * *unit + rest);
}

}  // namespace engine_prune

#endif

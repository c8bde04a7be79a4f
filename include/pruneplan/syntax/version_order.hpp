#ifndef PRUNEPLAN_SYNTAX_VERSION_ORDER_HPP
#define PRUNEPLAN_SYNTAX_VERSION_ORDER_HPP

// SPDX-License-Identifier: BSL-1.0

// The order of versions in tags, that of Semantic Versioning 2.0:
//
//   version      = [ "v" ] number *2( "." number ) [ "-" identifiers ] [ "+" identifiers ]
//   number       = 1*[0-9]
//   identifiers  = 1*[0-9A-Za-z-] *( "." 1*[0-9A-Za-z-] )
//
// Tags are less strict than the specification: "v", missing numbers and leading zeros are allowed.

#include <pruneplan/detail/text/characters.hpp>

#include <algorithm>
#include <compare>
#include <cstddef>
#include <string_view>

namespace pruneplan {

namespace detail {

/// Holds the parts of a version, as views into its text.
struct Version {
    std::string_view numbers[3];   ///< empty if missing
    std::string_view pre_release;  ///< empty if missing
};

constexpr bool are_identifiers(std::string_view text) noexcept {
    bool filled = false;
    for (const char c : text) {
        if (c == '.' ? !filled : !is(c, lower | upper | digit) && c != '-') return false;
        filled = c != '.';
    }
    return filled;
}

/// Splits a version. Returns false if the text is not a version.
constexpr bool split_version(std::string_view text, Version& version) noexcept {
    std::size_t at = text.starts_with('v') ? 1 : 0;
    for (std::string_view& number : version.numbers) {
        if (&number != version.numbers) {
            if (!text.substr(at).starts_with('.')) break;
            ++at;
        }
        const std::size_t end = skip(text, at, digit);
        if (end == at) return false;
        number = text.substr(at, end - at);
        at = end;
    }
    text.remove_prefix(at);
    if (text.starts_with('-')) {
        version.pre_release = text.substr(1, text.find('+') - 1);
        if (!are_identifiers(version.pre_release)) return false;
        text.remove_prefix(1 + version.pre_release.size());
    }
    return text.empty() || (text.front() == '+' && are_identifiers(text.substr(1)));
}

/// Compares two numbers of any length by value.
constexpr std::weak_ordering compare_numbers(std::string_view a, std::string_view b) noexcept {
    a.remove_prefix((std::min)(a.find_first_not_of('0'), a.size()));
    b.remove_prefix((std::min)(b.find_first_not_of('0'), b.size()));
    return a.size() != b.size() ? a.size() <=> b.size() : a <=> b;
}

/// Compares two pre-releases, neither of which is empty.
constexpr std::weak_ordering compare_pre_releases(std::string_view a, std::string_view b) noexcept {
    for (;;) {
        const std::string_view first = a.substr(0, a.find('.')), second = b.substr(0, b.find('.'));
        const bool is_number = skip(first, 0, digit) == first.size();
        if (is_number != (skip(second, 0, digit) == second.size()))
            return is_number ? std::weak_ordering::less : std::weak_ordering::greater;
        const std::weak_ordering order = is_number ? compare_numbers(first, second) : first <=> second;
        if (std::is_neq(order)) return order;
        const bool has_more = first.size() < a.size(), has_more_in_b = second.size() < b.size();
        if (!has_more || !has_more_in_b) return has_more <=> has_more_in_b;
        a.remove_prefix(first.size() + 1);
        b.remove_prefix(second.size() + 1);
    }
}

}  // namespace detail

/// Compares two versions, such as the tags "v1.10.0" and "1.9". A missing number is 0; numbers are compared by value,
/// whatever their length and their leading zeros; build metadata has no effect. A text that is not a version is less
/// than every version, and equivalent to every other such text.
/// **Complexity:** O(n) for n bytes; no allocation.
/// **Source:** Semantic Versioning 2.0.0, section 11.
constexpr std::weak_ordering compare_versions(std::string_view a, std::string_view b) noexcept {
    detail::Version first, second;
    const bool is_first = detail::split_version(a, first), is_second = detail::split_version(b, second);
    if (!is_first || !is_second) return is_first <=> is_second;
    for (std::size_t i = 0; i < 3; ++i)
        if (const auto order = detail::compare_numbers(first.numbers[i], second.numbers[i]); std::is_neq(order))
            return order;
    if (first.pre_release.empty() || second.pre_release.empty())
        return first.pre_release.empty() <=> second.pre_release.empty();
    return detail::compare_pre_releases(first.pre_release, second.pre_release);
}

}  // namespace pruneplan

#endif

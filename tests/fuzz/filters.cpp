// SPDX-License-Identifier: BSL-1.0
// Fuzzes parse_filter and parse_filters: each line of the input is a filter.

#include "targets.hpp"

#include <pruneplan/options.hpp>
#include <pruneplan/syntax/filter.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace {

using fuzz::require;
using pruneplan::FilterKind;

constexpr pruneplan::Timestamp parsed_at{1719500000, 0};

void check_filter(std::string_view text, const pruneplan::Filter& filter) {
    require(text.find('=') != text.npos, "a filter has the form key=value");
    require(filter.text() == text, "a filter has the text that it was parsed from");
    require(filter.kind() != FilterKind::reference || text.find(filter.glob().pattern()) != text.npos,
            "the pattern of a reference is part of the text");
    require(!filter.negated() || filter.kind() == FilterKind::label || filter.kind() == FilterKind::reference,
            "only label and reference can be negated");
    if (filter.kind() == FilterKind::before || filter.kind() == FilterKind::since)
        require(filter.value() && !filter.value()->empty(), "before and since name an image");
    if (filter.kind() == FilterKind::label) {
        require(!filter.key().ends_with('!') || text.find("!!") != text.npos,
                "a ! at the end of a label's key negates the filter");
        require(text.find(filter.key()) != text.npos, "the key of a label is part of the text");
        if (filter.value())
            require(text.find(*filter.value()) != text.npos, "the value of a label is part of the text");
    }
}

std::string_view trimmed(std::string_view text) {
    constexpr std::string_view blanks = " \t\n\v\f\r";
    const std::size_t start = text.find_first_not_of(blanks);
    return start == text.npos ? "" : text.substr(start, text.find_last_not_of(blanks) - start + 1);
}

/// Tells whether a text is a filter `dangling`, valid or not.
bool is_dangling_filter(std::string_view text) {
    std::string key(trimmed(text.substr(0, text.find('='))));
    for (char& c : key)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return key == "dangling" && text.find('=') != text.npos;
}

}  // namespace

void fuzz::filters(std::string_view bytes) {
    const std::vector<std::string_view> lines = fuzz::lines_of(bytes);
    bool valid = true, dangling = false, not_dangling = false;
    std::size_t expected = 0;
    for (const std::string_view line : lines) {
        const auto filter = pruneplan::parse_filter(line, parsed_at);
        if (is_dangling_filter(line)) {
            require(!filter, "only parse_filters takes a filter dangling");
            const std::string_view value = trimmed(line.substr(line.find('=') + 1));
            const bool on = value == "true" || value == "1", off = value == "false" || value == "0";
            valid = valid && (on || off);
            dangling = dangling || on;
            not_dangling = not_dangling || off;
            continue;
        }
        valid = valid && filter.has_value();
        if (!filter) {
            const std::string_view message = filter.error().message;
            require(message.find('\n') == message.npos && !message.empty(), "a message is one line");
            continue;
        }
        check_filter(line, *filter);
        ++expected;
    }
    const auto options = pruneplan::parse_filters(lines, parsed_at);
    require(options.has_value() == (valid && !(dangling && not_dangling)),
            "filters are valid together if each is valid and dangling is not contradicted");
    if (!options) return;
    require(options->filters.size() == expected, "the options have all filters but `dangling`");
    require((options->scope == pruneplan::Scope::unused) == not_dangling, "`dangling` sets the scope");
}

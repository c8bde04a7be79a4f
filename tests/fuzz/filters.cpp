// SPDX-License-Identifier: BSL-1.0
// Fuzzes parse_filter and parse_filters: each line of the input is a filter.

#include "targets.hpp"

#include <pruneplan/options.hpp>
#include <pruneplan/syntax/filter.hpp>

#include <cstddef>
#include <string_view>
#include <vector>

namespace {

using fuzz::require;
using pruneplan::FilterKind;

constexpr pruneplan::Timestamp now{1719500000, 0};

std::vector<std::string_view> lines_of(std::string_view text) {
    std::vector<std::string_view> lines;
    for (;;) {
        const std::size_t end = text.find('\n');
        lines.push_back(text.substr(0, end));
        if (end == text.npos) return lines;
        text.remove_prefix(end + 1);
    }
}

void check_filter(std::string_view text, const pruneplan::Filter& filter) {
    require(text.find('=') != text.npos, "a filter has the form key=value");
    require(filter.glob.has_value() == (filter.kind == FilterKind::reference),
            "a filter has a pattern if its kind is reference");
    require(!filter.negated || filter.kind == FilterKind::label || filter.kind == FilterKind::reference,
            "only label and reference can be negated");
    if (filter.kind == FilterKind::before || filter.kind == FilterKind::since)
        require(filter.value() && !filter.value()->empty(), "before and since name an image");
    if (filter.kind == FilterKind::label) {
        require(!filter.key().ends_with('!') || text.find("!!") != text.npos,
                "a ! at the end of a label's key negates the filter");
        require(text.find(filter.key()) != text.npos, "the key of a label is part of the text");
        if (filter.value())
            require(text.find(*filter.value()) != text.npos, "the value of a label is part of the text");
    }
}

}  // namespace

void fuzz::filters(std::string_view bytes) {
    const std::vector<std::string_view> lines = lines_of(bytes);
    bool valid = true, dangling = false, not_dangling = false;
    std::size_t expected = 0;
    for (const std::string_view line : lines) {
        const auto filter = pruneplan::parse_filter(line, now);
        valid = valid && filter.has_value();
        if (!filter) {
            const std::string_view message = filter.error().message;
            require(message.find('\n') == message.npos && !message.empty(), "a message is one line");
            continue;
        }
        check_filter(line, *filter);
        if (filter->kind != FilterKind::dangling)
            ++expected;
        else
            (filter->flag ? dangling : not_dangling) = true;
    }
    const auto options = pruneplan::parse_filters(lines, now);
    require(options.has_value() == (valid && !(dangling && not_dangling)),
            "filters are valid together if each is valid and dangling is not contradicted");
    if (!options) return;
    require(options->filters.size() == expected, "the options have all filters but `dangling`");
    require((options->scope == pruneplan::Scope::unused) == not_dangling, "`dangling` sets the scope");
}

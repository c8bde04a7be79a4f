// SPDX-License-Identifier: BSL-1.0
// Filters: one a line, parsed one by one and together.

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
    require(text.find('=') != text.npos, "a filter is key=value");
    require(filter.glob.has_value() == (filter.kind == FilterKind::reference), "a filter has a pattern where it needs one");
    require(!filter.negated || filter.kind == FilterKind::label || filter.kind == FilterKind::reference,
            "only label and reference can be turned round");
    if (filter.kind == FilterKind::before || filter.kind == FilterKind::since)
        require(filter.value() && !filter.value()->empty(), "before and since name an image");
    if (filter.kind == FilterKind::label) {
        require(!filter.key().ends_with('!') || text.find("!!") != text.npos, "a ! at a label's end turns it round");
        require(text.find(filter.key()) != text.npos, "a label's key is in the filter's text");
        if (filter.value()) require(text.find(*filter.value()) != text.npos, "a label's value is in the filter's text");
    }
}

}  // namespace

void fuzz::filters(std::string_view bytes) {
    const std::vector<std::string_view> lines = lines_of(bytes);
    bool valid = true, dangling = false, dangling_not = false;
    std::size_t kept = 0;
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
            ++kept;
        else
            (filter->flag ? dangling : dangling_not) = true;
    }
    const auto options = pruneplan::parse_filters(lines, now);
    require(options.has_value() == (valid && !(dangling && dangling_not)), "filters are valid together as each by itself");
    if (!options) return;
    require(options->filters.size() == kept, "all filters but `dangling` are kept");
    require((options->scope == pruneplan::Scope::unused) == dangling_not, "`dangling` sets the scope");
}

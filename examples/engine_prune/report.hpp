#ifndef ENGINE_PRUNE_REPORT_HPP
#define ENGINE_PRUNE_REPORT_HPP

// A report for people, as `docker image prune` prints it, and for programs.

#include "listing.hpp"

#include <pruneplan/pruneplan.hpp>

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <iterator>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

namespace engine_prune {

/// As Docker prints sizes: three digits, in thousands.
inline std::string readable_size(std::uint64_t bytes) {
    constexpr std::string_view units[] = {"B", "kB", "MB", "GB", "TB", "PB", "EB"};
    double size = static_cast<double>(bytes);
    std::size_t unit = 0;
    while (size >= 999.5 && unit + 1 < std::size(units)) {
        size /= 1000;
        ++unit;
    }
    char text[32];
    std::snprintf(text, sizeof text, "%.3g", size);
    return text + std::string(units[unit]);
}

inline void print_report(std::ostream& out, const pruneplan::PruneReport& report) {
    if (!report.untagged.empty()) out << "Deleted Images:\n";
    for (const auto& record : report.untagged) out << "untagged: " << escaped(record.familiar) << '\n';
    for (const std::string& digest : report.deleted) out << "deleted: " << escaped(digest) << '\n';
    for (const auto& skip : report.skipped) out << "skipped: " << escaped(skip.name) << ": " << to_string(skip.reason) << '\n';
    for (const auto& failed : report.failures) out << "failed: " << escaped(failed.name) << ": " << failed.error << '\n';
    if (report.cancelled) out << "cancelled before the end\n";
    out << "\nTotal reclaimed space: at most " << readable_size(report.space_reclaimed) << '\n';
}

/// RFC 8259, section 7. Bytes that are not UTF-8 go through as they are.
inline std::string quoted_json(std::string_view text) {
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') {
            out += {'\\', c};
        } else if (static_cast<unsigned char>(c) < 0x20) {
            char code[8];
            std::snprintf(code, sizeof code, "\\u%04x", static_cast<unsigned>(c));
            out += code;
        } else {
            out += c;
        }
    }
    return out + "\"";
}

template <class List, class Print>
void print_json_list(std::ostream& out, std::string_view key, const List& list, Print print) {
    out << quoted_json(key) << ":[";
    const char* comma = "";
    for (const auto& item : list) {
        out << comma << print(item);
        comma = ",";
    }
    out << ']';
}

/// One line: {"untagged":[…],"deleted":[…],"space_reclaimed":N,"failures":[…],"skipped":[…],"cancelled":false}
inline void print_json(std::ostream& out, const pruneplan::PruneReport& report) {
    const auto record = [](const auto& item, std::string_view key, std::string_view value) {
        return "{\"name\":" + quoted_json(item.name) + ",\"target\":" + quoted_json(item.target) + "," + quoted_json(key) +
               ":" + quoted_json(value) + "}";
    };
    out << '{';
    print_json_list(out, "untagged", report.untagged, [](const auto& item) { return quoted_json(item.name); });
    out << ',';
    print_json_list(out, "deleted", report.deleted, quoted_json);
    out << ",\"space_reclaimed\":" << report.space_reclaimed << ',';
    print_json_list(out, "failures", report.failures, [&](const auto& item) { return record(item, "error", item.error); });
    out << ',';
    print_json_list(out, "skipped", report.skipped,
                    [&](const auto& item) { return record(item, "reason", to_string(item.reason)); });
    out << ",\"cancelled\":" << (report.cancelled ? "true" : "false") << "}\n";
}

}  // namespace engine_prune

#endif

#ifndef ENGINE_PRUNE_JSON_HPP
#define ENGINE_PRUNE_JSON_HPP

// SPDX-License-Identifier: BSL-1.0

// Writes JSON (RFC 8259).

#include "text.hpp"

#include <cstdio>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace engine_prune {

/// Returns a JSON string. JSON holds UTF-8 only: each invalid byte becomes U+FFFD.
inline std::string quoted_json(std::string_view text) {
    std::string out = "\"";
    for (const char c : to_utf8(text)) {
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

/// Returns a JSON object; the values of `members` are JSON already.
inline std::string json_object(std::initializer_list<std::pair<std::string_view, std::string>> members) {
    std::string out;
    for (const auto& [key, value] : members) out += (out.empty() ? "" : ",") + quoted_json(key) + ":" + value;
    return "{" + out + "}";
}

/// Returns a JSON array of `to_json(item)` for each item.
template <class List, class ToJson>
std::string json_array(const List& list, ToJson to_json) {
    std::string out;
    for (const auto& item : list) {
        if (!out.empty()) out += ',';
        out += to_json(item);
    }
    return "[" + out + "]";
}

}  // namespace engine_prune

#endif

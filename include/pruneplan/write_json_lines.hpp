#ifndef PRUNEPLAN_WRITE_JSON_LINES_HPP
#define PRUNEPLAN_WRITE_JSON_LINES_HPP

// SPDX-License-Identifier: BSL-1.0

// Writes a plan for programs: one JSON object a line, one line a record.

#include <pruneplan/detail/decimal.hpp>
#include <pruneplan/detail/text_output.hpp>
#include <pruneplan/image_index.hpp>
#include <pruneplan/plan.hpp>

#include <cstddef>
#include <string_view>

namespace pruneplan {

namespace detail {

/// Writes a JSON string (RFC 8259, section 7). Also escapes characters that some readers take for the end of a line.
template <class Out>
constexpr void write_json_string(std::string_view text, Out& out) {
    const auto is_plain = [](const Character& character) {
        const char32_t code = character.code;
        return character.well_formed && code >= 0x20 && code != '"' && code != '\\' &&
               !(code >= 0x7f && code <= 0x9f) && code != 0x2028 && code != 0x2029;
    };
    const auto escape = [&out](const Character& character, std::string_view bytes) {
        if (!character.well_formed) {
            out("\\ufffd");
            return;
        }
        switch (character.code) {
            case '"':
            case '\\':
                out("\\");
                out(bytes);
                return;
            case '\b': out("\\b"); return;
            case '\f': out("\\f"); return;
            case '\n': out("\\n"); return;
            case '\r': out("\\r"); return;
            case '\t': out("\\t"); return;
            default: out("\\u"); write_hex(static_cast<unsigned>(character.code), 4, out);
        }
    };
    out("\"");
    write_escaped(text, is_plain, escape, out);
    out("\"");
}

}  // namespace detail

/// Writes `plan` as JSON lines, one for each record, in the order of the index:
///
///     {"record":0,"name":"alpine:3.20","target":"sha256:82d1e9d7","action":"keep","reason":"last_name","container":3}
///
/// `record` is the record's number in the index. `action` and `reason` are the words of `to_string`, which
/// `parse_action` and `parse_reason` read. `container` is the position of the container that caused the decision; it is
/// missing if `Decision::container` is empty. `"mounted":true` follows it if that container mounts the image. Later
/// versions may add members, and keep these.
///
/// Every line is valid JSON in UTF-8, whatever bytes names and targets have: each byte that is part of no well-formed
/// UTF-8 sequence is written as U+FFFD, as Go's encoding/json does. Two such names can look the same: `record` tells
/// them apart.
///
/// @param plan the plan to write.
/// @param index the index that the plan was made of.
/// @param out called as `out(std::string_view)` with one piece of text after the other. A piece is valid until the call
/// returns. What `out` returns is ignored.
/// @pre `plan` was made of `index`.
/// **Throws:** only what `out` throws.
/// **Complexity:** O(n) for n records and their texts. **Memory:** none: it allocates nothing.
template <class Store, detail::TextOutput Out>
constexpr void write_json_lines(const PrunePlan& plan, const ImageIndex<Store>& index, Out&& out) {
    detail::require_plan_of(plan, index);
    for (std::size_t id = 0; id < index.size(); ++id) {
        const Decision decision = plan.decisions()[id];
        out("{\"record\":");
        out(detail::Decimal(id));
        out(",\"name\":");
        detail::write_json_string(index.name(id), out);
        out(",\"target\":");
        detail::write_json_string(index.target(id), out);
        out(",\"action\":\"");
        out(to_string(decision.action));
        out("\",\"reason\":\"");
        out(to_string(decision.reason));
        out("\"");
        if (decision.container) {
            out(",\"container\":");
            out(detail::Decimal(*decision.container));
            if (decision.mounted) out(",\"mounted\":true");
        }
        out("}\n");
    }
}

}  // namespace pruneplan

#endif

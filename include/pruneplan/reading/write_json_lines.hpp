#ifndef PRUNEPLAN_READING_WRITE_JSON_LINES_HPP
#define PRUNEPLAN_READING_WRITE_JSON_LINES_HPP

// SPDX-License-Identifier: BSL-1.0

// Writes a plan for programs: one JSON object a line, one line a record.

#include <pruneplan/detail/text/decimal.hpp>
#include <pruneplan/detail/text/text_output.hpp>
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
    const auto escape = [&out](const Character& character, std::string_view) {
        if (!character.well_formed) return void(out("\\ufffd"));
        switch (character.code) {
            case '"': out("\\\""); return;
            case '\\': out("\\\\"); return;
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

/// Writes `plan` as JSON lines: one for each record, in the order of the store, then one for each doubt:
///
///     {"record":0,"name":"alpine:3.20","target":"sha256:82d1e9d7","action":"keep","reason":"last_name","container":3}
///     {"doubt":"unmatched_pattern","number":0,"blocks":false,"sentence":"the pattern …"}
///
/// `action` and `reason` are the words of `to_string`. `container` and `option` are those of `Decision`; they are
/// missing if these are empty. `"mounted":true` follows `container` if that mounts the image, and `container_name` if
/// it has a name. For the reason `needed`, `cause` is a name of the image that needs this one; for `attached` and
/// `attached_to_deleted`, of one that it is attached to. Later versions may add members, and keep these.
///
/// Every line is valid JSON in UTF-8, whatever bytes names and targets have: each byte that is part of no well-formed
/// UTF-8 sequence is written as U+FFFD, as Go's encoding/json does. Two such names can look the same: `record` tells
/// them apart.
///
/// @param plan the plan to write.
/// @param out called as `out(std::string_view)` with one piece of text after the other. A piece is valid until the call
/// returns. What `out` returns is ignored.
/// **Throws:** what `out` and allocations throw.
/// **Complexity:** O(n + d) for n records and d doubts, and the length of what is written: a line names the container
/// or image that decided.
template <detail::TextOutput Out>
constexpr void write_json_lines(const PrunePlan& plan, Out&& out) {
    const detail::PlanContent& content = detail::content(plan);
    const detail::TextList& containers = content.containers;
    const auto member = [&](std::string_view name, std::size_t number) {
        out(name);
        out(detail::Decimal(number));
    };
    const auto text_member = [&](std::string_view name, std::string_view text) {
        out(name);
        detail::write_json_string(text, out);
    };
    for (const Decision decision : plan) {
        member("{\"record\":", decision.record);
        text_member(",\"name\":", decision.name);
        text_member(",\"target\":", decision.target);
        text_member(",\"action\":", to_string(decision.action));
        text_member(",\"reason\":", to_string(decision.reason));
        if (const auto cause = content.causing_name(decision.record)) text_member(",\"cause\":", *cause);
        if (decision.option) member(",\"option\":", *decision.option);
        if (decision.container) {
            member(",\"container\":", *decision.container);
            if (decision.mounted) out(",\"mounted\":true");
            if (*decision.container < containers.size() && !containers[*decision.container].empty())
                text_member(",\"container_name\":", containers[*decision.container]);
        }
        out("}\n");
    }
    for (const auto& doubt : plan.doubts()) {
        text_member("{\"doubt\":", to_string(doubt.kind));
        member(",\"number\":", doubt.number);
        out(doubt.blocks ? ",\"blocks\":true" : ",\"blocks\":false");
        text_member(",\"sentence\":", doubt.sentence);
        out("}\n");
    }
}

}  // namespace pruneplan

#endif

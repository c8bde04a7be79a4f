#ifndef PRUNEPLAN_READING_WRITE_DOT_HPP
#define PRUNEPLAN_READING_WRITE_DOT_HPP

// SPDX-License-Identifier: BSL-1.0

// Writes a plan as a graph that Graphviz draws.

#include <pruneplan/detail/text/decimal.hpp>
#include <pruneplan/detail/text/text_output.hpp>
#include <pruneplan/plan.hpp>

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace pruneplan {

namespace detail {

/// Writes text within the quotes of a DOT string that is a label or a tooltip: Graphviz reads escapes and entities
/// there.
template <class Out>
constexpr void write_dot_text(std::string_view text, Out& out) {
    const auto is_plain = [](const Character& character) {
        const char32_t code = character.code;
        return character.well_formed && code >= 0x20 && code != '"' && code != '\\' && code != '&' &&
               !(code >= 0x7f && code <= 0x9f) && code != 0xfffe && code != 0xffff;
    };
    const auto escape = [&out](const Character& character, std::string_view bytes) {
        switch (character.code) {
            case '"': out("\\\""); return;
            case '\\': out("\\\\"); return;
            case '&': out("&amp;"); return;
            default:
                for (const char byte : bytes) {
                    out("%");
                    write_hex(static_cast<unsigned char>(byte), 2, out);
                }
        }
    };
    write_escaped(text, is_plain, escape, out);
}

/// Returns the part of a target that people read: of a SHA-256 digest, its first 12 digits.
constexpr std::string_view short_target(std::string_view target) noexcept {
    constexpr std::string_view algorithm = "sha256:";
    return target.starts_with(algorithm) ? target.substr(algorithm.size(), 12) : target;
}

/// Writes the parts of a graph: records in the boxes of their images, containers, and arrows.
template <class Out>
class DotWriter {
public:
    constexpr explicit DotWriter(Out& out) : out_(out) {}

    constexpr void begin() {
        out_(
            "digraph pruneplan {\n"
            "    rankdir=LR; compound=true;\n"
            "    graph [fontname=\"sans-serif\", style=\"rounded,filled\", fillcolor=\"#f6f8fa\"];\n"
            "    node [fontname=\"sans-serif\", style=\"rounded,filled\", shape=box];\n"
            "    edge [fontname=\"sans-serif\", color=\"#59636e\"];\n");
    }
    constexpr void end() { out_("}\n"); }

    /// Writes a record into the box of its image. Graphviz adds up the parts of a box, and the last label counts: the
    /// first record gives the box its label, and every kept record says that the image is kept.
    constexpr void write_record(std::size_t image, const Decision& decision) {
        write("    subgraph cluster_", Decimal(image), " {");
        if (decision.record == image || decision.action == Action::keep) write_image(decision.target, decision.action);
        write(" r", Decimal(decision.record), " [label=\"");
        write_dot_text(decision.name, out_);
        write("\\n", to_string(decision.action), ": ", to_string(decision.reason), "\", fillcolor=\"",
              decision.action == Action::keep ? "#dafbe1" : "#ffebe9", "\", color=\"", color_of(decision.action),
              "\"]; }\n");
    }

    constexpr void write_container(std::size_t container, std::string_view name, const Decision& decision) {
        write("    c", Decimal(container), " [label=\"container ");
        if (name.empty())
            write(Decimal(container));
        else
            write_dot_text(name, out_);
        write("\", shape=ellipse, fillcolor=\"#ddf4ff\", color=\"#0969da\"]; c", Decimal(container), " -> r",
              Decimal(decision.record), decision.action == Action::keep ? " [style=solid" : " [style=dashed",
              decision.mounted ? ", label=\"mounts\"];\n" : "];\n");
    }

    constexpr void write_needed(std::size_t image, std::size_t needed) {
        write_arrow(image, needed, "needs");
        if (image != needed) write(", ltail=cluster_", Decimal(image), ", lhead=cluster_", Decimal(needed));
        write("];\n");
    }
    /// Writes which image a record is attached to. `outside`: the record is of another image.
    constexpr void write_subject(std::size_t record, std::size_t subject, bool outside) {
        write_arrow(record, subject, "attached to");
        if (outside) write(", lhead=cluster_", Decimal(subject));
        write("];\n");
    }

private:
    template <class... Texts>
    constexpr void write(const Texts&... texts) {
        (out_(texts), ...);
    }

    constexpr void write_arrow(std::size_t from, std::size_t to, std::string_view label) {
        write("    r", Decimal(from), " -> r", Decimal(to), " [label=\"", label, "\", arrowhead=empty");
    }

    static constexpr std::string_view color_of(Action action) noexcept {
        return action == Action::keep ? "#1a7f37" : "#cf222e";
    }

    constexpr void write_image(std::string_view target, Action action) {
        write(" label=\"");
        write_dot_text(short_target(target), out_);
        write("\\n", to_string(action), "\"; tooltip=\"");
        write_dot_text(target, out_);
        write("\"; color=\"", color_of(action), "\";");
    }

    Out& out_;
};

}  // namespace detail

/// Writes `plan` as a graph in the DOT language of Graphviz, for `dot -Tsvg`.
///
/// An image is a box that contains its records. Kept ones are green, deleted ones red, and their labels say "keep" or
/// "delete". An image is kept if one of its records is. An arrow leads from the container that caused a decision to the
/// record; it is dashed if the record is deleted. Another leads from an image to each image that it needs, and from a
/// record to each image that it is attached to. A label shows the first 12 digits of a SHA-256 target, and the tooltip
/// the whole target.
///
/// The graph is valid whatever bytes names and targets have: control characters and bytes that are not well-formed
/// UTF-8 are written as %xx.
///
/// @param plan the plan to write.
/// @param out called as `out(std::string_view)` with one piece of text after the other. A piece is valid until the call
/// returns. What `out` returns is ignored.
/// **Throws:** only what `out` throws.
/// **Complexity:** O(n + m) for n records and their texts, and m needed images and subjects. **Memory:** allocates
/// nothing.
/// **Source:** graphviz.org, "DOT Language", and "escString" of "Attribute Types".
template <detail::TextOutput Out>
constexpr void write_dot(const PrunePlan& plan, Out&& out) {
    const detail::PlanContent& content = detail::content(plan);
    detail::DotWriter writer(out);
    writer.begin();
    for (const Decision decision : plan) {
        writer.write_record(content.records.image(decision.record), decision);
        if (const auto container = decision.container)
            writer.write_container(
                *container, *container < content.containers.size() ? content.containers[*container] : "", decision);
        for (const std::uint32_t subject : content.subjects[decision.record])
            writer.write_subject(decision.record, subject, subject != content.records.image(decision.record));
        if (!content.records.is_first(decision.record)) continue;
        for (const std::uint32_t needed : content.needs[decision.record]) writer.write_needed(decision.record, needed);
    }
    writer.end();
}

}  // namespace pruneplan

#endif

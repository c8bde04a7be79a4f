// SPDX-License-Identifier: BSL-1.0

// Tests `write_dot`, which draws a plan for Graphviz.

#include "../../support/check.hpp"
#include "../../support/mock.hpp"
#include "../../support/written.hpp"

#include <pruneplan/plan_prune.hpp>
#include <pruneplan/reading/write_dot.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace {

using pruneplan::Scope;

constexpr std::string_view header =
    "digraph pruneplan {\n"
    "    rankdir=LR; compound=true;\n"
    "    graph [fontname=\"sans-serif\", style=\"rounded,filled\", fillcolor=\"#f6f8fa\"];\n"
    "    node [fontname=\"sans-serif\", style=\"rounded,filled\", shape=box];\n"
    "    edge [fontname=\"sans-serif\", color=\"#59636e\"];\n";

constexpr Written written(const std::vector<mock::FullRecord>& records, const mock::Containers& containers) {
    Written out;
    write_dot(mock::plan_of(mock::FullStore{records}, containers, {.scope = Scope::unused}), out);
    return out;
}

/// Tells whether the graph, without its constant first and last lines, is `expected`.
constexpr bool body_is(const std::vector<mock::FullRecord>& records, const mock::Containers& containers,
                       std::string_view expected) {
    const Written out = written(records, containers);
    const std::string_view text = out;
    return text.starts_with(header) && text.ends_with("\n}\n") &&
           text.substr(header.size(), text.size() - header.size() - 2) == expected;
}

constexpr bool text_is_written_as(std::string_view text, std::string_view expected) {
    Written out;
    pruneplan::detail::write_dot_text(text, out);
    return std::string_view(out) == expected;
}

}  // namespace

TEST_CASE("write_dot draws an image as a box with its names and as kept if one of them is kept") {
    CHECK_TWICE(body_is({{.name = "a:1", .digest = "sha256:0123456789abcdef"},
                         {.name = "b", .digest = "sha256:1"},
                         {.name = "a:2", .digest = "sha256:0123456789abcdef"}},
                        {{"sha256:0123456789abcdef", ""}},
                        "    subgraph cluster_0 { label=\"0123456789ab\\ndelete\"; "
                        "tooltip=\"sha256:0123456789abcdef\"; color=\"#cf222e\"; "
                        "r0 [label=\"a:1\\ndelete: spare_name\", fillcolor=\"#ffebe9\", color=\"#cf222e\"]; }\n"
                        "    c0 [label=\"container 0\", shape=ellipse, fillcolor=\"#ddf4ff\", color=\"#0969da\"]; c0 "
                        "-> r0 [style=dashed];\n"
                        "    subgraph cluster_1 { label=\"1\\ndelete\"; tooltip=\"sha256:1\"; color=\"#cf222e\"; "
                        "r1 [label=\"b\\ndelete: unused\", fillcolor=\"#ffebe9\", color=\"#cf222e\"]; }\n"
                        "    subgraph cluster_0 { label=\"0123456789ab\\nkeep\"; tooltip=\"sha256:0123456789abcdef\"; "
                        "color=\"#1a7f37\"; "
                        "r2 [label=\"a:2\\nkeep: last_name\", fillcolor=\"#dafbe1\", color=\"#1a7f37\"]; }\n"
                        "    c0 [label=\"container 0\", shape=ellipse, fillcolor=\"#ddf4ff\", color=\"#0969da\"]; c0 "
                        "-> r2 [style=solid];\n"));
}

TEST_CASE("write_dot draws each needed image in the store as an arrow even from an image to itself") {
    const std::string text(written({{.name = "base", .digest = "sha256:b"},
                                    {.name = "child:1", .digest = "sha256:c", .needs = "sha256:b"},
                                    {.name = "child:2", .digest = "sha256:c", .needs = "sha256:o"},
                                    {.name = "own", .digest = "sha256:o", .needs = "sha256:o"},
                                    {.name = "orphan", .digest = "sha256:x", .needs = "sha256:missing"}},
                                   {}));
    using Catch::Matchers::ContainsSubstring;
    CHECK_THAT(text, ContainsSubstring(
                         "    r1 -> r0 [label=\"needs\", arrowhead=empty, ltail=cluster_1, lhead=cluster_0];\n"));
    CHECK_THAT(text, ContainsSubstring(
                         "    r1 -> r3 [label=\"needs\", arrowhead=empty, ltail=cluster_1, lhead=cluster_3];\n"));
    CHECK_THAT(text, ContainsSubstring("    r3 -> r3 [label=\"needs\", arrowhead=empty];\n"));
    std::size_t arrows = 0;
    for (auto at = text.find("->"); at != text.npos; at = text.find("->", at + 1)) ++arrows;
    CHECK(arrows == 3);
}

TEST_CASE("write_dot calls a container by its name or else by its number") {
    struct Named : mock::Container {
        std::string_view called{};
        std::string_view name() const { return called; }
    };
    Written out;
    write_dot(*pruneplan::plan_prune(mock::Store{{{"a", "1"}, {"b", "2"}}},
                                     {Named{{"1", ""}, "a \"b\""}, Named{{"2", ""}}}, {.scope = Scope::unused}),
              out);
    using Catch::Matchers::ContainsSubstring;
    const std::string text(out);
    CHECK_THAT(text, ContainsSubstring("c0 [label=\"container a \\\"b\\\"\", "));
    CHECK_THAT(text, ContainsSubstring("c1 [label=\"container 1\", "));
}

TEST_CASE("write_dot escapes what Graphviz reads as an escape or entity or end of a label") {
    CHECK_TWICE(text_is_written_as("a name: ~", "a name: ~"));
    CHECK_TWICE(text_is_written_as("a\"b\\N&lt;\\", "a\\\"b\\\\N&amp;lt;\\\\"));
    CHECK_TWICE(text_is_written_as(std::string_view("\0\n\x7f", 3), "%00%0a%7f"));
    CHECK_TWICE(text_is_written_as("\xc3\xa9\xff\xc2\x80\xef\xbf\xbf", "\xc3\xa9%ff%c2%80%ef%bf%bf"));
}

TEST_CASE("write_dot writes a plan without records as an empty graph") {
    CHECK(std::string_view(written({}, {})) == std::string(header) + "}\n");
}

TEST_CASE("write_dot draws what an attachment is attached to as an arrow from its record") {
    const mock::GraphStore store{{{"app:1", "sha256:a", {}, {}, ""},
                                  {"app:sig", "sha256:5", {}, {}, "sha256:a"},
                                  {"app:self", "sha256:a", {}, {}, "sha256:a"},
                                  {"app:orphan", "sha256:6", {}, {}, "sha256:missing"}}};
    Written out;
    write_dot(*pruneplan::plan_prune(store, mock::Containers(), {.scope = Scope::unused}), out);
    const std::string text{std::string_view(out)};
    CHECK(text.find(" r1 -> r0 [label=\"attached to\", arrowhead=empty, lhead=cluster_0];\n") != text.npos);
    CHECK(text.find(" r2 -> r0 [label=\"attached to\", arrowhead=empty];\n") != text.npos);
    CHECK(text.find(" r3 -> ") == text.npos);
}

// SPDX-License-Identifier: BSL-1.0

// Tests `write_json_lines`: one JSON object a record and a doubt, valid whatever bytes the names have.

#include "../../support/check.hpp"
#include "../../support/json_line.hpp"
#include "../../support/mock.hpp"
#include "../../support/written.hpp"

#include <pruneplan/plan_prune.hpp>
#include <pruneplan/reading/write_json_lines.hpp>

#include <cstddef>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace {

using json_line::Member;
using pruneplan::Scope;

/// A container that mounts an image.
struct Mounting {
    std::string_view id, mounted;
    constexpr std::string_view image_id() const { return id; }
    constexpr std::string_view image_ref() const { return "x"; }
    constexpr std::vector<std::string_view> mounted_image_ids() const { return {mounted}; }
};

constexpr bool writes_four_records() {
    const mock::Store store{{{"a", "sha256:1"}, {"b", "sha256:1"}, {"c", "sha256:2"}, {"d", "sha256:3"}}};
    const auto index = pruneplan::build_index(store);
    const std::vector<Mounting> containers{{"sha256:1", "sha256:3"}};
    Written out;
    write_json_lines(plan_prune(*index, containers, {.scope = Scope::unused}), out);
    return std::string_view(out) ==
           "{\"record\":0,\"name\":\"a\",\"target\":\"sha256:1\",\"action\":\"delete\",\"reason\":\"spare_name\","
           "\"container\":0}\n"
           "{\"record\":1,\"name\":\"b\",\"target\":\"sha256:1\",\"action\":\"keep\",\"reason\":\"last_name\","
           "\"container\":0}\n"
           "{\"record\":2,\"name\":\"c\",\"target\":\"sha256:2\",\"action\":\"delete\",\"reason\":\"unused\"}\n"
           "{\"record\":3,\"name\":\"d\",\"target\":\"sha256:3\",\"action\":\"keep\",\"reason\":\"last_name\","
           "\"container\":0,"
           "\"mounted\":true}\n";
}

constexpr bool text_is_written_as(std::string_view text, std::string_view expected) {
    Written out;
    pruneplan::detail::write_json_string(text, out);
    return std::string_view(out) == expected;
}

/// Returns UTF-8 text with each malformed byte as U+FFFD, by the table of well-formed sequences (Unicode, table 3-7).
std::string repaired(std::string_view text) {
    struct Range {
        unsigned char first, last;
    };
    static const std::vector<std::vector<Range>> sequences{
        {{0x00, 0x7f}},
        {{0xc2, 0xdf}, {0x80, 0xbf}},
        {{0xe0, 0xe0}, {0xa0, 0xbf}, {0x80, 0xbf}},
        {{0xe1, 0xec}, {0x80, 0xbf}, {0x80, 0xbf}},
        {{0xed, 0xed}, {0x80, 0x9f}, {0x80, 0xbf}},
        {{0xee, 0xef}, {0x80, 0xbf}, {0x80, 0xbf}},
        {{0xf0, 0xf0}, {0x90, 0xbf}, {0x80, 0xbf}, {0x80, 0xbf}},
        {{0xf1, 0xf3}, {0x80, 0xbf}, {0x80, 0xbf}, {0x80, 0xbf}},
        {{0xf4, 0xf4}, {0x80, 0x8f}, {0x80, 0xbf}, {0x80, 0xbf}},
    };
    std::string out;
    while (!text.empty()) {
        std::size_t size = 0;
        for (const auto& sequence : sequences) {
            bool fits = sequence.size() <= text.size();
            for (std::size_t i = 0; fits && i < sequence.size(); ++i) {
                const auto byte = static_cast<unsigned char>(text[i]);
                fits = sequence[i].first <= byte && byte <= sequence[i].last;
            }
            if (fits) size = sequence.size();
        }
        out += size == 0 ? std::string_view("\xef\xbf\xbd") : text.substr(0, size);
        text.remove_prefix(size == 0 ? 1 : size);
    }
    return out;
}

}  // namespace

TEST_CASE("write_json_lines writes one line of JSON for each record") { CHECK_TWICE(writes_four_records()); }

TEST_CASE("write_json_lines escapes characters that JSON forbids in a string or that end a line") {
    CHECK_TWICE(text_is_written_as("", "\"\""));
    CHECK_TWICE(text_is_written_as("a/b ~", "\"a/b ~\""));
    CHECK_TWICE(text_is_written_as("\"\\\b\f\n\r\t", "\"\\\"\\\\\\b\\f\\n\\r\\t\""));
    CHECK_TWICE(text_is_written_as(std::string_view("\0\x1f\x7f", 3), "\"\\u0000\\u001f\\u007f\""));
    CHECK_TWICE(text_is_written_as("\xc2\x85\xe2\x80\xa8\xe2\x80\xa9", "\"\\u0085\\u2028\\u2029\""));
    CHECK_TWICE(text_is_written_as("\xc3\xa9\xe2\x82\xac\xf0\x9f\x90\xb3", "\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x90\xb3\""));
}

TEST_CASE("write_json_lines writes a byte of a malformed UTF-8 sequence as U+FFFD") {
    CHECK_TWICE(
        text_is_written_as("a\xff"
                           "b",
                           "\"a\\ufffdb\""));
    CHECK_TWICE(text_is_written_as("\xe2\x82", "\"\\ufffd\\ufffd\""));             // truncated
    CHECK_TWICE(text_is_written_as("\xc0\xaf", "\"\\ufffd\\ufffd\""));             // overlong
    CHECK_TWICE(text_is_written_as("\xed\xa0\x80", "\"\\ufffd\\ufffd\\ufffd\""));  // a surrogate
}

TEST_CASE("write_json_lines writes the option that decided and the name of the container if it has one") {
    struct Named : mock::Container {
        std::string_view called{};
        std::string_view name() const { return called; }
    };
    Written out;
    write_json_lines(*pruneplan::plan_prune(mock::Store{{{"a", "sha256:1"}, {"b", "sha256:2"}, {"c", "sha256:3"}}},
                                            {Named{{"sha256:1", ""}, "w\"b"}, Named{{"sha256:2", ""}}},
                                            {.scope = Scope::unused, .keep = {*pruneplan::Glob::compile("c")}}),
                     out);
    CHECK(std::string_view(out) ==
          "{\"record\":0,\"name\":\"a\",\"target\":\"sha256:1\",\"action\":\"keep\",\"reason\":\"last_name\","
          "\"container\":0,\"container_name\":\"w\\\"b\"}\n"
          "{\"record\":1,\"name\":\"b\",\"target\":\"sha256:2\",\"action\":\"keep\",\"reason\":\"last_name\","
          "\"container\":1}\n"
          "{\"record\":2,\"name\":\"c\",\"target\":\"sha256:3\",\"action\":\"keep\",\"reason\":\"kept_pattern\","
          "\"option\":0}\n");
}

TEST_CASE("write_json_lines names the image that needs another or that an attachment is attached to") {
    mock::GraphStore store;
    store.records = {{.name = "base", .digest = "sha256:1"},
                     {.name = "spare", .digest = "sha256:2", .needs = {"sha256:1"}},
                     {.name = "used", .digest = "sha256:2", .needs = {"sha256:1"}},
                     {.name = "used.sig", .digest = "sha256:3", .subject = "sha256:2"},
                     {.name = "unused", .digest = "sha256:4"},
                     {.name = "unused.sig", .digest = "sha256:5", .subject = "sha256:4"}};
    Written out;
    write_json_lines(*pruneplan::plan_prune(store, {mock::Container{"sha256:2", "used"}}, {.scope = Scope::unused}),
                     out);
    std::vector<Member> last;
    for (std::string_view left(out); !left.empty(); left.remove_prefix(left.find('\n') + 1)) {
        const auto members = json_line::Reader(left.substr(0, left.find('\n'))).object();
        REQUIRE(members);
        last.push_back(members->back());
    }
    // Without doubts.
    last.resize(6);
    CHECK(last == std::vector<Member>{{"cause", "used"},  // not by its other name, which is deleted
                                      {"container", "0"},
                                      {"container", "0"},
                                      {"cause", "used"},
                                      {"reason", "unused"},
                                      {"cause", "unused"}});
}

TEST_CASE("write_json_lines writes one line for each doubt after the records") {
    Written out;
    write_json_lines(*pruneplan::plan_prune(mock::Store{{{"c\"\n", "sha256:2"}}}, {mock::Container{"sha256:1", "x"}},
                                            {.scope = Scope::unused}),
                     out);
    CHECK(std::string_view(out) ==
          "{\"record\":0,\"name\":\"c\\\"\\n\",\"target\":\"sha256:2\",\"action\":\"delete\",\"reason\":\"unused\"}\n"
          "{\"doubt\":\"unmatched_container\",\"number\":0,\"blocks\":true,\"sentence\":\"container 0 uses "
          "\\\"sha256:1\\\", "
          "which no record has: show the planner all records, and the digests that the runtime reports\"}\n"
          "{\"doubt\":\"invalid_name\",\"number\":0,\"blocks\":false,\"sentence\":\"the name \\\"c%22%0A\\\" of record "
          "0 is "
          "neither a reference nor an ID\"}\n");
}

TEST_CASE("write_json_lines writes nothing for a plan without records or doubts") {
    Written out;
    write_json_lines(pruneplan::PrunePlan(), out);
    CHECK(out.pieces() == 0);
}

TEST_CASE("write_json_lines writes random bytes as valid JSON with the same names and targets and words") {
    constexpr unsigned seed = 2026;
    INFO("seed " << seed);
    std::mt19937 random(seed);
    // Bytes with a meaning in JSON or UTF-8 occur more often than others.
    constexpr std::string_view special(
        "\"\\\n\r\0\x7f{}:,\xc2\x80\x85\xe2\xa8\xa9\xed\xa0\xf0\x90\xf4\x8f\xbf\xff\xc0u", 27);
    const auto text = [&] {
        std::string out;
        for (auto left = random() % 12; left > 0; --left)
            out += random() % 4 == 0 ? static_cast<char>(random() % 256) : special[random() % special.size()];
        return out;
    };
    std::size_t records = 0;
    for (int world = 0; world < 2000; ++world) {
        std::vector<std::string> names, targets;
        mock::Store store;
        for (std::size_t i = 0; i < 5; ++i) {
            names.push_back(std::to_string(i) + text());
            targets.push_back(text());
        }
        for (std::size_t i = 0; i < 5; ++i) store.records.push_back({names[i], targets[i]});
        const auto planned = pruneplan::plan_prune(store, {mock::Container{targets[0], ""}}, {.scope = Scope::unused});
        REQUIRE(planned);
        const pruneplan::PrunePlan& plan = *planned;
        std::string written;
        write_json_lines(plan, [&](std::string_view piece) { written += piece; });
        const auto next_line = [&] {
            const std::string line = written.substr(0, written.find('\n'));
            REQUIRE(written.size() > line.size());
            written.erase(0, line.size() + 1);
            CHECK(repaired(line) == line);
            return line;
        };

        for (std::size_t id = 0; id < 5; ++id) {
            const auto members = json_line::Reader(next_line()).object();
            REQUIRE(members);
            const pruneplan::Decision decision = plan[id];
            std::vector<Member> expected{{"record", std::to_string(id)},
                                         {"name", repaired(names[id])},
                                         {"target", repaired(targets[id])},
                                         {"action", std::string(to_string(decision.action))},
                                         {"reason", std::string(to_string(decision.reason))}};
            if (decision.container) expected.push_back({"container", std::to_string(*decision.container)});
            CHECK(*members == expected);
            ++records;
        }
        for (const pruneplan::Doubt& doubt : plan.doubts()) {
            const auto members = json_line::Reader(next_line()).object();
            REQUIRE(members);
            CHECK(*members == std::vector<Member>{{"doubt", std::string(to_string(doubt.kind))},
                                                  {"number", std::to_string(doubt.number)},
                                                  {"blocks", doubt.blocks ? "true" : "false"},
                                                  {"sentence", repaired(doubt.sentence)}});
        }
        CHECK(written.empty());
    }
    CHECK(records == 10000);
}

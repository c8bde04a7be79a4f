// SPDX-License-Identifier: BSL-1.0
// Compares the model with recordings of Docker's own code, so that the model itself is known to be right.

#include "../../support/catch.hpp"
#include "../../support/vectors.hpp"
#include "model.hpp"
#include "names.hpp"

#include <pruneplan/syntax/glob.hpp>

#include <algorithm>
#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace {

/// One recorded prune.
struct Block {
    std::string number{};
    model::World world{};
    std::vector<std::string> deleted{};
};

/// Converts a moment to Unix seconds, the only form that the model reads. The recordings were made at 1719500000.
std::string in_seconds(const std::string& moment) {
    static const std::map<std::string, std::string> known{{"24h", "1719413600"},
                                                          {"72h", "1719240800"},
                                                          {"100h30m", "1719138200"},
                                                          {"150h", "1718960000"},
                                                          {"2024-06-25", "1719273600"}};
    const auto found = known.find(moment);
    return found == known.end() ? moment : found->second;
}

model::Record record_of(const vectors::Fields& fields) {
    model::Record record{fields.at(1), fields.at(2)};
    if (fields.size() > 3) record.created = model::Moment{std::stoll(fields[3])};
    for (std::size_t i = 4; i < fields.size(); ++i) {
        const std::size_t equals = fields[i].find('=');
        record.labels.emplace_back(fields[i].substr(0, equals), fields[i].substr(equals + 1));
    }
    return record;
}

std::vector<Block> read_blocks(const std::string& file) {
    std::vector<Block> blocks;
    for (const vectors::Fields& fields : vectors::read(file)) {
        if (fields[0] == "case") {
            blocks.push_back({fields.at(1)});
            blocks.back().world.options.rule.digests = model::DigestUse::created_by_digest;
            blocks.back().world.options.only_dangling = fields.at(2) == "dangling";
            continue;
        }
        Block& block = blocks.back();
        if (fields[0] == "now") REQUIRE(fields.at(1) == "1719500000");
        if (fields[0] == "filter")
            block.world.options.filters.push_back(fields.at(1) + "=" +
                                                  (fields[1] == "until" ? in_seconds(fields.at(2)) : fields.at(2)));
        if (fields[0] == "image") block.world.records.push_back(record_of(fields));
        if (fields[0] == "container") block.world.containers.push_back({fields.at(1), fields.at(2), {}});
        if (fields[0] == "delete") block.deleted.push_back(fields.at(1));
    }
    return blocks;
}

/// Tells whether Docker's store spells a name in this way: in its canonical form, or as a dangling name.
bool is_canonical(const std::string& name) {
    const auto& reference = model::parse_reference(name);
    return name.starts_with("moby-dangling@") || (reference && reference->canonical() == name);
}

bool is_ascii(const std::string& text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

}  // namespace

// Docker's store spells every name in its canonical form, and Docker compares names byte for byte. So an image that
// keeps a name in another form, of which the recordings have some, because a container was created from it, is left
// out.
TEST_CASE("the model deletes what Docker deletes in every recorded run") {
    std::size_t compared = 0, left_out = 0;
    for (const char* file : {"prune.tsv", "prune_filters.tsv"})
        for (const Block& block : read_blocks(file)) {
            INFO(file << ", case " << block.number);
            const auto& records = block.world.records;
            const model::Plan plan = model::plan(block.world);
            std::set<std::string> in_other_form;
            for (std::size_t i = 0; i < records.size(); ++i)
                if (plan.decisions[i].reason == "name_in_use" && !is_canonical(records[i].name))
                    in_other_form.insert(records[i].target);
            std::vector<std::string> deleted, expected;
            for (const model::Record& record : records) {
                const bool was_deleted =
                    std::find(block.deleted.begin(), block.deleted.end(), record.name) != block.deleted.end();
                if (was_deleted && !in_other_form.contains(record.target)) expected.push_back(record.name);
                ++compared;
                left_out += in_other_form.contains(record.target);
            }
            for (const std::size_t record : plan.deletions)
                if (!in_other_form.contains(records[record].target)) deleted.push_back(records[record].name);
            std::sort(expected.begin(), expected.end());
            CHECK(deleted == expected);
        }
    CHECK(compared > 5000);
    CHECK(left_out < 200);
}

TEST_CASE("the model parses every recorded reference as distribution/reference does") {
    for (const vectors::Fields& line : vectors::read("references.tsv")) {
        INFO(line[0]);
        const auto& reference = model::parse_reference(line[0]);
        REQUIRE(reference.has_value() == (line[1] == "ok"));
        if (!reference) continue;
        CHECK(vectors::Fields{reference->domain, reference->path, reference->tag, reference->digest,
                              reference->familiar(), reference->canonical()} ==
              vectors::Fields{line[2], line[3], line[4], line[5], line[7], line[8]});
    }
}

TEST_CASE("the model matches every recorded ASCII pattern as the reference filter of Docker does") {
    std::size_t matched = 0;
    for (const vectors::Fields& line : vectors::read("reference_globs.tsv")) {
        INFO(line[0] << " " << line[1]);
        const auto& reference = model::parse_reference(line[1]);
        // The library rejects malformed patterns, so no world has one.
        const bool is_malformed = !pruneplan::Glob::compile(line[0]);
        if (is_malformed || !reference || !is_ascii(line[0])) continue;
        ++matched;
        CHECK((model::matches_filter(line[0], *reference) ? "yes" : "no") == line[2]);
    }
    CHECK(matched > 1000);
}

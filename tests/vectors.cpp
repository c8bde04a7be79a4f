// SPDX-License-Identifier: BSL-1.0
// Replays every line of tests/vectors/*.tsv, which record what the original Go code does: the library must do the same.

#include "support/catch.hpp"
#include "support/mock.hpp"
#include "support/vectors.hpp"

#include <pruneplan/detail/significant_part.hpp>
#include <pruneplan/pruneplan.hpp>

#include <string>
#include <vector>

namespace {

/// Parses a reference, and returns the line of references.tsv that describes the result.
vectors::Fields described(const std::string& input) {
    const auto reference = pruneplan::parse_reference(input);
    if (!reference) return {input, "error", std::string(to_string(reference.error().code))};
    const auto tagged = reference->with_default_tag();
    vectors::Fields fields{input, "ok"};
    for (const std::string_view part : {reference->domain(), reference->path(), reference->tag(), reference->digest(),
                                        reference->canonical(), reference->familiar(), tagged.canonical()})
        fields.emplace_back(part);
    return fields;
}

struct Case {
    std::string number;
    pruneplan::PruneOptions options;
    pruneplan::Timestamp now;
    std::vector<vectors::Fields> images, containers;
    std::vector<std::string> deleted;
};

std::vector<Case> read_cases(const std::string& file) {
    std::vector<Case> cases;
    for (const vectors::Fields& fields : vectors::read(file)) {
        if (fields[0] == "case") {
            cases.push_back({fields[1], {}, {}, {}, {}, {}});
            cases.back().options.scope = fields[2] == "all" ? pruneplan::Scope::unused : pruneplan::Scope::dangling;
        } else if (fields[0] == "now") {
            cases.back().now = {std::stoll(fields[1]), 0};
        } else if (fields[0] == "filter") {
            auto filter = pruneplan::parse_filter(fields[1] + "=" + fields[2], cases.back().now);
            REQUIRE(filter);
            cases.back().options.filters.push_back(*std::move(filter));
        } else if (fields[0] == "image") {
            cases.back().images.push_back(fields);
        } else if (fields[0] == "container") {
            cases.back().containers.push_back(fields);
        } else if (fields[0] == "delete") {
            cases.back().deleted.push_back(fields[1]);
        } else {
            REQUIRE(fields[0] == "end");
        }
    }
    return cases;
}

}  // namespace

TEST_CASE("parse_reference returns what each line of references.tsv says") {
    for (const vectors::Fields& line : vectors::read("references.tsv")) {
        INFO(line[0]);
        CHECK(described(line[0]) == line);
    }
}

TEST_CASE("each canonical form in references.tsv is recognized as that of the typed reference and no other text is") {
    using pruneplan::detail::significant_part;
    using pruneplan::detail::is_canonical_form;
    for (const vectors::Fields& fields : vectors::read("references.tsv")) {
        const std::string& typed = fields[0];
        INFO(typed);
        const auto reference = pruneplan::parse_reference(typed);
        if (!reference) {
            for (const std::string& name : {typed, typed + ":latest", "docker.io/" + typed, "docker.io/library/" + typed + ":latest"})
                CHECK(!(is_canonical_form(name, typed, false) || is_canonical_form(name, typed, true)));
            continue;
        }
        const std::string tagged(reference->with_default_tag().canonical());
        CHECK(significant_part(typed) == significant_part(tagged));
        CHECK(is_canonical_form(tagged, typed, false));
        CHECK(!is_canonical_form(tagged + "0", typed, false));
        CHECK(!is_canonical_form(tagged.substr(1), typed, false));
        CHECK(!is_canonical_form(tagged.substr(0, tagged.size() - 1), typed, false));
        if (reference->digest().empty()) continue;
        const std::string name = std::string(reference->name()) + ":" + std::string(reference->tag());
        CHECK(is_canonical_form(name, typed, true) == !reference->tag().empty());
        CHECK(!is_canonical_form(name, typed, false));
        CHECK(!is_canonical_form(tagged, typed, true));
    }
}

TEST_CASE("a typed reference of references.tsv matches patterns in its canonical and familiar and untagged forms") {
    const auto matches = [](const pruneplan::detail::NameForms& forms, std::string_view text) {
        std::string pattern;
        for (const char c : text) pattern += c == '[' ? std::string("\\[") : std::string(1, c);
        return forms.match(*pruneplan::Glob::compile(pattern));
    };
    for (const vectors::Fields& fields : vectors::read("references.tsv")) {
        INFO(fields[0]);
        // An exact-size copy, so that sanitizers find a read beyond its end.
        const std::vector<char> copy(fields[0].begin(), fields[0].end());
        const std::string_view typed(copy.data(), copy.size());
        const auto reference = pruneplan::parse_reference(typed);
        pruneplan::detail::NameForms forms;
        REQUIRE(forms.read(typed) == reference.has_value());
        if (!reference) continue;
        const std::string canonical(reference->with_default_tag().canonical()), familiar(reference->familiar());
        const std::size_t implied = reference->canonical().size() - familiar.size();
        CHECK(matches(forms, canonical));
        CHECK(matches(forms, reference->name()));
        CHECK(matches(forms, familiar));
        CHECK(matches(forms, reference->name().substr(implied)));
        CHECK(!matches(forms, canonical + "0"));
        CHECK(matches(forms, familiar + ":latest") == (implied == 0 && canonical == familiar + ":latest"));
    }
}

TEST_CASE("parse_timestamp returns what each line of timestamps.tsv says") {
    for (const vectors::Fields& line : vectors::read("timestamps.tsv")) {
        INFO(line[0]);
        const auto time = pruneplan::parse_timestamp(line[0], {1719500000, 123456789});
        vectors::Fields got{line[0], "error"};
        if (time) got = {line[0], "ok", std::to_string(time->seconds), std::to_string(time->nanoseconds)};
        CHECK(got == line);
    }
}

TEST_CASE("the filter reference matches what each line of reference_globs.tsv says") {
    for (const vectors::Fields& line : vectors::read("reference_globs.tsv")) {
        INFO(line[0] << " " << line[1]);
        const auto filter = pruneplan::parse_filter("reference=" + line[0], {});
        if (!filter) {
            CHECK((line[2] == "bad" || line[2] == "no"));
            continue;
        }
        const mock::Store store{{{line[1], "sha256:1"}}};
        const auto index = mock::Index::build(store);
        const auto plan = plan_prune(*index, mock::Containers{}, {.scope = pruneplan::Scope::unused, .filters = {*filter}});
        CHECK((plan.deleted_count() == 1 ? "yes" : "no") == line[2]);
    }
}

TEST_CASE("a plan with filters deletes what each case of prune_filters.tsv says") {
    for (const Case& block : read_cases("prune_filters.tsv")) {
        INFO("case " << block.number);
        mock::FullStore store;
        for (const vectors::Fields& fields : block.images) {
            mock::FullRecord record{fields.at(1), fields.at(2)};
            record.created = pruneplan::Timestamp{std::stoll(fields.at(3)), 0};
            for (std::size_t i = 4; i < fields.size(); ++i) {
                const std::string_view label = fields[i];
                record.labels.emplace_back(label.substr(0, label.find('=')), label.substr(label.find('=') + 1));
            }
            store.records.push_back(record);
        }
        mock::Containers containers;
        for (const vectors::Fields& fields : block.containers) containers.push_back({fields.at(1), fields.at(2)});
        const auto index = mock::FullIndex::build(store);
        REQUIRE(index);
        const auto plan = plan_prune(*index, containers, block.options);
        const auto deleted = mock::deleted(plan);
        CHECK(std::vector<std::string>(deleted.begin(), deleted.end()) == block.deleted);
    }
}

TEST_CASE("a plan deletes what each case of prune.tsv says") {
    for (const Case& block : read_cases("prune.tsv")) {
        INFO("case " << block.number);
        mock::Store store;
        for (const vectors::Fields& fields : block.images) store.records.push_back({fields.at(1), fields.at(2)});
        mock::Containers containers;
        for (const vectors::Fields& fields : block.containers) containers.push_back({fields.at(1), fields.at(2)});
        const auto index = mock::Index::build(store);
        REQUIRE(index);
        const auto plan = plan_prune(*index, containers, block.options);
        const auto deleted = mock::deleted(plan);
        CHECK(std::vector<std::string>(deleted.begin(), deleted.end()) == block.deleted);
    }
}

// SPDX-License-Identifier: BSL-1.0
// Replays every line of tests/oracle/vectors/*.tsv, which record what the original Go code does: the library must do the same,
// under the rule of that code, `containerd_snapshotter`.

#include "../support/vectors.hpp"
#include "../support/catch.hpp"
#include "../support/mock.hpp"

#include <pruneplan/detail/text/significant_part.hpp>
#include <pruneplan/pruneplan.hpp>

#include <algorithm>
#include <cstddef>
#include <set>
#include <string>
#include <string_view>
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
            cases.back().options.usage = pruneplan::usage_rules::containerd_snapshotter;
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

mock::Containers containers_of(const Case& block) {
    mock::Containers containers;
    for (const vectors::Fields& fields : block.containers) containers.push_back({fields.at(1), fields.at(2)});
    return containers;
}

/// Tells whether a name is spelled as the original's stores spell names: a canonical reference.
bool is_canonical(std::string_view name) {
    return pruneplan::parse_reference(name) && pruneplan::canonical_name(name) == name;
}

/// Plans a store with the options of a case, and checks what is deleted. The original does not recognize a name in use
/// that the store does not spell canonically. The library keeps it, and then need not keep another name of its image.
/// Returns whether the two agree.
template <class Store>
bool check_deletions(const Store& store, const Case& block) {
    const auto plan = pruneplan::plan_prune(store, containers_of(block), block.options);
    REQUIRE(plan);
    const auto names = mock::deleted(*plan);
    const std::vector<std::string> deleted(names.begin(), names.end());
    if (deleted == block.deleted) return true;

    const auto original_deletes = [&](std::string_view name) {
        return std::find(block.deleted.begin(), block.deleted.end(), name) != block.deleted.end();
    };
    std::set<std::string_view> images;  // of names that the library alone recognizes
    for (const pruneplan::Decision& decision : *plan) {
        if (decision.action == pruneplan::Action::erase || !original_deletes(decision.name)) continue;
        INFO(decision.name);
        CHECK(decision.reason == pruneplan::Reason::name_in_use);
        CHECK_FALSE(is_canonical(decision.name));
        images.insert(decision.target);
    }
    CHECK_FALSE(images.empty());
    for (const pruneplan::Decision& decision : plan->deletions())
        CHECK((original_deletes(decision.name) || images.contains(decision.target)));
    return false;
}

}  // namespace

TEST_CASE("parse_reference returns what each line of references.tsv says") {
    for (const vectors::Fields& line : vectors::read("references.tsv")) {
        INFO(line[0]);
        CHECK(described(line[0]) == line);
    }
}

TEST_CASE("each form in references.tsv is recognized as that of the typed reference and no other text is") {
    using pruneplan::detail::is_canonical_form;
    using pruneplan::detail::is_same_reference;
    using pruneplan::detail::significant_part;
    for (const vectors::Fields& fields : vectors::read("references.tsv")) {
        const std::string& typed = fields[0];
        INFO(typed);
        const auto reference = pruneplan::parse_reference(typed);
        if (!reference) {
            for (const bool by_tag : {false, true})
                for (const std::string& name :
                     {typed, typed + ":latest", "docker.io/" + typed, "docker.io/library/" + typed + ":latest"})
                    CHECK(!(is_canonical_form(name, typed, by_tag) || is_same_reference(name, typed, by_tag)));
            continue;
        }
        const std::string tagged(reference->with_default_tag().canonical());
        CHECK(significant_part(typed) == significant_part(tagged));
        for (const std::string_view form :
             {std::string_view(typed), std::string_view(tagged), reference->canonical(), reference->familiar()}) {
            if (pruneplan::canonical_name(form) != tagged) continue;  // "docker.io/a.b/c" is familiar as "a.b/c"
            CHECK(is_same_reference(form, typed, false));
            CHECK(is_same_reference(typed, form, false));
            CHECK(significant_part(form) == significant_part(tagged));
        }
        CHECK(!is_same_reference(typed + "0", typed, false));
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
        const auto plan =
            pruneplan::plan_prune(store, mock::Containers{}, {.scope = pruneplan::Scope::unused, .filters = {*filter}});
        CHECK((plan->deleted_count() == 1 ? "yes" : "no") == line[2]);
    }
}

TEST_CASE("a plan with filters deletes what each case of prune_filters.tsv says") {
    std::size_t agree = 0;
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
        agree += check_deletions(store, block);
    }
    CHECK(agree == 791);  // of 800
}

TEST_CASE("a plan deletes what each case of prune.tsv says") {
    std::size_t agree = 0;
    for (const Case& block : read_cases("prune.tsv")) {
        INFO("case " << block.number);
        mock::Store store;
        for (const vectors::Fields& fields : block.images) store.records.push_back({fields.at(1), fields.at(2)});
        agree += check_deletions(store, block);
    }
    CHECK(agree == 1181);  // of 1,200
}

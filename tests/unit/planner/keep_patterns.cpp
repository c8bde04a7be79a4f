// SPDX-License-Identifier: BSL-1.0

// Tests patterns of names to keep: the forms in which people write them, which one decides, and which match nothing.

#include "../../support/check.hpp"
#include "drafted.hpp"

#include <pruneplan/planner/keep_patterns.hpp>

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace {

using pruneplan::DoubtKind;
using pruneplan::Glob;
using pruneplan::Reason;
using pruneplan::detail::normalized_pattern;

#define HEX60 "c1d1e9d7ed48a7523bdebc18cf6290bdb97b82302a8a9c27d4fe885949ea"

/// Returns for each record the position of the pattern that keeps it, or '-'; then the patterns that match nothing:
/// "0-1 !2".
template <class Store>
constexpr std::string result(const Store& store, const std::vector<std::string_view>& patterns,
                             std::vector<std::size_t> kept_before = {}) {
    pruneplan::PruneOptions options;
    for (const std::string_view pattern : patterns) options.keep.push_back(*Glob::compile(pattern));
    Drafted drafted(store, options);
    for (const std::size_t id : kept_before) drafted.draft.decisions.decide(id, Reason::pinned);
    pruneplan::detail::KeepPatterns(drafted.draft).keep();
    const auto plan = drafted.plan();
    std::string out;
    for (const pruneplan::Decision& decision : plan)
        out += !decision.option ? '-' : static_cast<char>('0' + *decision.option);
    for (const auto& doubt : pruneplan::detail::content(plan).doubts)
        if (doubt.kind == DoubtKind::unmatched_pattern) {
            out += out.find('!') == out.npos ? " !" : "";
            out += static_cast<char>('0' + doubt.number);
        }
    return out;
}

/// Three records: an official image, and images with a path of two components at two registries.
constexpr std::string kept(const std::vector<std::string_view>& patterns) {
    return result(mock::Store{{{"docker.io/library/alpine:3.20", "sha256:aaaaaaaaaaaabbbb"},
                               {"docker.io/myrepo/team/app:1", "sha256:cc01"},
                               {"ghcr.io/team/sub/app:1", "sha256:cc02"}}},
                  patterns);
}

constexpr bool normalizes(std::string_view pattern, std::string_view expected) {
    const pruneplan::detail::String text = normalized_pattern(pattern);
    return std::string_view(text.data(), text.size()) == expected;
}

}  // namespace

TEST_CASE("a pattern without wildcards is normalized as a reference without a default tag") {
    CHECK_TWICE(normalizes("alpine", "docker.io/library/alpine"));
    CHECK_TWICE(normalizes("library/alpine:3", "docker.io/library/alpine:3"));
    CHECK_TWICE(normalizes("index.docker.io/library/alpine", "docker.io/library/alpine"));
    CHECK_TWICE(normalizes("docker.io/team/app", "docker.io/team/app"));
    CHECK_TWICE(normalizes("ghcr.io/app", "ghcr.io/app"));
    CHECK_TWICE(normalizes("localhost:5000/app", "localhost:5000/app"));
    CHECK_TWICE(normalizes("Alpine", "Alpine"));
    CHECK_TWICE(normalizes("", ""));
}

TEST_CASE("a pattern with wildcards gets the parts of a name that people omit next to docker.io and library") {
    CHECK_TWICE(normalizes("docker.io/alp*", "docker.io/library/alp*"));
    CHECK_TWICE(normalizes("index.docker.io/alp*", "docker.io/library/alp*"));
    CHECK_TWICE(normalizes("library/alp*", "docker.io/library/alp*"));
    CHECK_TWICE(normalizes("library/**", "docker.io/library/**"));
    CHECK_TWICE(normalizes("docker.io/library/alp*", "docker.io/library/alp*"));
    CHECK_TWICE(normalizes("docker.io/*:3", "docker.io/library/*:3"));
    CHECK_TWICE(normalizes("docker.io/**", "docker.io/**"));
    CHECK_TWICE(normalizes("docker.io/team/*", "docker.io/team/*"));
    CHECK_TWICE(normalizes("library/team/*", "library/team/*"));
    CHECK_TWICE(normalizes("alp*", "alp*"));
    CHECK_TWICE(normalizes("ghcr.io/*", "ghcr.io/*"));
    CHECK_TWICE(normalizes("*.docker.io/a", "*.docker.io/a"));
}

TEST_CASE("a pattern keeps a name in whatever form of a reference it is written") {
    for (const char* const pattern :
         {"alpine", "library/alpine", "docker.io/alpine", "index.docker.io/library/alpine", "index.docker.io/alpine",
          "docker.io/library/alpine", "alpine:3.20", "library/alpine:3.20", "docker.io/alpine:3.20", "alp*",
          "library/alp*", "docker.io/alp*", "index.docker.io/alp*", "docker.io/library/a*:3.*", "docker.io/*",
          "library/**", "docker.io/library/**", "*", "al[p]ine"}) {
        INFO(pattern);
        CHECK(kept({pattern}) == "0--");
    }
    CHECK(kept({"docker.io/**"}) == "00-");
    CHECK(kept({"**"}) == "000");
    CHECK(kept({"**app"}) == "-00");
    CHECK(kept({"myrepo/**"}) == "-0-");
    CHECK(kept({"docker.io/myrepo/**"}) == "-0-");
    CHECK(kept({"index.docker.io/myrepo/*/app:?"}) == "-0-");
    CHECK(kept({"ghcr.io/**"}) == "--0");
    CHECK(kept({"ghcr.io/team/sub/app"}) == "--0");
}

TEST_CASE("a pattern that matches no record is a doubt that does not block") {
    for (const char* const pattern : {"Alpine", "myrepo/*", "ghcr.io/*", "ghcr.io/*/app", "alpine:3", "quay.io/**",
                                      "docker.io/alpine:3.2", "library/app*", "http://alpine", "sha256:ab", "ab"}) {
        INFO(pattern);
        CHECK(kept({pattern}) == "--- !0");
    }
    CHECK(kept({"quay.io/**", "alpine", "Alpine"}) == "1-- !02");
    CHECK(kept({Glob().pattern()}) == "--- !0");

    pruneplan::PruneOptions options{.keep = {*Glob::compile("alpine"), *Glob::compile("quay.io/**")}};
    const auto doubts = mock::plan_of(mock::Store{{{"alpine", "1"}}}, {}, options).doubts();
    REQUIRE(doubts.size() == 1);
    CHECK(doubts[0].kind == DoubtKind::unmatched_pattern);
    CHECK(doubts[0].number == 1);
    CHECK_FALSE(doubts[0].blocks);
    CHECK(doubts[0].sentence.find("\"quay.io/**\"") != std::string::npos);
}

TEST_CASE("a pattern of which all records are kept for another reason still matches them") {
    const mock::Store store{{{"docker.io/library/alpine:3", "sha256:a1"}, {"ghcr.io/team/app:1", "sha256:c2"}}};
    for (const char* const pattern : {"alpine", "alpine:3", "library/alp*", "[^z]lpine:3", "sha256:a1", "a1"}) {
        INFO(pattern);
        CHECK(result(store, {pattern}, {0}) == "--");
        CHECK(result(store, {pattern}, {0, 1}) == "--");
    }
    CHECK(result(store, {"alp*", "library/*", "alpine:3", "ghcr.io/*"}, {0, 1}) == "-- !3");
    CHECK(result(store, {"alp*", "library/*", "a1", "ghcr.io/**"}, {0}) == "-3");
}

TEST_CASE("a name that is not a valid reference is matched as it is") {
    const mock::Store store{{{"not a reference", "1"}, {"Alpine", "2"}, {"library/Foo", "3"}, {"docker.io/Foo", "4"}}};
    CHECK(result(store, {"not?a*"}) == "0---");
    CHECK(result(store, {"Alpine"}) == "-0--");
    CHECK(result(store, {"library/Foo"}) == "--0-");
    CHECK(result(store, {"library/F*"}) == "--0-");
    CHECK(result(store, {"docker.io/F*"}) == "---0");
    CHECK(result(store, {"docker.io/Fo?", "library/F*", "F*", "A*"}) == "-310 !2");
}

TEST_CASE("an ID keeps its image with all its names whether it is whole or truncated or lacks its algorithm") {
    const mock::Store store{{{"app:1", "sha256:" HEX60 "0001"},
                             {"app:2", "sha256:" HEX60 "0002"},
                             {"web:1", "sha256:" HEX60 "0001"},
                             {"db:1", "sha512:" HEX60 HEX60 "00000003"}}};
    CHECK(result(store, {"sha256:" HEX60 "0001"}) == "0-0-");
    CHECK(result(store, {HEX60 "0001"}) == "0-0-");
    CHECK(result(store, {"sha256:" HEX60 "0002"}) == "-0--");
    CHECK(result(store, {"sha512:" HEX60 HEX60 "00000003"}) == "---0");
    CHECK(result(store, {HEX60}) == "000-");
    CHECK(result(store, {"sha256:c1d1"}) == "000-");
    CHECK(result(store, {"c1d1e9d7ed48"}) == "000-");
    CHECK(result(store, {"c1d1e9d7ed49"}) == "---- !0");
    CHECK(result(store, {"sha256:"}) == "---- !0");
    CHECK(kept({"sha256:aaaa"}) == "0--");
    CHECK(kept({"aaaaaaaaaaaa"}) == "0--");
    CHECK(kept({"cc"}) == "-00");
}

TEST_CASE("an ID with its algorithm keeps an image of a store that has targets without it") {
    const mock::Store store{{{"app:1", HEX60 "0001"}, {"app:2", HEX60 "0002"}}};
    CHECK(result(store, {HEX60 "0001"}) == "0-");
    CHECK(result(store, {"sha256:" HEX60 "0002"}) == "-0");
    CHECK(result(store, {"sha256:" HEX60}) == "00");
    CHECK(result(store, {"c1d1"}) == "00");
}

TEST_CASE("64 hex digits keep a repository of that name even though they are no reference to it") {
    const mock::Store store{{{"docker.io/library/" HEX60 "0001:latest", "sha256:1"}, {"app", "sha256:" HEX60 "0001"}}};
    CHECK(result(store, {HEX60 "0001"}) == "0-");
}

TEST_CASE("a pattern that is both a name and a truncated ID keeps only the name") {
    const mock::Store store{{{"docker.io/library/cafe:latest", "sha256:01"},
                             {"docker.io/library/cafe:2", "sha256:02"},
                             {"docker.io/library/web:1", "sha256:cafe"},
                             {"docker.io/library/sha256:beef", "sha256:03"},
                             {"docker.io/library/web:2", "sha256:beef"}}};
    CHECK(result(store, {"cafe"}) == "00---");
    CHECK(result(store, {"sha256:beef"}) == "---0-");
    CHECK(result(store, {"beef"}) == "----0");
    CHECK(result(store, {"cafe", "sha256:cafe"}) == "001--");
}

TEST_CASE("a pattern keeps a name that has both tag and digest only if it covers the digest") {
    const mock::Store store{{{"alpine:3@sha256:" HEX60 "0001", "sha256:" HEX60 "0001"}, {"alpine:3", "sha256:01"}}};
    CHECK(result(store, {"alpine:3"}) == "-0");
    CHECK(result(store, {"alpine"}) == "00");
    CHECK(result(store, {"alpine:3@*"}) == "0-");
    CHECK(result(store, {"library/alpine:3@sha256:" HEX60 "0001"}) == "0-");
}

TEST_CASE("names without tags are kept by patterns with and without the default tag") {
    const mock::Store store{{{"alpine", "1"}, {"library/web:latest", "2"}}};
    CHECK(result(store, {"alpine:latest", "web"}) == "01");
    CHECK(result(store, {"docker.io/library/alpine", "docker.io/library/web:latest"}) == "01");
    CHECK(result(store, {"docker.io/*:latest"}) == "00");
}

TEST_CASE("empty stores and stores without the patterned name have only doubts") {
    CHECK(result(mock::Store{}, {"a", "*", "sha256:a", "**"}) == " !0123");
}

TEST_CASE("many patterns that are matched together keep what each keeps alone and report one that matches") {
    const unsigned seed = 11;
    INFO("seed " << seed);
    std::mt19937 random(seed);
    const auto any = [&](const auto& list) { return std::string(list[random() % std::size(list)]); };
    const char* const domains[] = {"", "", "library/", "docker.io/", "docker.io/library/", "ghcr.io/t/", "library/No"};
    const char* const bases[] = {"alpine", "app", "web", "cafe", "a1"};
    const char* const tags[] = {"", ":1", ":2", ":latest"};
    const char* const wild[] = {"*", "?", "**", "[a-w]", "[^x]", "[^x]*", "a*", "*b", "pp", "eb:1", "lpine:*"};
    std::size_t kept_records = 0, unmatched_patterns = 0;
    for (int round = 0; round < 400; ++round) {
        std::vector<std::string> names, targets;
        for (std::size_t i = 0; i < 12; ++i) {
            const std::string name = any(domains) + any(bases) + any(tags);
            if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
            targets.push_back("sha256:" + any(bases) + std::to_string(i));
        }
        mock::Store store;
        for (std::size_t i = 0; i < names.size(); ++i) store.records.push_back({names[i], targets[i]});
        std::vector<std::string> patterns;
        for (std::size_t left = 1 + random() % 40; left > 0; --left)
            patterns.push_back(any(domains).substr(0, random() % 20) +
                               (random() % 3 ? any(wild) : any(bases) + any(tags)));
        std::vector<std::size_t> pinned;
        for (std::size_t i = 0; i < names.size(); ++i)
            if (random() % 4 == 0) pinned.push_back(i);

        pruneplan::PruneOptions options;
        std::vector<std::vector<bool>> alone;
        for (std::string& pattern : patterns) {
            std::erase(pattern, ' ');
            options.keep.push_back(*Glob::compile(pattern));
            alone.emplace_back();
            Drafted drafted(store, {.keep = {options.keep.back()}});
            pruneplan::detail::KeepPatterns(drafted.draft).keep();
            for (std::size_t id = 0; id < names.size(); ++id)
                alone.back().push_back(!drafted.draft.decisions.deletes(id));
        }
        Drafted drafted(store, options);
        for (const std::size_t id : pinned) drafted.draft.decisions.decide(id, Reason::pinned);
        pruneplan::detail::KeepPatterns(drafted.draft).keep();
        const auto plan = drafted.plan();
        for (std::size_t id = 0; id < names.size(); ++id) {
            if (plan[id].reason == Reason::pinned) continue;
            bool expected = false;
            for (const auto& matches : alone) expected = expected || matches[id];
            INFO("round " << round << " " << names[id]);
            REQUIRE((plan[id].reason == Reason::kept_pattern) == expected);
            if (expected) REQUIRE(alone[plan[id].option.value()][id]);
            kept_records += expected;
        }
        std::vector<std::size_t> unmatched, expected_unmatched;
        for (const auto& doubt : pruneplan::detail::content(plan).doubts) unmatched.push_back(doubt.number);
        for (std::size_t i = 0; i < patterns.size(); ++i)
            if (std::find(alone[i].begin(), alone[i].end(), true) == alone[i].end()) expected_unmatched.push_back(i);
        REQUIRE(unmatched == expected_unmatched);
        unmatched_patterns += unmatched.size();
    }
    CHECK(kept_records > 1000);
    CHECK(unmatched_patterns > 1000);
}

TEST_CASE("the pattern that decides does not depend on hashes") {
    for (int i = 0; i < 500; ++i) {
        const std::string repository = "r" + std::to_string(i);
        std::vector<std::string> names;
        for (int tag = 1; tag <= 8; ++tag)
            names.push_back("docker.io/library/" + repository + ":" + std::to_string(tag));
        mock::Store store;
        for (const std::string& name : names) store.records.emplace_back(name, "sha256:1");
        REQUIRE(result(store, {"docker.io/*/*", repository}) == "00000000");
    }
}

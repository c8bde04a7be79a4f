// SPDX-License-Identifier: BSL-1.0

// Tests what a draft becomes: a plan that owns its texts, and the order in which it deletes.

#include "../../support/check.hpp"
#include "drafted.hpp"

#include <pruneplan/planner/plan_content.hpp>

#include <algorithm>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace {

using mock::FullRecord;
using pruneplan::Reason;
using Names = std::vector<std::string_view>;

/// Tells whether the records but for one that is kept are deleted in this order.
constexpr bool deletes(const std::vector<FullRecord>& records, const Names& expected, std::size_t kept = 99) {
    Drafted drafted(mock::FullStore{records});
    if (kept < records.size()) drafted.draft.decisions.decide(kept, Reason::pinned);
    const auto plan = drafted.plan();
    return mock::deleted(plan) == expected && plan.deleted_count() == expected.size();
}

}  // namespace

TEST_CASE("deletions without needs are ordered by name") {
    CHECK_TWICE(deletes({{"b", "1"}, {"a", "2"}, {"c", "1"}}, {"a", "b", "c"}));
    CHECK_TWICE(deletes({{"b", "1"}, {"a", "2"}, {"c", "1"}}, {"a", "c"}, 0));
    CHECK_TWICE(deletes({{"a", "1"}}, {}, 0));
    CHECK_TWICE(deletes({}, {}));
}

TEST_CASE("deletions with needs are ordered by depth and then by name and a kept image between has no effect") {
    constexpr auto chain = [] {
        return std::vector<FullRecord>{{.name = "a", .digest = "1", .needs = "2"},
                                       {.name = "b", .digest = "2", .needs = "3"},
                                       {.name = "c", .digest = "3"},
                                       {.name = "z", .digest = "1"},
                                       {.name = "d", .digest = "4", .needs = "3"},
                                       {.name = "0", .digest = "5"}};
    };
    CHECK_TWICE(deletes(chain(), {"a", "z", "b", "d", "0", "c"}));
    CHECK_TWICE(deletes(chain(), {"a", "z", "d", "0", "c"}, 1));
}

TEST_CASE("images that need each other in a circle are deleted by name and after what needs one of them") {
    CHECK_TWICE(deletes({{.name = "a", .digest = "1", .needs = "2"},
                         {.name = "c", .digest = "2", .needs = "1"},
                         {.name = "b", .digest = "3", .needs = "1"}},
                        {"b", "a", "c"}));
}

TEST_CASE("in a circle images are deleted before what is attached to them and in steps, but not for what is kept") {
    using mock::GraphRecord;
    const auto order = [](const std::vector<GraphRecord>& records, std::size_t kept = 99) {
        Drafted drafted(mock::GraphStore{records});
        if (kept < records.size()) drafted.draft.decisions.decide(kept, Reason::pinned);
        std::string out;
        const auto plan = drafted.plan();
        for (const std::string_view name : mock::deleted(plan)) out += name;
        return out;
    };
    // c is attached to d, b to c, and a needs d, is attached to b.
    const std::vector<GraphRecord> circle{{"a", "A", {}, {"D"}, "B"}, {"b", "B", {}, {}, "C"},
                                          {"c", "C", {}, {}, "D"},    {"d", "D"},
                                          {"e", "E", {}, {"A"}},      {"f", "F"}};
    CHECK(order(circle) == "edcbaf");
    CHECK(order(circle, 2) == "ebadf");
}

TEST_CASE("in random populations every image is deleted before what it needs") {
    const unsigned seed = 3;
    INFO("seed " << seed);
    std::mt19937 random(seed);
    for (int round = 0; round < 300; ++round) {
        const std::string letters = "abcdefghijklmnop";
        std::vector<FullRecord> records;
        for (std::size_t i = 0; i < letters.size(); ++i) {
            FullRecord record{.name = std::string_view(letters).substr(i, 1),
                              .digest = std::string_view(letters).substr(i / 2, 1)};
            // Only images that come later, so that there is no circle.
            const std::size_t needed = i / 2 + 1 + random() % 8;
            if (random() % 3 && needed < 8) record.needs = std::string_view(letters).substr(needed, 1);
            records.push_back(record);
        }
        std::shuffle(records.begin(), records.end(), random);
        Drafted drafted(mock::FullStore{records});
        for (std::size_t id = 0; id < records.size(); ++id)
            if (random() % 4 == 0) drafted.draft.decisions.decide(id, Reason::pinned);
        const auto plan = drafted.plan();
        std::vector<std::size_t> place(records.size(), records.size());
        for (std::size_t step = 0; step < plan.deletions().size(); ++step) place[plan.deletions()[step].record] = step;
        for (std::size_t a = 0; a < records.size(); ++a)
            for (std::size_t b = 0; b < records.size(); ++b) {
                if (place[a] == records.size() || place[b] == records.size()) continue;
                for (const FullRecord& record : records)
                    if (record.digest == records[a].digest && record.needs == records[b].digest)
                        REQUIRE(place[a] < place[b]);
            }
    }
}

TEST_CASE("a plan owns its texts when store and options are gone") {
    pruneplan::PrunePlan plan;
    {
        auto name = std::make_unique<std::string>("docker.io/library/app:1");
        auto target = std::make_unique<std::string>("sha256:1");
        pruneplan::PruneOptions options;
        options.filters.push_back(*pruneplan::parse_filter("reference=app", {}));
        options.keep.push_back(*pruneplan::Glob::compile("app*"));
        Drafted drafted(mock::Store{{{*name, *target}, {"b", "sha256:1"}}}, options);
        pruneplan::detail::TextList containers;
        containers.add(std::string("web"));
        plan = pruneplan::PrunePlan(plan_content(drafted.draft, drafted.blobs(), std::move(containers), {},
                                                 [](const auto& records) { return records.texts(); }));
    }
    REQUIRE(plan.size() == 2);
    CHECK(plan[0].name == "docker.io/library/app:1");
    CHECK(plan[1].name == "b");
    CHECK(plan[1].target == "sha256:1");
    const auto& content = pruneplan::detail::content(plan);
    CHECK(content.filters[0] == "reference=app");
    CHECK(content.patterns[0] == "app*");
    CHECK(content.containers[0] == "web");
    CHECK(content.similar_names == false);
    const pruneplan::PrunePlan copy = plan;
    plan = {};
    CHECK(copy[0].name == "docker.io/library/app:1");
    CHECK(copy[1].target == "sha256:1");
}

TEST_CASE("the doubts of a plan are ordered by kind and then as stages added them") {
    using pruneplan::DoubtKind;
    Drafted drafted(mock::Store{{{"a", "1"}}});
    drafted.draft.doubt(DoubtKind::unmatched_pattern, 9, false, "p");
    drafted.draft.doubt(DoubtKind::invalid_image_ref, 2, true, "q");
    drafted.draft.doubt(DoubtKind::unmatched_container, 3, true, "r");
    drafted.draft.doubt_image(4, 0);
    drafted.draft.doubt(DoubtKind::unmatched_container, 1, true, "s");
    const auto plan = drafted.plan();
    std::vector<std::size_t> numbers;
    for (const auto& doubt : pruneplan::detail::content(plan).doubts) numbers.push_back(doubt.number);
    CHECK(numbers == std::vector<std::size_t>{3, 1, 4, 2, 9});
    CHECK(plan.doubts()[1].sentence.find("\"s\"") != std::string::npos);
}

TEST_CASE("a plan knows the images that each image needs") {
    Drafted drafted(mock::FullStore{{{.name = "a", .digest = "1", .needs = "2"}, {.name = "b", .digest = "2"}}});
    const auto plan = drafted.plan();
    const auto& content = pruneplan::detail::content(plan);
    REQUIRE(content.needs[0].size() == 1);
    CHECK(content.needs[0][0] == 1);
    CHECK(content.depths[0] == 1);
    CHECK(content.depths[1] == 0);
}

TEST_CASE("a plan has the IDs by which containers call images unless they are the targets") {
    const std::vector<mock::GraphRecord> records{{"a:1", "sha256:a"}, {"b:1", "sha256:b", {"sha256:c"}}};
    const auto plan =
        *pruneplan::plan_prune(mock::GraphStore{records}, mock::Containers{{"sha256:a", ""}, {"sha256:c", ""}},
                               {.scope = pruneplan::Scope::unused});
    CHECK(pruneplan::detail::content(plan).reported_id(0) == "");
    CHECK(pruneplan::detail::content(plan).reported_id(1) == "sha256:c");
}

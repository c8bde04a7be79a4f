#include "../support/check.hpp"
#include "../support/mock.hpp"

#include <pruneplan/plan.hpp>

#include <algorithm>
#include <iterator>
#include <string>
#include <vector>

namespace {

using pruneplan::Action;
using pruneplan::Decisions;
using pruneplan::Reason;
using pruneplan::Scope;
namespace usage_rules = pruneplan::usage_rules;

constexpr bool a_kept_record_stays_kept() {
    Decisions decisions(2);
    decisions.decide(0, Reason::last_name, 3);
    decisions.decide(0, Reason::unused);
    decisions.decide(0, Reason::image_in_use, 4);
    return decisions[0].reason == Reason::last_name && decisions[0].container == 3u && decisions.deleted_count() == 1 &&
           !decisions.deletes(0) && decisions.deletes(1) && !decisions[1].container;
}

constexpr auto planned() {
    const mock::Store store{{{"b", "1"}, {"c", "1"}, {"a", "2"}}};
    const auto index = mock::Index::build(store);
    return mock::deleted(pruneplan::plan_prune(*index, mock::Containers{}, {.scope = Scope::unused}));
}

}  // namespace

TEST_CASE("a decision to keep is final, and its reason is the first one") { CHECK_TWICE(a_kept_record_stays_kept()); }

TEST_CASE("deletions come by name") { CHECK_TWICE(planned() == std::vector<std::string_view>{"a", "b", "c"}); }

TEST_CASE("a plan says what goes, how much, and in what order") {
    const mock::Store store{{{"moby-dangling@sha256:2", "sha256:2"}, {"docker.io/library/app:1", "sha256:1"}}};
    auto built = mock::Index::build(store);
    const auto plan = plan_prune(*built, mock::Containers{}, {.scope = Scope::unused});
    const mock::Index index = *std::move(built);  // a plan outlives a move of its index
    CHECK(plan.deleted_count() == 2);
    CHECK(plan.kept_count() == 0);
    const auto deletions = plan.deletions();
    REQUIRE(deletions.size() == 2);
    CHECK(deletions[0].name == "docker.io/library/app:1");
    CHECK(deletions[0].target == "sha256:1");
    CHECK(deletions[0].image == 1);
    CHECK(deletions[0].reason == Reason::unused);
    CHECK(deletions[1].reason == Reason::dangling);
    CHECK(std::distance(deletions.begin(), deletions.end()) == 2);
    static_assert(std::forward_iterator<pruneplan::Deletions::iterator>);
    static_assert(std::forward_iterator<Decisions::iterator>);
}

TEST_CASE("every reason has a word of its own") {
    std::string words;
    for (int reason = 0; reason <= static_cast<int>(Reason::last_name); ++reason) {
        const std::string word = " " + std::string(to_string(static_cast<Reason>(reason))) + " ";
        CHECK(word != " unknown ");
        CHECK(words.find(word) == words.npos);
        words += word;
    }
    CHECK(to_string(Action::keep) == "keep");
    CHECK(to_string(Action::remove) == "delete");
}

TEST_CASE("every decision explains itself") {
    const mock::Store store{{{"docker.io/library/a:1", "sha256:a1"},
                             {"docker.io/library/a:2", "sha256:a1"},
                             {"docker.io/library/b:latest", "sha256:b"},
                             {"docker.io/library/c:latest", "sha256:c"},
                             {"moby-dangling@sha256:d", "sha256:d"},
                             {"moby-dangling@sha256:b", "sha256:b"}}};
    const auto index = mock::Index::build(store);
    const mock::Containers containers{{"sha256:0", "x"}, {"sha256:b", "b"}, {"sha256:a1", "a1"}};
    const auto explained = [&](pruneplan::UsageRule rule, Scope scope) {
        const auto plan = plan_prune(*index, containers, {scope, rule});
        std::vector<std::string> lines;
        for (std::size_t id = 0; id < index->size(); ++id) lines.push_back(explain(plan, *index, id));
        return lines;
    };
    CHECK(explained(usage_rules::containerd_snapshotter, Scope::unused) ==
          std::vector<std::string>{
              "deleted: container 2 needs sha256:a1, which keeps another name",
              "kept: container 2 was created from sha256:a1 and this is the last name of that image",
              "kept: container 1 was created from docker.io/library/b:latest",
              "deleted: no container needs it",
              "deleted: it has lost its name, and no container needs it",
              "kept: container 1 needs sha256:b, which has lost its name",
          });
    CHECK(explained(usage_rules::whole_image, Scope::dangling) ==
          std::vector<std::string>{
              "kept: it has a name, and only dangling images are asked for",
              "kept: it has a name, and only dangling images are asked for",
              "kept: it has a name, and only dangling images are asked for",
              "kept: it has a name, and only dangling images are asked for",
              "deleted: it has lost its name, and no container needs it",
              "kept: container 1 was created from sha256:b",
          });
}

// SPDX-License-Identifier: BSL-1.0

// Tests drafts of plans: what the stages share.

#include "../../support/check.hpp"
#include "drafted.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace {

using pruneplan::DoubtKind;

constexpr std::uint32_t deepest(std::vector<mock::FullRecord> records) {
    const Drafted drafted(mock::FullStore{records});
    std::uint32_t deepest = 0;
    for (const std::uint32_t depth : drafted.draft.ancestry.depths) deepest = std::max(deepest, depth);
    return deepest;
}

}  // namespace

TEST_CASE("a draft begins with all records deleted and without doubts") {
    Drafted drafted(mock::Store{{{"a", "1"}, {"b", "2"}}});
    CHECK(drafted.draft.decisions.deleted_count() == 2);
    CHECK(drafted.draft.doubts.empty());
    CHECK(drafted.draft.names[1].kind == pruneplan::detail::ParsedName::unknown);
    CHECK(drafted.draft.ancestry.depths.empty());
}

TEST_CASE("a draft knows the depths of images that need each other") {
    CHECK_TWICE(deepest({{.name = "a", .digest = "1", .needs = "2"}, {.name = "b", .digest = "2"}}) == 1);
    CHECK_TWICE(deepest({{.name = "a", .digest = "1", .needs = "3"}, {.name = "b", .digest = "2"}}) == 0);
}

TEST_CASE("a draft copies the texts of doubts and finds the target of a doubtful image later") {
    Drafted drafted(mock::Store{{{"a", "sha256:1"}, {"b", "sha256:2"}}});
    {
        std::string text = "first";
        drafted.draft.doubt(DoubtKind::unmatched_container, 3, true, text);
        text = "other";
        drafted.draft.doubt_image(4, 1);
        drafted.draft.doubt(DoubtKind::unmatched_pattern, 5, false, text);
        text = "lost!";
    }
    const std::vector<pruneplan::Doubt> doubts = drafted.plan().doubts();
    REQUIRE(doubts.size() == 3);
    const std::string_view quoted[] = {"\"first\"", "\"sha256:2\"", "\"other\""};
    for (std::size_t i = 0; i < 3; ++i) {
        CHECK(doubts[i].number == i + 3);
        CHECK(doubts[i].blocks == (i < 2));
        CHECK(doubts[i].sentence.find(quoted[i]) != std::string::npos);
    }
    CHECK(doubts[1].kind == DoubtKind::unprotected_image);
}

// SPDX-License-Identifier: BSL-1.0

// Tests `names_left`, and `kept_images`: which images keep a name, and why.

#include "../../support/check.hpp"
#include "drafted.hpp"

#include <pruneplan/planner/candidates.hpp>
#include <pruneplan/planner/kept_images.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace {

using mock::GraphRecord;
using pruneplan::Reason;
using pruneplan::detail::ImageUse;
using pruneplan::detail::no_record;

/// Returns for each image "-" if it is deleted, "k" if it is kept, or the digit of an image that needs it. Image 0 is in use
/// if `used`; the names that are pinned are kept.
std::string kept(const std::vector<GraphRecord>& records, bool used) {
    Drafted drafted(mock::GraphStore{records}, {.scope = pruneplan::Scope::unused});
    pruneplan::planner::candidates(drafted.draft);
    for (std::size_t id = 0; id < records.size(); ++id)
        if (records[id].pinned) drafted.draft.decisions.decide(id, Reason::pinned);
    ImageUse use(records.size());
    if (used) use.add(0, 0, false, true);
    const auto result = kept_images(drafted.draft, use);
    std::string out;
    if (result.kept.empty()) return out;
    for (std::uint32_t id = 0; id < records.size(); ++id) {
        if (drafted.records().image(id) != id) continue;
        out += result.is_needed(id) ? static_cast<char>('0' + result.needed_by[id]) : result.kept[id] ? 'k' : '-';
    }
    return out;
}

/// Returns how many names each image has left if the names that are not pinned are deleted.
constexpr std::vector<std::uint32_t> names_left_of(const std::vector<GraphRecord>& records) {
    Drafted drafted(mock::GraphStore{records}, {.scope = pruneplan::Scope::unused});
    for (std::size_t id = 0; id < records.size(); ++id)
        if (records[id].pinned) drafted.draft.decisions.decide(id, Reason::pinned);
    const auto names = names_left(drafted.draft, ImageUse(records.size()));
    return {names.begin(), names.end()};
}

using Counts = std::vector<std::uint32_t>;

}  // namespace

TEST_CASE("an image is deleted with its last name, and what is attached to it then") {
    CHECK(names_left_of({{"a", "A"}, {"b", "A"}, {"s", "S", {}, {}, "A"}, {"t", "T", {}, {}, "S"}}) ==
          Counts{0, 0, 0, 0});
    CHECK(names_left_of({{"a", "A"}, {"b", "A", {}, {}, {}, true}, {"s", "S", {}, {}, "A"}, {"t", "T", {}, {}, "S"}}) ==
          Counts{1, 0, 1, 1});
}

TEST_CASE("an attachment is deleted with the last of the images that it is attached to") {
    CHECK(names_left_of({{"a", "A", {"I"}}, {"b", "B", {"I"}}, {"s", "S", {}, {}, "I"}}) == Counts{0, 0, 0});
    CHECK(names_left_of({{"a", "A", {"I"}, {}, {}, true}, {"b", "B", {"I"}}, {"s", "S", {}, {}, "I"}}) ==
          Counts{1, 0, 1});
}

TEST_CASE("an attachment that is kept, or another name, keeps its image and what is attached to that") {
    CHECK(names_left_of({{"a", "A"}, {"s", "S", {}, {}, "A", true}, {"t", "T", {}, {}, "S"}}) == Counts{0, 1, 1});
    CHECK(names_left_of({{"a", "A"}, {"s", "S", {}, {}, "A"}, {"x", "S", {}, {}, {}, true}, {"t", "T", {}, {}, "S"}}) ==
          Counts{0, 1, 0, 1});
}

TEST_CASE("without needs and attachments, nothing is computed") { CHECK(kept({{"a", "A"}, {"b", "B"}}, true).empty()); }

TEST_CASE("kept images keep what they need, and what is attached to them, in turn") {
    const std::vector<GraphRecord> chain{
        {"a", "A", {}, {"B"}}, {"b", "B"}, {"s", "S", {}, {"N"}, "B"}, {"n", "N"}, {"x", "X"}};
    CHECK(kept(chain, true) == "k0k2-");
    CHECK(kept(chain, false) == "-----");
}

TEST_CASE("an image with a pinned attachment as its name keeps what it needs") {
    CHECK(kept({{"a", "A"}, {"s", "S", {}, {"N"}, "A", true}, {"n", "N"}}, false) == "-k1");
}

TEST_CASE("an image in use is kept although its only name is attached to a deleted image") {
    CHECK(kept({{"s", "S", {}, {}, "A"}, {"a", "A"}, {"t", "T", {}, {}, "S"}}, true) == "k-k");
}

TEST_CASE("a circle of needs is deleted together, and a circle of subjects is kept") {
    CHECK(kept({{"a", "A", {}, {"B"}}, {"b", "B", {}, {"A"}}}, false) == "--");
    CHECK(kept({{"a", "A", {}, {"B"}}, {"b", "B", {}, {"A"}}}, true) == "10");
    CHECK(kept({{"a", "A", {}, {}, "B"}, {"b", "B", {}, {}, "A"}, {"c", "C", {}, {}, "B"}}, false) == "kkk");
}

TEST_CASE("an image that needs what it is attached to is deleted with it") {
    CHECK(kept({{"a", "A"}, {"s", "S", {}, {"A"}, "A"}}, false) == "--");
    CHECK(kept({{"a", "A"}, {"s", "S", {}, {"A"}, "A", true}}, false) == "1k");
}

// SPDX-License-Identifier: BSL-1.0

// Tests `NameRemoval`: what is deleted with the last name of an image.

#include "../../support/check.hpp"
#include "drafted.hpp"

#include <pruneplan/planner/name_removal.hpp>

#include <cstdint>
#include <vector>

namespace {

using mock::GraphRecord;
using pruneplan::detail::NameRemoval;
using Images = std::vector<std::uint32_t>;

/// Returns the images that lose their last name when one name of each of `removed` is removed.
constexpr Images nameless(const std::vector<GraphRecord>& records, const Images& removed) {
    Drafted drafted(mock::GraphStore{records}, {.scope = pruneplan::Scope::unused});
    for (std::size_t id = 0; id < records.size(); ++id)
        if (records[id].pinned) drafted.draft.decisions.decide(id, pruneplan::Reason::pinned);
    NameRemoval removal(drafted.draft);
    Images out;
    for (const std::uint32_t image : removed) removal.remove(image, 1, [&](std::uint32_t id) { out.push_back(id); });
    return out;
}

}  // namespace

TEST_CASE("an image is deleted with its last name, and what is attached to it then") {
    const std::vector<GraphRecord> records{{"a", "A"}, {"b", "A"}, {"s", "S", {}, {}, "A"}, {"t", "T", {}, {}, "S"}};
    CHECK(nameless(records, {0}).empty());
    CHECK(nameless(records, {0, 0}) == Images{0, 2, 3});
}

TEST_CASE("an attachment is deleted with the last of the images that it is attached to") {
    const std::vector<GraphRecord> records{{"a", "A", {"I"}}, {"b", "B", {"I"}}, {"s", "S", {}, {}, "I"}};
    CHECK(nameless(records, {1}) == Images{1});
    CHECK(nameless(records, {1, 0}) == Images{1, 0, 2});
}

TEST_CASE("an attachment that is kept, or another name, keeps its image and what is attached to that") {
    CHECK(nameless({{"a", "A"}, {"s", "S", {}, {}, "A", true}, {"t", "T", {}, {}, "S"}}, {0}) == Images{0});
    CHECK(nameless({{"a", "A"}, {"s", "S", {}, {}, "A"}, {"x", "S"}, {"t", "T", {}, {}, "S"}}, {0}) == Images{0});
    CHECK(nameless({{"a", "A"}, {"s", "S", {}, {}, "A"}, {"x", "S"}, {"t", "T", {}, {}, "S"}}, {0, 1}) == Images{0, 1, 3});
}

TEST_CASE("an image that is held keeps a name") {
    Drafted drafted(mock::GraphStore{{{"a", "A"}}});
    NameRemoval removal(drafted.draft);
    removal.hold(0);
    removal.remove(0, 1, [](std::uint32_t) { FAIL("it is held"); });
    CHECK(removal.names_left(0) == 1);
}

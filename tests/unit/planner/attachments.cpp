// SPDX-License-Identifier: BSL-1.0

// Tests the fifth stage, attachments: they follow their subjects.

#include "../../support/check.hpp"
#include "drafted.hpp"

#include <pruneplan/planner/attachments.hpp>
#include <pruneplan/planner/candidates.hpp>

#include <vector>

namespace {

using mock::GraphRecord;
using pruneplan::Reason;
using Reasons = std::vector<Reason>;

constexpr Reasons reasons(const std::vector<GraphRecord>& records) {
    Drafted drafted(mock::GraphStore{records}, {.scope = pruneplan::Scope::unused});
    pruneplan::planner::candidates(drafted.draft);
    for (std::size_t id = 0; id < records.size(); ++id)
        if (records[id].pinned) drafted.draft.decisions.decide(id, Reason::pinned);
    const pruneplan::detail::ImageUse use(records.size());
    pruneplan::planner::attachments(drafted.draft, kept_images(drafted.draft, use));
    return drafted.reasons();
}

}  // namespace

TEST_CASE("the attachments stage keeps what is attached to a kept image, and no earlier decision changes") {
    CHECK(reasons({{"a", "A", {}, {}, "", true},
                   {"s", "S", {}, {}, "A"},
                   {"t", "T", {}, {}, "A", true},
                   {"b", "B"},
                   {"u", "U", {}, {}, "B"}}) ==
          Reasons{Reason::pinned, Reason::attached, Reason::pinned, Reason::unused, Reason::attached_to_deleted});
}

TEST_CASE("the attachments stage has no effect without attachments") {
    CHECK(reasons({{"a", "A", {}, {"B"}, "", true}, {"b", "B"}}) == Reasons{Reason::pinned, Reason::unused});
}

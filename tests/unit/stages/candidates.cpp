#include "../../support/check.hpp"
#include "../../support/mock.hpp"

#include <pruneplan/stages/candidates.hpp>

namespace {

using pruneplan::Decisions;
using pruneplan::Reason;
using pruneplan::Scope;

constexpr Reason reason_for(std::string_view name, Scope scope) {
    const mock::Store store{{{name, "sha256:1"}}};
    const auto index = mock::Index::build(store);
    Decisions decisions(1);
    pruneplan::stages::candidates(*index, {.scope = scope}, decisions);
    return decisions.reason(0);
}

}  // namespace

TEST_CASE("the dangling scope has dangling records alone, the other has all") {
    CHECK_TWICE(reason_for("alpine", Scope::dangling) == Reason::not_dangling);
    CHECK_TWICE(reason_for("alpine", Scope::unused) == Reason::unused);
    CHECK_TWICE(reason_for("moby-dangling@sha256:1", Scope::dangling) == Reason::dangling);
    CHECK_TWICE(reason_for("moby-dangling@sha256:1", Scope::unused) == Reason::dangling);
    CHECK_TWICE(reason_for("moby-dangling@sha256:2", Scope::dangling) == Reason::not_dangling);
}

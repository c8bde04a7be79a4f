#include "../../support/check.hpp"
#include "../../support/mock.hpp"

#include <pruneplan/stages/survivors.hpp>

#include <string>
#include <vector>

namespace {

using pruneplan::Decisions;
using pruneplan::NamesKept;
using pruneplan::Reason;

constexpr std::uint32_t seven = 7;

/// The reasons, after survivors alone, for names a, b, c of one image. `kept` is the name that stays anyway, or none.
constexpr std::vector<Reason> reasons(bool in_use, NamesKept names, std::string_view kept,
                                      std::vector<mock::Record> records = {{"b", "1"}, {"c", "1"}, {"a", "1"}}) {
    const mock::Store store{records};
    const auto index = mock::Index::build(store);
    Decisions decisions(records.size());
    if (!kept.empty()) decisions.decide(*index->find(kept), Reason::not_dangling);
    pruneplan::detail::TargetUse use(records.size());
    use.hold(0, seven, in_use);
    pruneplan::stages::survivors(*index, use, {true, pruneplan::DigestUse::every_container, names}, decisions);
    std::vector<Reason> out;
    for (std::size_t id = 0; id < decisions.size(); ++id) out.push_back(decisions.reason(id));
    return out;
}

using Reasons = std::vector<Reason>;

}  // namespace

TEST_CASE("of an image in use, the name that sorts last stays") {
    CHECK_TWICE(reasons(true, NamesKept::last, "") == Reasons{Reason::spare_name, Reason::last_name, Reason::spare_name});
    CHECK_TWICE(reasons(false, NamesKept::last, "") == Reasons{Reason::unused, Reason::unused, Reason::unused});
}

TEST_CASE("where a name stays anyway, no other has to, whatever the order of the records") {
    CHECK_TWICE(reasons(true, NamesKept::last, "a") == Reasons{Reason::spare_name, Reason::spare_name, Reason::not_dangling});
    CHECK_TWICE(reasons(true, NamesKept::last, "b") == Reasons{Reason::not_dangling, Reason::spare_name, Reason::spare_name});
}

TEST_CASE("all names stay where the rule keeps whole images") {
    CHECK_TWICE(reasons(true, NamesKept::all, "a") == Reasons{Reason::image_in_use, Reason::image_in_use, Reason::not_dangling});
}

TEST_CASE("names sort by their bytes, not as signed characters") {
    CHECK_TWICE(reasons(true, NamesKept::last, "", {{"a\xff", "1"}, {"az", "1"}}) ==
                Reasons{Reason::last_name, Reason::spare_name});
}

TEST_CASE("an image that is not in use is none of its business") {
    CHECK_TWICE(reasons(true, NamesKept::all, "", {{"a", "1"}, {"b", "2"}}) == Reasons{Reason::image_in_use, Reason::unused});
}

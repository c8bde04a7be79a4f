// SPDX-License-Identifier: BSL-1.0

// Tests the detection of removers. consumers/compile_fail/ tests the errors for others.

#include "../../../support/check.hpp"

#include <pruneplan/apply_prune.hpp>
#include <pruneplan/detail/host/remover_members.hpp>

#include <string_view>

namespace {

using namespace pruneplan::detail;
using pruneplan::RemoveOutcome;
using pruneplan::RemoveStatus;

struct Member {
    RemoveStatus remove(std::string_view, std::string_view, std::string_view);
};
struct Callable {
    RemoveOutcome operator()(std::string_view, std::string_view, std::string_view);
};
struct OfTwoTexts {
    RemoveStatus remove(std::string_view, std::string_view);
};
struct GivesBool {
    bool remove(std::string_view, std::string_view, std::string_view);
};

}  // namespace

TEST_CASE("a remover is a member or a callable that takes three texts and returns an outcome or a status") {
    STATIC_REQUIRE(RemovesAsMember<Member> && !RemovesAsCallable<Member>);
    STATIC_REQUIRE(RemovesAsCallable<Callable> && !RemovesAsMember<Callable>);
    STATIC_REQUIRE(!RemovesAsMember<OfTwoTexts> && !RemovesAsCallable<OfTwoTexts>);
    STATIC_REQUIRE(!RemovesAsMember<GivesBool>);
    STATIC_REQUIRE(fits_remover<Member>() && fits_remover<Callable>());
}

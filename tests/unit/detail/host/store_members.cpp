// SPDX-License-Identifier: BSL-1.0

// Tests the detection of a store's members. consumers/compile_fail/ tests the errors for those that do not fit.

#include "../../../support/check.hpp"

#include <pruneplan/detail/host/store_members.hpp>
#include <pruneplan/syntax/timestamp.hpp>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace pruneplan::detail;

struct Record {
    std::string name, target;
};

template <class Images>
struct StoreOf {
    Images images() const;
    static std::string_view name(const Record& record) { return record.name; }
    static std::string_view target(const Record& record) { return record.target; }
};
using Lending = StoreOf<const std::vector<Record>&>;
using Copying = StoreOf<std::vector<Record>>;
using Pointing = StoreOf<const std::vector<const Record*>&>;
using Owning = StoreOf<const std::vector<std::unique_ptr<Record>>&>;

struct Full : Lending {
    static pruneplan::Timestamp created(const Record&) { return {}; }
    static bool pinned(const Record&) { return true; }
    static std::vector<std::string> ids(const Record&) { return {}; }
    static std::string needs(const Record&) { return {}; }
};

struct Wrong : Lending {
    static int created(const Record&) { return 0; }
    static int pinned(const Record&) { return 0; }
    static int ids(const Record&) { return 0; }
    static bool is_pinned(const Record&) { return true; }
};

struct Copies : Lending {
    static std::string_view name(Record record) { return record.name.empty() ? "a" : "b"; }
};

}  // namespace

TEST_CASE("a record is an element of the range or what that points at") {
    STATIC_REQUIRE(std::is_same_v<RecordOf<Lending>, Record>);
    STATIC_REQUIRE(std::is_same_v<RecordOf<Copying>, Record>);
    STATIC_REQUIRE(std::is_same_v<RecordOf<Pointing>, Record>);
    STATIC_REQUIRE(std::is_same_v<RecordOf<Owning>, Record>);
}

TEST_CASE("records last if the store owns them") {
    STATIC_REQUIRE(has_lasting_records<Lending>);
    STATIC_REQUIRE(has_lasting_records<Pointing>);
    STATIC_REQUIRE(!has_lasting_records<Copying>);
}

TEST_CASE("members of the right type are found and others are mentioned") {
    STATIC_REQUIRE(HasName<Full> && HasTarget<Full> && HasCreated<Full> && HasPinned<Full> && HasIds<Full>);
    STATIC_REQUIRE(HasNeeds<Full> && NeedsOne<Full> && !HasOneId<Full>);
    STATIC_REQUIRE(!HasCreated<Lending> && !MentionsCreated<Lending> && !HasBlobs<Full> && !MentionsBlobs<Full>);
    STATIC_REQUIRE(FittingMembers<Full> && FittingMembers<Lending>);
    STATIC_REQUIRE(!HasCreated<Wrong> && MentionsCreated<Wrong>);
    STATIC_REQUIRE(!HasPinned<Wrong> && MentionsPinned<Wrong>);
    STATIC_REQUIRE(!HasIds<Wrong> && MentionsIds<Wrong>);
    STATIC_REQUIRE(!FittingMembers<Wrong>);
}

TEST_CASE("a member that takes a copy of the record loses it") {
    STATIC_REQUIRE(LosesRecordInName<Copies>);
    STATIC_REQUIRE(!LosesRecordInTarget<Copies>);
    STATIC_REQUIRE(!LosesRecordInName<Lending>);
    STATIC_REQUIRE(loses_record<Record, Record>);
    STATIC_REQUIRE(loses_record<Record, const std::string&>);
    STATIC_REQUIRE(!loses_record<Record, const Record&>);
}

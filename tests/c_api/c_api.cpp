// SPDX-License-Identifier: BSL-1.0
// Tests of the C API that the programs in other languages do not make: invalid arguments, handles that are freed in
// another order, structs of another size.

#include "../../examples/c_api/pruneplan.h"

#include "../support/check.hpp"

#include <pruneplan/version.hpp>

#include <cstddef>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>

namespace {

constexpr pruneplan_text text(std::string_view view) { return {view.data(), view.size()}; }
std::string string(pruneplan_text bytes) { return {bytes.data == nullptr ? "" : bytes.data, bytes.size}; }

template <class Handle, void (*free_handle)(Handle*)>
struct Free {
    void operator()(Handle* handle) const { free_handle(handle); }
};
using Listing = std::unique_ptr<pruneplan_listing, Free<pruneplan_listing, pruneplan_listing_free>>;
using Options = std::unique_ptr<pruneplan_options, Free<pruneplan_options, pruneplan_options_free>>;
using Plan = std::unique_ptr<pruneplan_plan, Free<pruneplan_plan, pruneplan_plan_free>>;
using Report = std::unique_ptr<pruneplan_report, Free<pruneplan_report, pruneplan_report_free>>;

Listing two_records() {
    Listing listing(pruneplan_listing_new(nullptr));
    REQUIRE(pruneplan_listing_add_record(listing.get(), text("a:1"), text("sha256:a"), nullptr));
    REQUIRE(pruneplan_listing_add_record(listing.get(), text("b:1"), text("sha256:b"), nullptr));
    return listing;
}

Options all() {
    Options options(pruneplan_options_new(nullptr));
    REQUIRE(pruneplan_options_set_scope(options.get(), text("unused"), nullptr));
    return options;
}

int32_t remove_all(void*, pruneplan_text, pruneplan_text, pruneplan_text, pruneplan_removal*) {
    return PRUNEPLAN_REMOVED;
}
int32_t return_unknown_status(void*, pruneplan_text, pruneplan_text, pruneplan_text, pruneplan_removal*) { return 77; }

TEST_CASE("c_api: pruneplan_library_version returns PRUNEPLAN_VERSION") {
    CHECK(std::string_view(pruneplan_library_version()) == PRUNEPLAN_VERSION);
}

TEST_CASE("c_api: a record number out of range is an error or returns an empty value") {
    const Listing listing = two_records();
    pruneplan_error error{};
    CHECK_FALSE(pruneplan_listing_set_pinned(listing.get(), 2, true, &error));
    CHECK(std::string_view(error.code) == "invalid_argument");
    CHECK_FALSE(pruneplan_listing_add_mount(listing.get(), 0, text("sha256:a"), &error));
    CHECK_FALSE(pruneplan_listing_set_pinned(listing.get(), 2, true, nullptr));

    const Plan plan(pruneplan_plan_new(listing.get(), nullptr, nullptr));
    CHECK(pruneplan_plan_name(plan.get(), 2).data == nullptr);
    CHECK(pruneplan_plan_target(plan.get(), 2).data == nullptr);
    CHECK(pruneplan_plan_reason(plan.get(), 2).data == nullptr);
    CHECK(pruneplan_plan_container(plan.get(), 2) == PRUNEPLAN_NONE);
    CHECK(pruneplan_plan_explain(plan.get(), 2, nullptr, 0) == 0);
    CHECK(pruneplan_plan_deletion(plan.get(), 0) == PRUNEPLAN_NONE);
    CHECK_FALSE(pruneplan_plan_deletes(plan.get(), 2));
}

TEST_CASE("c_api: nanoseconds outside of one second and unknown words are errors") {
    const Listing listing = two_records();
    const Options options = all();
    pruneplan_error error{};
    CHECK_FALSE(pruneplan_listing_set_created(listing.get(), 0, 0, 1'000'000'000, &error));
    CHECK(std::string_view(error.code) == "invalid_argument");
    CHECK_FALSE(pruneplan_listing_set_last_used(listing.get(), 0, 0, -1, &error));
    CHECK_FALSE(pruneplan_options_set_keep_younger_than(options.get(), 0, -1, &error));
    CHECK_FALSE(pruneplan_options_add_filter(options.get(), text("until=1h"), 0, -1, &error));
    CHECK_FALSE(pruneplan_options_set_scope(options.get(), text("\t\xff\""), &error));
    CHECK(std::string_view(error.message).starts_with("unknown word \"??\"\": use one of "));
    CHECK_FALSE(pruneplan_options_set_scope(options.get(), text("everything"), &error));
    CHECK(std::string_view(error.message) == "unknown word \"everything\": use one of dangling unused");
    CHECK_FALSE(pruneplan_options_set_usage_preset(options.get(), text(""), &error));
    CHECK_FALSE(pruneplan_options_set_survivor(options.get(), text("newest "), &error));
}

TEST_CASE("c_api: contradictory dangling filters are an error even with other filters between them") {
    const Options options(pruneplan_options_new(nullptr));
    pruneplan_error error{};
    CHECK(pruneplan_options_add_filter(options.get(), text("dangling=false"), 0, 0, &error));
    CHECK(pruneplan_options_add_filter(options.get(), text("label=a"), 0, 0, &error));
    CHECK(pruneplan_options_add_filter(options.get(), text("dangling=0"), 0, 0, &error));
    CHECK_FALSE(pruneplan_options_add_filter(options.get(), text("dangling=true"), 0, 0, &error));
    CHECK(std::string_view(error.code) == "contradictory_filters");
}

TEST_CASE("c_api: a plan is unchanged when its listing and options are changed or freed") {
    Listing listing = two_records();
    Options options = all();
    const Plan plan(pruneplan_plan_new(listing.get(), options.get(), nullptr));
    REQUIRE(pruneplan_listing_set_pinned(listing.get(), 0, true, nullptr));
    for (int i = 0; i < 100; ++i)
        REQUIRE(pruneplan_listing_add_record(listing.get(), text("c:" + std::to_string(i)), text("sha256:c"), nullptr));
    const Plan second(pruneplan_plan_new(listing.get(), options.get(), nullptr));
    listing.reset();
    options.reset();
    CHECK(pruneplan_plan_records(plan.get()) == 2);
    CHECK(pruneplan_plan_deleted(plan.get()) == 2);
    CHECK(string(pruneplan_plan_name(plan.get(), 1)) == "b:1");
    CHECK(pruneplan_plan_records(second.get()) == 102);
    CHECK(string(pruneplan_plan_reason(second.get(), 0)) == "pinned");
}

TEST_CASE("c_api: pruneplan_plan_explain cuts the sentence off at the end of the buffer") {
    const Listing listing = two_records();
    const Plan plan(pruneplan_plan_new(listing.get(), nullptr, nullptr));
    char buffer[8] = "-------";
    const std::size_t size = pruneplan_plan_explain(plan.get(), 0, buffer, 4);
    CHECK(size > 8);
    CHECK(std::string_view(buffer, 5) == "kept-");
}

TEST_CASE("c_api: a struct of another size is accepted if it has the required members and else an error") {
    const Listing listing = two_records();
    const Options options = all();
    REQUIRE(pruneplan_listing_add_blob(listing.get(), 0, text("blob"), 7, nullptr));
    const Plan plan(pruneplan_plan_new(listing.get(), options.get(), nullptr));
    pruneplan_error error{};

    pruneplan_space space{};
    CHECK_FALSE(pruneplan_plan_estimate_space(plan.get(), &space, &error));
    space.kept = 99;
    space.struct_size = offsetof(pruneplan_space, shared);
    CHECK(pruneplan_plan_estimate_space(plan.get(), &space, &error));
    CHECK(space.freed == 7);
    CHECK(space.kept == 99);

    const Report report(pruneplan_report_new(nullptr));
    pruneplan_host host{};
    host.remove = remove_all;
    CHECK_FALSE(pruneplan_apply(plan.get(), &host, report.get(), &error));
    struct {
        pruneplan_host known;
        void* later;
    } newer{};
    newer.known.struct_size = sizeof newer;
    CHECK_FALSE(pruneplan_apply(plan.get(), &newer.known, report.get(), &error));
    newer.known.remove = remove_all;
    CHECK(pruneplan_apply(plan.get(), &newer.known, report.get(), &error));
    CHECK(pruneplan_report_untagged_count(report.get()) == 2);
    CHECK(pruneplan_report_untagged_name(report.get(), 2).data == nullptr);
    CHECK(pruneplan_report_space_reclaimed(report.get()) == 7);

    // An unknown status counts as a failure. A report can be reused.
    newer.known.remove = return_unknown_status;
    CHECK(pruneplan_apply(plan.get(), &newer.known, report.get(), &error));
    CHECK(pruneplan_report_untagged_count(report.get()) == 0);
    CHECK(string(pruneplan_report_failure_error(report.get(), 1)) ==
          "unknown status 77: the host's remove must return PRUNEPLAN_REMOVED to PRUNEPLAN_FAILED");
}

TEST_CASE("c_api: freeing NULL has no effect") {
    pruneplan_listing_free(nullptr);
    pruneplan_options_free(nullptr);
    pruneplan_plan_free(nullptr);
    pruneplan_report_free(nullptr);
    CHECK(pruneplan_live_handles() == 0);
}

}  // namespace

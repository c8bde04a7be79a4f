// SPDX-License-Identifier: BSL-1.0
// Tests of the C API that the programs in other languages do not make: invalid arguments, handles that are changed or
// freed, structs of another size.

#include "../../examples/c_api/pruneplan.h"

#include "../support/check.hpp"

#include <pruneplan/version.hpp>

#include <cstddef>
#include <cstdint>
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

Plan plan_of(const Listing& listing, const Options& options) {
    Plan plan(pruneplan_plan_new(listing.get(), options.get(), nullptr));
    REQUIRE(plan != nullptr);
    return plan;
}

pruneplan_decision decision_on(const Plan& plan, std::size_t record) {
    pruneplan_decision decision{};
    decision.struct_size = sizeof decision;
    REQUIRE(pruneplan_plan_decision(plan.get(), record, &decision, nullptr));
    return decision;
}

pruneplan_doubt doubt_of(const Plan& plan, std::size_t i) {
    pruneplan_doubt doubt{};
    doubt.struct_size = sizeof doubt;
    REQUIRE(pruneplan_plan_doubt(plan.get(), i, &doubt, nullptr));
    return doubt;
}

pruneplan_step step_of(const Report& report, std::size_t i) {
    pruneplan_step step{};
    step.struct_size = sizeof step;
    REQUIRE(pruneplan_report_step(report.get(), i, &step, nullptr));
    return step;
}

std::string explained(const Plan& plan, std::size_t record) {
    char buffer[200];
    const std::size_t size = pruneplan_plan_explain(plan.get(), record, buffer, sizeof buffer);
    REQUIRE(size <= sizeof buffer);
    return {buffer, size};
}

/// A host whose `remove` returns one status, and notes the survivors that it gets.
struct Host : pruneplan_host {
    explicit Host(std::int32_t returned) : pruneplan_host{}, status(returned) {
        struct_size = sizeof(pruneplan_host);
        user = this;
        remove = [](void* host, pruneplan_text, pruneplan_text, pruneplan_text survivor, pruneplan_removal*) {
            static_cast<Host*>(host)->survivors += "[" + string(survivor) + "]";
            return static_cast<Host*>(host)->status;
        };
    }
    std::int32_t status;
    std::string survivors{};
};

TEST_CASE("c_api: pruneplan_library_version returns PRUNEPLAN_VERSION") {
    CHECK(std::string_view(pruneplan_library_version()) == PRUNEPLAN_VERSION);
}

TEST_CASE("c_api: a number out of range is an error, or returns an empty value") {
    const Listing listing = two_records();
    pruneplan_error error{};
    CHECK_FALSE(pruneplan_listing_set_pinned(listing.get(), 2, true, &error));
    CHECK(std::string_view(error.code) == "invalid_argument");
    CHECK_FALSE(pruneplan_listing_add_mount(listing.get(), 0, text("sha256:a"), &error));
    CHECK_FALSE(pruneplan_listing_set_container_name(listing.get(), 0, text("web"), &error));
    CHECK_FALSE(pruneplan_listing_set_pinned(listing.get(), 2, true, nullptr));

    const Plan plan = plan_of(listing, nullptr);
    const Report report(pruneplan_report_new(nullptr));
    pruneplan_decision decision{};
    decision.struct_size = sizeof decision;
    pruneplan_doubt doubt{};
    doubt.struct_size = sizeof doubt;
    pruneplan_step step{};
    step.struct_size = sizeof step;
    CHECK_FALSE(pruneplan_plan_decision(plan.get(), 2, &decision, &error));
    CHECK_FALSE(pruneplan_plan_doubt(plan.get(), 0, &doubt, &error));
    CHECK_FALSE(pruneplan_report_step(report.get(), 0, &step, &error));
    CHECK(pruneplan_plan_explain(plan.get(), 2, nullptr, 0) == 0);
    CHECK(pruneplan_plan_deletion(plan.get(), 0) == PRUNEPLAN_NONE);
}

TEST_CASE("c_api: NULL in place of a handle is an error, or returns an empty value") {
    pruneplan_error error{};
    const auto is_rejected = [&error](bool done) {
        const bool rejected = !done && std::string_view(error.message) == "the handle is NULL";
        error = {};
        return rejected;
    };
    CHECK(is_rejected(pruneplan_listing_add_record(nullptr, text("a:1"), text("sha256:a"), &error)));
    CHECK(is_rejected(pruneplan_listing_set_created(nullptr, 0, 0, 0, &error)));
    CHECK(is_rejected(pruneplan_options_set_scope(nullptr, text("unused"), &error)));
    CHECK(is_rejected(pruneplan_options_set_bytes_to_free(nullptr, 0, &error)));
    CHECK(is_rejected(pruneplan_plan_new(nullptr, nullptr, &error) != nullptr));
    CHECK(is_rejected(pruneplan_plan_decision(nullptr, 0, nullptr, &error)));
    CHECK(is_rejected(pruneplan_plan_count(nullptr, text("unused"), &error) != PRUNEPLAN_NONE));
    CHECK(is_rejected(pruneplan_plan_space(nullptr, nullptr, &error)));
    CHECK(is_rejected(pruneplan_apply(nullptr, nullptr, nullptr, &error)));
    const Listing listing = two_records();
    const Host host(PRUNEPLAN_REMOVED);
    CHECK(is_rejected(pruneplan_apply(plan_of(listing, nullptr).get(), &host, nullptr, &error)));
    CHECK(is_rejected(pruneplan_report_count(nullptr, PRUNEPLAN_REMOVED, &error) != PRUNEPLAN_NONE));

    CHECK(pruneplan_listing_records(nullptr) == 0);
    CHECK(pruneplan_plan_records(nullptr) == 0);
    CHECK(pruneplan_plan_deletion(nullptr, 0) == PRUNEPLAN_NONE);
    CHECK(pruneplan_plan_summary(nullptr, nullptr, 0) == 0);
    CHECK(pruneplan_report_steps(nullptr) == 0);
    CHECK_FALSE(pruneplan_report_cancelled(nullptr));
    pruneplan_removal_set_error(nullptr, text("words"));
    pruneplan_removal_set_still_named(nullptr);
}

TEST_CASE("c_api: a text without data is empty, whatever its size") {
    const Listing listing(pruneplan_listing_new(nullptr));
    REQUIRE(pruneplan_listing_add_record(listing.get(), {nullptr, 5}, text("sha256:a"), nullptr));
    CHECK(decision_on(plan_of(listing, nullptr), 0).name.size == 0);
}

TEST_CASE("c_api: nanoseconds outside of one second and unknown words are errors") {
    const Listing listing = two_records();
    const Options options = all();
    pruneplan_error error{};
    CHECK_FALSE(pruneplan_listing_set_created(listing.get(), 0, 0, 1'000'000'000, &error));
    CHECK(std::string_view(error.code) == "invalid_argument");
    CHECK_FALSE(pruneplan_listing_set_last_used(listing.get(), 0, 0, -1, &error));
    CHECK_FALSE(pruneplan_options_set_keep_younger_than(options.get(), 0, -1, &error));
    CHECK_FALSE(pruneplan_options_set_delete_unused_before(options.get(), 0, -1, &error));
    CHECK_FALSE(pruneplan_options_add_filter(options.get(), text("until=1h"), 0, -1, &error));
    CHECK_FALSE(pruneplan_options_set_scope(options.get(), text("\t\xff\""), &error));
    CHECK(std::string_view(error.message).starts_with("unknown word \"??\"\": use one of "));
    CHECK_FALSE(pruneplan_options_set_scope(options.get(), text("everything"), &error));
    CHECK(std::string_view(error.message) == "unknown word \"everything\": use one of dangling unused");
    CHECK_FALSE(pruneplan_options_set_usage_preset(options.get(), text(""), &error));
    CHECK_FALSE(pruneplan_options_set_usage(options.get(), true, text("each_container"), text("last"), &error));
    CHECK_FALSE(pruneplan_options_set_usage(options.get(), true, text("no_container"), text("first"), &error));
    CHECK_FALSE(pruneplan_options_add_keep_newest(options.get(), 1, text(""), text("age"), &error));
    CHECK_FALSE(pruneplan_options_set_survivor(options.get(), text("newest "), &error));

    const Plan plan = plan_of(listing, options);
    CHECK(pruneplan_plan_count(plan.get(), text("unused"), &error) == 2);
    CHECK(pruneplan_plan_count(plan.get(), text("unprotected"), &error) == 0);
    CHECK(pruneplan_plan_count(plan.get(), text("unprotcted"), &error) == PRUNEPLAN_NONE);
    CHECK(std::string_view(error.message).starts_with("unknown word \"unprotcted\": use one of unused dangling "));
    const Report report(pruneplan_report_new(nullptr));
    CHECK(pruneplan_report_count(report.get(), 9, &error) == PRUNEPLAN_NONE);
    CHECK(pruneplan_report_count(report.get(), -1, &error) == PRUNEPLAN_NONE);
    CHECK(pruneplan_status_word(9).data == nullptr);
}

TEST_CASE("c_api: with a negative number of bytes to free, no plan is made") {
    const Listing listing = two_records();
    const Options options = all();
    pruneplan_error error{};
    REQUIRE(pruneplan_options_set_bytes_to_free(options.get(), -1, nullptr));
    CHECK(pruneplan_plan_new(listing.get(), options.get(), &error) == nullptr);
    CHECK(std::string_view(error.code) == "bad_option");
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
    const Plan plan = plan_of(listing, options);
    REQUIRE(pruneplan_listing_set_pinned(listing.get(), 0, true, nullptr));
    for (int i = 0; i < 100; ++i)
        REQUIRE(pruneplan_listing_add_record(listing.get(), text("c:" + std::to_string(i)), text("sha256:c"), nullptr));
    const Plan second = plan_of(listing, options);
    listing.reset();
    options.reset();
    CHECK(pruneplan_plan_records(plan.get()) == 2);
    CHECK(pruneplan_plan_deleted(plan.get()) == 2);
    CHECK(string(decision_on(plan, 1).name) == "b:1");
    CHECK(explained(plan, 1) == "deleted: no container uses it");
    CHECK(pruneplan_plan_records(second.get()) == 102);
    CHECK(string(decision_on(second, 0).reason) == "pinned");
}

TEST_CASE("c_api: by default, a container keeps the image that it runs, and the sentence calls it by its name") {
    const Listing listing = two_records();
    const Options options = all();
    REQUIRE(pruneplan_listing_add_container(listing.get(), text("sha256:a"), text("b:1"), nullptr));
    CHECK(explained(plan_of(listing, options), 1) == "kept: container 0 was created from b:1");
    REQUIRE(pruneplan_listing_set_container_name(listing.get(), 0, text("web"), nullptr));
    const Plan plan = plan_of(listing, options);
    CHECK(pruneplan_plan_deleted(plan.get()) == 0);
    CHECK(explained(plan, 0) == "kept: container web runs sha256:a, and this is the last name of that image");
    CHECK(decision_on(plan, 0).container == 0);
    CHECK(decision_on(plan, 0).option == PRUNEPLAN_NONE);
}

TEST_CASE("c_api: pruneplan_plan_explain cuts the sentence off at the end of the buffer") {
    const Listing listing = two_records();
    const Plan plan = plan_of(listing, nullptr);
    char buffer[8] = "-------";
    const std::size_t size = pruneplan_plan_explain(plan.get(), 0, buffer, 4);
    CHECK(size > 8);
    CHECK(std::string_view(buffer, 5) == "kept-");
}

TEST_CASE("c_api: a plan with a doubt that blocks is applied only if the host accepts the doubt") {
    const Listing listing = two_records();
    const Options options = all();
    REQUIRE(pruneplan_listing_add_container(listing.get(), text("sha256:c"), text("a:1"), nullptr));
    REQUIRE(pruneplan_options_add_keep(options.get(), text("ghcr.io/**"), nullptr));
    const Plan plan = plan_of(listing, options);
    REQUIRE(pruneplan_plan_doubts(plan.get()) == 2);
    CHECK(string(doubt_of(plan, 1).kind) == "unmatched_pattern");
    CHECK(string(doubt_of(plan, 1).sentence) == "the pattern \"ghcr.io/**\" of names to keep matches no record");
    CHECK_FALSE(doubt_of(plan, 1).blocks);
    CHECK(string(doubt_of(plan, 0).kind) == "unmatched_container");
    CHECK(doubt_of(plan, 0).blocks);

    const Report report(pruneplan_report_new(nullptr));
    pruneplan_error error{};
    Host host(PRUNEPLAN_REMOVED);
    CHECK_FALSE(pruneplan_apply(plan.get(), &host, report.get(), &error));
    CHECK(std::string_view(error.code) == "doubtful_plan");
    const pruneplan_text accepted[] = {text("unprotected_image"), text("unmatched_container"), text("unmatched")};
    host.accept = accepted;
    host.accept_count = 1;
    CHECK_FALSE(pruneplan_apply(plan.get(), &host, report.get(), &error));
    CHECK(std::string_view(error.code) == "doubtful_plan");
    host.accept_count = 3;
    CHECK_FALSE(pruneplan_apply(plan.get(), &host, report.get(), &error));
    CHECK(std::string_view(error.message).starts_with("unknown word \"unmatched\": use one of unmatched_container "));
    CHECK(host.survivors.empty());
    CHECK(pruneplan_report_steps(report.get()) == 0);
    host.accept_count = 2;
    CHECK(pruneplan_apply(plan.get(), &host, report.get(), &error));
    CHECK(string(step_of(report, 0).name) == "b:1");
    CHECK(host.survivors == "[]");
}

TEST_CASE("c_api: remove gets each kept name as survivor until one is there") {
    const Listing listing = two_records();
    const Options options = all();
    for (const std::string_view name : {"a:2", "a:3"})
        REQUIRE(pruneplan_listing_add_record(listing.get(), text(name), text("sha256:a"), nullptr));
    REQUIRE(pruneplan_listing_add_container(listing.get(), text("sha256:a"), text("a:2"), nullptr));
    REQUIRE(pruneplan_options_add_keep(options.get(), text("a:3"), nullptr));
    const Plan plan = plan_of(listing, options);
    const Report report(pruneplan_report_new(nullptr));
    Host host(PRUNEPLAN_SURVIVOR_GONE);
    CHECK(pruneplan_apply(plan.get(), &host, report.get(), nullptr));
    CHECK(host.survivors == "[a:2][a:3][]");
    CHECK(string(step_of(report, 0).name) == "a:1");
    CHECK(step_of(report, 0).status == PRUNEPLAN_SURVIVOR_GONE);
}

TEST_CASE("c_api: a status of 0, of reports only or without a meaning is a failure") {
    const Listing listing = two_records();
    const Plan plan = plan_of(listing, all());
    for (const std::int32_t status : {0, int{PRUNEPLAN_VETOED}, int{PRUNEPLAN_NEEDED}, int{PRUNEPLAN_ATTACHED}, 77, -1}) {
        const Report report(pruneplan_report_new(nullptr));
        const Host host(status);
        CHECK(pruneplan_apply(plan.get(), &host, report.get(), nullptr));
        CHECK(pruneplan_report_count(report.get(), PRUNEPLAN_FAILED, nullptr) == 2);
        CHECK(pruneplan_report_count(report.get(), PRUNEPLAN_REMOVED, nullptr) == 0);
        CHECK(string(step_of(report, 1).error) ==
              (status == 0 ? ""
                           : "invalid status " + std::to_string(status) +
                                 ": the host's remove must return PRUNEPLAN_FAILED to PRUNEPLAN_IN_USE"));
    }
}

TEST_CASE("c_api: a struct of another size is accepted if it has the required members and else an error") {
    const Listing listing = two_records();
    REQUIRE(pruneplan_listing_add_blob(listing.get(), 0, text("blob"), 7, nullptr));
    const Plan plan = plan_of(listing, all());
    pruneplan_error error{};

    pruneplan_space space{};
    CHECK_FALSE(pruneplan_plan_space(plan.get(), &space, &error));
    CHECK_FALSE(pruneplan_plan_space(plan.get(), nullptr, &error));
    space.kept = 99;
    space.struct_size = offsetof(pruneplan_space, shared);
    CHECK(pruneplan_plan_space(plan.get(), &space, &error));
    CHECK(space.struct_size == offsetof(pruneplan_space, shared));
    CHECK(space.freed == 7);
    CHECK(space.kept == 99);

    const Report report(pruneplan_report_new(nullptr));
    const auto remove = Host(PRUNEPLAN_REMOVED).remove;
    Host user(PRUNEPLAN_REMOVED);
    pruneplan_host host{};
    host.user = &user;
    host.remove = remove;
    CHECK_FALSE(pruneplan_apply(plan.get(), &host, report.get(), &error));
    CHECK_FALSE(pruneplan_apply(plan.get(), nullptr, report.get(), &error));
    struct {
        pruneplan_host known;
        void* later;
    } newer{};
    newer.known.struct_size = sizeof newer;
    CHECK_FALSE(pruneplan_apply(plan.get(), &newer.known, report.get(), &error));
    newer.known.user = &user;
    newer.known.remove = remove;
    CHECK(pruneplan_apply(plan.get(), &newer.known, report.get(), &error));
    CHECK(pruneplan_report_steps(report.get()) == 2);
    CHECK(step_of(report, 0).reclaimed == 7);
    CHECK(pruneplan_report_space_reclaimed(report.get()) == 7);

    // A report keeps earlier steps.
    user.status = PRUNEPLAN_NOT_FOUND;
    CHECK(pruneplan_apply(plan.get(), &newer.known, report.get(), &error));
    CHECK(pruneplan_report_steps(report.get()) == 4);
    CHECK(step_of(report, 2).status == PRUNEPLAN_NOT_FOUND);
}

TEST_CASE("c_api: freeing NULL has no effect") {
    pruneplan_listing_free(nullptr);
    pruneplan_options_free(nullptr);
    pruneplan_plan_free(nullptr);
    pruneplan_report_free(nullptr);
    CHECK(pruneplan_live_handles() == 0);
}

}  // namespace

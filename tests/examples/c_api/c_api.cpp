// SPDX-License-Identifier: BSL-1.0
// Tests of the C API that the programs in other languages do not make: invalid arguments, handles that are changed or
// freed, structs of another size.

#include "../../../examples/c_api/pruneplan.h"

#include "../../support/check.hpp"

#include <pruneplan/fleet.hpp>
#include <pruneplan/version.hpp>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

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
using Usage = std::unique_ptr<pruneplan_usage, Free<pruneplan_usage, pruneplan_usage_free>>;

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

bool append(void* state, const char* data, std::size_t size) {
    static_cast<std::string*>(state)->append(data, size);
    return true;
}

std::string json_of(const Plan& plan) {
    std::string json;
    REQUIRE(pruneplan_plan_write_json_lines(plan.get(), append, &json, nullptr));
    return json;
}

std::string bytes_of(const Usage& usage) {
    std::string bytes;
    REQUIRE(pruneplan_usage_write(usage.get(), append, &bytes, nullptr));
    return bytes;
}

pruneplan_record record_of(std::string_view name, std::string_view target) {
    pruneplan_record record{};
    record.struct_size = sizeof record;
    record.name = text(name);
    record.target = text(target);
    return record;
}

pruneplan_container container_of(std::string_view id, std::string_view ref) {
    pruneplan_container container{};
    container.struct_size = sizeof container;
    container.image_id = text(id);
    container.image_ref = text(ref);
    return container;
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
    for (const std::int32_t status :
         {0, int{PRUNEPLAN_VETOED}, int{PRUNEPLAN_NEEDED}, int{PRUNEPLAN_ATTACHED}, 77, -1}) {
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

TEST_CASE("c_api: pruneplan_listing_add_records adds all facts that the functions for one record set") {
    const pruneplan_text ids[] = {text("sha256:1"), text("sha256:2")}, needed[] = {text("sha256:b")};
    const pruneplan_label labels[] = {{text("env"), text("dev")}, {text("team"), text("a")}};
    const pruneplan_blob blobs[] = {{text("blob"), 7}};
    pruneplan_record records[] = {record_of("a:1", "sha256:a"), record_of("b:1", "sha256:b"),
                                  record_of("c:1", "sha256:c"), record_of("moby-dangling@sha256:d", "sha256:d")};
    records[0].ids = ids;
    records[0].id_count = 2;
    records[0].needed = needed;
    records[0].needed_count = 1;
    records[0].labels = labels;
    records[0].label_count = 2;
    records[0].blobs = blobs;
    records[0].blob_count = 1;
    records[0].created = {100, 1, true};
    records[0].last_used = {200, 999'999'999, true};
    records[1].pinned = true;
    records[2].subject = text("sha256:b");
    records[2].dangling = PRUNEPLAN_YES;
    records[3].dangling = PRUNEPLAN_NO;
    const Listing batch(pruneplan_listing_new(nullptr)), single(pruneplan_listing_new(nullptr));
    REQUIRE(pruneplan_listing_add_records(batch.get(), records, 4, nullptr));
    REQUIRE(pruneplan_listing_records(batch.get()) == 4);

    pruneplan_listing* const listing = single.get();
    for (const pruneplan_record& record : records)
        REQUIRE(pruneplan_listing_add_record(listing, record.name, record.target, nullptr));
    for (const pruneplan_text id : ids) REQUIRE(pruneplan_listing_add_id(listing, 0, id, nullptr));
    for (const pruneplan_label& label : labels)
        REQUIRE(pruneplan_listing_add_label(listing, 0, label.key, label.value, nullptr));
    REQUIRE(pruneplan_listing_add_needed(listing, 0, needed[0], nullptr));
    REQUIRE(pruneplan_listing_add_blob(listing, 0, blobs[0].digest, 7, nullptr));
    REQUIRE(pruneplan_listing_set_created(listing, 0, 100, 1, nullptr));
    REQUIRE(pruneplan_listing_set_last_used(listing, 0, 200, 999'999'999, nullptr));
    REQUIRE(pruneplan_listing_set_pinned(listing, 1, true, nullptr));
    REQUIRE(pruneplan_listing_set_subject(listing, 2, text("sha256:b"), nullptr));
    REQUIRE(pruneplan_listing_set_dangling(listing, 2, true, nullptr));
    REQUIRE(pruneplan_listing_set_dangling(listing, 3, false, nullptr));

    pruneplan_container container = container_of("sha256:2", "x:1");
    const pruneplan_text mounts[] = {text("sha256:d")};
    container.name = text("web");
    container.mounts = mounts;
    container.mount_count = 1;
    REQUIRE(pruneplan_listing_add_containers(batch.get(), &container, 1, nullptr));
    REQUIRE(pruneplan_listing_add_container(listing, container.image_id, container.image_ref, nullptr));
    REQUIRE(pruneplan_listing_set_container_name(listing, 0, container.name, nullptr));
    REQUIRE(pruneplan_listing_add_mount(listing, 0, mounts[0], nullptr));

    for (const std::string_view filter : {"label=env=dev", "label!=team", "until=150", "dangling=true"}) {
        const Options options = all();
        REQUIRE(pruneplan_options_add_filter(options.get(), text(filter), 1000, 0, nullptr));
        CHECK(json_of(plan_of(batch, options)) == json_of(plan_of(single, options)));
    }
    const Plan plan = plan_of(batch, all());
    CHECK(json_of(plan) == json_of(plan_of(single, all())));
    CHECK(explained(plan, 0) ==
          "kept: container web runs sha256:a (as sha256:2), and this is the last name of that image");
    CHECK(decision_on(plan, 3).mounted);
    pruneplan_space space{};
    space.struct_size = sizeof space;
    REQUIRE(pruneplan_plan_space(plan.get(), &space, nullptr));
    CHECK(space.kept == 7);
}

TEST_CASE("c_api: an array with an invalid element adds nothing") {
    const Listing listing = two_records();
    pruneplan_error error{};
    const auto is_rejected = [&](const std::vector<pruneplan_record>& records, std::string_view message) {
        const bool added = pruneplan_listing_add_records(listing.get(), records.data(), records.size(), &error);
        CHECK(std::string_view(error.code) == "invalid_argument");
        CHECK(std::string_view(error.message) == message);
        return !added && pruneplan_listing_records(listing.get()) == 2;
    };
    const pruneplan_record valid = record_of("c:1", "sha256:c");
    pruneplan_record record = valid;
    record.created = {0, 1'000'000'000, true};
    CHECK(is_rejected({valid, record}, "element 1 of the array: nanoseconds are from 0 to 999,999,999"));
    record.created = {0, 1'000'000'000, false};  // not known, and not read
    record.last_used = {0, -1, true};
    CHECK(is_rejected({record, valid}, "element 0 of the array: nanoseconds are from 0 to 999,999,999"));
    for (const std::int32_t dangling : {-1, 3}) {
        record = valid;
        record.dangling = dangling;
        CHECK(is_rejected({record},
                          "element 0 of the array: dangling is PRUNEPLAN_UNKNOWN, PRUNEPLAN_NO or PRUNEPLAN_YES"));
    }
    record = valid;
    record.blob_count = 1;
    CHECK(is_rejected({record}, "element 0 of the array: the array blobs is NULL"));
    record.blob_count = 0;
    record.label_count = 1;
    CHECK(is_rejected({record}, "element 0 of the array: the array labels is NULL"));
    record.label_count = 0;
    record.id_count = 1;
    CHECK(is_rejected({record}, "element 0 of the array: the array ids is NULL"));
    record.id_count = 0;
    record.needed_count = 1;
    CHECK(is_rejected({record}, "element 0 of the array: the array needed is NULL"));
    for (const std::size_t size : {std::size_t{0}, sizeof record - 1, sizeof record + 1, sizeof record + 8}) {
        record = valid;
        record.struct_size = size;
        CHECK(is_rejected({valid, record}, "element 1 of the array: struct_size is not set"));
    }
    CHECK_FALSE(pruneplan_listing_add_records(listing.get(), nullptr, 1, &error));
    CHECK(std::string_view(error.message) == "the array is NULL");
    CHECK(pruneplan_listing_add_records(listing.get(), nullptr, 0, &error));
    CHECK_FALSE(pruneplan_listing_add_records(nullptr, &valid, 1, &error));

    pruneplan_container containers[] = {container_of("sha256:a", "a"), container_of("sha256:b", "b")};
    containers[1].mount_count = 1;
    CHECK_FALSE(pruneplan_listing_add_containers(listing.get(), containers, 2, &error));
    CHECK(std::string_view(error.message) == "element 1 of the array: the array mounts is NULL");
    CHECK(pruneplan_listing_containers(listing.get()) == 0);
    CHECK(pruneplan_listing_add_containers(listing.get(), containers, 1, &error));
    CHECK(pruneplan_listing_containers(listing.get()) == 1);
}

TEST_CASE("c_api: the elements of an array can be larger than the library knows") {
    struct Newer {
        pruneplan_record known;
        void* later;
    } records[] = {{record_of("a:1", "sha256:a"), nullptr}, {record_of("b:1", "sha256:b"), nullptr}};
    for (Newer& record : records) record.known.struct_size = sizeof record;
    const Listing listing(pruneplan_listing_new(nullptr));
    REQUIRE(pruneplan_listing_add_records(listing.get(), &records[0].known, 2, nullptr));
    CHECK(string(decision_on(plan_of(listing, nullptr), 1).name) == "b:1");
}

TEST_CASE("c_api: a plan is written completely, or until the callback returns false") {
    const Listing listing(pruneplan_listing_new(nullptr));
    const std::string long_target(40'000, 'x');
    for (int i = 0; i < 300; ++i)
        REQUIRE(pruneplan_listing_add_record(listing.get(), text("a:" + std::to_string(i)), text("sha256:a"), nullptr));
    REQUIRE(pruneplan_listing_add_record(listing.get(), text("b:1"), text(long_target), nullptr));
    const Plan plan = plan_of(listing, all());
    const std::string json = json_of(plan);
    CHECK(json.starts_with(
        "{\"record\":0,\"name\":\"a:0\",\"target\":\"sha256:a\",\"action\":\"delete\",\"reason\":\"unused\"}\n"));
    CHECK(json.find("\"target\":\"" + long_target + "\"") != std::string::npos);
    CHECK(json.ends_with("}\n"));
    std::string dot;
    CHECK(pruneplan_plan_write_dot(plan.get(), append, &dot, nullptr));
    CHECK(dot.starts_with("digraph pruneplan {\n"));
    CHECK(dot.ends_with("}\n"));

    struct Calls {
        int left, made;
    } calls{2, 0};
    const auto count = [](void* state, const char*, std::size_t) {
        Calls& known = *static_cast<Calls*>(state);
        ++known.made;
        return --known.left > 0;
    };
    pruneplan_error error{};
    CHECK_FALSE(pruneplan_plan_write_json_lines(plan.get(), count, &calls, &error));
    CHECK(calls.made == 2);
    CHECK(std::string_view(error.code) == "stopped");
    CHECK_FALSE(pruneplan_plan_write_dot(plan.get(), nullptr, nullptr, &error));
    CHECK(std::string_view(error.message) == "the function is NULL");
    CHECK_FALSE(pruneplan_plan_write_dot(nullptr, append, &dot, &error));
}

TEST_CASE("c_api: pruneplan_plan_diff visits the changes between two plans until the callback returns false") {
    const Listing before = two_records(), after = two_records();
    REQUIRE(pruneplan_listing_set_pinned(after.get(), 1, true, nullptr));
    REQUIRE(pruneplan_listing_add_record(after.get(), text("c:1"), text("sha256:c"), nullptr));
    const Plan old = plan_of(before, all()), now = plan_of(after, all());
    struct Changes {
        std::string found{};
        std::size_t limit = 9, made = 0;
    };
    const auto visit = [](void* state, const pruneplan_change* change) {
        Changes& changes = *static_cast<Changes*>(state);
        CHECK(change->struct_size == sizeof *change);
        const auto number = [](std::size_t n) { return n == PRUNEPLAN_NONE ? "-" : std::to_string(n); };
        changes.found += string(change->kind) + " " + string(change->name) + " " + number(change->before) + " " +
                         number(change->after) + " " + string(change->reason_before) + ">" +
                         string(change->reason_after) + (change->target_changed ? " target\n" : "\n");
        return ++changes.made < changes.limit;
    };
    Changes changes;
    CHECK(pruneplan_plan_diff(old.get(), now.get(), visit, &changes, nullptr));
    CHECK(changes.found == "newly_kept b:1 1 1 unused>pinned\nadded c:1 - 2 >unused\n");
    changes = {};
    CHECK(pruneplan_plan_diff(now.get(), old.get(), visit, &changes, nullptr));
    CHECK(changes.found == "newly_deleted b:1 1 1 pinned>unused\nremoved c:1 2 - unused>\n");
    changes = {};
    changes.limit = 1;
    pruneplan_error error{};
    CHECK_FALSE(pruneplan_plan_diff(old.get(), now.get(), visit, &changes, &error));
    CHECK(std::string_view(error.code) == "stopped");
    CHECK(changes.made == 1);
    CHECK_FALSE(pruneplan_plan_diff(old.get(), nullptr, visit, &changes, &error));
    CHECK_FALSE(pruneplan_plan_diff(old.get(), now.get(), nullptr, nullptr, &error));
    CHECK(std::string_view(error.code) == "invalid_argument");
}

TEST_CASE("c_api: a usage summary has each use once, and comes back from its bytes") {
    const pruneplan_text mounts[] = {text("sha256:m"), text("")};
    pruneplan_container containers[] = {container_of("sha256:a", "a:1"), container_of("sha256:a", "a:1"),
                                        container_of(std::string_view("\0,\n", 3), "")};
    containers[2].mounts = mounts;
    containers[2].mount_count = 2;
    const Usage usage(pruneplan_usage_new(nullptr));
    CHECK(bytes_of(usage) == "pruneplan usage 1\nend\n");
    REQUIRE(pruneplan_usage_add_containers(usage.get(), containers, 3, nullptr));
    CHECK(pruneplan_usage_size(usage.get()) == 3);
    const std::string bytes = bytes_of(usage);
    CHECK(bytes ==
          std::string_view("pruneplan usage 1\n8:sha256:a,3:a:1,\n3:\0,\n,0:,8:sha256:m,\n3:\0,\n,0:,0:,\nend\n", 74));

    const Usage copy(pruneplan_usage_new(nullptr));
    for (int i = 0; i < 2; ++i) REQUIRE(pruneplan_usage_read(copy.get(), text(bytes), nullptr));
    CHECK(bytes_of(copy) == bytes);
    REQUIRE(pruneplan_usage_merge(copy.get(), usage.get(), nullptr));
    REQUIRE(pruneplan_usage_merge(copy.get(), copy.get(), nullptr));
    CHECK(pruneplan_usage_size(copy.get()) == 3);

    // A cut summary is malformed, wherever it is cut.
    pruneplan_error error{};
    const Usage empty(pruneplan_usage_new(nullptr));
    for (std::size_t size = 0; size < bytes.size(); ++size) {
        const std::string_view cut = std::string_view(bytes).substr(0, size);
        CHECK_FALSE(pruneplan_usage_read(empty.get(), text(cut), &error));
        CHECK(std::string_view(error.code) == "invalid_format");
    }
    for (const std::string_view malformed :
         {"1:a,1:b,1:c,1:d,\n", "1:a,1:b\n", "x:a,1:b,\n", "-1:a,1:b,\n", "1 :a,1:b,\n",
          "18446744073709551615:a,1:b,\n", "18446744073709551616:a,1:b,\n", "end\n"})
        CHECK_FALSE(pruneplan_usage_read(
            empty.get(), text("pruneplan usage 1\n1:a,1:b,\n" + std::string(malformed) + "end\n"), &error));
    CHECK_FALSE(pruneplan_usage_read(empty.get(), text("pruneplan usage 2\nend\n"), &error));
    CHECK(pruneplan_usage_size(empty.get()) == 0);
    containers[1].struct_size = 0;
    CHECK_FALSE(pruneplan_usage_add_containers(empty.get(), containers, 3, &error));
    CHECK(pruneplan_usage_size(empty.get()) == 0);
    CHECK_FALSE(pruneplan_usage_merge(empty.get(), nullptr, &error));
    CHECK_FALSE(pruneplan_listing_add_usage(nullptr, empty.get(), &error));
    CHECK(pruneplan_usage_size(nullptr) == 0);
}

TEST_CASE("c_api: a plan with a usage summary decides what it decides with the containers") {
    const pruneplan_text mounts[] = {text("sha256:b")};
    pruneplan_container containers[] = {container_of("sha256:a", "a:1"), container_of("sha256:a", "a:1")};
    containers[1].mounts = mounts;
    containers[1].mount_count = 1;
    const Usage usage(pruneplan_usage_new(nullptr));
    REQUIRE(pruneplan_usage_add_containers(usage.get(), containers, 2, nullptr));
    const Listing by_usage = two_records(), by_containers = two_records();
    REQUIRE(pruneplan_listing_add_usage(by_usage.get(), usage.get(), nullptr));
    REQUIRE(pruneplan_listing_add_containers(by_containers.get(), containers, 2, nullptr));
    CHECK(pruneplan_listing_containers(by_usage.get()) == 2);
    const Plan plan = plan_of(by_usage, all());
    CHECK(pruneplan_plan_deleted(plan.get()) == 0);
    CHECK(json_of(plan) == json_of(plan_of(by_containers, all())));
}

TEST_CASE("c_api: pruneplan_shard_of returns what shard_of returns, and no shards are an error") {
    for (const std::string_view target : {"sha256:a", "a", "", "sha512:b"})
        CHECK(pruneplan_shard_of(text(target), 7, nullptr) == pruneplan::shard_of(target, 7));
    pruneplan_error error{};
    CHECK(pruneplan_shard_of(text("sha256:a"), 0, &error) == PRUNEPLAN_NONE);
    CHECK(std::string_view(error.code) == "invalid_argument");
}

#ifndef NDEBUG
TEST_CASE("c_api: without NDEBUG, a freed handle and a handle of another type are errors") {
    const std::string_view message = "the handle is freed, or of another type";
    pruneplan_error error{};
    const auto is_rejected = [&](bool done) {
        const bool rejected = !done && error.message == message && std::string_view(error.code) == "invalid_argument";
        error = {};
        return rejected;
    };
    pruneplan_listing* const freed = pruneplan_listing_new(nullptr);
    pruneplan_plan* const freed_plan = pruneplan_plan_new(freed, nullptr, nullptr);
    pruneplan_report* const freed_report = pruneplan_report_new(nullptr);
    pruneplan_plan_free(freed_plan);
    pruneplan_report_free(freed_report);
    pruneplan_listing_free(freed);
    const Listing listing = two_records();  // can have the address of the freed one
    const Plan plan = plan_of(listing, all());
    const Options options = all();
    const Host host(PRUNEPLAN_REMOVED);
    CHECK(is_rejected(pruneplan_listing_add_record(freed, text("a:1"), text("sha256:a"), &error)));
    CHECK(is_rejected(pruneplan_plan_new(freed, nullptr, &error) != nullptr));
    CHECK(is_rejected(pruneplan_apply(freed_plan, &host, freed_report, &error)));
    CHECK(is_rejected(pruneplan_apply(plan.get(), &host, freed_report, &error)));
    CHECK(is_rejected(pruneplan_plan_write_dot(freed_plan, append, nullptr, &error)));
    CHECK(pruneplan_listing_records(freed) == 0);
    CHECK(pruneplan_plan_deletion(freed_plan, 0) == PRUNEPLAN_NONE);
    CHECK(pruneplan_plan_summary(freed_plan, nullptr, 0) == 0);

    const auto as_listing = [](const auto& handle) { return reinterpret_cast<pruneplan_listing*>(handle.get()); };
    CHECK(is_rejected(pruneplan_listing_add_record(as_listing(plan), text("a:1"), text("sha256:a"), &error)));
    CHECK(is_rejected(pruneplan_plan_new(as_listing(options), nullptr, &error) != nullptr));
    CHECK(is_rejected(pruneplan_plan_new(listing.get(), reinterpret_cast<pruneplan_options*>(plan.get()), &error) !=
                      nullptr));
    int no_handle = 0;
    CHECK(is_rejected(
        pruneplan_usage_add_containers(reinterpret_cast<pruneplan_usage*>(&no_handle), nullptr, 0, &error)));

    const std::size_t handles = pruneplan_live_handles();
    pruneplan_listing_free(freed);
    pruneplan_listing_free(as_listing(plan));
    CHECK(pruneplan_live_handles() == handles);
    CHECK(pruneplan_plan_records(plan.get()) == 2);

    // A removal is a handle only while `remove` runs.
    Host keeper(PRUNEPLAN_FAILED);
    pruneplan_removal* kept = nullptr;
    keeper.user = &kept;
    keeper.remove = [](void* user, pruneplan_text, pruneplan_text, pruneplan_text, pruneplan_removal* removal) {
        pruneplan_removal*& last = *static_cast<pruneplan_removal**>(user);
        if (last != nullptr) pruneplan_removal_set_error(last, text("of another removal"));
        pruneplan_removal_set_error(removal, text("its own"));
        last = removal;
        return std::int32_t{PRUNEPLAN_FAILED};
    };
    const Report report(pruneplan_report_new(nullptr));
    CHECK(pruneplan_apply(plan.get(), &keeper, report.get(), nullptr));
    pruneplan_removal_set_still_named(kept);
    CHECK(string(step_of(report, 0).error) == "its own");
    CHECK(string(step_of(report, 1).error) == "its own");
}
#endif

TEST_CASE("c_api: freeing NULL has no effect") {
    pruneplan_listing_free(nullptr);
    pruneplan_options_free(nullptr);
    pruneplan_plan_free(nullptr);
    pruneplan_report_free(nullptr);
    pruneplan_usage_free(nullptr);
    CHECK(pruneplan_live_handles() == 0);
}

}  // namespace

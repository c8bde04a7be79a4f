// SPDX-License-Identifier: BSL-1.0
// Lets each allocation of a complete run through the C API fail in turn. The function that allocates must return the
// error out_of_memory, no exception may leave it, and nothing may leak.

#include "../../../examples/c_api/pruneplan.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <iterator>
#include <new>

#if defined(__cpp_exceptions)

namespace {

long allocations_left = -1;  // -1: no limit
long live_blocks = 0;

}  // namespace

void* operator new(std::size_t size) {
    void* const block = allocations_left == 0 ? nullptr : std::malloc(size);
    if (block == nullptr) throw std::bad_alloc();
    if (allocations_left > 0) --allocations_left;
    ++live_blocks;
    return block;
}
void operator delete(void* block) noexcept {
    if (block != nullptr) --live_blocks;
    std::free(block);
}
void operator delete(void* block, std::size_t) noexcept { operator delete(block); }

namespace {

pruneplan_text text(const char* string) { return {string, std::strlen(string)}; }

struct Names {
    int tried = 0;
};

int32_t remove_name(void* user, pruneplan_text, pruneplan_text, pruneplan_text, pruneplan_removal* removal) {
    Names& names = *static_cast<Names*>(user);
    if (++names.tried % 2 == 1) return PRUNEPLAN_REMOVED;
    pruneplan_removal_set_error(removal, text("an error message that is too long for the small-string optimization"));
    return PRUNEPLAN_FAILED;
}

struct Run {
    pruneplan_listing* listing = nullptr;
    pruneplan_options* options = nullptr;
    pruneplan_plan* plan = nullptr;
    pruneplan_report* report = nullptr;
    pruneplan_usage* usage = nullptr;
    pruneplan_error error{};

    bool fill() {
        constexpr const char* names[] = {"docker.io/library/alpine:latest", "docker.io/library/alpine:3.20",
                                         "ghcr.io/a/repository/with/a/long/name:1", "moby-dangling@sha256:5e1ec7ed"};
        listing = pruneplan_listing_new(&error);
        options = listing == nullptr ? nullptr : pruneplan_options_new(&error);
        if (options == nullptr) return false;
        for (std::size_t i = 0; i < std::size(names); ++i) {
            const pruneplan_text target = text(i < 2 ? "sha256:a-long-target-of-two-names" : names[i]);
            if (!pruneplan_listing_add_record(listing, text(names[i]), target, &error) ||
                !pruneplan_listing_set_created(listing, i, 1, 2, &error) ||
                !pruneplan_listing_add_label(listing, i, text("a-label-with-a-long-key"), text("value"), &error) ||
                !pruneplan_listing_add_needed(listing, i, text("sha256:a-long-target-of-two-names"), &error) ||
                !pruneplan_listing_add_blob(listing, i, text("sha256:a-blob-that-all-records-have"), 9, &error))
                return false;
        }
        return fill_by_arrays() &&
               pruneplan_listing_add_container(listing, text("sha256:a-container-of-no-image"), text("x"), &error) &&
               pruneplan_listing_set_container_name(listing, 4, text("a-container-with-a-long-name"), &error) &&
               pruneplan_listing_add_mount(listing, 4, text("sha256:a-long-mounted-image-id"), &error) &&
               pruneplan_options_set_scope(options, text("unused"), &error) &&
               pruneplan_options_add_filter(options, text("dangling=false"), 9, 9, &error) &&
               pruneplan_options_add_filter(options, text("label!=a-label-that-no-record-has"), 9, 9, &error) &&
               pruneplan_options_add_keep(options, text("ghcr.io/no-such-team/*:[a-z]*"), &error) &&
               pruneplan_options_add_keep_newest(options, 1, text("ghcr.io/**"), text("version"), &error);
    }

    /// Adds arrays and a usage summary. If adding an array fails, it must add nothing.
    bool fill_by_arrays() {
        const pruneplan_text texts[] = {text("sha256:a-long-further-id-of-the-image"), text("")};
        const pruneplan_label labels[] = {{text("a-label-with-a-long-key"), text("a-long-value-of-a-label")}};
        const pruneplan_blob blobs[] = {{text("sha256:a-blob-that-all-records-have"), 9}};
        pruneplan_record records[2] = {};
        for (pruneplan_record& record : records) {
            record.struct_size = sizeof record;
            record.name = text(&record == records ? "ghcr.io/an-array-of-records:1" : "ghcr.io/an-array-of-records:2");
            record.target = record.subject = text("sha256:the-target-of-an-array");
            record.ids = record.needed = texts;
            record.id_count = record.needed_count = 2;
            record.labels = labels;
            record.blobs = blobs;
            record.label_count = record.blob_count = 1;
        }
        pruneplan_container containers[2] = {};
        for (pruneplan_container& container : containers) {
            container.struct_size = sizeof container;
            container.image_id = container.image_ref = container.name = text("sha256:the-target-of-an-array");
            container.mounts = texts;
            container.mount_count = 2;
        }
        const auto all_or_none = [this](std::size_t (*count)(const pruneplan_listing*), bool added) {
            if (added || count(listing) % 4 == 0) return added;
            std::strcpy(error.code, "a part was added");
            return false;
        };
        usage = pruneplan_usage_new(&error);
        return usage != nullptr &&
               all_or_none(pruneplan_listing_records, pruneplan_listing_add_records(listing, records, 2, &error)) &&
               pruneplan_usage_add_containers(usage, containers, 2, &error) &&
               pruneplan_usage_merge(usage, usage, &error) &&
               pruneplan_usage_read(usage, text("pruneplan usage 1\n1:a,22:a-long-image-reference,\nend\n"), &error) &&
               all_or_none(pruneplan_listing_containers, pruneplan_listing_add_usage(listing, usage, &error)) &&
               pruneplan_listing_containers(listing) == 3 &&
               pruneplan_listing_add_container(listing, text("b"), text("b"), &error);
    }

    bool complete() {
        if (!fill()) return false;
        plan = pruneplan_plan_new(listing, options, &error);
        if (plan == nullptr) return false;
        pruneplan_space space{};
        space.struct_size = sizeof space;
        if (!pruneplan_plan_space(plan, &space, &error)) return false;
        char sentence[256];
        if (pruneplan_plan_explain(plan, 0, sentence, sizeof sentence) == 0 ||
            pruneplan_plan_summary(plan, sentence, sizeof sentence) == 0) {
            std::strcpy(error.code, "out_of_memory");
            return false;
        }
        const auto ignore = [](void*, const char*, std::size_t) { return true; };
        const auto visit = [](void*, const pruneplan_change*) { return true; };
        if (!pruneplan_plan_write_json_lines(plan, ignore, nullptr, &error) ||
            !pruneplan_plan_write_dot(plan, ignore, nullptr, &error) ||
            !pruneplan_usage_write(usage, ignore, nullptr, &error) ||
            !pruneplan_plan_diff(plan, plan, visit, nullptr, &error))
            return false;
        report = pruneplan_report_new(&error);
        Names names;
        const pruneplan_text accept[] = {text("unmatched_container")};
        pruneplan_host host{};
        host.struct_size = sizeof host;
        host.user = &names;
        host.remove = remove_name;
        host.after = [](void*, const pruneplan_step*) {};
        host.accept = accept;
        host.accept_count = std::size(accept);
        return report != nullptr && pruneplan_apply(plan, &host, report, &error);
    }

    ~Run() {
        pruneplan_report_free(report);
        pruneplan_plan_free(plan);
        pruneplan_options_free(options);
        pruneplan_listing_free(listing);
        pruneplan_usage_free(usage);
    }
};

}  // namespace

int main() {
    long failures = 0;
    for (bool done = false; !done; ++failures) {
        const long blocks_before = live_blocks;
        {
            Run run;
            allocations_left = failures;
            done = run.complete();
            allocations_left = -1;
            if (!done && std::strcmp(run.error.code, "out_of_memory") != 0) {
                std::printf("allocation %ld failed, but the error is \"%s\"\n", failures, run.error.code);
                return 1;
            }
            if (done && (pruneplan_report_count(run.report, PRUNEPLAN_REMOVED, nullptr) == 0 ||
                         pruneplan_report_count(run.report, PRUNEPLAN_FAILED, nullptr) == 0)) {
                std::puts("the run does not both remove a name and fail to remove one");
                return 1;
            }
        }
        if (live_blocks != blocks_before || pruneplan_live_handles() != 0) {
            std::printf("allocation %ld failed, and %ld blocks and %zu handles leaked\n", failures,
                        live_blocks - blocks_before, pruneplan_live_handles());
            return 1;
        }
    }
    std::printf("each of %ld allocations failed in turn\n", failures - 1);
    return failures > 20 ? 0 : 1;
}

#else

int main() {
    std::puts("skipped: built without exceptions, a failed allocation ends the program");
    return 77;
}

#endif

/* SPDX-License-Identifier: BSL-1.0
 * Threads read one plan and one summary, and each plans and applies with its own listing. One thread changes a listing
 * while another frees a plan of it. For -fsanitize=thread. Prints nothing, and exits with 0 if every thread gets the
 * same results. */
#include "pruneplan.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { threads = 4, rounds = 30, records = 50 };

struct shared {
    const pruneplan_plan* plan;
    const pruneplan_usage* usage;
    const pruneplan_listing* listing;
    const pruneplan_options* options;
};

static void check(bool done, const char* what) {
    if (done) return;
    fprintf(stderr, "threads: %s failed\n", what);
    exit(1);
}

static pruneplan_text text(const char* words) {
    pruneplan_text lent = {words, strlen(words)};
    return lent;
}

static bool measure(void* state, const char* data, size_t size) {
    (void)data;
    *(size_t*)state += size;
    return true;
}

static bool no_change(void* state, const pruneplan_change* change) {
    (void)state;
    (void)change;
    return false;
}

static int32_t remove_name(void* user, pruneplan_text name, pruneplan_text target, pruneplan_text survivor,
                           pruneplan_removal* removal) {
    (void)user;
    (void)name;
    (void)target;
    (void)survivor;
    pruneplan_removal_set_error(removal, text("no store"));
    return PRUNEPLAN_FAILED;
}

static char names[records][16];

static pruneplan_listing* filled(void) {
    pruneplan_record added[records];
    pruneplan_listing* listing = pruneplan_listing_new(NULL);
    size_t i;
    memset(added, 0, sizeof added);
    for (i = 0; i < records; ++i) {
        added[i].struct_size = sizeof *added;
        added[i].name = text(names[i]);
        added[i].target = text(i % 2 ? "sha256:a" : "sha256:b");
    }
    check(listing != NULL && pruneplan_listing_add_records(listing, added, records, NULL), "adding records");
    return listing;
}

/* Reads what all threads share. */
static void read_shared(const struct shared* shared) {
    pruneplan_decision decision = {.struct_size = sizeof decision};
    pruneplan_doubt doubt = {.struct_size = sizeof doubt};
    pruneplan_space space = {.struct_size = sizeof space};
    char sentence[300];
    size_t i, json = 0, dot = 0, usage = 0;
    for (i = 0; i < records; ++i) {
        check(pruneplan_plan_decision(shared->plan, i, &decision, NULL), "a decision");
        check(pruneplan_plan_explain(shared->plan, i, sentence, sizeof sentence) > 0, "explain");
    }
    check(pruneplan_plan_doubts(shared->plan) == 1 && pruneplan_plan_doubt(shared->plan, 0, &doubt, NULL), "a doubt");
    check(pruneplan_plan_count(shared->plan, decision.reason, NULL) > 0, "count");
    check(pruneplan_plan_space(shared->plan, &space, NULL), "space");
    check(pruneplan_plan_summary(shared->plan, sentence, sizeof sentence) > 0, "summary");
    check(pruneplan_plan_write_json_lines(shared->plan, measure, &json, NULL) && json > records, "JSON lines");
    check(pruneplan_plan_write_dot(shared->plan, measure, &dot, NULL) && dot > records, "DOT");
    check(pruneplan_usage_write(shared->usage, measure, &usage, NULL) && usage > 0, "writing a summary");
}

static void* work(void* state) {
    const struct shared* shared = state;
    const pruneplan_text accepted = text("unmatched_container");
    pruneplan_host host = {.struct_size = sizeof host, .remove = remove_name, .accept = &accepted, .accept_count = 1};
    int round;
    for (round = 0; round < rounds; ++round) {
        pruneplan_listing* own = filled();
        pruneplan_report* report = pruneplan_report_new(NULL);
        pruneplan_plan *plan, *of_shared;
        pruneplan_error error;
        check(pruneplan_listing_add_usage(own, shared->usage, NULL), "adding a summary");
        plan = pruneplan_plan_new(own, shared->options, NULL);
        pruneplan_listing_free(own);
        of_shared = pruneplan_plan_new(shared->listing, shared->options, NULL);
        check(plan != NULL && of_shared != NULL, "planning");
        check(pruneplan_plan_diff(plan, shared->plan, no_change, NULL, NULL), "the own plan");
        check(pruneplan_plan_diff(of_shared, shared->plan, no_change, NULL, NULL), "the plan of the shared listing");
        check(pruneplan_apply(round % 2 ? plan : shared->plan, &host, report, &error), "applying");
        check(pruneplan_report_count(report, PRUNEPLAN_FAILED, NULL) == pruneplan_plan_deleted(plan), "the report");
        check(pruneplan_plan_count(plan, text("unprotcted"), &error) == PRUNEPLAN_NONE, "an unknown word");
        pruneplan_plan_free(plan);
        pruneplan_plan_free(of_shared);
        pruneplan_report_free(report);
        read_shared(shared);
    }
    return NULL;
}

static void* free_plan(void* plan) {
    pruneplan_plan_free(plan);
    return NULL;
}

/* One thread changes a listing while another frees a plan of it. */
static void change_while_freeing(void) {
    int round;
    for (round = 0; round < rounds; ++round) {
        pruneplan_listing* listing = filled();
        pruneplan_plan* plan = pruneplan_plan_new(listing, NULL, NULL);
        pthread_t thread;
        size_t i;
        check(plan != NULL, "planning");
        check(pthread_create(&thread, NULL, free_plan, plan) == 0, "starting a thread");
        for (i = 0; i < records; ++i) check(pruneplan_listing_set_pinned(listing, i, true, NULL), "changing a record");
        check(pruneplan_listing_add_record(listing, text("new:1"), text("sha256:c"), NULL), "adding a record");
        check(pthread_join(thread, NULL) == 0, "joining a thread");
        pruneplan_listing_free(listing);
    }
}

int main(void) {
    const pruneplan_text mounts[] = {text("sha256:a")};
    pruneplan_container container = {
        .struct_size = sizeof container, .image_id = text("sha256:c"), .mounts = mounts, .mount_count = 1};
    pruneplan_usage* usage = pruneplan_usage_new(NULL);
    pruneplan_options* options = pruneplan_options_new(NULL);
    pruneplan_listing* listing;
    pruneplan_plan* plan;
    struct shared shared;
    pthread_t started[threads];
    size_t i;
    for (i = 0; i < records; ++i) snprintf(names[i], sizeof names[i], "app:%zu", i);
    change_while_freeing();
    listing = filled();
    check(pruneplan_usage_add_containers(usage, &container, 1, NULL), "adding a container");
    check(pruneplan_listing_add_usage(listing, usage, NULL), "adding a summary");
    check(pruneplan_options_set_scope(options, text("unused"), NULL), "setting the scope");
    plan = pruneplan_plan_new(listing, options, NULL);
    check(plan != NULL && pruneplan_plan_deleted(plan) > 0, "planning");
    shared.plan = plan;
    shared.usage = usage;
    shared.listing = listing;
    shared.options = options;
    for (i = 0; i < threads; ++i) check(pthread_create(&started[i], NULL, work, &shared) == 0, "starting a thread");
    for (i = 0; i < threads; ++i) check(pthread_join(started[i], NULL) == 0, "joining a thread");
    pruneplan_plan_free(plan);
    pruneplan_listing_free(listing);
    pruneplan_options_free(options);
    pruneplan_usage_free(usage);
    check(pruneplan_live_handles() == 0, "freeing all handles");
    return 0;
}

/* SPDX-License-Identifier: BSL-1.0
 * Plans and applies a prune of a small store, in C. */
#include "pruneplan.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ALPINE "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define POSTGRES "sha256:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
#define APP_1 "sha256:cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc"
#define APP_2 "sha256:dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd"
#define TOOLS "sha256:eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee"

/* The host's own store. A removed image has no name. */
struct image {
    const char *name, *target;
    uint64_t size;
};

static struct image store[] = {
    {"docker.io/library/alpine:3.20", ALPINE, 8},
    {"docker.io/library/alpine:latest", ALPINE, 8},
    {"docker.io/library/postgres:16", POSTGRES, 400},
    {"ghcr.io/team/app:1", APP_1, 50},
    {"ghcr.io/team/app:2", APP_2, 60},
    {"ghcr.io/team/tools:1", TOOLS, 30},
};
enum { images = sizeof store / sizeof *store };

static pruneplan_text text(const char* words) {
    pruneplan_text lent = {words, strlen(words)};
    return lent;
}

static void print(const char* before, pruneplan_text words, const char* behind) {
    fputs(before, stdout);
    fwrite(words.data, 1, words.size, stdout);
    fputs(behind, stdout);
}

static bool points_at(const struct image* image, pruneplan_text name, pruneplan_text target) {
    return image->name != NULL && strlen(image->name) == name.size && memcmp(image->name, name.data, name.size) == 0 &&
           strlen(image->target) == target.size && memcmp(image->target, target.data, target.size) == 0;
}

/* A daemon does this in one transaction. */
static int32_t remove_image(void* user, pruneplan_text name, pruneplan_text target, pruneplan_text survivor,
                            pruneplan_removal* removal) {
    bool survives = survivor.size == 0;
    size_t i;
    (void)user;
    (void)removal;
    for (i = 0; i < images; ++i)
        if (!survives) survives = points_at(&store[i], survivor, target);
    if (!survives) return PRUNEPLAN_SURVIVOR_GONE;
    for (i = 0; i < images; ++i) {
        if (!points_at(&store[i], name, target)) continue;
        store[i].name = NULL;
        return PRUNEPLAN_REMOVED;
    }
    return PRUNEPLAN_CHANGED;
}

static void show_step(void* user, const pruneplan_step* step) {
    (void)user;
    print("", pruneplan_status_word(step->status), ": ");
    print("", step->name, "\n");
}

static bool fill(pruneplan_listing* listing, pruneplan_options* options, pruneplan_error* error) {
    size_t i;
    for (i = 0; i < images; ++i)
        if (!pruneplan_listing_add_record(listing, text(store[i].name), text(store[i].target), error) ||
            !pruneplan_listing_add_blob(listing, i, text(store[i].target), store[i].size, error))
            return false;
    return pruneplan_listing_add_container(listing, text(ALPINE), text("aaaaaaaaaaaa"), error) &&
           pruneplan_listing_add_container(listing, text(POSTGRES), text("postgres:16"), error) &&
           pruneplan_options_set_scope(options, text("unused"), error) &&
           pruneplan_options_add_keep(options, text("ghcr.io/team/tools"), error) &&
           pruneplan_options_add_keep(options, text("ghcr.io/team/base"), error);
}

static bool show(const pruneplan_plan* plan, pruneplan_error* error) {
    pruneplan_decision decision = {.struct_size = sizeof decision};
    pruneplan_doubt doubt = {.struct_size = sizeof doubt};
    char sentence[200];
    size_t i;
    for (i = 0; i < pruneplan_plan_records(plan); ++i) {
        if (!pruneplan_plan_decision(plan, i, &decision, error)) return false;
        print(decision.deletes ? "delete  " : "keep    ", decision.name, ": ");
        print("", decision.reason, "\n");
    }
    for (i = 0; i < pruneplan_plan_doubts(plan); ++i) {
        if (!pruneplan_plan_doubt(plan, i, &doubt, error)) return false;
        print("doubt: ", doubt.sentence, "\n");
    }
    i = pruneplan_plan_summary(plan, sentence, sizeof sentence);
    printf("plan: %.*s\n", (int)(i < sizeof sentence ? i : sizeof sentence), sentence);
    return true;
}

static bool show_report(const pruneplan_report* report, pruneplan_error* error) {
    pruneplan_step step = {.struct_size = sizeof step};
    size_t i;
    for (i = 0; i < pruneplan_report_steps(report); ++i) {
        if (!pruneplan_report_step(report, i, &step, error)) return false;
        if (step.status == PRUNEPLAN_REMOVED) print("untagged: ", step.familiar, "\n");
        if (step.image_deleted) print("deleted: ", step.target, "\n");
    }
    printf("reclaimed: %" PRIu64 " bytes\n", pruneplan_report_space_reclaimed(report));
    return true;
}

int main(void) {
    pruneplan_error error = {"out_of_memory", "out of memory"};
    pruneplan_listing* listing = pruneplan_listing_new(NULL);
    pruneplan_options* options = pruneplan_options_new(NULL);
    pruneplan_report* report = pruneplan_report_new(NULL);
    pruneplan_host host = {.struct_size = sizeof host, .remove = remove_image, .after = show_step};
    pruneplan_plan* plan = NULL;
    bool done = listing != NULL && options != NULL && report != NULL && fill(listing, options, &error) &&
                (plan = pruneplan_plan_new(listing, options, &error)) != NULL && show(plan, &error);
    if (done) {
        /* The store changes after the plan: this name points at another image now, and is kept. */
        store[4].target = TOOLS;
        done = pruneplan_apply(plan, &host, report, &error) && show_report(report, &error);
    }
    if (!done) fprintf(stderr, "%s: %s\n", error.code, error.message);
    pruneplan_listing_free(listing);
    pruneplan_options_free(options);
    pruneplan_plan_free(plan);
    pruneplan_report_free(report);
    return done && pruneplan_live_handles() == 0 ? 0 : 1;
}

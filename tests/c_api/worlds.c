/* SPDX-License-Identifier: BSL-1.0
 * Plans and applies random worlds through the C API. worlds.cpp describes the input and the output. */
#define _POSIX_C_SOURCE 200809L

#include "pruneplan.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { now_nanoseconds = 123456789, max_fields = 8 };
static const int64_t now_seconds = 1719500000;

struct name {
    char *name, *target;
    size_t name_size, target_size;
    bool gone;
};

/* The host's own store. */
struct store {
    struct name* names;
    size_t count, steps;
};

struct world {
    pruneplan_listing* listing;
    pruneplan_options* options;
    struct store store;
    pruneplan_error error;
    bool failed;
};

static void die(const char* why) {
    fprintf(stderr, "worlds: %s\n", why);
    exit(1);
}

static void* checked(void* memory) {
    if (memory == NULL) die("out of memory");
    return memory;
}

static char* copy(pruneplan_text text) {
    char* bytes = checked(malloc(text.size + 1));
    if (text.size > 0) memcpy(bytes, text.data, text.size);
    return bytes;
}

static pruneplan_text words(const char* text) {
    pruneplan_text lent = {text, strlen(text)};
    return lent;
}

static bool same(pruneplan_text a, pruneplan_text b) {
    return a.size == b.size && (a.size == 0 || memcmp(a.data, b.data, a.size) == 0);
}

static bool is(pruneplan_text text, const char* word) { return same(text, words(word)); }

static void put(pruneplan_text text) {
    size_t i;
    for (i = 0; i < text.size; ++i) {
        const unsigned char byte = (unsigned char)text.data[i];
        if (byte >= 0x20 && byte <= 0x7e && byte != '%')
            putchar(byte);
        else
            printf("%%%02X", byte);
    }
}

/* Writes a line. In `format`, t stands for a text, u for a size_t, 6 for a uint64_t, s for a string. */
static void line(const char* kind, const char* format, ...) {
    va_list rest;
    va_start(rest, format);
    fputs(kind, stdout);
    for (; *format != '\0'; ++format) {
        putchar('\t');
        switch (*format) {
            case 't': put(va_arg(rest, pruneplan_text)); break;
            case 'u': printf("%zu", va_arg(rest, size_t)); break;
            case '6': printf("%" PRIu64, va_arg(rest, uint64_t)); break;
            default: fputs(va_arg(rest, const char*), stdout);
        }
    }
    putchar('\n');
    va_end(rest);
}

static pruneplan_text name_of(const struct name* name) {
    pruneplan_text text = {name->name, name->name_size};
    return text;
}

static struct name* find(struct store* store, pruneplan_text name, pruneplan_text target) {
    size_t i;
    for (i = 0; i < store->count; ++i) {
        pruneplan_text known = {store->names[i].target, store->names[i].target_size};
        if (!store->names[i].gone && same(name_of(&store->names[i]), name) && same(known, target))
            return &store->names[i];
    }
    return NULL;
}

static unsigned answer_for(pruneplan_text name) {
    size_t sum = 0, i;
    for (i = 0; i < name.size; ++i) sum += (i + 1) * (unsigned char)name.data[i];
    return (unsigned)(sum % 16);
}

static int32_t remove_name(void* user, pruneplan_text name, pruneplan_text target, pruneplan_text survivor,
                           pruneplan_removal* removal) {
    static const char failure[] = "cannot remove ";
    struct store* store = user;
    struct name* found;
    if (survivor.data != NULL && find(store, survivor, target) == NULL) return PRUNEPLAN_IN_USE;
    switch (answer_for(name)) {
        case 0: {
            pruneplan_text error;
            char* bytes = checked(malloc(sizeof failure + name.size));
            memcpy(bytes, failure, sizeof failure - 1);
            memcpy(bytes + sizeof failure - 1, name.data, name.size);
            error.data = bytes;
            error.size = sizeof failure - 1 + name.size;
            pruneplan_removal_set_error(removal, error);
            free(bytes);
            return PRUNEPLAN_FAILED;
        }
        case 1: return PRUNEPLAN_CHANGED;
        case 2: return PRUNEPLAN_IN_USE;
        case 3: return PRUNEPLAN_NOT_FOUND;
        default: break;
    }
    found = find(store, name, target);
    if (found == NULL) return PRUNEPLAN_CHANGED;
    found->gone = true;
    if (answer_for(name) == 5) pruneplan_removal_set_still_named(removal);
    return PRUNEPLAN_REMOVED;
}

static bool before(void* user, const pruneplan_step* step) {
    (void)user;
    line("before", "tt", step->name, step->reason);
    return answer_for(step->name) != 4;
}

static void after(void* user, const pruneplan_step* step) {
    (void)user;
    line("step", "uuuttuts6", step->done, step->total, step->record, step->name, step->target, (size_t)step->status,
         step->error, step->image_deleted ? "1" : "0", step->space_reclaimed);
}

static bool should_stop(void* user) {
    struct store* store = user;
    return store->steps++ == 4;
}

static void write_plan(const pruneplan_plan* plan) {
    const size_t records = pruneplan_plan_records(plan);
    pruneplan_space space;
    pruneplan_error error;
    size_t i;
    for (i = 0; i < records; ++i) {
        pruneplan_text sentence;
        char container[24] = "-", *buffer;
        if (pruneplan_plan_container(plan, i) != PRUNEPLAN_NONE)
            snprintf(container, sizeof container, "%zu", pruneplan_plan_container(plan, i));
        sentence.size = pruneplan_plan_explain(plan, i, NULL, 0);
        buffer = checked(malloc(sentence.size));
        pruneplan_plan_explain(plan, i, buffer, sentence.size);
        sentence.data = buffer;
        line("decision", "ustst", i, pruneplan_plan_deletes(plan, i) ? "delete" : "keep",
             pruneplan_plan_reason(plan, i), container, sentence);
        free(buffer);
    }
    for (i = 0; i < records; ++i) line("count", "u", pruneplan_plan_count(plan, pruneplan_plan_reason(plan, i)));
    for (i = 0; pruneplan_plan_unmatched_container(plan, i) != PRUNEPLAN_NONE; ++i)
        line("unmatched", "u", pruneplan_plan_unmatched_container(plan, i));
    for (i = 0; pruneplan_plan_deletion(plan, i) != PRUNEPLAN_NONE; ++i) {
        const size_t record = pruneplan_plan_deletion(plan, i);
        line("deletion", "utt", record, pruneplan_plan_name(plan, record), pruneplan_plan_target(plan, record));
    }
    line("counts", "uu", pruneplan_plan_kept(plan), pruneplan_plan_deleted(plan));
    space.struct_size = sizeof space;
    if (!pruneplan_plan_estimate_space(plan, &space, &error)) die(error.message);
    line("space", "6666", space.freed, space.shared, space.kept, space.inconsistent_blobs);
}

static void write_report(const pruneplan_report* report, const struct store* store) {
    size_t i;
    for (i = 0; i < pruneplan_report_untagged_count(report); ++i)
        line("untagged", "ttt", pruneplan_report_untagged_name(report, i),
             pruneplan_report_untagged_familiar(report, i), pruneplan_report_untagged_target(report, i));
    for (i = 0; i < pruneplan_report_deleted_count(report); ++i)
        line("deleted", "t", pruneplan_report_deleted(report, i));
    for (i = 0; i < pruneplan_report_failure_count(report); ++i)
        line("failure", "ttt", pruneplan_report_failure_name(report, i), pruneplan_report_failure_target(report, i),
             pruneplan_report_failure_error(report, i));
    for (i = 0; i < pruneplan_report_skipped_count(report); ++i)
        line("skipped", "ttt", pruneplan_report_skipped_name(report, i), pruneplan_report_skipped_target(report, i),
             pruneplan_report_skipped_reason(report, i));
    line("report", "6s", pruneplan_report_space_reclaimed(report), pruneplan_report_cancelled(report) ? "1" : "0");
    for (i = 0; i < store->count; ++i)
        if (!store->names[i].gone) line("left", "t", name_of(&store->names[i]));
}

static void plan_and_apply(struct world* world) {
    pruneplan_host host = {sizeof host, NULL, remove_name, before, after, should_stop};
    pruneplan_report* report;
    pruneplan_plan* plan = pruneplan_plan_new(world->listing, world->options, &world->error);
    world->failed = plan == NULL;
    if (world->failed) return;
    write_plan(plan);
    host.user = &world->store;
    report = checked(pruneplan_report_new(NULL));
    if (!pruneplan_apply(plan, &host, report, &world->error)) die(world->error.message);
    pruneplan_plan_free(plan);
    write_report(report, &world->store);
    pruneplan_report_free(report);
}

static int64_t number(pruneplan_text text) { return (int64_t)strtoll(text.data, NULL, 10); }

static bool flag(pruneplan_text text) { return is(text, "1"); }

static void add_name(struct store* store, pruneplan_text name, pruneplan_text target) {
    struct name* added;
    store->names = checked(realloc(store->names, (store->count + 1) * sizeof *store->names));
    added = &store->names[store->count++];
    added->name = copy(name);
    added->name_size = name.size;
    added->target = copy(target);
    added->target_size = target.size;
    added->gone = false;
}

static bool read_fact(struct world* w, const pruneplan_text* f) {
    const size_t record = pruneplan_listing_records(w->listing) - 1;
    pruneplan_error* error = &w->error;
    if (is(f[0], "record")) {
        add_name(&w->store, f[1], f[2]);
        return pruneplan_listing_add_record(w->listing, f[1], f[2], error);
    }
    if (is(f[0], "created"))
        return pruneplan_listing_set_created(w->listing, record, number(f[1]), (int32_t)number(f[2]), error);
    if (is(f[0], "last_used"))
        return pruneplan_listing_set_last_used(w->listing, record, number(f[1]), (int32_t)number(f[2]), error);
    if (is(f[0], "label")) return pruneplan_listing_add_label(w->listing, record, f[1], f[2], error);
    if (is(f[0], "pinned")) return pruneplan_listing_set_pinned(w->listing, record, flag(f[1]), error);
    if (is(f[0], "dangling")) return pruneplan_listing_set_dangling(w->listing, record, flag(f[1]), error);
    if (is(f[0], "parent")) return pruneplan_listing_set_parent(w->listing, record, f[1], error);
    if (is(f[0], "blob"))
        return pruneplan_listing_add_blob(w->listing, record, f[1], strtoull(f[2].data, NULL, 10), error);
    if (is(f[0], "container")) return pruneplan_listing_add_container(w->listing, f[1], f[2], error);
    if (is(f[0], "mount"))
        return pruneplan_listing_add_mount(w->listing, pruneplan_listing_containers(w->listing) - 1, f[1], error);
    if (is(f[0], "scope")) return pruneplan_options_set_scope(w->options, f[1], error);
    if (is(f[0], "preset")) return pruneplan_options_set_usage_preset(w->options, f[1], error);
    if (is(f[0], "filter")) return pruneplan_options_add_filter(w->options, f[1], now_seconds, now_nanoseconds, error);
    if (is(f[0], "keep")) return pruneplan_options_add_keep(w->options, f[1], error);
    if (is(f[0], "survivor")) return pruneplan_options_set_survivor(w->options, f[1], error);
    if (is(f[0], "keep_younger_than"))
        return pruneplan_options_set_keep_younger_than(w->options, number(f[1]), (int32_t)number(f[2]), error);
    if (is(f[0], "usage"))
        pruneplan_options_set_usage(w->options, flag(f[1]), flag(f[2]), flag(f[3]));
    else if (is(f[0], "keep_newest"))
        pruneplan_options_set_keep_newest(w->options, (size_t)number(f[1]));
    else if (is(f[0], "bytes_to_free"))
        pruneplan_options_set_bytes_to_free(w->options, (uint64_t)number(f[1]));
    else
        die("unknown line");
    return true;
}

static void begin(struct world* world) {
    memset(world, 0, sizeof *world);
    world->listing = checked(pruneplan_listing_new(NULL));
    world->options = checked(pruneplan_options_new(NULL));
}

static void end(struct world* world) {
    size_t i;
    if (!world->failed) plan_and_apply(world);
    if (world->failed) line("error", "tt", words(world->error.code), words(world->error.message));
    pruneplan_listing_free(world->listing);
    pruneplan_options_free(world->options);
    for (i = 0; i < world->store.count; ++i) {
        free(world->store.names[i].name);
        free(world->store.names[i].target);
    }
    free(world->store.names);
}

/* Splits a line at its tabs and decodes %XX in place. Ends each field with a zero byte, so that strtoll can read it. */
static void split(char* text, pruneplan_text* fields) {
    char* to = text;
    size_t count = 0;
    memset(fields, 0, max_fields * sizeof *fields);
    fields[0].data = to;
    for (; *text != '\0' && *text != '\n'; ++text) {
        if (*text == '\t') {
            *to++ = '\0';
            if (++count == max_fields) die("too many fields");
            fields[count].data = to;
            continue;
        }
        if (*text == '%') {
            const char digits[] = {text[1], text[2], '\0'};
            *to++ = (char)strtol(digits, NULL, 16);
            text += 2;
        } else {
            *to++ = *text;
        }
        ++fields[count].size;
    }
    *to = '\0';
}

int main(int count, char** arguments) {
    FILE* in = count == 2 ? fopen(arguments[1], "rb") : NULL;
    char* text = NULL;
    size_t capacity = 0, worlds = 0;
    struct world world;
    pruneplan_text fields[max_fields];
    if (in == NULL) die("usage: worlds FILE");
    while (getline(&text, &capacity, in) > 0) {
        split(text, fields);
        if (is(fields[0], "world")) {
            begin(&world);
            line("world", "t", fields[1]);
        } else if (is(fields[0], "end")) {
            end(&world);
            ++worlds;
        } else if (!world.failed) {
            world.failed = !read_fact(&world, fields);
        }
    }
    free(text);
    fclose(in);
    if (pruneplan_live_handles() != 0) die("a handle was not freed");
    return worlds == 0;
}

/* SPDX-License-Identifier: BSL-1.0
 * Plans and applies random worlds through the C API. worlds.cpp describes the input and the output. With the argument
 * "everything", prints what `worlds everything` prints, but for usage summaries. */
#define _POSIX_C_SOURCE 200809L

#include "pruneplan.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { now_nanoseconds = 123456789, max_fields = 8 };
static const int64_t now_seconds = 1719500000;
static bool everything = false;

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

static void put_number(size_t number) {
    if (number == PRUNEPLAN_NONE)
        putchar('-');
    else
        printf("%zu", number);
}

/* Writes a line. In `format`, t stands for a text, u for a size_t or PRUNEPLAN_NONE, 6 for a uint64_t, b for a flag, s
 * for a string. */
static void line(const char* kind, const char* format, ...) {
    va_list rest;
    va_start(rest, format);
    fputs(kind, stdout);
    for (; *format != '\0'; ++format) {
        putchar('\t');
        switch (*format) {
            case 't': put(va_arg(rest, pruneplan_text)); break;
            case 'u': put_number(va_arg(rest, size_t)); break;
            case 'b': putchar(va_arg(rest, int) ? '1' : '0'); break;
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
    if (survivor.size > 0 && find(store, survivor, target) == NULL) return PRUNEPLAN_SURVIVOR_GONE;
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
        case 2: pruneplan_removal_set_still_named(removal); return PRUNEPLAN_IN_USE;
        case 3: return PRUNEPLAN_NOT_FOUND;
        default: break;
    }
    found = find(store, name, target);
    if (found == NULL) return PRUNEPLAN_CHANGED;
    found->gone = true;
    if (answer_for(name) == 5) pruneplan_removal_set_still_named(removal);
    return PRUNEPLAN_REMOVED;
}

static bool before(void* user, const pruneplan_decision* decision) {
    (void)user;
    line("before", "utt", decision->record, decision->name, decision->reason);
    return answer_for(decision->name) != 4;
}

static void write_step(const char* kind, const pruneplan_step* step) {
    line(kind, "tttttb6", step->name, step->familiar, step->target, pruneplan_status_word(step->status), step->error,
         step->image_deleted, step->reclaimed);
}

static void after(void* user, const pruneplan_step* step) {
    (void)user;
    write_step("step", step);
}

static bool should_stop(void* user) {
    struct store* store = user;
    return store->steps++ == 4;
}

/* Writes a sentence on a record, or on the whole plan. */
static pruneplan_text sentence_on(const pruneplan_plan* plan, size_t record, char* buffer, size_t capacity) {
    pruneplan_text sentence = {buffer, 0};
    sentence.size = record == PRUNEPLAN_NONE ? pruneplan_plan_summary(plan, buffer, capacity)
                                             : pruneplan_plan_explain(plan, record, buffer, capacity);
    if (sentence.size > capacity) die("a sentence is too long");
    return sentence;
}

static void write_plan(const pruneplan_plan* plan) {
    const size_t records = pruneplan_plan_records(plan);
    pruneplan_decision d = {.struct_size = sizeof d};
    pruneplan_doubt doubt = {.struct_size = sizeof doubt};
    pruneplan_space space = {.struct_size = sizeof space};
    pruneplan_error error;
    char buffer[1000];
    size_t i;
    for (i = 0; i < records; ++i) {
        if (!pruneplan_plan_decision(plan, i, &d, &error)) die(error.message);
        line("decision", "uttstubut", d.record, d.name, d.target, d.deletes ? "delete" : "keep", d.reason, d.container,
             d.mounted, d.option, sentence_on(plan, i, buffer, sizeof buffer));
    }
    for (i = 0; i < records; ++i) {
        if (!pruneplan_plan_decision(plan, i, &d, &error)) die(error.message);
        line("count", "u", pruneplan_plan_count(plan, d.reason, &error));
    }
    for (i = 0; i < pruneplan_plan_doubts(plan); ++i) {
        if (!pruneplan_plan_doubt(plan, i, &doubt, &error)) die(error.message);
        line("doubt", "tubt", doubt.kind, doubt.number, doubt.blocks, doubt.sentence);
    }
    for (i = 0; pruneplan_plan_deletion(plan, i) != PRUNEPLAN_NONE; ++i)
        line("deletion", "u", pruneplan_plan_deletion(plan, i));
    line("counts", "uu", pruneplan_plan_kept(plan), pruneplan_plan_deleted(plan));
    if (!pruneplan_plan_space(plan, &space, &error)) die(error.message);
    line("space", "6666", space.freed, space.shared, space.kept, space.inconsistent_blobs);
    line("summary", "t", sentence_on(plan, PRUNEPLAN_NONE, buffer, sizeof buffer));
}

static bool put_piece(void* state, const char* data, size_t size) {
    const pruneplan_text piece = {data, size};
    (void)state;
    put(piece);
    return true;
}

static bool write_change(void* state, const pruneplan_change* change) {
    (void)state;
    line("change", "ttuuttb", change->kind, change->name, change->before, change->after, change->reason_before,
         change->reason_after, change->target_changed);
    return true;
}

/* `by_default` is a plan with the default options, or NULL. */
static void write_everything(const pruneplan_plan* plan, const pruneplan_plan* by_default) {
    pruneplan_decision d = {.struct_size = sizeof d};
    pruneplan_error error;
    size_t i;
    fputs("json_lines\t", stdout);
    if (!pruneplan_plan_write_json_lines(plan, put_piece, NULL, &error)) die(error.message);
    fputs("\ndot\t", stdout);
    if (!pruneplan_plan_write_dot(plan, put_piece, NULL, &error)) die(error.message);
    putchar('\n');
    if (by_default != NULL && !pruneplan_plan_diff(by_default, plan, write_change, NULL, &error)) die(error.message);
    for (i = 0; i < pruneplan_plan_records(plan); ++i) {
        if (!pruneplan_plan_decision(plan, i, &d, &error)) die(error.message);
        line("shard", "u", pruneplan_shard_of(d.target, 7, &error));
    }
}

static void write_report(const pruneplan_report* report, const struct store* store) {
    pruneplan_step step = {.struct_size = sizeof step};
    pruneplan_error error;
    int32_t status;
    size_t i;
    for (i = 0; i < pruneplan_report_steps(report); ++i) {
        if (!pruneplan_report_step(report, i, &step, &error)) die(error.message);
        write_step("reported", &step);
    }
    for (status = PRUNEPLAN_FAILED; status <= PRUNEPLAN_ATTACHED; ++status)
        line("status", "tu", pruneplan_status_word(status), pruneplan_report_count(report, status, &error));
    line("report", "6b", pruneplan_report_space_reclaimed(report), pruneplan_report_cancelled(report));
    for (i = 0; i < store->count; ++i)
        if (!store->names[i].gone) line("left", "t", name_of(&store->names[i]));
}

/* Applies a plan; if it has doubts that block, first without accepting them. */
static void apply(const pruneplan_plan* plan, pruneplan_host* host, pruneplan_report* report) {
    pruneplan_doubt doubt = {.struct_size = sizeof doubt};
    const size_t doubts = pruneplan_plan_doubts(plan);
    pruneplan_text* accept;
    pruneplan_error error;
    size_t i;
    if (pruneplan_apply(plan, host, report, &error)) return;
    line("refused", "tt", words(error.code), words(error.message));
    accept = checked(calloc(doubts, sizeof *accept));
    for (i = 0; i < doubts; ++i) {
        if (!pruneplan_plan_doubt(plan, i, &doubt, &error)) die(error.message);
        if (doubt.blocks) accept[host->accept_count++] = doubt.kind;
    }
    host->accept = accept;
    if (!pruneplan_apply(plan, host, report, &error)) die(error.message);
    free(accept);
}

static void plan_and_apply(struct world* world) {
    pruneplan_host host = {.struct_size = sizeof host, .remove = remove_name, .before = before, .after = after};
    pruneplan_report* report;
    pruneplan_plan* plan = pruneplan_plan_new(world->listing, world->options, &world->error);
    pruneplan_plan* by_default = everything ? pruneplan_plan_new(world->listing, NULL, NULL) : NULL;
    /* A plan outlives its listing and options. */
    pruneplan_listing_free(world->listing);
    pruneplan_options_free(world->options);
    world->failed = plan == NULL;
    if (!world->failed) {
        write_plan(plan);
        if (everything) write_everything(plan, by_default);
    }
    pruneplan_plan_free(by_default);
    if (world->failed) return;
    host.user = &world->store;
    host.should_stop = should_stop;
    report = checked(pruneplan_report_new(NULL));
    apply(plan, &host, report);
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
    added->gone = answer_for(name) == 6;
}

static bool read_fact(struct world* w, const pruneplan_text* f) {
    const size_t record = pruneplan_listing_records(w->listing) - 1;
    const size_t container = pruneplan_listing_containers(w->listing) - 1;
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
    if (is(f[0], "id")) return pruneplan_listing_add_id(w->listing, record, f[1], error);
    if (is(f[0], "subject")) return pruneplan_listing_set_subject(w->listing, record, f[1], error);
    if (is(f[0], "needed")) return pruneplan_listing_add_needed(w->listing, record, f[1], error);
    if (is(f[0], "blob"))
        return pruneplan_listing_add_blob(w->listing, record, f[1], strtoull(f[2].data, NULL, 10), error);
    if (is(f[0], "container")) return pruneplan_listing_add_container(w->listing, f[1], f[2], error);
    if (is(f[0], "called")) return pruneplan_listing_set_container_name(w->listing, container, f[1], error);
    if (is(f[0], "mount")) return pruneplan_listing_add_mount(w->listing, container, f[1], error);
    if (is(f[0], "scope")) return pruneplan_options_set_scope(w->options, f[1], error);
    if (is(f[0], "preset")) return pruneplan_options_set_usage_preset(w->options, f[1], error);
    if (is(f[0], "filter")) return pruneplan_options_add_filter(w->options, f[1], now_seconds, now_nanoseconds, error);
    if (is(f[0], "keep")) return pruneplan_options_add_keep(w->options, f[1], error);
    if (is(f[0], "survivor")) return pruneplan_options_set_survivor(w->options, f[1], error);
    if (is(f[0], "keep_younger_than"))
        return pruneplan_options_set_keep_younger_than(w->options, number(f[1]), (int32_t)number(f[2]), error);
    if (is(f[0], "usage")) return pruneplan_options_set_usage(w->options, flag(f[1]), f[2], f[3], error);
    if (is(f[0], "keep_newest"))
        return pruneplan_options_add_keep_newest(w->options, (size_t)number(f[1]), f[2], f[3], error);
    if (is(f[0], "bytes_to_free")) return pruneplan_options_set_bytes_to_free(w->options, number(f[1]), error);
    if (is(f[0], "delete_unused_before"))
        return pruneplan_options_set_delete_unused_before(w->options, number(f[1]), (int32_t)number(f[2]), error);
    die("unknown line");
    return false;
}

static void begin(struct world* world) {
    memset(world, 0, sizeof *world);
    world->listing = checked(pruneplan_listing_new(NULL));
    world->options = checked(pruneplan_options_new(NULL));
}

static void end(struct world* world) {
    size_t i;
    if (world->failed) {
        pruneplan_listing_free(world->listing);
        pruneplan_options_free(world->options);
    } else {
        plan_and_apply(world);
    }
    if (world->failed) line("error", "tt", words(world->error.code), words(world->error.message));
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
    FILE* in = count >= 2 ? fopen(arguments[1], "rb") : NULL;
    char* text = NULL;
    size_t capacity = 0, worlds = 0;
    struct world world;
    pruneplan_text fields[max_fields];
    if (in == NULL) die("usage: worlds FILE [everything]");
    everything = count > 2;
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

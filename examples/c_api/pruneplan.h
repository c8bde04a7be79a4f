/* SPDX-License-Identifier: BSL-1.0
 *
 * pruneplan for C, and for languages that can call C: decides which container images can be deleted, and says why.
 *
 * Copy this header and pruneplan_c.cpp into a runtime, and build that file with C++20 and pruneplan's include folder.
 *
 * Handles.  The caller owns a pointer that a `..._new` returns, and frees it with the `..._free` of its type. Handles
 *           can be freed in any order: a plan shares what it needs of its listing. Freeing NULL has no effect; for
 *           every other function, NULL is an invalid handle.
 * Texts.    A text is a pointer to bytes and their number. It can hold any byte, and needs no terminating zero.
 *           Arguments are copied. A returned text belongs to its handle, and is valid as long as the handle. Texts in a
 *           callback are valid until it returns.
 * Errors.   A function that fails returns false or NULL, and writes to `error` what is wrong. `error` can be NULL.
 *           No C++ exception leaves a function: if an allocation fails, the code is "out_of_memory".
 * Numbers.  Records and containers are numbered from 0, in the order in which they are added. If a number is too
 *           large, the code is "invalid_argument"; functions without `error` return a NULL text, false, 0 or
 *           PRUNEPLAN_NONE.
 * Threads.  Only one thread at a time may change a handle. Any number of threads can read a plan or a report.
 * Growth.   Later versions can add functions, words, and members at the end of a struct that begins with its size.
 *           Existing words (codes, reasons, options) do not change.
 */
#ifndef PRUNEPLAN_C_API_H
#define PRUNEPLAN_C_API_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#if defined(_WIN32)
#ifdef PRUNEPLAN_C_API_BUILD
#define PRUNEPLAN_API __declspec(dllexport)
#else
#define PRUNEPLAN_API __declspec(dllimport)
#endif
#else
#define PRUNEPLAN_API __attribute__((visibility("default")))
#endif

#ifdef __cplusplus
extern "C" {
#endif

#define PRUNEPLAN_NONE SIZE_MAX

typedef struct pruneplan_text {
    const char* data;
    size_t size;
} pruneplan_text;

/* An error. The caller owns it, and need not initialize it. Both texts end in a zero byte; a long message is cut. */
typedef struct pruneplan_error {
    char code[32];     /* a stable word: "duplicate_name", "bad_filter", "out_of_memory", "invalid_argument", ... */
    char message[480]; /* one line of printable ASCII for a person, which quotes the offending input */
} pruneplan_error;

typedef struct pruneplan_listing pruneplan_listing; /* image records and containers */
typedef struct pruneplan_options pruneplan_options; /* what to delete and what to keep */
typedef struct pruneplan_plan pruneplan_plan;       /* keep or delete for every record, and why */
typedef struct pruneplan_report pruneplan_report;   /* what was done */
typedef struct pruneplan_removal pruneplan_removal; /* details of one removal, which the host sets */

/* Returns the version of the library, "major.minor.patch". */
PRUNEPLAN_API const char* pruneplan_library_version(void);

/* Returns the number of handles in the process that are not freed yet, for tests. */
PRUNEPLAN_API size_t pruneplan_live_handles(void);

/* ---- Records and containers ---- */

PRUNEPLAN_API pruneplan_listing* pruneplan_listing_new(pruneplan_error* error);
PRUNEPLAN_API void pruneplan_listing_free(pruneplan_listing* listing);

PRUNEPLAN_API size_t pruneplan_listing_records(const pruneplan_listing* listing);
PRUNEPLAN_API size_t pruneplan_listing_containers(const pruneplan_listing* listing);

/* Adds a record: a unique name ("docker.io/library/alpine:latest"), and the digest that it points at. Two records with
 * the same name are rejected when a plan is made. */
PRUNEPLAN_API bool pruneplan_listing_add_record(pruneplan_listing* listing, pruneplan_text name, pruneplan_text target,
                                                pruneplan_error* error);

/* Set facts about a record, all optional. An option keeps the records for which the fact that it needs is unknown.
 * Times are in seconds since 1970 and nanoseconds, 0 to 999,999,999. Without `dangling`, a record is dangling if its
 * name is "moby-dangling@" followed by its target. `parent` is the target of the image that this one is built on. */
PRUNEPLAN_API bool pruneplan_listing_set_created(pruneplan_listing* listing, size_t record, int64_t seconds,
                                                 int32_t nanoseconds, pruneplan_error* error);
PRUNEPLAN_API bool pruneplan_listing_set_last_used(pruneplan_listing* listing, size_t record, int64_t seconds,
                                                   int32_t nanoseconds, pruneplan_error* error);
PRUNEPLAN_API bool pruneplan_listing_set_pinned(pruneplan_listing* listing, size_t record, bool pinned,
                                                pruneplan_error* error);
PRUNEPLAN_API bool pruneplan_listing_set_dangling(pruneplan_listing* listing, size_t record, bool dangling,
                                                  pruneplan_error* error);
PRUNEPLAN_API bool pruneplan_listing_set_parent(pruneplan_listing* listing, size_t record, pruneplan_text parent,
                                                pruneplan_error* error);
PRUNEPLAN_API bool pruneplan_listing_add_label(pruneplan_listing* listing, size_t record, pruneplan_text key,
                                               pruneplan_text value, pruneplan_error* error);
PRUNEPLAN_API bool pruneplan_listing_add_blob(pruneplan_listing* listing, size_t record, pruneplan_text digest,
                                              uint64_t size, pruneplan_error* error);

/* Adds a container: the digest that its image resolved to when it was created, and what its user typed, verbatim. Add
 * all containers, in any state: a container that is not added protects nothing. */
PRUNEPLAN_API bool pruneplan_listing_add_container(pruneplan_listing* listing, pruneplan_text image_id,
                                                   pruneplan_text image_ref, pruneplan_error* error);
/* Adds the digest of an image that the container mounts as a volume. */
PRUNEPLAN_API bool pruneplan_listing_add_mount(pruneplan_listing* listing, size_t container, pruneplan_text image_id,
                                               pruneplan_error* error);

/* ---- Options: the defaults are those of `docker image prune` ---- */

PRUNEPLAN_API pruneplan_options* pruneplan_options_new(pruneplan_error* error);
PRUNEPLAN_API void pruneplan_options_free(pruneplan_options* options);

/* "dangling" or "unused". */
PRUNEPLAN_API bool pruneplan_options_set_scope(pruneplan_options* options, pruneplan_text scope,
                                               pruneplan_error* error);
/* "containerd_snapshotter", "graph_driver", "whole_image" or "strict". */
PRUNEPLAN_API bool pruneplan_options_set_usage_preset(pruneplan_options* options, pruneplan_text preset,
                                                      pruneplan_error* error);
/* Sets a custom usage rule: whether the names that containers were created from are kept; whether every container
 * protects its image, or only those created by ID or digest; whether an image in use keeps all names, or the last. */
PRUNEPLAN_API void pruneplan_options_set_usage(pruneplan_options* options, bool names_in_use, bool every_container,
                                               bool keep_all_names);
/* Adds "key=value", as `docker image prune --filter` takes it. Durations count back from now; `dangling` sets the
 * scope. */
PRUNEPLAN_API bool pruneplan_options_add_filter(pruneplan_options* options, pruneplan_text filter, int64_t now_seconds,
                                                int32_t now_nanoseconds, pruneplan_error* error);
/* Adds a pattern of names that are never deleted. */
PRUNEPLAN_API bool pruneplan_options_add_keep(pruneplan_options* options, pruneplan_text pattern,
                                              pruneplan_error* error);
/* Keeps this many of the newest images of each repository. 0 turns this off. */
PRUNEPLAN_API void pruneplan_options_set_keep_newest(pruneplan_options* options, size_t images);
/* Keeps images that were used, or else created, at this time or later. */
PRUNEPLAN_API bool pruneplan_options_set_keep_younger_than(pruneplan_options* options, int64_t seconds,
                                                           int32_t nanoseconds, pruneplan_error* error);
/* Deletes images, least recently used first, until this many bytes are freed; keeps the rest. */
PRUNEPLAN_API void pruneplan_options_set_bytes_to_free(pruneplan_options* options, uint64_t bytes);
/* Selects the name that an image in use keeps: "last_by_name", "first_by_name", "newest", "oldest" or "tagged". */
PRUNEPLAN_API bool pruneplan_options_set_survivor(pruneplan_options* options, pruneplan_text survivor,
                                                  pruneplan_error* error);

/* ---- The plan ---- */

/* Makes a plan, and changes nothing. The caller still owns both handles, and can change or free them at once. `options`
 * can be NULL. */
PRUNEPLAN_API pruneplan_plan* pruneplan_plan_new(const pruneplan_listing* listing, const pruneplan_options* options,
                                                 pruneplan_error* error);
PRUNEPLAN_API void pruneplan_plan_free(pruneplan_plan* plan);

PRUNEPLAN_API size_t pruneplan_plan_records(const pruneplan_plan* plan);
PRUNEPLAN_API size_t pruneplan_plan_kept(const pruneplan_plan* plan);
PRUNEPLAN_API size_t pruneplan_plan_deleted(const pruneplan_plan* plan);

PRUNEPLAN_API pruneplan_text pruneplan_plan_name(const pruneplan_plan* plan, size_t record);
PRUNEPLAN_API pruneplan_text pruneplan_plan_target(const pruneplan_plan* plan, size_t record);

/* The decision on a record: whether it is deleted, the reason as a stable word, and the container that caused it, or
 * PRUNEPLAN_NONE. */
PRUNEPLAN_API bool pruneplan_plan_deletes(const pruneplan_plan* plan, size_t record);
PRUNEPLAN_API pruneplan_text pruneplan_plan_reason(const pruneplan_plan* plan, size_t record);
PRUNEPLAN_API size_t pruneplan_plan_container(const pruneplan_plan* plan, size_t record);

/* Writes an explanation for a person, as far as it fits into `buffer`, without a terminating zero. Returns its whole
 * size, or 0 if the record does not exist or an allocation fails. `buffer` can be NULL if `capacity` is 0. */
PRUNEPLAN_API size_t pruneplan_plan_explain(const pruneplan_plan* plan, size_t record, char* buffer, size_t capacity);

/* Returns how many records have this reason. */
PRUNEPLAN_API size_t pruneplan_plan_count(const pruneplan_plan* plan, pruneplan_text reason);

/* Returns the i-th container whose image the usage rule should protect but the listing does not have, or PRUNEPLAN_NONE
 * after the last. If your store should have all images of containers, do not apply a plan with such containers. */
PRUNEPLAN_API size_t pruneplan_plan_unmatched_container(const pruneplan_plan* plan, size_t i);

/* Returns the record that is deleted at this step, 0 to `pruneplan_plan_deleted` - 1: children before parents, then by
 * name. */
PRUNEPLAN_API size_t pruneplan_plan_deletion(const pruneplan_plan* plan, size_t step);

typedef struct pruneplan_space {
    size_t struct_size;          /* sizeof(pruneplan_space), set by the caller */
    uint64_t freed;              /* bytes of blobs that only deleted images have */
    uint64_t shared;             /* bytes of blobs that deleted and kept images have: kept */
    uint64_t kept;               /* bytes of all kept blobs */
    uint64_t inconsistent_blobs; /* blobs that are listed with several sizes, and are not counted */
} pruneplan_space;

/* Estimates what the plan frees, from the blobs of the records. */
PRUNEPLAN_API bool pruneplan_plan_estimate_space(const pruneplan_plan* plan, pruneplan_space* space,
                                                 pruneplan_error* error);

/* ---- Applying ---- */

enum {
    PRUNEPLAN_REMOVED = 0,   /* this call removed the name */
    PRUNEPLAN_NOT_FOUND = 1, /* the store has no such name any more */
    PRUNEPLAN_CHANGED = 2,   /* the name now points at another target, and is kept */
    PRUNEPLAN_IN_USE = 3,    /* the name is in use, or the survivor does not exist any more; it is kept */
    PRUNEPLAN_FAILED = 4     /* the store failed: see `pruneplan_removal_set_error` */
};

/* Sets the store's message. Call it only in `remove`. */
PRUNEPLAN_API void pruneplan_removal_set_error(pruneplan_removal* removal, pruneplan_text words);
/* Tells that the store has another name for the target, which the plan does not have. Call it only in `remove`. */
PRUNEPLAN_API void pruneplan_removal_set_still_named(pruneplan_removal* removal);

typedef struct pruneplan_step {
    size_t struct_size;
    size_t done, total; /* steps tried, including this one, or 0 in `before`; all steps of the plan */
    size_t record;
    pruneplan_text name, target, reason;
    /* Set in `after` only: */
    int32_t status; /* PRUNEPLAN_REMOVED, ... */
    pruneplan_text error;
    bool image_deleted;       /* the removal of this record deleted its image */
    uint64_t space_reclaimed; /* bytes, by this step */
} pruneplan_step;

/* The host's callbacks. No function may throw, unwind or jump out. All except `remove` can be NULL. */
typedef struct pruneplan_host {
    size_t struct_size; /* sizeof(pruneplan_host) */
    void* user;         /* passed to each function */

    /* Removes `name` only while it points at `target` and, unless `survivor.data` is NULL, while the name `survivor`
     * does, too (else PRUNEPLAN_IN_USE), in one step. Returns PRUNEPLAN_REMOVED, ... */
    int32_t (*remove)(void* user, pruneplan_text name, pruneplan_text target, pruneplan_text survivor,
                      pruneplan_removal* removal);
    bool (*before)(void* user, const pruneplan_step* step); /* false skips the step */
    void (*after)(void* user, const pruneplan_step* step);  /* called after each removal that was tried */
    bool (*should_stop)(void* user);                        /* called before each step: true ends the run */
} pruneplan_host;

PRUNEPLAN_API pruneplan_report* pruneplan_report_new(pruneplan_error* error);
PRUNEPLAN_API void pruneplan_report_free(pruneplan_report* report);

/* Applies the plan, and replaces the contents of `report`. If it fails, the report is correct up to that step. */
PRUNEPLAN_API bool pruneplan_apply(const pruneplan_plan* plan, const pruneplan_host* host, pruneplan_report* report,
                                   pruneplan_error* error);

/* The records that were removed: their names, familiar names ("alpine:3.20") and targets. */
PRUNEPLAN_API size_t pruneplan_report_untagged_count(const pruneplan_report* report);
PRUNEPLAN_API pruneplan_text pruneplan_report_untagged_name(const pruneplan_report* report, size_t i);
PRUNEPLAN_API pruneplan_text pruneplan_report_untagged_familiar(const pruneplan_report* report, size_t i);
PRUNEPLAN_API pruneplan_text pruneplan_report_untagged_target(const pruneplan_report* report, size_t i);

/* The targets of the images that lost their last record. */
PRUNEPLAN_API size_t pruneplan_report_deleted_count(const pruneplan_report* report);
PRUNEPLAN_API pruneplan_text pruneplan_report_deleted(const pruneplan_report* report, size_t i);
PRUNEPLAN_API uint64_t pruneplan_report_space_reclaimed(const pruneplan_report* report);
PRUNEPLAN_API bool pruneplan_report_cancelled(const pruneplan_report* report);

/* The records that the store failed to remove, with its message; and the records that were skipped, with the reason as
 * a stable word. */
PRUNEPLAN_API size_t pruneplan_report_failure_count(const pruneplan_report* report);
PRUNEPLAN_API pruneplan_text pruneplan_report_failure_name(const pruneplan_report* report, size_t i);
PRUNEPLAN_API pruneplan_text pruneplan_report_failure_target(const pruneplan_report* report, size_t i);
PRUNEPLAN_API pruneplan_text pruneplan_report_failure_error(const pruneplan_report* report, size_t i);
PRUNEPLAN_API size_t pruneplan_report_skipped_count(const pruneplan_report* report);
PRUNEPLAN_API pruneplan_text pruneplan_report_skipped_name(const pruneplan_report* report, size_t i);
PRUNEPLAN_API pruneplan_text pruneplan_report_skipped_target(const pruneplan_report* report, size_t i);
PRUNEPLAN_API pruneplan_text pruneplan_report_skipped_reason(const pruneplan_report* report, size_t i);

#ifdef __cplusplus
}
#endif

#endif

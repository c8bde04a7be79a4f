/* SPDX-License-Identifier: BSL-1.0
 *
 * pruneplan for C, and for languages that can call C: decides which container images can be deleted, and says why.
 *
 * Copy this header and pruneplan_c.cpp into a runtime, and build that file with C++20 and pruneplan's include folder.
 * Or install a shared library: `cmake --install build --component c_api`, and build with `pkg-config pruneplan_c`.
 *
 * Handles.  The caller owns a pointer that a `..._new` returns, and frees it with the `..._free` of its type. Handles
 *           do not depend on each other: a plan copies what it needs. Freeing NULL has no effect. For all other
 *           functions, NULL is the error "invalid_argument"; without `error`, they return 0, false or PRUNEPLAN_NONE.
 * Misuse.   Without NDEBUG, the library knows its live handles: a freed handle, or one of another type, is the error
 *           "invalid_argument", too, and freeing it has no effect. With NDEBUG, the behavior is then undefined. Handles
 *           are opaque: do not compare them with other pointers. PRUNEPLAN_C_CHECK_HANDLES=0 or 1 selects this without
 *           NDEBUG.
 * Texts.    A text is a pointer to bytes and their number. It can hold any byte, and needs no terminating zero. It is
 *           empty if either is 0. Arguments are copied. A returned text belongs to its handle, and is valid until the
 *           handle is changed or freed. Texts in a callback are valid until it returns.
 * Arrays.   An array is a pointer to its first element and a number of elements. The pointer can be NULL if the number
 *           is 0; else that is the error "invalid_argument".
 * Errors.   A function that fails returns false, NULL or PRUNEPLAN_NONE, and writes to `error` what is wrong. `error`
 *           can be NULL. No C++ exception leaves a function: if an allocation fails, the code is "out_of_memory". A
 *           function that fails changes nothing, unless it says what it changes.
 * Numbers.  Records and containers are numbered from 0, in the order in which they are added. If a number is too
 *           large, the code is "invalid_argument"; functions without `error` return 0 or PRUNEPLAN_NONE.
 * Words.    Reasons, options and kinds of doubt are words. An unknown word is the error "invalid_argument".
 * Structs.  The caller sets `struct_size` of each struct that it passes to its `sizeof`.
 * Threads.  Threads can use different handles at the same time, and read one handle at the same time. Nothing else may
 *           use a handle while it is changed or freed. A plan is never changed.
 * Calls.    A callback may not throw, unwind or jump out. It can call functions of this header, but may not change or
 *           free a handle that was passed to the function that calls it.
 * Growth.   Later versions can add functions, words, and members at the end of a struct that begins with its size.
 *           Existing words (codes, reasons, options) do not change. The library's soname names its major version.
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
typedef struct pruneplan_plan pruneplan_plan;       /* keep or delete for every record, why, and what is doubtful */
typedef struct pruneplan_report pruneplan_report;   /* what was done */
typedef struct pruneplan_removal pruneplan_removal; /* details of one removal, which the host sets */
typedef struct pruneplan_usage pruneplan_usage;     /* what the containers of one or many machines use */

/* A callback that takes a piece of an output. It returns false to end the output: the function that calls it then fails
 * with the code "stopped". */
typedef bool (*pruneplan_write)(void* state, const char* data, size_t size);

/* Returns the version of the library, "major.minor.patch", which ends in a zero byte. It is never freed. */
PRUNEPLAN_API const char* pruneplan_library_version(void);

/* Returns the number of handles in the process that are not freed yet, for tests. */
PRUNEPLAN_API size_t pruneplan_live_handles(void);

/* ---- Records and containers ---- */

/* Returns an empty listing, or NULL if an allocation fails. Free it with `pruneplan_listing_free`. */
PRUNEPLAN_API pruneplan_listing* pruneplan_listing_new(pruneplan_error* error);
/* Frees a listing. Plans that were made of it stay valid. */
PRUNEPLAN_API void pruneplan_listing_free(pruneplan_listing* listing);

/* Return how many records or containers the listing has. */
PRUNEPLAN_API size_t pruneplan_listing_records(const pruneplan_listing* listing);
PRUNEPLAN_API size_t pruneplan_listing_containers(const pruneplan_listing* listing);

typedef struct pruneplan_label {
    pruneplan_text key, value;
} pruneplan_label;

typedef struct pruneplan_blob {
    pruneplan_text digest;
    uint64_t size; /* in bytes */
} pruneplan_blob;

/* A time, which is unknown if all bytes are 0. */
typedef struct pruneplan_time {
    int64_t seconds;     /* since 1970 */
    int32_t nanoseconds; /* 0 to 999,999,999 */
    bool known;
} pruneplan_time;

/* A fact that can be unknown. */
enum { PRUNEPLAN_UNKNOWN = 0, PRUNEPLAN_NO = 1, PRUNEPLAN_YES = 2 };

/* An image record. All members after `target` are optional: initialize the struct with zeros. */
typedef struct pruneplan_record {
    size_t struct_size;
    pruneplan_text name;          /* a unique name in any form: "alpine", "docker.io/library/alpine:latest" */
    pruneplan_text target;        /* the digest that the name points at */
    pruneplan_text subject;       /* the target or ID of the image that the record is attached to, or empty */
    const pruneplan_text* ids;    /* further digests by which containers may mean the image: its configuration, ... */
    const pruneplan_text* needed; /* targets or IDs of the images that the image needs */
    const pruneplan_label* labels;
    const pruneplan_blob* blobs;
    size_t id_count, needed_count, label_count, blob_count;
    pruneplan_time created, last_used;
    int32_t dangling; /* PRUNEPLAN_YES, PRUNEPLAN_NO; unknown: whether the name is "moby-dangling@" and the target */
    bool pinned;
} pruneplan_record;

/* A container. All members after `image_ref` are optional: initialize the struct with zeros. */
typedef struct pruneplan_container {
    size_t struct_size;
    pruneplan_text image_id;      /* the digest that its runtime reports for its image */
    pruneplan_text image_ref;     /* what its user typed, verbatim */
    pruneplan_text name;          /* what sentences call it. Without a name, they give its number */
    const pruneplan_text* mounts; /* digests of the images that it mounts as volumes */
    size_t mount_count;
} pruneplan_container;

/* Adds an array of `count` records to the listing, or adds none and returns false. The structs must have the same
 * `struct_size`. Two records with the same name are rejected when a plan is made. An option keeps the records for which
 * the fact that it needs is unknown. */
PRUNEPLAN_API bool pruneplan_listing_add_records(pruneplan_listing* listing, const pruneplan_record* records,
                                                 size_t count, pruneplan_error* error);

/* Adds an array of `count` containers to the listing, or adds none and returns false. The structs must have the same
 * `struct_size`. Add all containers, in any state: a container that is not added protects nothing. */
PRUNEPLAN_API bool pruneplan_listing_add_containers(pruneplan_listing* listing, const pruneplan_container* containers,
                                                    size_t count, pruneplan_error* error);

/* Adds a record: a unique name in any form ("alpine", "docker.io/library/alpine:latest"), and the digest that it points
 * at. Two records with the same name are rejected when a plan is made. */
PRUNEPLAN_API bool pruneplan_listing_add_record(pruneplan_listing* listing, pruneplan_text name, pruneplan_text target,
                                                pruneplan_error* error);

/* Set facts about a record that was added before, as the members of pruneplan_record do. */
PRUNEPLAN_API bool pruneplan_listing_set_created(pruneplan_listing* listing, size_t record, int64_t seconds,
                                                 int32_t nanoseconds, pruneplan_error* error);
PRUNEPLAN_API bool pruneplan_listing_set_last_used(pruneplan_listing* listing, size_t record, int64_t seconds,
                                                   int32_t nanoseconds, pruneplan_error* error);
PRUNEPLAN_API bool pruneplan_listing_set_pinned(pruneplan_listing* listing, size_t record, bool pinned,
                                                pruneplan_error* error);
PRUNEPLAN_API bool pruneplan_listing_set_dangling(pruneplan_listing* listing, size_t record, bool dangling,
                                                  pruneplan_error* error);
/* Adds a further digest by which containers may mean the record's image: its configuration, its manifests. */
PRUNEPLAN_API bool pruneplan_listing_add_id(pruneplan_listing* listing, size_t record, pruneplan_text id,
                                            pruneplan_error* error);
/* Sets the target or ID of the image that the record is attached to: a signature, an SBOM, an attestation. */
PRUNEPLAN_API bool pruneplan_listing_set_subject(pruneplan_listing* listing, size_t record, pruneplan_text target,
                                                 pruneplan_error* error);
/* Adds the target or ID of an image that the record's image needs: one that it is built on, a manifest of its index. */
PRUNEPLAN_API bool pruneplan_listing_add_needed(pruneplan_listing* listing, size_t record, pruneplan_text target,
                                                pruneplan_error* error);
/* Add a label, and a blob of the image with its size in bytes. */
PRUNEPLAN_API bool pruneplan_listing_add_label(pruneplan_listing* listing, size_t record, pruneplan_text key,
                                               pruneplan_text value, pruneplan_error* error);
PRUNEPLAN_API bool pruneplan_listing_add_blob(pruneplan_listing* listing, size_t record, pruneplan_text digest,
                                              uint64_t size, pruneplan_error* error);

/* Adds a container: the digest that its runtime reports for its image, and what its user typed, verbatim. Add all
 * containers, in any state: a container that is not added protects nothing. */
PRUNEPLAN_API bool pruneplan_listing_add_container(pruneplan_listing* listing, pruneplan_text image_id,
                                                   pruneplan_text image_ref, pruneplan_error* error);
/* Sets what sentences call the container. Without a name, they give its number. */
PRUNEPLAN_API bool pruneplan_listing_set_container_name(pruneplan_listing* listing, size_t container,
                                                        pruneplan_text name, pruneplan_error* error);
/* Adds the digest of an image that the container mounts as a volume. */
PRUNEPLAN_API bool pruneplan_listing_add_mount(pruneplan_listing* listing, size_t container, pruneplan_text image_id,
                                               pruneplan_error* error);

/* ---- Options: by default, dangling records that the rule "strict" does not protect are deleted ---- */

/* Returns the default options, or NULL if an allocation fails. Free them with `pruneplan_options_free`. */
PRUNEPLAN_API pruneplan_options* pruneplan_options_new(pruneplan_error* error);
/* Frees options. Plans that were made with them stay valid. */
PRUNEPLAN_API void pruneplan_options_free(pruneplan_options* options);

/* Sets which records can be deleted: "dangling" or "unused". */
PRUNEPLAN_API bool pruneplan_options_set_scope(pruneplan_options* options, pruneplan_text scope,
                                               pruneplan_error* error);
/* Sets the usage rule: "strict", "containerd_snapshotter", "graph_driver", "whole_image" or "names_only". */
PRUNEPLAN_API bool pruneplan_options_set_usage_preset(pruneplan_options* options, pruneplan_text preset,
                                                      pruneplan_error* error);
/* Sets a custom usage rule: whether the names that containers were created from are kept; which containers protect
 * their image, "created_by_digest", "every_container" or "no_container"; which names an image in use keeps, "last" or
 * "all". */
PRUNEPLAN_API bool pruneplan_options_set_usage(pruneplan_options* options, bool names_in_use,
                                               pruneplan_text digests_in_use, pruneplan_text names_kept,
                                               pruneplan_error* error);
/* Adds "key=value", as `docker image prune --filter` takes it. Durations count back from now; `dangling` sets the
 * scope. */
PRUNEPLAN_API bool pruneplan_options_add_filter(pruneplan_options* options, pruneplan_text filter, int64_t now_seconds,
                                                int32_t now_nanoseconds, pruneplan_error* error);
/* Adds a pattern of names that are never deleted. */
PRUNEPLAN_API bool pruneplan_options_add_keep(pruneplan_options* options, pruneplan_text pattern,
                                              pruneplan_error* error);
/* Adds a rule that keeps this many of the newest images of each repository, by the names that match the pattern
 * `names`, or by all names if it is empty. `by` is "created", "last_used", "version" or "name". */
PRUNEPLAN_API bool pruneplan_options_add_keep_newest(pruneplan_options* options, size_t images, pruneplan_text names,
                                                     pruneplan_text by, pruneplan_error* error);
/* Keeps images that were used, or else created, at this time or later. */
PRUNEPLAN_API bool pruneplan_options_set_keep_younger_than(pruneplan_options* options, int64_t seconds,
                                                           int32_t nanoseconds, pruneplan_error* error);
/* Deletes images, least recently used first, until this many bytes are freed; keeps the rest, and all images if none
 * has a size. A negative number is an error of `pruneplan_plan_new`. */
PRUNEPLAN_API bool pruneplan_options_set_bytes_to_free(pruneplan_options* options, int64_t bytes,
                                                       pruneplan_error* error);
/* With `bytes_to_free`, deletes images last used before this time even when enough is freed. */
PRUNEPLAN_API bool pruneplan_options_set_delete_unused_before(pruneplan_options* options, int64_t seconds,
                                                              int32_t nanoseconds, pruneplan_error* error);
/* Selects the name that an image in use keeps: "last_by_name", "first_by_name", "newest", "oldest" or "tagged". */
PRUNEPLAN_API bool pruneplan_options_set_survivor(pruneplan_options* options, pruneplan_text survivor,
                                                  pruneplan_error* error);

/* ---- The plan ---- */

/* Makes a plan, and changes nothing. The caller can change or free both handles afterwards. `options` can be NULL: the
 * defaults. Returns a plan, which the caller frees with `pruneplan_plan_free`, or NULL if there is an error: a code of
 * the library, such as "duplicate_name", "bad_option" or "image_not_found". */
PRUNEPLAN_API pruneplan_plan* pruneplan_plan_new(const pruneplan_listing* listing, const pruneplan_options* options,
                                                 pruneplan_error* error);
/* Frees a plan and all texts that it returned. */
PRUNEPLAN_API void pruneplan_plan_free(pruneplan_plan* plan);

/* Return how many records the plan has, keeps and deletes. */
PRUNEPLAN_API size_t pruneplan_plan_records(const pruneplan_plan* plan);
PRUNEPLAN_API size_t pruneplan_plan_kept(const pruneplan_plan* plan);
PRUNEPLAN_API size_t pruneplan_plan_deleted(const pruneplan_plan* plan);

typedef struct pruneplan_decision {
    size_t struct_size;
    size_t record;
    pruneplan_text name, target;
    bool deletes;          /* whether the record is deleted */
    bool mounted;          /* the container mounts the image as a volume, and does not run it */
    pruneplan_text reason; /* a stable word: "unused", "last_name", ... */
    size_t container;      /* the container that caused the decision, or PRUNEPLAN_NONE */
    size_t option;         /* the filter, pattern or rule of newest that decided, from 0, or PRUNEPLAN_NONE */
} pruneplan_decision;

/* Gets the decision on a record. Its texts belong to the plan. */
PRUNEPLAN_API bool pruneplan_plan_decision(const pruneplan_plan* plan, size_t record, pruneplan_decision* decision,
                                           pruneplan_error* error);

/* Returns the record that is deleted at this step, from 0 to `pruneplan_plan_deleted` - 1, or PRUNEPLAN_NONE: an image
 * before the images that it needs, then by name. */
PRUNEPLAN_API size_t pruneplan_plan_deletion(const pruneplan_plan* plan, size_t step);

/* Returns how many records have this reason, or PRUNEPLAN_NONE if the word is unknown. */
PRUNEPLAN_API size_t pruneplan_plan_count(const pruneplan_plan* plan, pruneplan_text reason, pruneplan_error* error);

/* Write a sentence for a person, on one record or the whole plan, as far as it fits into `buffer`, without a
 * terminating zero. Return its whole size, or 0 if the record does not exist or an allocation fails. `buffer` can be
 * NULL if `capacity` is 0. */
PRUNEPLAN_API size_t pruneplan_plan_explain(const pruneplan_plan* plan, size_t record, char* buffer, size_t capacity);
PRUNEPLAN_API size_t pruneplan_plan_summary(const pruneplan_plan* plan, char* buffer, size_t capacity);

typedef struct pruneplan_doubt {
    size_t struct_size;
    pruneplan_text kind; /* a stable word: "unmatched_container", "unprotected_image", "invalid_image_ref",
                            "unmatched_pattern", "invalid_name" or "same_name" */
    size_t number;       /* of the container, of the pattern in the order added, or of the record */
    bool blocks;         /* `pruneplan_apply` rejects the plan, unless the host accepts this kind */
    pruneplan_text sentence;
} pruneplan_doubt;

/* Return how many doubts the planner had, and get one of them. Its texts belong to the plan. */
PRUNEPLAN_API size_t pruneplan_plan_doubts(const pruneplan_plan* plan);
PRUNEPLAN_API bool pruneplan_plan_doubt(const pruneplan_plan* plan, size_t i, pruneplan_doubt* doubt,
                                        pruneplan_error* error);

typedef struct pruneplan_space {
    size_t struct_size;
    uint64_t freed;              /* bytes of blobs that only deleted images have */
    uint64_t shared;             /* bytes of blobs that deleted and kept images have: kept */
    uint64_t kept;               /* bytes of all kept blobs */
    uint64_t inconsistent_blobs; /* blobs that are listed with several sizes, and are not counted */
} pruneplan_space;

/* Estimates what the plan frees, from the blobs of the records. */
PRUNEPLAN_API bool pruneplan_plan_space(const pruneplan_plan* plan, pruneplan_space* space, pruneplan_error* error);

/* Write the whole plan: as JSON lines, one object for each record and each doubt; as a graph in the DOT language of
 * Graphviz. The library passes pieces of the output to `write` with `state`, in order, until it returns false. Nothing
 * is to be freed. */
PRUNEPLAN_API bool pruneplan_plan_write_json_lines(const pruneplan_plan* plan, pruneplan_write write, void* state,
                                                   pruneplan_error* error);
PRUNEPLAN_API bool pruneplan_plan_write_dot(const pruneplan_plan* plan, pruneplan_write write, void* state,
                                            pruneplan_error* error);

/* A record on which two plans differ. */
typedef struct pruneplan_change {
    size_t struct_size;
    pruneplan_text kind; /* a stable word, the first of these that is true: "added", "removed", "newly_deleted",
                            "newly_kept", "target_changed" or "reason_changed" */
    pruneplan_text name;
    size_t before, after;                       /* the record's number in each plan, or PRUNEPLAN_NONE */
    pruneplan_text reason_before, reason_after; /* stable words, or empty if a plan does not have the record */
    bool target_changed;                        /* the name points at another target, whatever `kind` is */
} pruneplan_change;

/* Compares two plans: records with the same name are compared. Calls `visit` with `state` for each change: for the
 * records of `before` in their order, then for the added ones of `after`. If `visit` returns false, it is not called
 * again, and the code is "stopped". */
PRUNEPLAN_API bool pruneplan_plan_diff(const pruneplan_plan* before, const pruneplan_plan* after,
                                       bool (*visit)(void* state, const pruneplan_change* change), void* state,
                                       pruneplan_error* error);

/* ---- Many machines ---- */

/* A usage summary has what containers use, each use once: an image ID, an image reference, a mounted image. A node
 * summarizes its containers and sends the summary as bytes; a planner merges the summaries of all nodes, and plans with
 * the result as with the containers themselves. Containers in a summary have no names. */

/* Returns an empty summary, or NULL if an allocation fails. Free it with `pruneplan_usage_free`. */
PRUNEPLAN_API pruneplan_usage* pruneplan_usage_new(pruneplan_error* error);
/* Frees a summary. */
PRUNEPLAN_API void pruneplan_usage_free(pruneplan_usage* usage);

/* Returns how many uses the summary has. */
PRUNEPLAN_API size_t pruneplan_usage_size(const pruneplan_usage* usage);

/* Add the uses of an array of containers, or of another summary. Adding a use again has no effect. If an allocation
 * fails, some of the uses were added, and the caller can repeat the call. */
PRUNEPLAN_API bool pruneplan_usage_add_containers(pruneplan_usage* usage, const pruneplan_container* containers,
                                                  size_t count, pruneplan_error* error);
PRUNEPLAN_API bool pruneplan_usage_merge(pruneplan_usage* usage, const pruneplan_usage* other, pruneplan_error* error);

/* Writes the summary as bytes, for `pruneplan_usage_read` on any machine. The bytes are a line "pruneplan usage 1",
 * a line for each use (the netstrings of the image ID, the image reference and, if there is one, the mounted image), and
 * a line "end": a part of a summary is malformed. */
PRUNEPLAN_API bool pruneplan_usage_write(const pruneplan_usage* usage, pruneplan_write write, void* state,
                                         pruneplan_error* error);
/* Adds the uses of a summary that `pruneplan_usage_write` wrote. If `bytes` is malformed, no use is added, and the code
 * is "invalid_format". If an allocation fails, it is as for `pruneplan_usage_merge`. */
PRUNEPLAN_API bool pruneplan_usage_read(pruneplan_usage* usage, pruneplan_text bytes, pruneplan_error* error);

/* Adds each use of a summary to the listing as a container, or adds none and returns false. */
PRUNEPLAN_API bool pruneplan_listing_add_usage(pruneplan_listing* listing, const pruneplan_usage* usage,
                                               pruneplan_error* error);

/* Returns the shard of all records of a target, from 0 to `shards` - 1, the same on every machine and in every version;
 * or PRUNEPLAN_NONE if `shards` is 0. `shard_of` in include/pruneplan/fleet.hpp says what a plan of a shard decides. */
PRUNEPLAN_API size_t pruneplan_shard_of(pruneplan_text target, size_t shards, pruneplan_error* error);

/* ---- Applying ---- */

enum {
    PRUNEPLAN_FAILED = 0,        /* the store failed: see `pruneplan_removal_set_error` */
    PRUNEPLAN_REMOVED = 1,       /* the store removed the name */
    PRUNEPLAN_NOT_FOUND = 2,     /* the store has no such name any more */
    PRUNEPLAN_CHANGED = 3,       /* the name now points at another target, and is kept */
    PRUNEPLAN_SURVIVOR_GONE = 4, /* the survivor does not point at the target any more; the name is kept */
    PRUNEPLAN_IN_USE = 5,        /* the store reports that the name is in use, and kept it */
    /* In reports only: */
    PRUNEPLAN_VETOED = 6,  /* `before` returned false */
    PRUNEPLAN_NEEDED = 7,  /* an image that needs this one was kept */
    PRUNEPLAN_ATTACHED = 8 /* an image that this record is attached to was kept */
};

/* Returns a status as a stable word: "failed", "removed", ..., or a NULL text if it is unknown. It is never freed. */
PRUNEPLAN_API pruneplan_text pruneplan_status_word(int32_t status);

/* Sets the store's message. Call it only in `remove`. */
PRUNEPLAN_API void pruneplan_removal_set_error(pruneplan_removal* removal, pruneplan_text words);
/* Tells that the store has another name for the target, which the plan does not have: the image is not deleted, and
 * what it needs is kept. Call it only in `remove`, with any status. */
PRUNEPLAN_API void pruneplan_removal_set_still_named(pruneplan_removal* removal);

typedef struct pruneplan_step {
    size_t struct_size;
    pruneplan_text name, familiar, target; /* familiar: the name as Docker prints it, "alpine:3.20" */
    int32_t status;                        /* PRUNEPLAN_REMOVED, ... */
    pruneplan_text error;                  /* the store's message */
    bool image_deleted;                    /* the image lost its last name by this step */
    uint64_t reclaimed;                    /* bytes, by this step */
} pruneplan_step;

/* The host's callbacks, and the doubts that it accepts. No function may throw, unwind or jump out. All except `remove`
 * can be NULL. */
typedef struct pruneplan_host {
    size_t struct_size;
    void* user; /* passed to each function */

    /* Removes `name` only while it points at `target` and, unless `survivor` is empty, while the name `survivor` does,
     * too, all in one step. Returns PRUNEPLAN_FAILED to PRUNEPLAN_IN_USE. For PRUNEPLAN_SURVIVOR_GONE, it is called
     * again with the next name that the image keeps. */
    int32_t (*remove)(void* user, pruneplan_text name, pruneplan_text target, pruneplan_text survivor,
                      pruneplan_removal* removal);
    bool (*before)(void* user, const pruneplan_decision* decision); /* false skips the removal */
    void (*after)(void* user, const pruneplan_step* step);          /* called after each step */
    bool (*should_stop)(void* user);                                /* called before each step: true ends the run */

    /* The kinds of doubt that do not keep the plan from being applied. */
    const pruneplan_text* accept;
    size_t accept_count;
} pruneplan_host;

/* Returns an empty report, or NULL if an allocation fails. Free it with `pruneplan_report_free`. */
PRUNEPLAN_API pruneplan_report* pruneplan_report_new(pruneplan_error* error);
/* Frees a report and all texts that it returned. */
PRUNEPLAN_API void pruneplan_report_free(pruneplan_report* report);

/* Applies the plan through the functions of `host`, and adds each step to `report` at once: if it fails, the report is
 * correct up to that step. Steps that the report already has are kept. The caller keeps all three. If the plan has a
 * doubt that blocks and is not accepted, nothing is removed, and the code is "doubtful_plan". */
PRUNEPLAN_API bool pruneplan_apply(const pruneplan_plan* plan, const pruneplan_host* host, pruneplan_report* report,
                                   pruneplan_error* error);

/* Return how many steps were tried, vetoed or not taken because the image is needed, and get one of them. Its
 * texts belong to the report. */
PRUNEPLAN_API size_t pruneplan_report_steps(const pruneplan_report* report);
PRUNEPLAN_API bool pruneplan_report_step(const pruneplan_report* report, size_t i, pruneplan_step* step,
                                         pruneplan_error* error);
/* Returns how many steps have this status, or PRUNEPLAN_NONE if it is unknown. */
PRUNEPLAN_API size_t pruneplan_report_count(const pruneplan_report* report, int32_t status, pruneplan_error* error);
/* Returns how many bytes all steps reclaimed. */
PRUNEPLAN_API uint64_t pruneplan_report_space_reclaimed(const pruneplan_report* report);
/* Tells whether `should_stop` ended the run. */
PRUNEPLAN_API bool pruneplan_report_cancelled(const pruneplan_report* report);

#ifdef __cplusplus
}
#endif

#endif

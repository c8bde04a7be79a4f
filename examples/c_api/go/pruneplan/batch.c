// SPDX-License-Identifier: BSL-1.0

#include "batch.h"

#include <stdlib.h>
#include <string.h>

typedef struct reader {
    const uint64_t* numbers;
    const char* bytes;
} reader;

static uint64_t next_number(reader* in) { return *in->numbers++; }

static pruneplan_text next_text(reader* in) {
    pruneplan_text text = {in->bytes, (size_t)next_number(in)};
    in->bytes += text.size;
    return text;
}

static pruneplan_time next_time(reader* in) {
    pruneplan_time time;
    time.known = next_number(in) != 0;
    time.seconds = (int64_t)next_number(in);
    time.nanoseconds = (int32_t)next_number(in);
    return time;
}

bool pruneplan_add_batch(pruneplan_listing* listing, size_t count, const uint64_t* numbers, const char* bytes,
                         size_t texts, size_t labels, size_t blobs, pruneplan_error* error) {
    reader in = {numbers, bytes};
    // One more of each, as `calloc` may return NULL for no element.
    pruneplan_record* records = calloc(count + 1, sizeof *records);
    pruneplan_text* text = malloc((texts + 1) * sizeof *text);
    pruneplan_label* label = malloc((labels + 1) * sizeof *label);
    pruneplan_blob* blob = malloc((blobs + 1) * sizeof *blob);
    void* const allocated[] = {records, text, label, blob};
    bool added = records && text && label && blob;
    if (!added) {
        strcpy(error->code, "out_of_memory");
        strcpy(error->message, "out of memory");
    }
    for (size_t i = 0; added && i < count; ++i) {
        pruneplan_record* record = &records[i];
        record->struct_size = sizeof *record;
        record->name = next_text(&in);
        record->target = next_text(&in);
        record->subject = next_text(&in);
        record->ids = text;
        record->id_count = (size_t)next_number(&in);
        for (size_t k = 0; k < record->id_count; ++k) *text++ = next_text(&in);
        record->needed = text;
        record->needed_count = (size_t)next_number(&in);
        for (size_t k = 0; k < record->needed_count; ++k) *text++ = next_text(&in);
        record->labels = label;
        record->label_count = (size_t)next_number(&in);
        for (size_t k = 0; k < record->label_count; ++k, ++label) {
            label->key = next_text(&in);
            label->value = next_text(&in);
        }
        record->blobs = blob;
        record->blob_count = (size_t)next_number(&in);
        for (size_t k = 0; k < record->blob_count; ++k, ++blob) {
            blob->digest = next_text(&in);
            blob->size = next_number(&in);
        }
        record->created = next_time(&in);
        record->last_used = next_time(&in);
        record->dangling = (int32_t)next_number(&in);
        record->pinned = next_number(&in) != 0;
    }
    added = added && pruneplan_listing_add_records(listing, records, count, error);
    for (size_t i = 0; i < sizeof allocated / sizeof *allocated; ++i) free(allocated[i]);
    return added;
}

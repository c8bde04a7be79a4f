// SPDX-License-Identifier: BSL-1.0
// Adds records that the caller describes without pointers.

#ifndef PRUNEPLAN_GO_BATCH_H
#define PRUNEPLAN_GO_BATCH_H

#include "pruneplan.h"

// Adds `count` records. `bytes` has their texts one after the other, and `numbers` what follows, for each record:
//
//     the sizes of name, target and subject
//     the number of IDs, and their sizes
//     the number of needed images, and the sizes of their targets
//     the number of labels, and the sizes of each key and value
//     the number of blobs, and of each the size of its digest, and its own size
//     twice, for created and last_used: whether the time is known, its seconds and its nanoseconds
//     dangling, pinned
//
// `texts`, `labels` and `blobs` are the numbers of IDs and needed images, of labels and of blobs of all records.
bool pruneplan_add_batch(pruneplan_listing* listing, size_t count, const uint64_t* numbers, const char* bytes,
                         size_t texts, size_t labels, size_t blobs, pruneplan_error* error);

#endif

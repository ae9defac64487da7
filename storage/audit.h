/* SPDX-License-Identifier: Apache-2.0 */
/* Whether the store is what its index says, down to the last byte of each blob. In rlc. */
#pragma once
#include "lib/base/strv.h"

struct err;
struct dirs;
struct id_map;

struct audit {
	/* What is wrong, and what to type: pairs of one index. */
	struct strv faults, fixes;
	size_t images, layers, blobs; /* how many were looked at */
};

/*
 * Follows every name of the index: record, manifest, configuration, layers and kept blobs.
 * rlc-image computes the digests and counts the layers' names. Nothing is changed, and nothing
 * removed meanwhile. -1 only when it could not look; faults are no error.
 */
int audit_store(const struct dirs *d, const struct id_map *map, struct audit *ret, struct err *e);
void audit_free(struct audit *a);

/* SPDX-License-Identifier: Apache-2.0 */
/* What is remembered of an unpacked layer: layers/KEY/record.json. */
#pragma once
#include "lib/base/strv.h"

#include <stdint.h>

struct err;

struct layer_record {
	char *diff_id; /* "sha256:HEX" */
	uint64_t size, entries, whiteouts;
	struct strv inherits; /* folders whose owner and mode come from the layers below */
};

enum { LAYER_RECORD_FORMAT = 1, LAYER_RECORD_MAX = 64 << 20 };

/* folder: descriptor of layers/KEY. A missing or newer record is an error. */
int layer_record_read(int folder, struct layer_record *ret, struct err *e);
/* Without waiting for the disk. */
int layer_record_write(int folder, const struct layer_record *r, struct err *e);
/* Leaves it empty. */
void layer_record_free(struct layer_record *r);

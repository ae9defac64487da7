/* SPDX-License-Identifier: Apache-2.0 */
/* What is remembered of an unpacked layer: layers/KEY/record.json. On both sides. */
#pragma once
#include "lib/base/strv.h"

#include <stdbool.h>
#include <stdint.h>

struct err;

struct layer_record {
	char *diff_id;	       /* "sha256:HEX" */
	bool diff_id_is_claim; /* an image said so; it was not computed */
	uint64_t size, entries, whiteouts;
	bool hides_all;	      /* what lies below it must not be mounted */
	int64_t names;	      /* in fs/, -1: not known */
	struct strv inherits; /* folders whose owner and mode come from the layers below */
};

enum { LAYER_RECORD_FORMAT = 1, LAYER_RECORD_MAX = 64 << 20 };

/* folder: descriptor of layers/KEY. A missing, damaged, older or newer record is an error. */
int layer_record_read(int folder, struct layer_record *ret, struct err *e);
/* Whether that error was: a newer rlc wrote it, and it must stay as it is. */
bool layer_record_is_newer(const struct err *e);
/* The text of one (pure; fuzzed). */
int layer_record_parse(const char *text, size_t n, struct layer_record *ret, struct err *e);
/* Without waiting for the disk. */
int layer_record_write(int folder, const struct layer_record *r, struct err *e);
/* Leaves it empty. */
void layer_record_free(struct layer_record *r);

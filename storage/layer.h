/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Layers on their way into the store. Each is unpacked in the scratch folder; those of one image
 * become visible together by layers_commit(), after one syncfs(2). In rlc-image.
 */
#pragma once
#include "lib/base/strv.h"
#include "storage/digest.h"
#include "storage/scratch.h"
#include "storage/unpack.h"

#include <stdbool.h>
#include <stdint.h>

struct err;
struct stream;

/* What a layer's blob must turn out to be. */
struct layer_blob {
	const char *name;    /* for errors */
	const char *hex;     /* of the blob, or NULL: not known before it was read */
	uint64_t size;	     /* or DIGEST_ANY_SIZE */
	const char *diff_id; /* "sha256:HEX" of the plain tar, or NULL: not promised */
};

/* What became of it. */
struct layer {
	char *folder; /* under layers/ */
	char hex[DIGEST_HEX];
	char diff_id[DIGEST_HEX];
	uint64_t blob_size;	/* of the blob, 0 when it was not read */
	uint64_t size;		/* of the files in it */
	const char *media_type; /* OCI's, by what compression was found */
	char scratch_name[16];	/* of the folder in scratch, "" when it is in the store already */
	struct strv inherits;	/* for its record */
	uint64_t entries, whiteouts;
	int fd; /* its root */
};

/* The layers of one image, lowest first. */
struct layers {
	struct layer *v;
	size_t n;
	int store; /* descriptor of layers/; not owned */
	struct scratch *scratch;
	const struct unpack_ids *ids;
	/* what was left out, over all layers: for the notices */
	uint64_t devices, xattrs, squashed;
};

void layers_begin(struct layers *l, int store, struct scratch *scratch,
		  const struct unpack_ids *ids);
/* Takes the next layer from the store if it is there already. 1: it is; 0: read the blob. */
int layers_reuse(struct layers *l, const struct layer_blob *blob, struct err *e);
/* Unpacks the next layer. Takes `source` in any case. */
int layers_add(struct layers *l, struct stream *source, const struct layer_blob *blob,
	       struct err *e);
/* Makes what was unpacked visible: on the disk first, then under its name. */
int layers_commit(struct layers *l, struct err *e);
void layers_free(struct layers *l);

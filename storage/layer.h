/* SPDX-License-Identifier: Apache-2.0 */
/* From the blobs of one image to the folders of its layers. In rlc-image. */
#pragma once
#include "storage/digest.h"
#include "storage/shelf.h"

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
	char *folder; /* its name on the shelf */
	char hex[DIGEST_HEX];
	char diff_id[DIGEST_HEX];
	uint64_t blob_size;	/* 0 when the blob was not read and its size not known */
	uint64_t size;		/* of the files in it */
	const char *media_type; /* OCI's, by what compression was found; NULL: not read */
	int fs;			/* its root */
};

/* The layers of one image, lowest first. */
struct layers {
	struct layer *v;
	size_t n;
	struct shelf *shelf;
	/* what was left out, over all layers: for the notices */
	uint64_t devices, xattrs, squashed;
};

/* Takes the next layer from the shelf if it is there already. 1: it is; 0: read the blob. */
int layers_reuse(struct layers *l, const struct layer_blob *blob, struct err *e);
/* Unpacks the next layer. Takes `source` in any case. */
int layers_add(struct layers *l, struct stream *source, const struct layer_blob *blob,
	       struct err *e);
void layers_free(struct layers *l);

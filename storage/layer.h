/* SPDX-License-Identifier: Apache-2.0 */
/* From one blob to the folder of a layer. In rlc-image. */
#pragma once
#include "storage/lower.h"
#include "storage/shelf.h"
#include "storage/verify.h"

#include <stdint.h>

struct err;
struct stream;

/* What a layer's blob must turn out to be. */
struct layer_blob {
	const char *name;    /* for errors */
	const char *hex;     /* of the blob, or NULL: not known before it was read */
	uint64_t size;	     /* or DIGEST_ANY_SIZE */
	const char *diff_id; /* "sha256:HEX" of the plain tar, or NULL: not promised */
	/*
	 * The blob's own digest is enough (hex is known): diff_id is recorded as a claim. Hashing
	 * the tar costs more than all else together on machines without SHA instructions.
	 */
	bool diff_id_is_claim;
};

/* What became of it. */
struct layer {
	char *folder; /* its name on the shelf */
	char hex[DIGEST_HEX];
	char diff_id[DIGEST_HEX];
	bool diff_id_is_claim;
	bool hides_all;		/* see struct layer_record */
	uint64_t blob_size;	/* 0 when the blob was not read and its size not known */
	uint64_t size;		/* of the files in it */
	const char *media_type; /* OCI's, by what compression was found; NULL: not read */
	int fs;			/* its root */
	/* what was left out */
	uint64_t devices, xattrs, squashed;
};

/* The layers of one image, lowest first. */
struct layers {
	struct layer *v;
	size_t n;
	struct shelf *shelf;
	int news; /* where struct progress goes, or -1 */
};

enum layer_found { LAYER_ABSENT, LAYER_FOUND, LAYER_ASK_AGAIN };

/*
 * Takes layer number i from the shelf if it is there. below_is_known: the layers below are
 * complete; else LAYER_ASK_AGAIN may come back: what is there is good only above certain layers. A
 * folder without a readable record counts as absent; one of a newer rlc is an error (-1).
 */
int layer_find(struct layers *l, size_t i, const struct layer_blob *blob, bool below_is_known,
	       struct err *e);
/*
 * Unpacks layer number i into a new folder, without its name. Takes source in any case. lower: the
 * layers below, maybe in the making. *ret_folder: number of the folder; *ret_depends: what came out
 * is good only above these layers.
 */
int layer_unpack(struct layers *l, size_t i, const struct layer_blob *blob, struct stream *source,
		 const struct lower *lower, int folder, bool *ret_depends, struct err *e);
/*
 * What the folder is to be called; for one that depends on them the layers below must have their
 * names. Owned by the caller.
 */
char *layer_name(const struct layers *l, size_t i, bool depends);
/*
 * Reads the whole blob (takes source) and compares its digest with what is promised, and its tar's
 * unless that is a claim.
 */
int layer_check_blob(const struct layer_blob *blob, struct stream *source, struct err *e);
void layer_free(struct layer *y);

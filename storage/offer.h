/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What rlc-image answers to load, import and pull, held against what it was asked for. It has read
 * what strangers made and may have been taken over by it: nothing it says of names and digests is
 * believed. Digests are computed here, of the very bytes that come to the store. Pure. In rlc.
 */
#pragma once
#include "storage/index.h"
#include "storage/manifest.h"
#include "storage/platform.h"

struct err;
struct json_object;

/* What was asked for. */
struct offer_terms {
	/*
	 * The one name that an image may get; NULL: none may get one. Where it is pinned
	 * ("NAME@sha256:…"), the documents must lead from that digest to the manifest.
	 */
	const char *name;
	bool any_name;	  /* an archive says itself what its images are called */
	bool is_one;	  /* one image, and it gets the name, if there is one */
	bool may_be_here; /* rlc-image was told what the store has: it may find that unchanged */
	bool keeps_blobs; /* of layers */
	bool is_single;	  /* one id is mapped: such layers have names of their own */
	struct platform platform; /* what is taken from an index */
	bool platform_asked;	  /* by the user: the configuration must fit too */
};

/* An image that may be written into the store. Owns its parts. */
struct offer_image {
	char *manifest;		 /* text, in OCI's words */
	char *config;		 /* text; record.config is its digest and the one in the manifest */
	char digest[7 + 64 + 1]; /* "sha256:HEX" of manifest */
	struct manifest parts;
	struct strv names; /* full references */
	struct image_record record;
};

struct offer {
	struct offer_image *images;
	size_t n;
	struct strv made; /* folder number i of the scratch folder is the layer of that name */
	struct strv kept; /* blob number i of it is of that hex digest: still to be hashed */
	bool is_here;	  /* the store has the image already; there is nothing else */
};

/* Reads the answer (storage/ingest.h). -1: it is not what was asked for, and *e says how. */
int offer_read(struct json_object *answer, const struct offer_terms *t, struct offer *ret,
	       struct err *e);
/* The size that a manifest of the offer gives to a layer's blob. -1: it is no layer's. */
int offer_blob_size(const struct offer *o, const char *hex, uint64_t *ret);
void offer_free(struct offer *o);

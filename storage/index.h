/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The store's metadata on disk, in rlc: index.json (image-layout.md: a descriptor for each name,
 * or one without a name), blobs/sha256/HEX (manifests and configurations), and
 * images/MANIFEST-HEX.json, which says where rlc unpacked an image's layers.
 */
#pragma once
#include "lib/base/strv.h"

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

struct err;

enum { INDEX_MAX = 64 << 20, BLOB_MAX = 8 << 20, IMAGE_RECORD_FORMAT = 1 };

struct index_entry {
	char *name;   /* full reference, or NULL: the image lost its last name */
	char *digest; /* "sha256:HEX" of the manifest */
	uint64_t size;
};

struct index {
	struct index_entry *v;
	size_t n;
};

/* data: the data folder. A missing file is an empty index. */
int index_read(int data, struct index *ret, struct err *e);
/* With the lock held: on disk when it returns. */
int index_write(int data, const struct index *x, struct err *e);
/* Parses and makes the text of index.json (pure; fuzzed). */
int index_parse(const char *text, size_t n, struct index *ret, struct err *e);
char *index_format(const struct index *x);
void index_free(struct index *x);
/* The entry of that name, or NULL. */
struct index_entry *index_find(const struct index *x, const char *name);
/* Gives a name to an image; an image that thereby loses its last name keeps a nameless entry. */
void index_set(struct index *x, const char *name, const char *digest, uint64_t size);
/* Adds a nameless entry unless the image has an entry already. */
void index_keep(struct index *x, const char *digest, uint64_t size);
/* Takes entry number i out. */
void index_drop(struct index *x, size_t i);
/* How many entries lead to the image. */
size_t index_count(const struct index *x, const char *digest);

/*
 * Whether text may name a folder under layers/: it becomes a path, and a mount option where a comma
 * or colon would speak for itself.
 */
bool index_is_layer_name(const char *text);

/*
 * images/HEX.json. An image is what its configuration says (podman's image id): two manifests of
 * one configuration, say of compressed and of plain layers, are one image.
 */
struct image_record {
	char *config; /* "sha256:HEX" */
	char *origin; /* the same of the manifest as it came, where ours says it in OCI's words; or
			 NULL */
	struct strv layers;
	struct strv blobs; /* hex digests of layers' blobs that are kept for it */
	uint64_t size;
	int64_t created; /* seconds since 1970, 0: unknown */
};

int image_record_read(int data, const char *manifest_digest, struct image_record *ret,
		      struct err *e);
/* On disk when it returns. */
int image_record_write(int data, const char *manifest_digest, const struct image_record *r,
		       struct err *e);
/* Leaves it empty. */
void image_record_free(struct image_record *r);

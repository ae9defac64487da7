/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The documents that tie an image together: OCI image index and manifest, Docker's list, manifest
 * and archive table. Pure parsers of untrusted JSON, and the manifest's writer. On both sides:
 * rlc-image follows them, rlc checks where they led it.
 */
#pragma once
#include "lib/base/strv.h"

#include <stdbool.h>
#include <stdint.h>

struct err;

enum {
	MANIFEST_MAX = 4 << 20, /* bytes of a document, as registries limit it */
	MANIFEST_LAYERS_MAX = 1024,
	INDEX_DEPTH_MAX = 4, /* indexes above a manifest */
};

/* What points to a blob. */
struct descriptor {
	char *media_type; /* or NULL */
	char *digest;	  /* "sha256:" and 64 hex digits: checked */
	uint64_t size;
	char *os, *architecture, *variant; /* platform, or NULL */
	char *name;			   /* annotation with the image's name, or NULL */
};

struct descriptors {
	struct descriptor *v;
	size_t n;
};

struct manifest {
	struct descriptor config;
	struct descriptors layers;
};

/* One image of a docker-archive's manifest.json; names of files in the archive. */
struct archive_image {
	char *config;
	struct strv tags, layers;
};

struct archive_images {
	struct archive_image *v;
	size_t n;
};

/* Whether a document is an index and not a manifest: by its members, whatever it calls itself. */
int manifest_is_index(const char *text, size_t n, const char *name, bool *ret, struct err *e);
int manifest_parse_index(const char *text, size_t n, const char *name, struct descriptors *ret,
			 struct err *e);
int manifest_parse(const char *text, size_t n, const char *name, struct manifest *ret,
		   struct err *e);
int manifest_parse_archive(const char *text, size_t n, const char *name, struct archive_images *ret,
			   struct err *e);
/* An OCI manifest of these parts, owned by the caller. */
char *manifest_write(const struct manifest *m);
/*
 * Docker's manifests are kept in OCI's words: the store is an OCI layout, and readers of one pass
 * over what it may not hold. Changes m's media types; its text then, owned by the caller, or NULL:
 * it is OCI's already.
 */
char *manifest_translate(struct manifest *m);
/*
 * Those entries of an index that lead to images; what else may stand there is skipped, as
 * image-index.md wants it. ret has room for d->n; returns how many.
 */
size_t descriptors_documents(const struct descriptors *d, const struct descriptor **ret);
/* Appends; strings are copied, NULL allowed. */
void descriptors_add(struct descriptors *d, const char *media_type, const char *hex, uint64_t size);
void descriptor_free(struct descriptor *d);
void descriptors_free(struct descriptors *d);
void manifest_free(struct manifest *m);
void archive_images_free(struct archive_images *a);

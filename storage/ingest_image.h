/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From an index or manifest of OCI's or Docker's kind to an image, wherever its parts lie: in a
 * layout or a registry. In rlc-image.
 */
#pragma once
#include "storage/manifest.h"
#include "storage/platform.h"

#include <stdbool.h>

struct err;
struct ingest;
struct source;

/* One image on its way. */
struct intake {
	struct ingest *in;
	struct source *s;
	struct platform platform;
	bool platform_asked; /* by the user: another one is refused */
	const char *name;    /* what the image is to be called, or NULL */
	const char *have;    /* digest of the manifest that the store has, or NULL */
	struct strv *chain;  /* the documents that were gone through, for rlc to check */
	/* The blobs' digests are enough: a tar's own is recorded as the configuration claims it. */
	bool claims;
};

/* A document that was read, of the digest hex. */
struct document {
	const char *text;
	size_t n;
	const char *hex;
	const char *type; /* what it was announced as, or NULL */
};

/* Goes down through indexes to the manifest for the platform, and takes that image in. */
int intake_document(const struct intake *k, const struct document *d, struct err *e);
/* The same from a descriptor. depth: how many indexes stand above it. */
int intake_entry(const struct intake *k, const struct descriptor *d, int depth, struct err *e);
/* Which of some descriptors is the platform's. -1: none, and the error says which are there. */
int intake_choose(const struct intake *k, const struct descriptor *const *list, size_t n,
		  struct err *e);

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What rlc-image does: takes images of one of four shapes, unpacks their layers and tells rlc
 * what is to be written into the store's index. In rlc-image.
 */
#pragma once
#include "lib/base/strv.h"
#include "storage/platform.h"
#include "storage/shelf.h"

#include <json-c/json.h>

struct err;
struct layers;
struct source;

/* One run of rlc-image. */
struct ingest {
	struct shelf shelf;
	struct json_object *images; /* of the answer: see struct image_answer */
	int news;		    /* where struct progress goes, or -1 */
	bool unchanged;		    /* the store has the image that was asked for */
};

/* An OCI layout, in a folder or an archive. reference: which image of it, NULL: all. */
int ingest_oci(struct ingest *in, struct source *s, const char *reference, struct err *e);
/* What `docker save` writes. reference: which of its tags, NULL: all. */
int ingest_docker(struct ingest *in, struct source *s, const char *reference, struct err *e);
/*
 * A root file system in fd as an image of one layer. run_json: the "config" member of its
 * configuration as JSON text.
 */
int ingest_rootfs(struct ingest *in, int fd, const char *name, const char *reference,
		  const char *run_json, struct err *e);

/* Which image of the repository that rlc-fetch reads from. */
struct registry_request {
	const char *name;      /* for errors */
	const char *what;      /* tag, or "sha256:HEX" */
	const char *reference; /* full name that the image gets, or NULL */
	const char *have;      /* digest of the manifest that the store has of it, or NULL */
	struct platform platform;
	bool platform_asked; /* by the user: another one is refused */
};

/*
 * sock: rlc-fetch's. Blobs are verified; the digests of the tars in them are taken as claimed.
 * When the manifest is `have`, nothing is fetched and in->unchanged set.
 */
int ingest_registry(struct ingest *in, int sock, const struct registry_request *r, struct err *e);

/*
 * Adds an image to the answer: {"names": […], "documents": [texts], "config": text, "layers":
 * [folders, lowest first], "size"}. No digest: rlc computes them of exactly these bytes
 * (storage/offer.h).
 */
struct image_answer {
	struct strv names;	      /* full references */
	const struct strv *documents; /* texts: from the outermost index to the manifest */
	const char *config;	      /* text */
};
void ingest_finish(struct ingest *in, const struct layers *l, const struct image_answer *a);

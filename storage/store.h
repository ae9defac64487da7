/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The image store: an OCI image layout (image-layout.md) of manifests and configs, with the layers
 * beside it unpacked. Tags are descriptors in index.json with the annotation
 * org.opencontainers.image.ref.name = "docker.io/library/alpine:latest" (full reference).
 * Readers never wait; writers hold flock on DATA/lock.
 */
#pragma once
#include "lib/base/strv.h"
#include "lib/spec/image.h"

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

struct err;
struct dirs;
struct id_map;

/* An image as a run needs it. */
struct image {
	char *id;	       /* hex of the config's digest: podman's IMAGE ID */
	char *manifest_digest; /* "sha256:…", of the manifest as it came */
	char *name;	       /* full reference it was found by, or NULL when by id */
	struct strv layers;    /* "KEY/fs" under DATA/layers, lowest first */
	struct image_config config;
	uint64_t size; /* bytes unpacked */
	time_t created;
};

/* One line of `rlc images`. */
struct image_row {
	char *reference; /* all of it, or NULL */
	char *name;	 /* of it what stands before the tag, or NULL: <none> */
	char *tag;	 /* or NULL: it was pulled by a digest */
	char *id, *manifest_digest;
	uint64_t size;
	time_t created;
};

/*
 * Finds an image by reference as typed ("alpine", "localhost/x:1", a digest, an id of ≥ 1 hex
 * digits when unambiguous). Not there: -1, exit 125, hint how to get it.
 */
int store_find(const struct dirs *d, const char *reference, struct image *ret, struct err *e);
/* Which of these names (full references) the store has first, or NULL; owned by the caller. */
int store_first_name(const struct dirs *d, const struct strv *names, char **ret, struct err *e);
void image_free(struct image *i);
/* All images, newest first. */
int store_list(const struct dirs *d, struct image_row **ret, size_t *n, struct err *e);
void image_rows_free(struct image_row *rows, size_t n);
/*
 * Bytes of all layers and blobs that are in the store, and of what is on its way into or out of it:
 * half-made layers of a killed pull as well.
 */
int store_size(const struct dirs *d, uint64_t *ret, struct err *e);
/* Adds another name to what `reference` finds. */
int store_tag(const struct dirs *d, const char *reference, const char *name, struct err *e);
/*
 * Removes a name; with the last one also the image: blobs and layers no other image uses.
 * Refused (exit 2) while a container of `containers` (image ids in use) has it, unless force.
 * Appends podman's lines ("Untagged: …", "Deleted: …") to *report.
 */
int store_remove(const struct dirs *d, const struct id_map *map, const char *reference,
		 const struct strv *used_ids, bool force, struct strv *report, struct err *e);

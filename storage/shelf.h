/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The layers at hand in one run of rlc-image: those of the store, to read, and those it has made in
 * its own root. Each is a folder with fs/, the tree, and record.json. And the blobs of layers that
 * are to be kept. In rlc-image.
 */
#pragma once
#include "lib/base/strv.h"
#include "storage/unpack.h"

#include <stdint.h>

struct err;

struct shelf {
	int scratch;	  /* our root: the N-th layer made is N/ */
	int layers;	  /* the store's, read-only */
	struct strv made; /* the names they are to get; "" while being made */
	struct unpack_ids ids;
	bool keep_blobs;
	const struct strv *blobs; /* hex digests of those that the store has, or NULL: none */
	struct strv kept; /* blob-N in our root is the blob of that digest; "" while written */
};

/* Descriptors of the folder of that name, made or stored, or -1: there is none. */
int shelf_find(const struct shelf *s, const char *name);
/* Makes the next folder and the fs/ in it. *ret_folder and *ret_fs are the caller's. */
int shelf_make(struct shelf *s, int *ret_folder, int *ret_fs, struct err *e);
/* Folder number n of those made is complete: its name. */
void shelf_name(struct shelf *s, size_t n, const char *name);
/* A file for a blob that is to be kept; *ret_number: of kept. */
int shelf_keep(struct shelf *s, size_t *ret_number, struct err *e);
/* A file without a name, open for reading and writing. */
int shelf_spool(const struct shelf *s, struct err *e);

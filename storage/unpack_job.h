/* SPDX-License-Identifier: Apache-2.0 */
/* What the parts of the unpacker share: unpack.c, whiteout.c, attributes.c. In rlc-image. */
#pragma once
#include "storage/tar.h"
#include "storage/tree.h"
#include "storage/unpack.h"

/* One layer on its way. */
struct job {
	const struct unpack *u;
	struct tar *tar;
	struct tree *tree;
	struct unpack_report *report;
	struct strv whiteouts; /* made so far */
	uint64_t deleted;      /* bytes of their names */
	struct strv devices;   /* left out: hard links to them are left out too */
};

/* The folder at path, made where it is missing or something else stands there. NULL on error. */
struct tree_folder *job_folder(struct job *j, const char *path, struct err *e);

/* Counts bytes that the layer is about to take; -1: they are more than it may. */
int job_take_bytes(struct job *j, uint64_t n, struct err *e);

/* Owner, mode and extended attributes of a file or folder that is open. mode_is_set: by open(2). */
int attributes_set(struct job *j, int fd, const struct tar_entry *t, bool mode_is_set,
		   struct err *e);
/* Owner and time of what cannot be opened: symlinks and fifos. */
int attributes_set_at(struct job *j, int at, const char *name, const struct tar_entry *t,
		      struct err *e);

/* 1: path is a whiteout or opaque mark and was dealt with; 0: it is none. */
int whiteout_take(struct job *j, const char *path, struct err *e);
/* At the end: takes away whiteouts in folders that turned out opaque. */
int whiteout_drop_needless(struct job *j, struct err *e);

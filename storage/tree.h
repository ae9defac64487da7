/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The folders of a layer while it is unpacked: opened without ever following a link, made where
 * the tar leaves them out, remembered until the end. In rlc-image.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <time.h>

struct err;
struct tree;

struct tree_folder {
	char *path;  /* beneath the root, "." for the root */
	bool named;  /* the tar has an entry for it; else owner and mode come from below */
	bool opaque; /* hides what the layers below have in it */
	bool fresh;  /* made anew after a whiteout: nothing comes from below */
	struct timespec mtime; /* of a named one: set when all is in it */
};

/* root: an empty folder; not owned. */
struct tree *tree_new(int root);
void tree_free(struct tree *t);
/*
 * The folder that holds path (clean, beneath the root), made where it is missing. Returns a
 * descriptor that the tree owns, valid until its next call; *ret_name: the last part. -1 on
 * error: a link or a file is in the way.
 */
int tree_parent(struct tree *t, const char *path, const char **ret_name, struct err *e);
/* The same for what must be there: -1 with errno, nothing is made. */
int tree_find_parent(struct tree *t, const char *path, const char **ret_name);
/* Readable descriptor (owned by the caller) of a folder, or -1 with errno. */
int tree_open(struct tree *t, const char *path);
/* A folder was made at path: (re)starts what is remembered of it. */
struct tree_folder *tree_made(struct tree *t, const char *path, struct err *e);
/* What is remembered of the folder at path, or NULL. */
struct tree_folder *tree_get(struct tree *t, const char *path);
/* Whether a folder above path hides the layers below. */
bool tree_is_covered(struct tree *t, const char *path);
/* Marks a folder opaque, on disk too. */
int tree_set_opaque(struct tree *t, struct tree_folder *f, struct err *e);
/* Something was removed or replaced: the folder at hand may be gone. */
void tree_forget_parent(struct tree *t);
/* How many folders were made beneath the root, less the whiteouts that gave way to them. */
size_t tree_count(const struct tree *t);
/* Calls each(f, arg) for every folder, in any order; stops at the first -1 and returns it. */
int tree_each(struct tree *t, int (*each)(struct tree_folder *f, void *arg), void *arg);

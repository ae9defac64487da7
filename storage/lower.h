/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the layers below the one being unpacked show at a path, as overlayfs would show it: the
 * highest layer wins, whiteouts and opaque folders hide. In rlc-image.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

struct err;

struct lower {
	const int *layers; /* descriptors of their roots, lowest first */
	size_t n;
	/* Waits until they are complete: they may be in the making by other threads. NULL: they
	 * are. */
	int (*wait)(void *arg, struct err *e);
	void *arg;
};

/* To be called before anything below looks at them. -1: one of them failed. */
int lower_wait(const struct lower *l, struct err *e);
/* A descriptor of the folder at path, or -1: nothing or something else is there (no error). */
int lower_open_folder(const struct lower *l, const char *path);
/*
 * Gives the folder `to` the owner, mode, time and extended attributes of `from`. *ret_differs:
 * they are not what a folder gets that nothing was said about (0755, 0:0, no attributes).
 */
int lower_copy_folder(int from, int to, const char *path, bool *ret_differs, struct err *e);
/* Whether the folder at path, if there is one, has what lower_copy_folder calls different. */
bool lower_folder_differs(const struct lower *l, const char *path);
/*
 * Makes `name` in the folder `at` a copy of the file or symlink at path. 1: made, 0: no such
 * file below, -1 on error. *left: bytes that it may have, holes included; what it has is taken off.
 */
int lower_copy_file(const struct lower *l, const char *path, int at, const char *name,
		    uint64_t *left, struct err *e);

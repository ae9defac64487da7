/* SPDX-License-Identifier: Apache-2.0 */
/* Root file systems: the drivers that turn layers into one writable tree, inside set-up. */
#pragma once
#include "lib/base/strv.h"

#include <stdbool.h>

struct err;

/* Where a tree comes from; all names relative to the data folder, which is set-up's cwd. */
struct rootfs_source {
	const struct strv *layers; /* under layers/, lowest first */
	const char *points;	   /* a last layer beneath all, or NULL: see storage/points.h */
	const char *container;	   /* "containers/ID": holds upper and work */
	bool is_volatile;	   /* --rm: nothing needs to survive, skip every sync */
	bool read_only;
};

struct rootfs_driver {
	const char *name; /* "overlay" */
	/*
	 * In set-up (root of the user namespace, own mount namespace, cwd = data folder): mounts
	 * the tree on the folder `at`. Returns 0, or -1 with a hint.
	 */
	int (*mount)(const struct rootfs_source *s, const char *at, struct err *e);
};

extern const struct rootfs_driver rootfs_overlay;

/* The driver of that name, or NULL. */
const struct rootfs_driver *rootfs_driver_find(const char *name);

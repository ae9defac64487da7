/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Trying for real, in a child that then goes away: whether this user can have namespaces, an id
 * map, and each mount and device that a run may want. For `rlc doctor` and `rlc info`.
 */
#pragma once
#include <stdint.h>

struct err;
struct id_map;

/* Where a probe came to its end. */
enum probe_end {
	PROBE_OK,
	PROBE_CLONE, /* the namespaces were refused */
	PROBE_MAP,   /* the id map was refused */
	PROBE_STEP,  /* what was to be tried inside was refused */
};

struct probe {
	const struct id_map *map;
	uint64_t namespaces; /* CLONE_NEW*, beside CLONE_NEWUSER */
	/* Entered as who calls: root of the namespace need not be able to. NULL: none. */
	const char *folder;
	/* As root of the new user namespace; NULL: nothing more is tried. */
	int (*step)(const char *arg, struct err *e);
	const char *arg;
};

/* Blocks until the child is gone. With any end but PROBE_OK, *e says why. */
enum probe_end probe_run(const struct probe *p, struct err *e);

/* Steps. All but probe_tun() want CLONE_NEWNS. */

/* A fresh /proc (wants CLONE_NEWPID too): refused where an outer container masks parts of it. */
int probe_proc(const char *unused, struct err *e);
/* A tmpfs: what every run mounts, and the first thing a userns without capabilities is refused. */
int probe_tmpfs(const char *unused, struct err *e);
/*
 * An overlay with user.* attributes, volatile, in the folder `work`, which the root of the new
 * namespace must own; it is left empty.
 */
int probe_overlay(const char *work, struct err *e);
/* Layers given one by one to fsconfig(2), "lowerdir+" (Linux 6.5). Same folder. */
int probe_overlay_append(const char *work, struct err *e);
/* A FUSE mount that nobody serves: /dev/fuse is there, open to us, and may be mounted. */
int probe_fuse(const char *unused, struct err *e);
/* A tap device (wants CLONE_NEWNET). */
int probe_tun(const char *unused, struct err *e);

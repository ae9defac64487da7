/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A folder in the store's tmp/ that rlc-image gets as its root: what it makes is taken out of there
 * by rename. The flock on it says that its maker lives; without, it is garbage for the sweeper. In
 * rlc.
 */
#pragma once

struct dirs;
struct err;
struct id_map;

enum { SCRATCH_NAME = 32 };

struct scratch {
	int fd;			 /* holds the lock */
	char path[SCRATCH_NAME]; /* "tmp/image-…" */
};

/* Makes it, owned by container root, with tmp/ and layers/ where they are missing. */
int scratch_make(const struct dirs *d, const struct id_map *map, struct scratch *ret,
		 struct err *e);
/* Lets go of it and removes what is still in it. */
void scratch_end(const struct dirs *d, const struct id_map *map, struct scratch *s);

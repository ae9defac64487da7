/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A folder of one's own in the store's tmp/: what is being made lives there until a rename makes it
 * visible. Its flock says that its maker lives; what nobody locks is garbage for the sweeper.
 */
#pragma once

struct err;

enum { SCRATCH_NAME = 32 };

struct scratch {
	int tmp;		 /* the store's tmp/ */
	int fd;			 /* the folder in it: holds the lock */
	char name[SCRATCH_NAME]; /* of the folder in tmp/ */
	unsigned int made;	 /* folders made in it: their names */
};

/* Makes tmp/ if it is missing. store: a descriptor of the data folder. */
int scratch_make(int store, struct scratch *ret, struct err *e);
/* Removes the folder with all in it; what cannot be removed is left to the sweeper. */
void scratch_end(struct scratch *s);
/* A file without a name in it, open for reading and writing. */
int scratch_file(const struct scratch *s, struct err *e);

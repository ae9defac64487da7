/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One entry of a tree made a second time: contents with their holes, owner, mode, times, extended
 * attributes and capabilities. Where the file system can, both share the blocks (reflink). In
 * set-up, as root of the user namespace.
 */
#pragma once
#include <stdbool.h>
#include <sys/stat.h>

struct err;

/* What was learnt of the file system on the way; zero at first. */
struct replica {
	bool no_reflink, no_copy_range;
};

/*
 * Each takes the entry `name` of folder `from` into folder `to`, where it must not exist yet. st:
 * of the entry, not followed. Returns 0, or -1 with errno.
 */
int replica_file(struct replica *r, int from, int to, const char *name, const struct stat *st);
int replica_link(int from, int to, const char *name, const struct stat *st);
/* A fifo or a socket. */
int replica_node(int to, const char *name, const struct stat *st);
/*
 * Gives folder `to` (open for reading) what folder `from` has of attributes; last, since what is
 * made in it changes its times. -1 with errno.
 */
int replica_folder(int from, int to, const struct stat *st);

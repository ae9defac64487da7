/* SPDX-License-Identifier: Apache-2.0 */
/* The process that serves a root by fuse-overlayfs, up to its exec of that program. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct err;

/* All that it gets. The mounts are detached. */
struct fuse_server {
	int program;
	int device;  /* /dev/fuse, with the file system made of it */
	int *layers; /* mounts of their roots, topmost first */
	size_t n_layers;
	int own;   /* mount of the folder that holds upper/ and work/ */
	int words; /* its standard error */
	bool is_volatile;
};

/*
 * By root of the user namespace: starts it as a child of the caller's parent, in mount, pid,
 * network, ipc, uts and cgroup namespaces of its own. It ends with that parent, and by itself when
 * the file system is gone. Returns its pid (and *ret_pidfd), or -1. What it fails at later it
 * writes into `words` as a struct err.
 */
pid_t fuse_server_start(const struct fuse_server *f, int *ret_pidfd, struct err *e);

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Mounts by descriptor: a target is always an O_PATH descriptor opened beneath the new root, so no
 * name of the image is ever resolved by mount(2). Runs in set-up and, for /proc, in init.
 */
#pragma once
#include <stdbool.h>

struct err;

/* A new file system (proc, tmpfs, …) on target. name is for the error. */
int mount_new(const char *fstype, int target, const char *name, unsigned long flags,
	      const char *data, struct err *e);
/* A path of the host (in this mount namespace) that appears in the container. */
struct mount_binding {
	const char *source;
	const char *name; /* of the target, for errors */
	bool recursive;	  /* with what is mounted beneath */
	unsigned long
	    flags; /* MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_NOATIME: of all of it */
	unsigned long propagation; /* MS_PRIVATE, MS_SLAVE, … */
	bool no_links;		   /* source was resolved before: a link in it now is an attack */
};

/* Opens a detached copy of the source; needs no mapped id. Returns a descriptor, or -1. */
int mount_bind_open(const struct mount_binding *b, struct err *e);
/* The same, and mount_attach(). */
int mount_bind(const struct mount_binding *b, int target, struct err *e);
/* Adds MS_* flags to the mount that `at` is the root of; not to what is mounted beneath. */
int mount_restrict(int at, const char *name, unsigned long flags, struct err *e);
/* Makes every mount of this namespace private, or slaves when something shall propagate in. */
int mount_isolate(bool slave, struct err *e);
/*
 * A detached copy of the mount of one path with MS_* flags added: with MS_RDONLY what is executed
 * through it cannot be written, not even by the file's owner. Returns a descriptor, or -1.
 * open_tree(2).
 */
int mount_clone(const char *path, unsigned long flags, struct err *e);
/* Puts such a copy on target; name is for the error. */
int mount_attach(int tree, int target, const char *name, struct err *e);
/*
 * An empty tmpfs of at most 1 MiB that nobody else sees, mounted over "/" and ready to become the
 * root; nothing on it can be executed. Returns a descriptor of its root.
 */
int mount_empty_root(struct err *e);

/* SPDX-License-Identifier: Apache-2.0 */
/* Root file systems: the drivers that turn layers into one writable tree, inside set-up. */
#pragma once
#include "lib/base/strv.h"

#include <stdbool.h>
#include <sys/types.h>

struct err;

/* Where a tree comes from; all names relative to the data folder, which is set-up's cwd. */
struct rootfs_source {
	const struct strv *layers; /* under layers/, lowest first */
	const char *points;	   /* a last layer beneath all, or NULL: see storage/points.h */
	const char *container;	   /* "containers/ID": holds what the container changes */
	bool is_volatile;	   /* --rm: nothing needs to survive, skip every sync */
	int program;		   /* of a driver that is served: the program, or -1 */
};

/* A process that serves a tree, and the tree. Closed and forgotten by rootfs_server_close(). */
struct rootfs_server {
	pid_t pid; /* a child of the launcher, not of set-up; 0: none */
	int pidfd;
	int tree;  /* its file system, not mounted anywhere yet; or -1 */
	int words; /* what it says before it ends, or -1 */
};

struct rootfs_driver {
	const char *name;  /* "overlay" */
	const char *alias; /* podman's name for it, or NULL */
	/* In the container's folder, parent first; made by the host, owned by container root. */
	const char *const *folders;
	bool slow;	     /* a start may take seconds: then a signal ends it */
	const char *program; /* looked up in PATH, or NULL */
	/*
	 * In set-up, as mount(): starts the process that serves the tree. NULL: the kernel does.
	 * The tree and the process live no longer than who mounts it.
	 */
	int (*serve)(const struct rootfs_source *s, struct rootfs_server *ret, struct err *e);
	/*
	 * In set-up (root of the user namespace, own mount namespace, cwd = data folder): mounts
	 * the tree on the folder `at`. Returns 0, or -1 with a hint.
	 */
	int (*mount)(const struct rootfs_source *s, struct rootfs_server *server, const char *at,
		     struct err *e);
};

extern const struct rootfs_driver rootfs_overlay, rootfs_fuse, rootfs_copy;

/* The driver of that name or alias, or NULL. */
const struct rootfs_driver *rootfs_driver_find(const char *name);
/*
 * The tree's root has the owner and mode of `upper` (beneath the container's folder): gives it
 * those of the image's root. Only before the first start, which leaves `mark`.
 */
int rootfs_copy_root(const struct rootfs_source *s, const char *upper, const char *mark,
		     struct err *e);
void rootfs_server_close(struct rootfs_server *s);

/* What this host offers, for rootfs_choose(); 0: works, else the errno of the refusal. */
struct rootfs_host {
	int overlay;
	int fuse;	     /* a FUSE mount */
	const char *program; /* fuse-overlayfs, or NULL */
};

/*
 * Whether an errno of a mount is the kernel's no (pure), and not a full disk or a moment without
 * memory, which a run will tell itself.
 */
bool rootfs_is_refusal(int sys);
/*
 * The driver of a run (pure). asked: a name, or NULL for the first that works. *ret_why: why it is
 * not the first one, owned by the caller, or NULL. What was asked for and cannot work is refused
 * with the reason and the remedy.
 */
int rootfs_choose(const char *asked, const struct rootfs_host *h, const struct rootfs_driver **ret,
		  char **ret_why, struct err *e);

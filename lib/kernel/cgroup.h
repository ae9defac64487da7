/* SPDX-License-Identifier: Apache-2.0 */
/* Control groups, version 2 only: where a container's group may be made, its limits, its end. */
#pragma once
#include "lib/kernel/cgroup_parse.h"

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;

struct cgroup_place {
	char parent[PATH_MAX]; /* absolute folder that children go into; "" unless delegated */
	bool delegated;
	bool by_scope;	      /* systemd will make the parent at the start: lib/systemd/scope.h */
	uint32_t controllers; /* 1 << enum cgroup_controller: a child of parent can have them */
	uint32_t present;     /* what parent itself has, enabled for children or not */
	uint32_t v1;	      /* of them, those that are on version 1 hierarchies here */
	char mount[PATH_MAX]; /* where cgroup2 is mounted, or "" */
	char own[PATH_MAX];   /* this process' group beneath it, as "/user.slice/…", or "" */
};

/*
 * Where this process may make child groups: the topmost of its own group and that one's ancestors
 * that it may write to (the kernel wants the common ancestor writable, so other groups of the same
 * user do not help). Changes nothing: controllers that are not enabled yet count as usable when the
 * parent holds no process itself, and cgroup_limit() enables them. Nowhere: delegated is false and
 * 0 is returned. -1 only when /proc/self/cgroup is there but cannot be read.
 */
int cgroup_find(struct cgroup_place *ret, struct err *e);
/*
 * Children shall go into `folder`, which lies beneath p->parent and may be written as well: p is
 * then about it. Error otherwise, also when it is not there, and p stays.
 */
int cgroup_place_beneath(struct cgroup_place *p, const char *folder, struct err *e);
/* Sets p's controllers, and parent for errors, as those of `folder`, which is not ours to divide.
 */
void cgroup_peek(struct cgroup_place *p, const char *folder);
/* Controllers that this kernel offers at all, as 1 << enum cgroup_controller; 0: not known. */
uint32_t cgroup_offered(const struct cgroup_place *p);
/*
 * The place whose child `group` is, an absolute folder as cgroup_create() gave it: to change what
 * cgroup_limit() has set.
 */
int cgroup_place_of(const char *group, struct cgroup_place *ret, struct err *e);
/*
 * Removes empty groups below p->parent whose names begin with prefix and whose maker is gone: a
 * maker holds flock(2) on the folder through the descriptor of cgroup_create().
 */
void cgroup_sweep(const struct cgroup_place *p, const char *prefix);
/*
 * Makes the group `name` below p->parent; an existing one is refused (EEXIST). *ret_fd is for
 * CLONE_INTO_CGROUP and holds the group's lock as long as it is open, path (of `room` bytes) gets
 * its absolute folder.
 */
int cgroup_create(const struct cgroup_place *p, const char *name, int *ret_fd, char *path,
		  size_t room, struct err *e);
/* Writes a value to one of the files of a group. */
int cgroup_write(int group, const char *file, const char *value, struct err *e);
/* SIGKILL to everything in the group at `path` and below. A group that is gone is success. */
int cgroup_kill(const char *path, struct err *e);
/*
 * Removes the group and what was made below it, waiting up to half a second for the last process to
 * vanish. A group that is gone is success.
 */
int cgroup_remove(const char *path, struct err *e);

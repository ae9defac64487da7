/* SPDX-License-Identifier: Apache-2.0 */
/* What the kernel writes about control groups, read by pure functions. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum cgroup_controller {
	CGROUP_MEMORY,
	CGROUP_PIDS,
	CGROUP_CPU,
	CGROUP_CPUSET,
	CGROUP_IO,
	CGROUP_CONTROLLERS, /* their number */
};

/* Name as in cgroup.controllers. */
const char *cgroup_controller_name(enum cgroup_controller c);
/* Text of cgroup.controllers → 1 << enum cgroup_controller. Unknown ones are passed over. */
uint32_t cgroup_parse_controllers(const char *text);
/*
 * The "0::" line of /proc/PID/cgroup, as "/a/b". False: there is none, the group was removed, it
 * lies outside of our cgroup namespace ("/../x"), or it is longer than room.
 */
bool cgroup_parse_own(const char *text, char *ret, size_t room);
/* Controllers that /proc/PID/cgroup shows on version 1 hierarchies. */
uint32_t cgroup_parse_v1(const char *text);
/* First cgroup2 line of mountinfo: its mount point, and which group is shown as its root. */
bool cgroup_parse_mount(const char *mountinfo, char *mount, size_t mount_room, char *root,
			size_t root_room);

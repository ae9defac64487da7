/* SPDX-License-Identifier: Apache-2.0 */
/* Becoming root of a user namespace with one id, as `unshare --map-root-user` does. */
#pragma once
#include "lib/base/auto.h"

#include <fcntl.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

static inline bool namespace_write(const char *name, const char *text)
{
	char path[64];
	auto_fd int fd = -1;

	snprintf(path, sizeof(path), "/proc/self/%s", name);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	return write(fd, text, strlen(text)) == (ssize_t)strlen(text);
}

/* flags: CLONE_NEW* besides CLONE_NEWUSER. */
static inline bool namespace_enter(int flags)
{
	uid_t uid = geteuid();
	gid_t gid = getegid();
	char map[64];

	if (unshare(CLONE_NEWUSER | flags) < 0)
		return false;
	snprintf(map, sizeof(map), "0 %u 1\n", uid);
	if (!namespace_write("setgroups", "deny") || !namespace_write("uid_map", map))
		return false;
	snprintf(map, sizeof(map), "0 %u 1\n", gid);
	return namespace_write("gid_map", map);
}

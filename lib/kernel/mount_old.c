/* SPDX-License-Identifier: Apache-2.0 */
/* Flags of mounts by mount(2) alone. */
#include "lib/kernel/mount_old.h"

#include "lib/base/alloc.h"
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/file.h"

#include <fcntl.h>
#include <linux/mount.h>
#include <stdlib.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>

/* As in mount.c: glibc's <sys/mount.h> and <linux/mount.h> collide. */
int mount(const char *source, const char *target, const char *type, unsigned long flags,
	  const void *data);
int umount2(const char *target, int flags);

enum { MOUNTINFO_MAX = 16 << 20, UMOUNT_LATER = 2 /* MNT_DETACH */ };

/* A remount clears what it does not name; what an outer namespace locked may not be cleared. */
static unsigned long flags_of(int at)
{
	static const struct {
		unsigned long told, flag;
	} kept[] = {
	    {ST_RDONLY, MS_RDONLY}, {ST_NOSUID, MS_NOSUID},	    {ST_NODEV, MS_NODEV},
	    {ST_NOEXEC, MS_NOEXEC}, {ST_NODIRATIME, MS_NODIRATIME},
	};
	unsigned long flags = 0;
	struct statvfs now;

	if (fstatvfs(at, &now) < 0)
		return 0;
	for (size_t i = 0; i < array_len(kept); i++)
		if (now.f_flag & kept[i].told)
			flags |= kept[i].flag;
	return flags;
}

static void path_of(int fd, char *buf, size_t room)
{
	snprintf(buf, room, "/proc/self/fd/%d", fd);
}

static int remount(int at, unsigned long flags)
{
	char path[32];

	path_of(at, path, sizeof(path));
	return mount(NULL, path, NULL, MS_REMOUNT | MS_BIND | flags | flags_of(at), NULL);
}

/* The number that mountinfo has for the mount of a descriptor. */
static int mount_number(int fd)
{
	auto_free char *text = NULL;
	char path[48];
	struct err ignored;
	const char *line;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	if (file_read(AT_FDCWD, path, 4096, &text, NULL, &ignored) < 0)
		return -1;
	line = strstr(text, "mnt_id:");
	return line ? atoi(line + strlen("mnt_id:")) : -1;
}

/* "\040" is how mountinfo writes a blank. */
static void unescape(char *path)
{
	char *to = path;

	for (const char *from = path; *from; to++) {
		bool octal = from[0] == '\\' && from[1] && from[2] && from[3];

		*to = octal ? (char)strtol((char[]){from[1], from[2], from[3], '\0'}, NULL, 8)
			    : *from;
		from += octal ? 4 : 1;
	}
	*to = '\0';
}

static int restrict_one(const char *path, int number, unsigned long flags)
{
	auto_fd int at = open(path, O_PATH | O_CLOEXEC);

	if (at < 0)
		return -1;
	/*
	 * Covered by another one: no name leads to it, and who may uncover it (CAP_SYS_ADMIN) may
	 * also change these flags.
	 */
	if (mount_number(at) != number)
		return 0;
	return remount(at, flags);
}

/* mountinfo lists a mount after the one it is on: one pass finds all beneath. */
static int restrict_beneath(int at, unsigned long flags)
{
	auto_free char *text = NULL;
	auto_free int *found = NULL;
	size_t n = 0;
	char *rest;
	struct err e;

	if (file_read(AT_FDCWD, "/proc/self/mountinfo", MOUNTINFO_MAX, &text, NULL, &e) < 0) {
		errno = e.sys;
		return -1;
	}
	found = xcalloc(strlen(text) / 8 + 1, sizeof(*found));
	found[n++] = mount_number(at);
	for (char *line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
		int number, parent;
		char *path = NULL;

		if (sscanf(line, "%d %d %*s %*s %ms", &number, &parent, &path) != 3)
			continue;
		for (size_t i = 0; i < n; i++) {
			if (found[i] != parent)
				continue;
			found[n++] = number;
			unescape(path);
			if (restrict_one(path, number, flags) < 0) {
				free(path);
				return -1;
			}
			break;
		}
		free(path);
	}
	return 0;
}

int mount_old_restrict(int at, bool recursive, unsigned long flags, unsigned long propagation)
{
	char path[32];

	path_of(at, path, sizeof(path));
	if (propagation &&
	    mount(NULL, path, NULL, propagation | (recursive ? MS_REC : 0), NULL) < 0)
		return -1;
	if (flags && remount(at, flags) < 0)
		return -1;
	return flags && recursive ? restrict_beneath(at, flags) : 0;
}

int mount_old_restrict_copy(int *tree, int source, bool recursive, unsigned long flags,
			    unsigned long propagation)
{
	const unsigned int whole = recursive ? AT_RECURSIVE : 0;
	char path[32];
	int copy = -1, why;

	if (!flags && !propagation)
		return 0;
	/* It covers its own source for a moment, where nothing looks different through it. */
	if (syscall(SYS_move_mount, *tree, "", source, "",
		    MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH) < 0)
		return -1;
	if (mount_old_restrict(*tree, recursive, flags, propagation) == 0)
		copy = (int)syscall(SYS_open_tree, *tree, "",
				    OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH | whole);
	why = errno;
	path_of(*tree, path, sizeof(path));
	if (umount2(path, UMOUNT_LATER) < 0 && copy >= 0) {
		why = errno;
		close(copy);
		copy = -1;
	}
	if (copy < 0) {
		errno = why;
		return -1;
	}
	close(*tree);
	*tree = copy;
	return 0;
}

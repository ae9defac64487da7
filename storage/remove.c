/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Removes trees by flattening them: a folder found inside is moved up beside its parent, so depth
 * never grows. A container can nest folders deeper than any stack or descriptor limit. In
 * rlc-image.
 */
#include "storage/remove.h"

#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/fd.h"

#include <fcntl.h>
#include <sys/stat.h>

/* State of one removal: the folder that everything is moved up into, and the next free name. */
struct flatten {
	int top;
	unsigned long next;
};

static int open_folder(int at, const char *name)
{
	return openat(at, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

/* Moves a folder with content into top, under a name that no entry there has. */
static int move_up(struct flatten *f, int at, const char *name)
{
	char to[32];

	for (;;) {
		snprintf(to, sizeof(to), ".flat-%lu", f->next++);
		if (renameat(at, name, f->top, to) == 0)
			return 0;
		/* Onto a file or a full folder of this very name. */
		if (errno != EEXIST && errno != ENOTEMPTY && errno != ENOTDIR)
			return -1;
	}
}

static int remove_entry(struct flatten *f, int at, const char *name)
{
	if (unlinkat(at, name, 0) == 0 || errno == ENOENT)
		return 0;
	if (errno != EISDIR && errno != EPERM)
		return -1;
	if (unlinkat(at, name, AT_REMOVEDIR) == 0 || errno == ENOENT)
		return 0;
	if (errno != ENOTEMPTY && errno != EEXIST)
		return -1;
	return move_up(f, at, name);
}

/* Empties one folder: what is in it is gone or moved up. */
static int empty(struct flatten *f, int at, const char *name)
{
	int fd = open_folder(at, name);
	auto_dir DIR *d = fd_into_dir(fd);
	struct dirent *entry;

	if (!d)
		return -1;
	while ((errno = 0, entry = readdir(d)))
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0 &&
		    remove_entry(f, dirfd(d), entry->d_name) < 0)
			return -1;
	return errno ? -1 : 0;
}

/* One pass over top: files go, folders are emptied and go. Returns how many entries it met. */
static long pass(struct flatten *f)
{
	int fd = open_folder(f->top, ".");
	auto_dir DIR *d = fd_into_dir(fd);
	struct dirent *entry;
	long met = 0;

	if (!d)
		return -1;
	while ((errno = 0, entry = readdir(d))) {
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		met++;
		if (unlinkat(f->top, entry->d_name, 0) == 0 || errno == ENOENT)
			continue;
		if (errno != EISDIR && errno != EPERM)
			return -1;
		if (empty(f, f->top, entry->d_name) < 0 ||
		    unlinkat(f->top, entry->d_name, AT_REMOVEDIR) < 0)
			return -1;
	}
	return errno ? -1 : met;
}

int remove_tree(int at, const char *name, struct err *e)
{
	struct flatten f = {0};
	auto_fd int top = -1;
	long met;

	if (unlinkat(at, name, 0) == 0 || errno == ENOENT)
		return 0;
	if (errno != EISDIR && errno != EPERM)
		return err_sys(e, "remove %s", name);
	top = open_folder(at, name);
	if (top < 0)
		return errno == ENOENT ? 0 : err_sys(e, "remove %s", name);
	f.top = top;
	while ((met = pass(&f)) > 0)
		;
	if (met < 0 || (unlinkat(at, name, AT_REMOVEDIR) < 0 && errno != ENOENT))
		return err_sys(e, "remove %s", name);
	return 0;
}

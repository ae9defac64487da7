/* SPDX-License-Identifier: Apache-2.0 */
/* Copies single entries; runs in set-up. */
#include "storage/replica.h"

#include "lib/base/alloc.h"
#include "lib/base/auto.h"
#include "lib/base/fd.h"
#include "lib/base/str.h"

#include <fcntl.h>
#include <limits.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>

enum { CHUNK = 1 << 17, AT_ONCE = 1 << 30 };

/* ---- contents ---- */

/* True: tried and done, or an error that another way does not mend. */
static bool reflink(struct replica *r, int in, int out, int *ret)
{
	if (r->no_reflink)
		return false;
	*ret = ioctl(out, FICLONE, in);
	if (*ret == 0 || errno == ENOSPC || errno == EDQUOT || errno == EIO)
		return true;
	r->no_reflink = true; /* EOPNOTSUPP, EXDEV, ENOTTY …: no use to ask for each file */
	return false;
}

/* `n` bytes from the offset where both descriptors stand; an end of file is the caller's matter. */
static int copy_by_reading(int in, int out, off_t n)
{
	auto_free char *buf = xcalloc(1, CHUNK);

	while (n > 0) {
		ssize_t got = read(in, buf, n < CHUNK ? (size_t)n : CHUNK);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return (int)got;
		if (fd_write_all(out, buf, (size_t)got) < 0)
			return -1;
		n -= got;
	}
	return 0;
}

static int copy_range(struct replica *r, int in, int out, off_t n)
{
	while (n > 0 && !r->no_copy_range) {
		ssize_t got =
		    copy_file_range(in, NULL, out, NULL, n < AT_ONCE ? (size_t)n : AT_ONCE, 0);

		if (got < 0 && (errno == ENOSPC || errno == EDQUOT || errno == EIO))
			return -1;
		/* Refused by a filter, or between these file systems: nothing was moved yet. */
		if (got < 0)
			r->no_copy_range = true;
		else if (got == 0)
			return 0;
		else
			n -= got;
	}
	return n > 0 ? copy_by_reading(in, out, n) : 0;
}

/* What is not stored is not written either. */
static int copy_data_parts(struct replica *r, int in, int out, off_t size)
{
	off_t data = 0, hole;

	if (ftruncate(out, size) < 0)
		return -1;
	while ((data = lseek(in, data, SEEK_DATA)) >= 0) {
		hole = lseek(in, data, SEEK_HOLE);
		if (hole < 0 || lseek(in, data, SEEK_SET) < 0 || lseek(out, data, SEEK_SET) < 0 ||
		    copy_range(r, in, out, hole - data) < 0)
			return -1;
		data = hole;
	}
	return errno == ENXIO ? 0 : -1; /* behind the last data */
}

static int copy_contents(struct replica *r, int in, int out, const struct stat *st)
{
	int rc;

	if (st->st_size == 0)
		return 0;
	if (reflink(r, in, out, &rc))
		return rc;
	if ((off_t)st->st_blocks * 512 < st->st_size)
		return copy_data_parts(r, in, out, st->st_size);
	return copy_range(r, in, out, st->st_size);
}

/* ---- attributes ---- */

/*
 * overlayfs' and fuse-overlayfs' own marks say how the layer lies on others; a label of another
 * security module belongs to the place and not to the file.
 */
static bool xattr_is_wanted(const char *name)
{
	if (str_starts(name, "user."))
		return !str_starts(name, "user.overlay.") &&
		       !str_starts(name, "user.fuseoverlayfs.");
	return strcmp(name, "security.capability") == 0 || str_starts(name, "system.posix_acl_");
}

static int copy_xattr(int in, int out, const char *name)
{
	auto_free char *value = xcalloc(1, XATTR_SIZE_MAX);
	ssize_t n = fgetxattr(in, name, value, XATTR_SIZE_MAX);

	return n < 0 ? -1 : fsetxattr(out, name, value, (size_t)n, 0);
}

static int copy_xattrs(int in, int out)
{
	auto_free char *names = NULL;
	ssize_t n = flistxattr(in, NULL, 0);

	if (n <= 0)
		return n < 0 && errno != ENOTSUP ? -1 : 0;
	names = xcalloc(1, (size_t)n + 1);
	n = flistxattr(in, names, (size_t)n);
	for (const char *name = names; name < names + n; name += strlen(name) + 1)
		if (xattr_is_wanted(name) && copy_xattr(in, out, name) < 0)
			return -1;
	return n < 0 ? -1 : 0;
}

/* The owner first: its change takes setuid and capabilities away. Times last. */
static int copy_attributes(int in, int out, const struct stat *st)
{
	const struct timespec times[] = {st->st_atim, st->st_mtim};

	if ((st->st_uid || st->st_gid) && fchown(out, st->st_uid, st->st_gid) < 0)
		return -1;
	if (fchmod(out, st->st_mode & 07777) < 0 || copy_xattrs(in, out) < 0)
		return -1;
	return futimens(out, times);
}

/* Of what cannot be opened: has neither contents nor user attributes. */
static int copy_attributes_at(int to, const char *name, const struct stat *st)
{
	const struct timespec times[] = {st->st_atim, st->st_mtim};

	if ((st->st_uid || st->st_gid) &&
	    fchownat(to, name, st->st_uid, st->st_gid, AT_SYMLINK_NOFOLLOW) < 0)
		return -1;
	return utimensat(to, name, times, AT_SYMLINK_NOFOLLOW);
}

/* ---- entries ---- */

int replica_file(struct replica *r, int from, int to, const char *name, const struct stat *st)
{
	auto_fd int in = openat(from, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	auto_fd int out = -1;

	if (in < 0)
		return -1;
	out = openat(to, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (out < 0 || copy_contents(r, in, out, st) < 0)
		return -1;
	return copy_attributes(in, out, st);
}

int replica_link(int from, int to, const char *name, const struct stat *st)
{
	char text[PATH_MAX];
	ssize_t n = readlinkat(from, name, text, sizeof(text) - 1);

	if (n < 0)
		return -1;
	text[n] = '\0';
	return symlinkat(text, to, name) < 0 ? -1 : copy_attributes_at(to, name, st);
}

int replica_node(int to, const char *name, const struct stat *st)
{
	if (mknodat(to, name, st->st_mode & S_IFMT, 0) < 0 ||
	    fchmodat(to, name, st->st_mode & 07777, 0) < 0)
		return -1;
	/* Owner last would take nothing away here: a fifo has no setuid. */
	return copy_attributes_at(to, name, st);
}

int replica_folder(int from, int to, const struct stat *st)
{
	return copy_attributes(from, to, st);
}

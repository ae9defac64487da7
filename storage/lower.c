/* SPDX-License-Identifier: Apache-2.0 */
/* Looking through the layers below, and copying from them. In rlc-image. */
#include "storage/lower.h"

#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/fd.h"
#include "lib/base/str.h"

#include <fcntl.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>

enum { PIECE = 64 << 10 };

static bool is_whiteout(const struct stat *st)
{
	return S_ISCHR(st->st_mode) && st->st_rdev == makedev(0, 0);
}

static bool is_opaque(int folder)
{
	char v;

	return fgetxattr(folder, "user.overlay.opaque", &v, 1) == 1 && v == 'y';
}

enum seen { FOUND, HIDDEN, ABSENT };

/*
 * Walks path in one layer. FOUND: *ret_at is the folder that holds it (the layer's root for ".")
 * and *ret_name its last part.
 */
static enum seen walk(int layer, const char *path, int *ret_at, char *ret_name, struct stat *st)
{
	auto_fd int at = fcntl(layer, F_DUPFD_CLOEXEC, 0);
	bool opaque = at >= 0 && is_opaque(at);

	for (;;) {
		size_t n = strcspn(path, "/");
		int next;

		memcpy(ret_name, path, n);
		ret_name[n] = '\0';
		if (at < 0 || fstatat(at, ret_name, st, AT_SYMLINK_NOFOLLOW) < 0)
			return opaque ? HIDDEN : ABSENT;
		if (is_whiteout(st))
			return HIDDEN;
		if (!path[n]) {
			*ret_at = take_fd(&at);
			return FOUND;
		}
		if (!S_ISDIR(st->st_mode))
			return HIDDEN;
		next = openat(at, ret_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		close(at);
		at = next;
		opaque = opaque || (at >= 0 && is_opaque(at));
		path += n + 1;
	}
}

/* name has room for one part of a path. */
static bool find(const struct lower *l, const char *path, int *ret_at, char *name, struct stat *st)
{
	for (size_t i = l->n; i-- > 0;)
		switch (walk(l->layers[i], path, ret_at, name, st)) {
		case FOUND:
			return true;
		case HIDDEN:
			return false;
		case ABSENT:
			break;
		}
	return false;
}

int lower_wait(const struct lower *l, struct err *e)
{
	return l->wait ? l->wait(l->arg, e) : 0;
}

int lower_open_folder(const struct lower *l, const char *path)
{
	char name[NAME_MAX + 1];
	auto_fd int at = -1;
	struct stat st;

	if (!find(l, path, &at, name, &st) || !S_ISDIR(st.st_mode))
		return -1;
	return openat(at, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

/* overlayfs' own marks belong to the layer they stand in. */
static bool is_overlay_mark(const char *name)
{
	return str_starts(name, "user.overlay.") || str_starts(name, "trusted.");
}

/* Copies extended attributes; to < 0: only counts them. Returns how many, or -1 with errno. */
static int copy_xattrs(int from, int to)
{
	char names[PIECE], value[PIECE];
	ssize_t n = flistxattr(from, names, sizeof(names));
	int count = 0;

	if (n < 0)
		return errno == ENOTSUP ? 0 : -1;
	for (char *name = names; name < names + n; name += strlen(name) + 1) {
		ssize_t size;

		if (is_overlay_mark(name) || str_starts(name, "security.selinux"))
			continue;
		size = fgetxattr(from, name, value, sizeof(value));
		if (size < 0)
			continue; /* not ours to read: not ours to give */
		count++;
		if (to >= 0 && fsetxattr(to, name, value, (size_t)size, 0) < 0 && errno != EPERM &&
		    errno != ENOTSUP)
			return -1;
	}
	return count;
}

static int copy_meta(int from, int to, const struct stat *st, int *ret_xattrs)
{
	struct timespec times[2] = {{.tv_nsec = UTIME_OMIT}, st->st_mtim};

	/* Owner first: a change of owner takes setuid and capabilities away. */
	if (fchown(to, st->st_uid, st->st_gid) < 0 || fchmod(to, st->st_mode & 07777) < 0)
		return -1;
	*ret_xattrs = copy_xattrs(from, to);
	return *ret_xattrs < 0 || futimens(to, times) < 0 ? -1 : 0;
}

static bool differs(const struct stat *st, int xattrs)
{
	return (st->st_mode & 07777) != 0755 || st->st_uid || st->st_gid || xattrs;
}

int lower_copy_folder(int from, int to, const char *path, bool *ret_differs, struct err *e)
{
	struct stat st;
	int xattrs = 0;

	if (fstat(from, &st) < 0 || copy_meta(from, to, &st, &xattrs) < 0)
		return err_sys(e, "keep owner and mode of folder %s", path);
	*ret_differs = differs(&st, xattrs);
	return 0;
}

bool lower_folder_differs(const struct lower *l, const char *path)
{
	auto_fd int fd = lower_open_folder(l, path);
	struct stat st;

	return fd >= 0 && (fstat(fd, &st) < 0 || differs(&st, copy_xattrs(fd, -1)));
}

static int copy_bytes(int from, int to)
{
	char bytes[PIECE];
	ssize_t n;

	/* Shares blocks where the file system can; the plain loop does the rest from where it
	 * ended. */
	while ((n = copy_file_range(from, NULL, to, NULL, 1 << 30, 0)) > 0)
		;
	while ((n = fd_read_full(from, bytes, sizeof(bytes))) > 0)
		if (fd_write_all(to, bytes, (size_t)n) < 0)
			return -1;
	return n < 0 ? -1 : 0;
}

static int copy_regular(int from_at, const char *from_name, int at, const char *name,
			const struct stat *st)
{
	auto_fd int from = openat(from_at, from_name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	auto_fd int to = -1;
	int xattrs;

	if (from < 0)
		return -1;
	to = openat(at, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (to < 0 || copy_bytes(from, to) < 0)
		return -1;
	return copy_meta(from, to, st, &xattrs);
}

static int copy_symlink(int from_at, const char *from_name, int at, const char *name,
			const struct stat *st)
{
	struct timespec times[2] = {{.tv_nsec = UTIME_OMIT}, st->st_mtim};
	char target[PATH_MAX + 1];
	ssize_t n = readlinkat(from_at, from_name, target, sizeof(target) - 1);

	if (n < 0)
		return -1;
	target[n] = '\0';
	if (symlinkat(target, at, name) < 0 ||
	    fchownat(at, name, st->st_uid, st->st_gid, AT_SYMLINK_NOFOLLOW) < 0)
		return -1;
	return utimensat(at, name, times, AT_SYMLINK_NOFOLLOW);
}

int lower_copy_file(const struct lower *l, const char *path, int at, const char *name,
		    uint64_t *left, struct err *e)
{
	char from_name[NAME_MAX + 1];
	auto_fd int from_at = -1;
	struct stat st;
	int rc;

	if (!find(l, path, &from_at, from_name, &st))
		return 0;
	/* A link of a few bytes in the tar: it must not become any number of gigabytes. */
	if ((uint64_t)st.st_size > *left)
		return err_msg(e, "a copy of %s from the layer below would be too large", path);
	*left -= (uint64_t)st.st_size;
	if (S_ISREG(st.st_mode))
		rc = copy_regular(from_at, from_name, at, name, &st);
	else if (S_ISLNK(st.st_mode))
		rc = copy_symlink(from_at, from_name, at, name, &st);
	else
		return 0;
	return rc < 0 ? err_sys(e, "copy %s from the layer below", path) : 1;
}

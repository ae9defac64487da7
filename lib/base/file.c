/* SPDX-License-Identifier: Apache-2.0 */
/* Whole files and folders, for state, configuration and the store. */
#include "lib/base/file.h"

#include "lib/base/alloc.h"
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/fd.h"
#include "lib/base/str.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

int file_read_fd(int fd, const char *name, size_t max, char **ret, size_t *ret_len, struct err *e)
{
	auto_str struct str text = {0};
	char part[16384];
	ssize_t n;

	while ((n = fd_read_full(fd, part, sizeof(part))) > 0) {
		if (text.len + (size_t)n > max)
			return err_msg(e, "read %s: larger than %zu bytes", name, max);
		str_addn(&text, part, (size_t)n);
	}
	if (n < 0)
		return err_sys(e, "read %s", name);
	if (ret_len)
		*ret_len = text.len;
	*ret = str_take(&text);
	return 0;
}

int file_read(int dirfd, const char *path, size_t max, char **ret, size_t *ret_len, struct err *e)
{
	auto_fd int fd = openat(dirfd, path, O_RDONLY | O_CLOEXEC | O_NOCTTY);

	if (fd < 0)
		return err_sys(e, "open %s", path);
	return file_read_fd(fd, path, max, ret, ret_len, e);
}

/* After a rename the folder must reach the disk too, or power loss brings the old name back. */
static int sync_folder_of(int dirfd, const char *path, struct err *e)
{
	const char *slash = strrchr(path, '/');
	auto_free char *folder = slash ? xstrndup(path, (size_t)(slash - path) + 1) : xstrdup(".");
	auto_fd int fd = openat(dirfd, folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0 || fsync(fd) < 0)
		return err_sys(e, "sync folder of %s", path);
	return 0;
}

int file_write(int dirfd, const char *path, const void *bytes, size_t n, mode_t mode, bool sync,
	       struct err *e)
{
	/* One name a process: two writers must not share a half-written file. */
	auto_free char *tmp = xasprintf("%s.%d.tmp", path, getpid());
	auto_fd int fd =
	    openat(dirfd, tmp, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, mode);

	if (fd < 0)
		return err_sys(e, "create %s", tmp);
	if (fd_write_all(fd, bytes, n) < 0 || (sync && fsync(fd) < 0)) {
		err_sys(e, "write %s", tmp);
		unlinkat(dirfd, tmp, 0);
		return -1;
	}
	if (renameat(dirfd, tmp, dirfd, path) < 0) {
		err_sys(e, "rename %s to %s", tmp, path);
		unlinkat(dirfd, tmp, 0);
		return -1;
	}
	return sync ? sync_folder_of(dirfd, path, e) : 0;
}

int file_make_folders(const char *path, mode_t mode, struct err *e)
{
	auto_free char *part = xstrdup(path);
	char *at;

	if (mkdir(path, mode) == 0 || errno == EEXIST)
		return 0;
	for (at = part + 1; (at = strchr(at, '/')); at++) {
		*at = '\0';
		if (mkdir(part, mode) < 0 && errno != EEXIST)
			return err_sys(e, "make folder %s", part);
		*at = '/';
	}
	if (mkdir(path, mode) < 0 && errno != EEXIST)
		return err_sys(e, "make folder %s", path);
	return 0;
}

/* A tree may be nested without end to use up our stack; such a one is left to storage's remover. */
enum { DEPTH_MAX = 128 };

static int remove_at(int dirfd, const char *name, int depth, struct err *e);

static int remove_content(int fd, const char *name, int depth, struct err *e)
{
	auto_dir DIR *d = fdopendir(fd);
	struct dirent *entry;

	if (!d) {
		err_sys(e, "list %s", name);
		close(fd);
		return -1;
	}
	while ((errno = 0, entry = readdir(d))) {
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		if (entry->d_type != DT_DIR && unlinkat(dirfd(d), entry->d_name, 0) == 0)
			continue;
		if (remove_at(dirfd(d), entry->d_name, depth + 1, e) < 0)
			return err_ctx(e, "%s", name);
	}
	return errno ? err_sys(e, "list %s", name) : 0;
}

static int remove_at(int dirfd, const char *name, int depth, struct err *e)
{
	int fd;

	if (unlinkat(dirfd, name, 0) == 0 || errno == ENOENT)
		return 0;
	if (errno != EISDIR && errno != EPERM)
		return err_sys(e, "remove %s", name);
	if (unlinkat(dirfd, name, AT_REMOVEDIR) == 0)
		return 0;
	if (depth > DEPTH_MAX)
		return err_msg(e, "remove %s: nested deeper than %d folders", name, DEPTH_MAX);
	fd = openat(dirfd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 && errno == EACCES && fchmodat(dirfd, name, 0700, 0) == 0)
		fd = openat(dirfd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return err_sys(e, "remove %s", name);
	if (remove_content(fd, name, depth, e) < 0)
		return -1;
	if (unlinkat(dirfd, name, AT_REMOVEDIR) < 0 && errno != ENOENT)
		return err_sys(e, "remove %s", name);
	return 0;
}

int file_remove_tree(int dirfd, const char *name, struct err *e)
{
	return remove_at(dirfd, name, 0, e);
}

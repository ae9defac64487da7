/* SPDX-License-Identifier: Apache-2.0 */
/* Copying and giving away trees; used in set-up, for tmpfs with content and volumes with U. */
#include "lib/base/tree.h"

#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/fd.h"

#include <fcntl.h>
#include <limits.h>
#include <sys/sendfile.h>
#include <sys/stat.h>

/* A descriptor a level: deeper trees than this are not made by people. */
enum { DEPTH_MAX = 256 };

static DIR *open_list(int at)
{
	return fd_into_dir(openat(at, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
}

/* Next entry but "." and ".."; NULL at the end, errno then tells whether that is an error. */
static struct dirent *next(DIR *d)
{
	struct dirent *entry;

	do {
		errno = 0;
		entry = readdir(d);
	} while (entry && (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0));
	return entry;
}

static int copy_meta(int to, const char *name, const struct stat *st)
{
	const struct timespec times[] = {st->st_atim, st->st_mtim};

	if (fchownat(to, name, st->st_uid, st->st_gid, AT_SYMLINK_NOFOLLOW) < 0)
		return -1;
	if (!S_ISLNK(st->st_mode) && fchmodat(to, name, st->st_mode & 07777, 0) < 0)
		return -1;
	return utimensat(to, name, times, AT_SYMLINK_NOFOLLOW);
}

static int copy_file(int from, int to, const char *name)
{
	auto_fd int in = openat(from, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	auto_fd int out =
	    in < 0 ? -1
		   : openat(to, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	ssize_t n;

	if (out < 0)
		return -1;
	while ((n = sendfile(out, in, NULL, 1 << 20)) > 0)
		;
	return n < 0 ? -1 : 0;
}

static int copy_link(int from, int to, const char *name)
{
	char text[PATH_MAX];
	ssize_t n = readlinkat(from, name, text, sizeof(text) - 1);

	if (n < 0)
		return -1;
	text[n] = '\0';
	return symlinkat(text, to, name);
}

static int copy_level(int from, int to, const char *name, int depth, struct err *e);

static int copy_entry(int from, int to, const char *name, int depth, struct err *e)
{
	auto_fd int sub_from = -1, sub_to = -1;
	struct stat st;
	int rc = 0;

	if (fstatat(from, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return err_sys(e, "copy %s", name);
	if (S_ISREG(st.st_mode)) {
		rc = copy_file(from, to, name);
	} else if (S_ISLNK(st.st_mode)) {
		rc = copy_link(from, to, name);
	} else if (S_ISDIR(st.st_mode)) {
		if (mkdirat(to, name, 0700) < 0)
			return err_sys(e, "copy folder %s", name);
		sub_from = openat(from, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		sub_to = openat(to, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (sub_from < 0 || sub_to < 0)
			return err_sys(e, "copy folder %s", name);
		if (copy_level(sub_from, sub_to, name, depth + 1, e) < 0)
			return -1;
	} else {
		return 0;
	}
	if (rc < 0 || copy_meta(to, name, &st) < 0)
		return err_sys(e, "copy %s", name);
	return 0;
}

static int copy_level(int from, int to, const char *name, int depth, struct err *e)
{
	auto_dir DIR *d = open_list(from);
	struct dirent *entry;

	if (!d)
		return err_sys(e, "list %s", name);
	if (depth > DEPTH_MAX)
		return err_msg(e, "%s is deeper than %d folders", name, DEPTH_MAX);
	while ((entry = next(d)))
		if (copy_entry(from, to, entry->d_name, depth, e) < 0)
			return -1;
	return errno ? err_sys(e, "list %s", name) : 0;
}

int tree_copy(int from, int to, const char *name, struct err *e)
{
	return copy_level(from, to, name, 0, e);
}

static int chown_level(int at, uint32_t uid, uint32_t gid, const char *name, int depth,
		       struct err *e)
{
	auto_dir DIR *d = open_list(at);
	struct dirent *entry;

	if (!d)
		return err_sys(e, "list %s", name);
	if (depth > DEPTH_MAX)
		return err_msg(e, "%s is deeper than %d folders", name, DEPTH_MAX);
	while ((entry = next(d))) {
		auto_fd int sub = -1;

		if (fchownat(at, entry->d_name, uid, gid, AT_SYMLINK_NOFOLLOW) < 0)
			return err_sys(e, "give %s/%s to %u:%u", name, entry->d_name, uid, gid);
		if (entry->d_type != DT_DIR)
			continue;
		sub = openat(at, entry->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (sub < 0)
			return err_sys(e, "open %s/%s", name, entry->d_name);
		if (chown_level(sub, uid, gid, entry->d_name, depth + 1, e) < 0)
			return -1;
	}
	return errno ? err_sys(e, "list %s", name) : 0;
}

int tree_chown(int at, uint32_t uid, uint32_t gid, const char *name, struct err *e)
{
	struct stat st;

	if (fstat(at, &st) < 0 || fchown(at, uid, gid) < 0)
		return err_sys(e, "give %s to %u:%u", name, uid, gid);
	return S_ISDIR(st.st_mode) ? chown_level(at, uid, gid, name, 0, e) : 0;
}

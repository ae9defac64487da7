/* SPDX-License-Identifier: Apache-2.0 */
/* Makes the layer of mount points; runs in the host process. */
#include "storage/points.h"

#include "lib/base/alloc.h"
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/file.h"
#include "lib/state/dirs.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

const char points_folder[] = "points";

static const struct {
	const char *path;
	bool folder;
} points[] = {
    {".", true},
    {"dev", true},
    {"etc", true},
    {"etc/hostname", false},
    {"etc/hosts", false},
    {"etc/resolv.conf", false},
    {"proc", true},
    {"run", true},
    {"run/.containerenv", false},
    {"sys", true},
};

static int make_point(int at, const char *path, bool folder, uid_t uid, gid_t gid)
{
	auto_fd int fd = -1;

	if (folder && strcmp(path, ".") != 0 && mkdirat(at, path, 0755) < 0)
		return -1;
	if (!folder) {
		fd = openat(at, path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
		if (fd < 0)
			return -1;
	}
	if (fchmodat(at, path, folder ? 0755 : 0644, 0) < 0)
		return -1;
	return uid == geteuid() && gid == getegid() ? 0 : fchownat(at, path, uid, gid, 0);
}

static int fill(int at, uid_t uid, gid_t gid)
{
	for (size_t i = 0; i < array_len(points); i++)
		if (make_point(at, points[i].path, points[i].folder, uid, gid) < 0)
			return -1;
	return 0;
}

int points_make(const struct dirs *d, uid_t uid, gid_t gid, struct err *e)
{
	auto_free char *half = NULL;
	auto_fd int tmp = -1, at = -1;
	struct err ignored;
	int rc = -1;

	if (faccessat(d->data_fd, points_folder, F_OK, 0) == 0)
		return 0;
	tmp = dirs_open_folder(d->data_fd, "tmp", e);
	if (tmp < 0)
		return -1;
	half = xasprintf("%s.%d", points_folder, getpid());
	if (mkdirat(tmp, half, 0755) == 0)
		at = openat(tmp, half, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	/* Unlocked, it would be garbage to the sweeper. */
	if (at >= 0 && flock(at, LOCK_EX | LOCK_NB) == 0 && fill(at, uid, gid) == 0)
		rc = renameat(tmp, half, d->data_fd, points_folder);
	/* Another start was faster. */
	if (rc < 0 && (errno == EEXIST || errno == ENOTEMPTY))
		rc = 0;
	else if (rc < 0)
		err_sys(e, "make %s/%s", d->data, points_folder);
	(void)file_remove_tree(tmp, half, &ignored); /* gone already when it was renamed */
	return rc;
}

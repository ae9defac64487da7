/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The last resort, where neither the kernel nor FUSE stacks layers: they are copied into one plain
 * tree of the container's own, once. It appears by a rename when it is whole.
 */
#include "lib/base/alloc.h"
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/file.h"
#include "lib/kernel/mount.h"
#include "storage/merge.h"
#include "storage/rootfs.h"

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

static int open_folder(const char *path, struct err *e)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	return fd < 0 ? err_sys(e, "open %s of the store", path) : fd;
}

/* Topmost first, the mount points last. What could not be opened stays -1. */
static int open_layers(const struct rootfs_source *s, int *fds, size_t n, struct err *e)
{
	for (size_t i = 0; i < n; i++) {
		auto_free char *path =
		    i == n - 1 ? xstrdup(s->points)
			       : xasprintf("layers/%s", s->layers->v[s->layers->n - 1 - i]);

		fds[i] = open_folder(path, e);
		if (fds[i] < 0)
			return -1;
	}
	return 0;
}

static int fill(const struct rootfs_source *s, int target, struct err *e)
{
	size_t n = s->layers->n + 1;
	auto_free int *fds = xcalloc(n, sizeof(*fds));
	int rc;

	for (size_t i = 0; i < n; i++)
		fds[i] = -1;
	rc = open_layers(s, fds, n, e);
	if (rc == 0)
		rc = merge_layers(fds, n, target, e);
	for (size_t i = 0; i < n; i++)
		if (fds[i] >= 0)
			close(fds[i]);
	return rc;
}

/* What a start that was killed left goes first; the record's lock says that no other is at work. */
static int make_tree(const struct rootfs_source *s, int own, struct err *e)
{
	auto_fd int part = -1;
	struct err told;

	if (file_remove_tree(own, "rootfs.part", e) < 0)
		return -1;
	if (mkdirat(own, "rootfs.part", 0700) == 0)
		part = openat(own, "rootfs.part", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (part < 0)
		return err_sys(e, "make a folder for the copy of the image");
	if (fill(s, part, e) < 0) {
		(void)file_remove_tree(own, "rootfs.part", &told); /* else the sweeper does */
		return -1;
	}
	if (renameat(own, "rootfs.part", own, "rootfs") < 0)
		return err_sys(e, "name the copy of the image");
	return 0;
}

/* A plain folder has the options of the file system it lies on. */
static int check_executable(int tree, struct err *e)
{
	struct statvfs fs;

	if (fstatvfs(tree, &fs) < 0)
		return err_sys(e, "look at the copy of the image");
	if (!(fs.f_flag & ST_NOEXEC))
		return 0;
	err_msg(e, "the store lies on a file system mounted noexec: nothing in a copy of the image "
		   "could be executed");
	return err_hint(e,
			"install fuse-overlayfs, or keep the store elsewhere: rlc --root FOLDER");
}

static int copy_mount(const struct rootfs_source *s, struct rootfs_server *none, const char *at,
		      struct err *e)
{
	auto_free char *folder = xasprintf("%s/copy", s->container);
	auto_free char *path = xasprintf("%s/rootfs", folder);
	auto_fd int own = open_folder(folder, e), point = -1, tree = -1;

	(void)none;
	if (own < 0)
		return -1;
	if (s->layers->n == 0)
		return err_msg(e, "the image has no layers");
	if (faccessat(own, "rootfs", F_OK, AT_SYMLINK_NOFOLLOW) < 0 && make_tree(s, own, e) < 0)
		return -1;
	tree = mount_bind_open(&(struct mount_binding){.source = path,
						       .name = "/",
						       .flags = MS_NODEV,
						       .propagation = MS_PRIVATE,
						       .no_links = true},
			       e);
	if (tree < 0 || check_executable(tree, e) < 0)
		return -1;
	point = open(at, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (point < 0)
		return err_sys(e, "open the mount point of the root");
	return mount_attach(tree, point, "/", e);
}

static const char *const folders[] = {"copy", NULL};

const struct rootfs_driver rootfs_copy = {
    .name = "copy",
    .alias = "vfs",
    .folders = folders,
    .slow = true,
    .mount = copy_mount,
};

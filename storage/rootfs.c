/* SPDX-License-Identifier: Apache-2.0 */
/* The table of root file system drivers, the choice among them, and what they share. */
#include "storage/rootfs.h"

#include "lib/base/alloc.h"
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/kernel/diagnose.h"

#include <fcntl.h>
#include <sys/stat.h>

/* In the order of preference. */
static const struct rootfs_driver *const drivers[] = {&rootfs_overlay, &rootfs_fuse, &rootfs_copy};

const struct rootfs_driver *rootfs_driver_find(const char *name)
{
	for (size_t i = 0; i < array_len(drivers); i++)
		if (strcmp(drivers[i]->name, name) == 0 ||
		    (drivers[i]->alias && strcmp(drivers[i]->alias, name) == 0))
			return drivers[i];
	return NULL;
}

/* ---- choice ---- */

/* Why fuse-overlayfs cannot be had, as an error with its remedy; 0: it can. */
static int fuse_is_missing(const struct rootfs_host *h, struct err *e)
{
	if (h->fuse) {
		errno = h->fuse;
		err_sys(e, "mount a FUSE file system");
		return err_fix(e, FIX_FUSE);
	}
	if (h->program)
		return 0;
	err_msg(e, "fuse-overlayfs is not installed");
	return err_fix(e, FIX_FUSE_OVERLAYFS);
}

static int take_asked(const char *asked, const struct rootfs_host *h,
		      const struct rootfs_driver **ret, struct err *e)
{
	const struct rootfs_driver *d = rootfs_driver_find(asked);

	if (!d) {
		err_msg(e, "there is no storage driver \"%s\"", asked);
		return err_hint(e, "rlc knows: overlay, fuse-overlayfs, copy (podman's vfs)");
	}
	if (d == &rootfs_overlay && h->overlay) {
		errno = h->overlay;
		err_sys(e, "mount an overlay");
		err_fix(e, overlay_diagnose(h->overlay));
		return err_ctx(e, "--storage-driver overlay");
	}
	if (d == &rootfs_fuse && fuse_is_missing(h, e))
		return err_ctx(e, "--storage-driver fuse-overlayfs");
	*ret = d;
	return 0;
}

int rootfs_choose(const char *asked, const struct rootfs_host *h, const struct rootfs_driver **ret,
		  char **ret_why, struct err *e)
{
	struct err lacks;

	*ret_why = NULL;
	if (asked)
		return take_asked(asked, h, ret, e);
	if (h->overlay == 0) {
		*ret = &rootfs_overlay;
		return 0;
	}
	if (fuse_is_missing(h, &lacks) == 0) {
		*ret = &rootfs_fuse;
		*ret_why =
		    xasprintf("the kernel refuses an overlay here (%s)", strerror(h->overlay));
		return 0;
	}
	*ret = &rootfs_copy;
	*ret_why =
	    xasprintf("the kernel refuses an overlay here (%s), and %s%s%s%s", strerror(h->overlay),
		      h->fuse ? "FUSE too (" : lacks.what, h->fuse ? strerror(h->fuse) : "",
		      h->fuse ? ")" : "", h->fuse ? "" : ": apt install fuse-overlayfs");
	return 0;
}

bool rootfs_is_refusal(int sys)
{
	static const int refusals[] = {EPERM, EACCES, EINVAL, ENODEV, ENOSYS, EOPNOTSUPP};

	for (size_t i = 0; i < array_len(refusals); i++)
		if (refusals[i] == sys)
			return true;
	return false;
}

/* ---- for the drivers ---- */

int rootfs_copy_root(const struct rootfs_source *s, const char *upper, const char *mark,
		     struct err *e)
{
	auto_free char *top = xasprintf("layers/%s", s->layers->v[s->layers->n - 1]);
	auto_free char *folder = xasprintf("%s/%s", s->container, upper);
	auto_free char *made = xasprintf("%s/%s", s->container, mark);
	struct stat st, now;

	if (access(made, F_OK) == 0)
		return 0;
	if (stat(top, &st) < 0 || stat(folder, &now) < 0)
		return err_sys(e, "look at %s", top);
	if ((st.st_uid != now.st_uid || st.st_gid != now.st_gid) &&
	    chown(folder, st.st_uid, st.st_gid) < 0)
		return err_sys(e, "give %s to the owner of the image's root", folder);
	if (st.st_mode != now.st_mode && chmod(folder, st.st_mode & 07777) < 0)
		return err_sys(e, "give %s the mode of the image's root", folder);
	return 0;
}

void rootfs_server_close(struct rootfs_server *s)
{
	int *const fds[] = {&s->pidfd, &s->tree, &s->words};

	for (size_t i = 0; i < array_len(fds); i++)
		if (*fds[i] >= 0)
			close(take_fd(fds[i]));
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The kernel's overlayfs, mounted as root of the user namespace (Linux 5.11). userxattr, since a
 * user namespace cannot write the trusted.* names overlayfs otherwise marks folders with.
 */
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/str.h"
#include "lib/kernel/diagnose.h"
#include "storage/rootfs.h"

#include <fcntl.h>
#include <linux/mount.h>
#include <sys/syscall.h>

enum {
	OPTIONS_MAX = 4095, /* mount(2) takes one page */
	LAYERS_MAX = 500,   /* OVL_MAX_STACK of the kernel */
};

int mount(const char *source, const char *target, const char *type, unsigned long flags,
	  const void *data); /* <sys/mount.h> and <linux/mount.h> do not go together */

/* The topmost layer comes first in overlayfs' list; names are relative to the data folder. */
static void lower_list(const struct rootfs_source *s, struct str *t)
{
	for (size_t i = s->layers->n; i-- > 0;)
		str_addf(t, "layers/%s%s", s->layers->v[i], i ? ":" : "");
}

static int mount_by_options(const struct rootfs_source *s, const char *lowers, const char *at,
			    struct err *e)
{
	auto_str struct str options = {0};

	str_addf(&options, "lowerdir=%s,upperdir=%s/upper,workdir=%s/work,userxattr%s", lowers,
		 s->container, s->container, s->is_volatile ? ",volatile" : "");
	if (mount("overlay", at, "overlay", 0, str_get(&options)) == 0)
		return 0;
	err_sys(e, "mount the overlay of %zu layers", s->layers->n);
	return err_fix(e, overlay_diagnose(e->sys));
}

static int set(int fs, const char *key, const char *value)
{
	return (int)syscall(SYS_fsconfig, fs, value ? FSCONFIG_SET_STRING : FSCONFIG_SET_FLAG, key,
			    value, 0);
}

/* Layer by layer, where the list is longer than mount(2) takes (Linux 6.8). */
static int mount_by_context(const struct rootfs_source *s, const char *at, struct err *e)
{
	auto_fd int fs = (int)syscall(SYS_fsopen, "overlay", FSOPEN_CLOEXEC), tree = -1;
	char name[512];

	if (fs < 0)
		return err_sys(e, "open an overlay context");
	for (size_t i = s->layers->n; i-- > 0;) {
		snprintf(name, sizeof(name), "layers/%s", s->layers->v[i]);
		if (set(fs, "lowerdir+", name) < 0) {
			err_sys(e, "add layer %s to the overlay", s->layers->v[i]);
			return err_hint(e, "so many layers (%zu) need Linux 6.8", s->layers->n);
		}
	}
	snprintf(name, sizeof(name), "%s/upper", s->container);
	if (set(fs, "upperdir", name) < 0)
		return err_sys(e, "set the overlay's upper folder %s", name);
	snprintf(name, sizeof(name), "%s/work", s->container);
	if (set(fs, "workdir", name) < 0 || set(fs, "userxattr", NULL) < 0 ||
	    (s->is_volatile && set(fs, "volatile", NULL) < 0) ||
	    syscall(SYS_fsconfig, fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0) {
		err_sys(e, "make the overlay of %zu layers", s->layers->n);
		return err_fix(e, overlay_diagnose(e->sys));
	}
	tree = (int)syscall(SYS_fsmount, fs, FSMOUNT_CLOEXEC, 0);
	if (tree < 0 ||
	    syscall(SYS_move_mount, tree, "", AT_FDCWD, at, MOVE_MOUNT_F_EMPTY_PATH) < 0)
		return err_sys(e, "mount the overlay of %zu layers", s->layers->n);
	return 0;
}

static int overlay_mount(const struct rootfs_source *s, const char *at, struct err *e)
{
	auto_str struct str lowers = {0};

	if (s->layers->n == 0)
		return err_msg(e, "the image has no layers");
	if (s->layers->n > LAYERS_MAX) {
		err_msg(e, "the image has %zu layers; the kernel takes %d", s->layers->n,
			LAYERS_MAX);
		return err_hint(e, "squash it, for instance: podman build --squash-all");
	}
	lower_list(s, &lowers);
	/* 400 bytes are enough for everything but the layers: two paths with a 64-digit id. */
	if (lowers.len + 400 > OPTIONS_MAX)
		return mount_by_context(s, at, e);
	return mount_by_options(s, str_get(&lowers), at, e);
}

const struct rootfs_driver rootfs_overlay = {"overlay", overlay_mount};

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The kernel's overlayfs, mounted as root of the user namespace (Linux 5.11). userxattr, since a
 * user namespace cannot write the trusted.* names overlayfs otherwise marks folders with.
 */
#include "lib/base/alloc.h"
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/str.h"
#include "lib/kernel/diagnose.h"
#include "storage/rootfs.h"

#include <fcntl.h>
#include <sys/mount.h>

enum {
	OPTIONS_MAX = 4095, /* mount(2) takes one page */
	LAYERS_MAX = 500,   /* OVL_MAX_STACK of the kernel */
};

static int refused(const struct rootfs_source *s, struct err *e)
{
	err_sys(e, "mount the overlay of %zu layers", s->layers->n);
	return err_fix(e, overlay_diagnose(e->sys));
}

/* Names are relative to the data folder; the topmost layer comes first in overlayfs' list. */
static void name_options(const struct rootfs_source *s, struct str *t)
{
	str_add(t, "lowerdir=");
	for (size_t i = s->layers->n; i-- > 0;)
		str_addf(t, "layers/%s%s", s->layers->v[i], i ? ":" : "");
	if (s->points && s->layers->n < LAYERS_MAX)
		str_addf(t, ":%s", s->points);
	str_addf(t, ",upperdir=%s/upper,workdir=%s/work,userxattr%s", s->container, s->container,
		 s->is_volatile ? ",volatile" : "");
}

static int open_folder(const char *path, struct err *e)
{
	int fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);

	return fd < 0 ? err_sys(e, "open %s of the store", path) : fd;
}

/* Descriptors of the layers, then of upper and work; those not opened stay -1. */
static int open_all(const struct rootfs_source *s, int *fds, struct err *e)
{
	size_t n = s->layers->n;

	for (size_t i = 0; i < n; i++) {
		auto_free char *path = xasprintf("layers/%s", s->layers->v[i]);

		fds[i] = open_folder(path, e);
		if (fds[i] < 0)
			return -1;
	}
	for (size_t i = 0; i < 2; i++) {
		auto_free char *path = xasprintf("%s/%s", s->container, i ? "work" : "upper");

		fds[n + i] = open_folder(path, e);
		if (fds[n + i] < 0)
			return -1;
	}
	return 0;
}

/* From /proc/self/fd a folder's name is a short number: 500 layers fit into half a page. */
static int mount_numbers(const struct rootfs_source *s, const int *fds, const char *at,
			 struct err *e)
{
	auto_str struct str options = {0};
	auto_fd int data = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	size_t n = s->layers->n;
	int rc;

	str_add(&options, "lowerdir=");
	for (size_t i = n; i-- > 0;)
		str_addf(&options, "%d%s", fds[i], i ? ":" : "");
	str_addf(&options, ",upperdir=%d,workdir=%d,userxattr%s", fds[n], fds[n + 1],
		 s->is_volatile ? ",volatile" : "");
	if (data < 0 || chdir("/proc/self/fd") < 0)
		return err_sys(e, "enter /proc/self/fd to mount %zu layers", n);
	rc = mount("overlay", at, "overlay", 0, str_get(&options)) < 0 ? refused(s, e) : 0;
	if (fchdir(data) < 0 && rc == 0)
		rc = err_sys(e, "go back to the data folder");
	return rc;
}

static int mount_many(const struct rootfs_source *s, const char *at, struct err *e)
{
	size_t n = s->layers->n + 2;
	auto_free int *fds = xcalloc(n, sizeof(*fds));
	int rc;

	for (size_t i = 0; i < n; i++)
		fds[i] = -1;
	rc = open_all(s, fds, e);
	if (rc == 0)
		rc = mount_numbers(s, fds, at, e);
	for (size_t i = 0; i < n; i++)
		if (fds[i] >= 0)
			close(fds[i]);
	return rc;
}

static int overlay_mount(const struct rootfs_source *s, struct rootfs_server *none, const char *at,
			 struct err *e)
{
	auto_str struct str options = {0};

	(void)none;
	if (s->layers->n == 0)
		return err_msg(e, "the image has no layers");
	if (s->layers->n > LAYERS_MAX) {
		err_msg(e, "the image has %zu layers; the kernel takes %d", s->layers->n,
			LAYERS_MAX);
		return err_hint(e, "squash it, for instance: podman build --squash-all");
	}
	if (rootfs_copy_root(s, "upper", "work/work", e) < 0)
		return -1;
	name_options(s, &options);
	if (options.len > OPTIONS_MAX)
		return mount_many(s, at, e);
	return mount("overlay", at, "overlay", 0, str_get(&options)) < 0 ? refused(s, e) : 0;
}

static const char *const folders[] = {"upper", "work", NULL};

const struct rootfs_driver rootfs_overlay = {
    .name = "overlay",
    .folders = folders,
    .mount = overlay_mount,
};

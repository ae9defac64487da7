/* SPDX-License-Identifier: Apache-2.0 */
/* Which driver a host gets: facts of hosts that are not at hand. */
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "storage/rootfs.h"
#include "tests/unit/tap.h"

static const char program[] = "/usr/bin/fuse-overlayfs";

static const struct {
	const char *name, *asked;
	struct rootfs_host host;
	const char *driver; /* NULL: refused */
	const char *says;   /* in the reason, or in the error; NULL: nothing is to be told */
	const char *fix;
} rows[] = {
    {"all there: overlay", NULL, {0, 0, program}, "overlay", NULL, NULL},
    {"an old kernel", NULL, {EPERM, 0, program}, "fuse-overlayfs", "not permitted", NULL},
    {"a store on NFS", NULL, {EINVAL, 0, program}, "fuse-overlayfs", "Invalid argument", NULL},
    {"no /dev/fuse", NULL, {EPERM, ENOENT, program}, "copy", "FUSE too (No such file", NULL},
    {"not installed", NULL, {EPERM, 0, NULL}, "copy", "apt install fuse-overlayfs", NULL},
    {"overlay works: nothing else is looked at", NULL, {0, ENOENT, NULL}, "overlay", NULL, NULL},
    {"overlay by name", "overlay", {0, 0, NULL}, "overlay", NULL, NULL},
    {"overlay by name, refused", "overlay", {EPERM, 0, program}, NULL, "mount an overlay", "5.11"},
    {"overlay by name, no module",
     "overlay",
     {ENODEV, 0, program},
     NULL,
     "mount an overlay",
     "modprobe overlay"},
    {"fuse by name, where overlay works",
     "fuse-overlayfs",
     {0, 0, program},
     "fuse-overlayfs",
     NULL,
     NULL},
    {"fuse by its short name", "fuse", {0, 0, program}, "fuse-overlayfs", NULL, NULL},
    {"fuse by name, not installed",
     "fuse-overlayfs",
     {0, 0, NULL},
     NULL,
     "not installed",
     "apt-get install fuse-overlayfs"},
    {"fuse by name, closed device",
     "fuse-overlayfs",
     {0, EACCES, program},
     NULL,
     "mount a FUSE",
     "chmod 0666 /dev/fuse"},
    {"copy by name", "copy", {0, 0, program}, "copy", NULL, NULL},
    {"podman's name of it", "vfs", {EPERM, ENOENT, NULL}, "copy", NULL, NULL},
    {"no such driver", "zfs", {0, 0, program}, NULL, "zfs", "overlay, fuse-overlayfs, copy"},
};

static bool tells(const char *text, const char *wanted)
{
	return wanted ? text && strstr(text, wanted) : !text || !*text;
}

int main(void)
{
	for (size_t i = 0; i < array_len(rows); i++) {
		const struct rootfs_driver *driver = NULL;
		auto_free char *why = NULL;
		struct err e = {0};
		int rc = rootfs_choose(rows[i].asked, &rows[i].host, &driver, &why, &e);

		if (rows[i].driver)
			ok(rc == 0 && strcmp(driver->name, rows[i].driver) == 0 &&
			       tells(why, rows[i].says),
			   "%s", rows[i].name);
		else
			ok(rc < 0 && !driver && !why && tells(e.what, rows[i].says) &&
			       tells(e.hint, rows[i].fix),
			   "%s", rows[i].name);
	}
	ok(rootfs_is_refusal(EPERM) && rootfs_is_refusal(EINVAL) && rootfs_is_refusal(ENODEV),
	   "what a kernel says to a user's overlay is a refusal");
	ok(!rootfs_is_refusal(0) && !rootfs_is_refusal(ENOSPC) && !rootfs_is_refusal(ENOMEM),
	   "a full disk is none");
	return tap_end();
}

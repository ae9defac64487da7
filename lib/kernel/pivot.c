/* SPDX-License-Identifier: Apache-2.0 */
/* The change of root; runs in set-up, on behalf of init. */
#include "lib/kernel/pivot.h"

#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/file.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <sys/vfs.h>

int pivot_into(int new_root, struct err *e)
{
	if (fchdir(new_root) < 0)
		return err_sys(e, "enter the new root");
	/* pivot_root(2), "pivot_root(".", ".")": the old root lands on top of the new one… */
	if (syscall(SYS_pivot_root, ".", ".") < 0)
		return err_sys(e, "make the container's tree the root");
	/* …and is what "." names now. */
	if (umount2(".", MNT_DETACH) < 0)
		return err_sys(e, "detach the host's root");
	if (chdir("/") < 0)
		return err_sys(e, "enter the new root");
	return 0;
}

int pivot_by_move(int new_root, struct err *e)
{
	if (fchdir(new_root) < 0)
		return err_sys(e, "enter the new root");
	if (mount(".", "/", NULL, MS_MOVE, NULL) < 0)
		return err_sys(e, "move the container's tree onto /");
	if (chroot(".") < 0 || chdir("/") < 0)
		return err_sys(e, "change root into the container's tree");
	return 0;
}

bool pivot_root_is_initramfs(void)
{
	auto_free char *mounts = NULL;
	const char *last = NULL;
	struct err ignored;
	struct statfs fs;

	/* Everywhere else the root is a disk's file system: one cheap call settles it. */
	if (statfs("/", &fs) < 0 || (fs.f_type != TMPFS_MAGIC && fs.f_type != RAMFS_MAGIC))
		return false;
	/* The last line for "/" is the mount on top; the rootfs itself shows as type "rootfs". */
	if (file_read(AT_FDCWD, "/proc/self/mounts", 16 << 20, &mounts, NULL, &ignored) < 0)
		return false;
	for (const char *line = mounts; *line; line += strcspn(line, "\n"), line += *line == '\n') {
		const char *target = strchr(line, ' ');

		if (target && strncmp(target, " / ", 3) == 0)
			last = target + 3;
	}
	return last && strncmp(last, "rootfs ", 7) == 0;
}

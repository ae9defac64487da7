/* SPDX-License-Identifier: Apache-2.0 */
/* Thin calls over mount(2) and the descriptor-based mount API. */
#include "lib/kernel/mount.h"

#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/kernel/mount_old.h"

#include <fcntl.h>
#include <linux/mount.h>
#include <linux/openat2.h>
#include <stdint.h>
#include <sys/syscall.h>

/* <sys/mount.h> of glibc 2.36 and <linux/mount.h> collide; these are the classic calls' needs. */
int mount(const char *source, const char *target, const char *type, unsigned long flags,
	  const void *data);

static const struct {
	unsigned long flag;
	uint64_t attribute;
} attributes[] = {
    {MS_RDONLY, MOUNT_ATTR_RDONLY}, {MS_NOSUID, MOUNT_ATTR_NOSUID},   {MS_NODEV, MOUNT_ATTR_NODEV},
    {MS_NOEXEC, MOUNT_ATTR_NOEXEC}, {MS_NOATIME, MOUNT_ATTR_NOATIME},
};

static void path_of(int fd, char *buf, size_t room)
{
	snprintf(buf, room, "/proc/self/fd/%d", fd);
}

int mount_new(const char *fstype, int target, const char *name, unsigned long flags,
	      const char *data, struct err *e)
{
	char path[32];

	path_of(target, path, sizeof(path));
	if (mount(fstype, path, fstype, flags, data) < 0)
		return err_sys(e, "mount %s on %s", fstype, name);
	return 0;
}

static struct mount_attr attr_of(unsigned long flags, unsigned long propagation)
{
	struct mount_attr attr = {.propagation = propagation};

	for (size_t i = 0; i < array_len(attributes); i++)
		if (flags & attributes[i].flag)
			attr.attr_set |= attributes[i].attribute;
	if (attr.attr_set & MOUNT_ATTR_NOATIME)
		attr.attr_clr |= MOUNT_ATTR__ATIME;
	return attr;
}

int mount_restrict(int at, const char *name, unsigned long flags, struct err *e)
{
	struct mount_attr attr = attr_of(flags, 0);

	if (syscall(SYS_mount_setattr, at, "", AT_EMPTY_PATH, &attr, sizeof(attr)) == 0)
		return 0;
	if (errno == ENOSYS && mount_old_restrict(at, false, flags, 0) == 0)
		return 0;
	return err_sys(e, "restrict the mount on %s", name);
}

/* The same for a detached copy of what `source` refers to. -1 and errno. */
static int restrict_copy(int *tree, int source, bool recursive, unsigned long flags,
			 unsigned long propagation)
{
	struct mount_attr attr = attr_of(flags, propagation);

	if (syscall(SYS_mount_setattr, *tree, "", AT_EMPTY_PATH | (recursive ? AT_RECURSIVE : 0),
		    &attr, sizeof(attr)) == 0)
		return 0;
	return errno != ENOSYS
		   ? -1
		   : mount_old_restrict_copy(tree, source, recursive, flags, propagation);
}

int mount_attach(int tree, int target, const char *name, struct err *e)
{
	if (syscall(SYS_move_mount, tree, "", target, "",
		    MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH) < 0)
		return err_sys(e, "mount on %s", name);
	return 0;
}

static int open_source(const struct mount_binding *b)
{
	struct open_how how = {.flags = O_PATH | O_CLOEXEC, .resolve = RESOLVE_NO_SYMLINKS};

	if (!b->no_links)
		return open(b->source, O_PATH | O_CLOEXEC);
	return (int)syscall(SYS_openat2, AT_FDCWD, b->source, &how, sizeof(how));
}

int mount_bind_open(const struct mount_binding *b, struct err *e)
{
	unsigned int whole = b->recursive ? AT_RECURSIVE : 0;
	const unsigned int how = OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH;
	auto_fd int source = open_source(b), tree = -1;

	if (source >= 0)
		tree = (int)syscall(SYS_open_tree, source, "", how | whole);
	/*
	 * A folder with locked mounts beneath (of a more privileged namespace) binds only whole.
	 * What is asked of the top is then asked of all: "ro" would leave those writable.
	 */
	if (source >= 0 && tree < 0 && errno == EINVAL && !whole) {
		whole = AT_RECURSIVE;
		tree = (int)syscall(SYS_open_tree, source, "", how | whole);
	}
	if (tree < 0) {
		err_sys(e, "open %s for the mount on %s", b->source, b->name);
		if (e->sys == ELOOP)
			return err_hint(e, "a link appeared in its path after it was checked");
		return -1;
	}
	if (restrict_copy(&tree, source, whole, b->flags, b->propagation) < 0)
		return err_sys(e, "restrict the mount on %s", b->name);
	return take_fd(&tree);
}

int mount_bind(const struct mount_binding *b, int target, struct err *e)
{
	auto_fd int tree = mount_bind_open(b, e);

	return tree < 0 ? -1 : mount_attach(tree, target, b->name, e);
}

int mount_isolate(bool slave, struct err *e)
{
	if (mount(NULL, "/", NULL, MS_REC | (slave ? MS_SLAVE : MS_PRIVATE), NULL) < 0)
		return err_sys(e, "make the mounts of this namespace private");
	return 0;
}

int mount_clone(const char *path, unsigned long flags, struct err *e)
{
	auto_fd int source = open(path, O_PATH | O_CLOEXEC), tree = -1;

	if (source >= 0)
		tree = (int)syscall(SYS_open_tree, source, "",
				    OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH);
	if (tree < 0)
		return err_sys(e, "open %s", path);
	if (restrict_copy(&tree, source, false, flags, 0) < 0)
		return err_sys(e, "restrict a copy of the mount of %s", path);
	return take_fd(&tree);
}

int mount_empty_root(struct err *e)
{
	auto_fd int fs = (int)syscall(SYS_fsopen, "tmpfs", FSOPEN_CLOEXEC), root = -1;

	if (fs < 0 || syscall(SYS_fsconfig, fs, FSCONFIG_SET_STRING, "mode", "755", 0) < 0 ||
	    syscall(SYS_fsconfig, fs, FSCONFIG_SET_STRING, "size", "1m", 0) < 0 ||
	    syscall(SYS_fsconfig, fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0)
		return err_sys(e, "make an empty file system");
	root = (int)syscall(SYS_fsmount, fs, FSMOUNT_CLOEXEC,
			    MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC);
	if (root < 0 ||
	    syscall(SYS_move_mount, root, "", AT_FDCWD, "/", MOVE_MOUNT_F_EMPTY_PATH) < 0)
		return err_sys(e, "mount an empty file system");
	return take_fd(&root);
}

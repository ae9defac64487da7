/* SPDX-License-Identifier: Apache-2.0 */
/* Thin calls over mount(2) and the descriptor-based mount API. */
#include "lib/kernel/mount.h"

#include "lib/base/auto.h"
#include "lib/base/err.h"

#include <fcntl.h>
#include <linux/mount.h>
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

/*
 * Kernels before 5.12: a bind remount of the top only. It replaces all flags, and those the host
 * locked must stay, so they are asked for as well; `at` must be attached.
 */
static int restrict_by_remount(int at, const char *name, unsigned long flags, struct err *e)
{
	unsigned long kept[] = {0, MS_NODEV, MS_NOSUID | MS_NODEV, MS_NOSUID | MS_NODEV | MS_NOEXEC,
				MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_RDONLY};
	char path[32];

	path_of(at, path, sizeof(path));
	for (size_t i = 0; i < array_len(kept); i++)
		if (mount(NULL, path, NULL, MS_REMOUNT | MS_BIND | flags | kept[i], NULL) == 0)
			return 0;
	return err_sys(e, "restrict the mount on %s", name);
}

int mount_restrict(int at, const char *name, unsigned long flags, struct err *e)
{
	struct mount_attr attr = attr_of(flags, 0);

	if (syscall(SYS_mount_setattr, at, "", AT_EMPTY_PATH, &attr, sizeof(attr)) == 0)
		return 0;
	if (errno == ENOSYS)
		return restrict_by_remount(at, name, flags, e);
	return err_sys(e, "restrict the mount on %s", name);
}

int mount_attach(int tree, int target, const char *name, struct err *e)
{
	if (syscall(SYS_move_mount, tree, "", target, "",
		    MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH) < 0)
		return err_sys(e, "mount on %s", name);
	return 0;
}

int mount_bind_open(const struct mount_binding *b, struct err *e)
{
	unsigned int whole = b->recursive ? AT_RECURSIVE : 0;
	const unsigned int how = OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC;
	auto_fd int tree = (int)syscall(SYS_open_tree, AT_FDCWD, b->source, how | whole);
	struct mount_attr attr = attr_of(b->flags, b->propagation);

	/*
	 * A folder with locked mounts beneath (of a more privileged namespace) binds only whole.
	 * What is asked of the top is then asked of all: "ro" would leave those writable.
	 */
	if (tree < 0 && errno == EINVAL && !whole) {
		whole = AT_RECURSIVE;
		tree = (int)syscall(SYS_open_tree, AT_FDCWD, b->source, how | whole);
	}
	if (tree < 0)
		return err_sys(e, "open %s for the mount on %s", b->source, b->name);
	/* ENOSYS: before Linux 5.12; mount_bind_put() does it then. */
	if (syscall(SYS_mount_setattr, tree, "", AT_EMPTY_PATH | whole, &attr, sizeof(attr)) < 0 &&
	    errno != ENOSYS)
		return err_sys(e, "restrict the mount on %s", b->name);
	return take_fd(&tree);
}

/* Whether the kernel restricts a mount before it is attached. */
static bool has_setattr(void)
{
	return syscall(SYS_mount_setattr, -1, "", 0, NULL, 0) < 0 && errno != ENOSYS;
}

int mount_bind_put(const struct mount_binding *b, int tree, int target, struct err *e)
{
	char path[32];

	if (mount_attach(tree, target, b->name, e) < 0)
		return -1;
	if (has_setattr())
		return 0;
	path_of(tree, path, sizeof(path));
	if (mount(NULL, path, NULL, b->propagation | MS_REC, NULL) < 0)
		return err_sys(e, "set the propagation of %s", b->name);
	return b->flags ? restrict_by_remount(tree, b->name, b->flags, e) : 0;
}

int mount_bind(const struct mount_binding *b, int target, struct err *e)
{
	auto_fd int tree = mount_bind_open(b, e);

	return tree < 0 ? -1 : mount_bind_put(b, tree, target, e);
}

int mount_isolate(bool slave, struct err *e)
{
	if (mount(NULL, "/", NULL, MS_REC | (slave ? MS_SLAVE : MS_PRIVATE), NULL) < 0)
		return err_sys(e, "make the mounts of this namespace private");
	return 0;
}

int mount_clone(const char *path, unsigned long flags, struct err *e)
{
	auto_fd int tree =
	    (int)syscall(SYS_open_tree, AT_FDCWD, path, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
	struct mount_attr attr = attr_of(flags, 0);

	if (tree < 0)
		return err_sys(e, "open %s", path);
	if (syscall(SYS_mount_setattr, tree, "", AT_EMPTY_PATH, &attr, sizeof(attr)) < 0)
		return err_sys(e, "restrict a copy of the mount of %s", path);
	return take_fd(&tree);
}

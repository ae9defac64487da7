/* SPDX-License-Identifier: Apache-2.0 */
/* Flags of mounts as Linux before 5.12 sets them, tried on this kernel. */
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/kernel/mount.h"
#include "lib/kernel/mount_old.h"
#include "tests/unit/namespace.h"
#include "tests/unit/tap.h"

#include <errno.h>
#include <linux/mount.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>

int mount(const char *source, const char *target, const char *type, unsigned long flags,
	  const void *data);
int umount2(const char *target, int flags);
enum { MNT_DETACH = 2 };

static bool has(const char *path, unsigned long flags)
{
	struct statvfs now;

	return statvfs(path, &now) == 0 && (now.f_flag & flags) == flags;
}

static void make_folder(const char *path)
{
	if (mkdir(path, 0755) < 0)
		abort();
}

/* "in" holds a mount, and one that is covered by another; a name with a blank. */
static void build(void)
{
	if (mount("t", "/tmp", "tmpfs", MS_NOSUID, NULL) < 0 || chdir("/tmp") < 0)
		abort();
	make_folder("in");
	make_folder("in/a b");
	make_folder("in/twice");
	make_folder("out");
	if (mount("t", "in/a b", "tmpfs", MS_NOEXEC, NULL) < 0 ||
	    mount("t", "in/twice", "tmpfs", 0, NULL) < 0 ||
	    mount("t", "in/twice", "tmpfs", 0, NULL) < 0)
		abort();
	make_folder("in/twice/top");
}

static int copy_of(const char *path, bool recursive)
{
	return (int)syscall(SYS_open_tree, AT_FDCWD, path,
			    OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | (recursive ? AT_RECURSIVE : 0));
}

static void test_one(void)
{
	auto_fd int at = open("in/twice", O_PATH | O_DIRECTORY);

	ok(mount_old_restrict(at, false, MS_RDONLY | MS_NODEV, 0) == 0 &&
	       has("in/twice", ST_RDONLY | ST_NODEV),
	   "flags are added to an attached mount");
	ok(mount_old_restrict(at, false, MS_NOSUID, 0) == 0 &&
	       has("in/twice", ST_RDONLY | ST_NODEV | ST_NOSUID),
	   "and those that it has stay");
}

static void test_copy(void)
{
	auto_fd int source = open("in", O_PATH | O_DIRECTORY), tree = copy_of("in", true);
	auto_fd int out = open("out", O_PATH | O_DIRECTORY);
	struct err e;

	ok(mount_old_restrict_copy(&tree, source, true, MS_RDONLY | MS_NODEV, MS_PRIVATE) == 0,
	   "a copy is restricted");
	ok(!has("in", ST_RDONLY) && !has("in/a b", ST_RDONLY), "its source is as it was");
	ok(mount_attach(tree, out, "out", &e) == 0 && has("out", ST_RDONLY | ST_NODEV | ST_NOSUID),
	   "the copy has the flags, and what the source had");
	ok(has("out/a b", ST_RDONLY | ST_NODEV | ST_NOEXEC), "so has what is mounted beneath");
	ok(access("out/twice/top", F_OK) == 0 && has("out/twice", ST_RDONLY | ST_NODEV),
	   "of two on one place the upper one");
	ok(mkdir("out/new", 0755) < 0 && errno == EROFS && mkdir("out/a b/new", 0755) < 0 &&
	       errno == EROFS,
	   "nothing can be written through it");
	ok(mkdir("in/new", 0755) == 0, "but at the source");
}

static void test_shallow(void)
{
	auto_fd int source = open("in", O_PATH | O_DIRECTORY), tree = copy_of("in", true);
	auto_fd int out = open("out", O_PATH | O_DIRECTORY);
	struct err e;

	ok(mount_old_restrict_copy(&tree, source, false, MS_RDONLY, 0) == 0 &&
	       mount_attach(tree, out, "out", &e) == 0 && has("out", ST_RDONLY) &&
	       access("out/a b", F_OK) == 0,
	   "without recursion a copy is of one mount");
}

static void test_file(void)
{
	auto_fd int file = open("in/file", O_CREAT | O_WRONLY, 0644), source = -1, tree = -1;
	struct err e;

	source = open("in/file", O_PATH);
	tree = copy_of("in/file", false);
	ok(file >= 0 &&
	       mount_old_restrict_copy(&tree, source, false, MS_RDONLY | MS_NOSUID, 0) == 0 &&
	       mount_attach(tree, source, "file", &e) == 0 && open("in/file", O_WRONLY) < 0 &&
	       errno == EROFS,
	   "a file's mount too");
	ok(umount2("in/file", MNT_DETACH) == 0 && umount2("in/file", MNT_DETACH) < 0 &&
	       errno == EINVAL,
	   "and nothing else was left on it");
}

int main(void)
{
	struct err e;

	if (!namespace_enter(CLONE_NEWNS) || mount_isolate(false, &e) < 0)
		abort();
	build();
	test_one();
	test_copy();
	umount2("out", MNT_DETACH);
	test_shallow();
	umount2("out", MNT_DETACH);
	test_file();
	return tap_end();
}

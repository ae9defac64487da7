/* SPDX-License-Identifier: Apache-2.0 */
/* Caging oneself; runs in rlc's helper processes. */
#include "lib/kernel/cage.h"

#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/fd.h"
#include "lib/kernel/confine.h"
#include "lib/kernel/landlock.h"
#include "lib/kernel/mount.h"
#include "lib/kernel/pivot.h"

#include <fcntl.h>
#include <linux/mount.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>

static int write_text(const char *path, const char *text, struct err *e)
{
	auto_fd int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0 || fd_write_all(fd, text, strlen(text)) < 0)
		return err_sys(e, "write \"%s\" into %s", text, path);
	return 0;
}

/* Our own ids as root's: any process may map those, without newuidmap. */
static int map_own_ids(uid_t uid, gid_t gid, struct err *e)
{
	char uids[32], gids[32];

	snprintf(uids, sizeof(uids), "0 %u 1", uid);
	snprintf(gids, sizeof(gids), "0 %u 1", gid);
	if (write_text("/proc/self/setgroups", "deny", e) < 0 ||
	    write_text("/proc/self/uid_map", uids, e) < 0)
		return -1;
	return write_text("/proc/self/gid_map", gids, e);
}

static int leave_namespaces(const struct cage *c, struct err *e)
{
	const uint64_t flags = CLONE_NEWNS | CLONE_NEWIPC | CLONE_NEWUTS | c->namespaces |
			       (c->in_namespaces ? 0 : CLONE_NEWUSER);
	const uid_t uid = geteuid();
	const gid_t gid = getegid();

	if (unshare((int)flags) < 0) {
		err_sys(e, "make namespaces of its own");
		return err_hint(e, "rlc doctor says what this host forbids");
	}
	return c->in_namespaces ? 0 : map_own_ids(uid, gid, e);
}

static int make_file(int root, const struct cage_file *f, struct err *e)
{
	const char *slash = strchr(f->name, '/');
	auto_fd int fd = -1;
	char folder[64];

	if (slash) {
		snprintf(folder, sizeof(folder), "%.*s", (int)(slash - f->name), f->name);
		if (mkdirat(root, folder, 0755) < 0 && errno != EEXIST)
			return err_sys(e, "make %s in the empty root", folder);
	}
	fd = openat(root, f->name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0444);
	if (fd < 0 || fd_write_all(fd, f->text, strlen(f->text)) < 0)
		return err_sys(e, "make %s in the empty root", f->name);
	return 0;
}

static int change_root(const struct cage *c, struct err *e)
{
	const bool initramfs = pivot_root_is_initramfs();
	auto_fd int root = -1;

	if (mount_isolate(false, e) < 0)
		return -1;
	root = mount_empty_root(e);
	if (root < 0)
		return -1;
	for (size_t i = 0; i < c->n_files; i++)
		if (make_file(root, &c->files[i], e) < 0)
			return -1;
	if (mount_restrict(root, "the empty root", MS_RDONLY, e) < 0)
		return -1;
	if (!initramfs)
		return pivot_into(root, e);
	/* It lies on "/" already; only our own root must follow. */
	if (fchdir(root) < 0 || chroot(".") < 0)
		return err_sys(e, "enter the empty root");
	return 0;
}

static int limit(int resource, uint64_t most, const char *name, struct err *e)
{
	struct rlimit l;

	if (getrlimit((__rlimit_resource_t)resource, &l) < 0)
		return err_sys(e, "read the limit of %s", name);
	if (most < l.rlim_max)
		l.rlim_max = most;
	l.rlim_cur = l.rlim_max;
	if (setrlimit((__rlimit_resource_t)resource, &l) < 0)
		return err_sys(e, "limit %s", name);
	return 0;
}

static int set_limits(const struct cage *c, struct err *e)
{
	if (limit(RLIMIT_CORE, 0, "core files", e) < 0)
		return -1;
	if (c->memory && limit(RLIMIT_AS, c->memory, "memory", e) < 0)
		return -1;
	return c->descriptors ? limit(RLIMIT_NOFILE, c->descriptors, "descriptors", e) : 0;
}

static int drop_privilege(const struct cage *c, struct err *e)
{
	struct confine_caps caps = {.permitted = c->caps, .effective = c->caps};

	if (confine_bounding(c->caps, e) < 0 || confine_ambient(&caps, e) < 0 ||
	    confine_caps_set(&caps, e) < 0)
		return -1;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return err_sys(e, "set no_new_privs");
	/* Others of the same user may neither trace it nor read its memory or descriptors. */
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
		return err_sys(e, "become undumpable");
	return 0;
}

static int forbid_files(const struct cage *c, struct err *e)
{
	auto_fd int root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	const struct landlock_beneath row = {root, LANDLOCK_READ};

	if (root < 0)
		return err_sys(e, "open the empty root");
	return landlock_confine(&row, c->n_files ? 1 : 0, LANDLOCK_NETWORK_FREE, e) < 0 ? -1 : 0;
}

int cage_enter(const struct cage *c, struct err *e)
{
	if (leave_namespaces(c, e) < 0 || change_root(c, e) < 0 || set_limits(c, e) < 0 ||
	    drop_privilege(c, e) < 0 || forbid_files(c, e) < 0 ||
	    allow_load(c->allow, c->n_allow, e) < 0)
		return err_ctx(e, "confine %s", c->name);
	return 0;
}

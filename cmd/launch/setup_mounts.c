/* SPDX-License-Identifier: Apache-2.0 */
/* Makes a plan's mounts, every target opened beneath the root by descriptor; runs in set-up. */
#include "cmd/launch/setup_mounts.h"

#include "cmd/launch/live.h"
#include "lib/base/alloc.h"
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/path.h"
#include "lib/base/tree.h"
#include "lib/kernel/mount.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>

static int open_target(const struct live *l, const struct plan_mount *m, bool folder, struct err *e)
{
	int fd = path_make_in(l->root, m->target, folder);
	struct stat st;

	if (fd < 0) {
		err_sys(e, "make the mount point %s in the container", m->target);
		if (e->sys == EACCES && l->plan->rootfs_dir)
			err_hint(e,
				 "the folder must belong to the container's root, on the host "
				 "uid %lld: chown -R %lld:%lld '%s'",
				 (long long)idmap_uid_outside(&l->plan->map, 0),
				 (long long)idmap_uid_outside(&l->plan->map, 0),
				 (long long)idmap_gid_outside(&l->plan->map, 0),
				 l->plan->rootfs_dir);
		return -1;
	}
	if (fstat(fd, &st) == 0 && S_ISDIR(st.st_mode) == folder)
		return fd;
	close(fd);
	err_msg(e, "%s is a %s in the container, but a %s is mounted there", m->target,
		folder ? "file" : "folder", folder ? "folder" : "file");
	return err_hint(e, "choose another target");
}

/* What the image has there, beneath the new mount; its mode too, unless another was asked for. */
static int copy_up(struct live *l, const struct plan_mount *m, int covered, struct err *e)
{
	auto_fd int from = openat(covered, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	auto_fd int to = path_open_in(l->root, m->target, O_RDONLY | O_DIRECTORY, 0);
	struct stat st;

	if (from < 0 || to < 0 || fstat(from, &st) < 0)
		return err_sys(e, "open %s to copy it", m->target);
	if ((!m->data || !strstr(m->data, "mode=")) &&
	    (fchown(to, st.st_uid, st.st_gid) < 0 || fchmod(to, st.st_mode & 07777) < 0))
		return err_sys(e, "copy the owner and mode of %s", m->target);
	return tree_copy(from, to, m->target, e);
}

static int mount_fresh(struct live *l, const struct plan_mount *m, struct err *e)
{
	const struct mount_binding whole = {"/sys", m->target, true, m->flags, MS_PRIVATE};
	/* An O_PATH descriptor goes on naming what is beneath the new mount. */
	auto_fd int target = open_target(l, m, true, e);

	if (target < 0)
		return -1;
	if (mount_new(m->fstype, target, m->target, m->flags, m->data, e) < 0) {
		/* A fresh sysfs is refused where an outer container masks parts of its own. */
		if (e->sys == EPERM && strcmp(m->fstype, "sysfs") == 0)
			return mount_bind(&whole, target, e);
		return -1;
	}
	return m->copy_up ? copy_up(l, m, target, e) : 0;
}

static struct mount_binding binding_of(const struct plan_mount *m)
{
	return (struct mount_binding){.source = m->source,
				      .name = m->target,
				      .recursive = m->recursive,
				      .flags = m->flags,
				      .propagation = m->propagation ? m->propagation : MS_PRIVATE,
				      .no_links = m->asked};
}

int setup_sources(struct live *l, struct err *e)
{
	l->sources = xcalloc(l->plan->n_mounts, sizeof(*l->sources));
	for (size_t i = 0; i < l->plan->n_mounts; i++) {
		const struct plan_mount *m = &l->plan->mounts[i];
		const struct mount_binding b = binding_of(m);

		l->sources[i] = -1;
		if (m->kind != PLAN_BIND || m->pty)
			continue;
		l->sources[i] = mount_bind_open(&b, e);
		if (l->sources[i] < 0 && !m->optional)
			return -1;
	}
	return 0;
}

static int mount_host_path(struct live *l, const struct plan_mount *m, struct err *e)
{
	int *source = &l->sources[m - l->plan->mounts];
	auto_fd int target = -1;
	struct stat st;
	int rc;

	/* The terminal comes when it exists; an optional source that is missing, never. */
	if (*source < 0)
		return 0;
	if (fstat(*source, &st) < 0)
		return err_sys(e, "look at %s", m->source);
	target = open_target(l, m, S_ISDIR(st.st_mode), e);
	if (target < 0)
		return -1;
	rc = mount_attach(*source, target, m->target, e);
	close(take_fd(source));
	return rc;
}

static int mount_file(struct live *l, const struct plan_mount *m, struct err *e)
{
	auto_fd int target = open_target(l, m, false, e);

	if (target < 0)
		return -1;
	for (size_t i = 0; i < l->plan->n_files; i++)
		if (strcmp(l->plan->files[i].name, m->source) == 0)
			return mount_attach(l->files[i], target, m->target, e);
	return err_msg(e, "no file %s was generated", m->source);
}

static int make_link(struct live *l, const struct plan_mount *m, struct err *e)
{
	const char *slash = strrchr(m->target, '/');
	auto_free char *folder = xstrndup(m->target, (size_t)(slash - m->target));
	auto_fd int at = path_open_in(l->root, folder, O_PATH | O_DIRECTORY, 0);

	if (at < 0 || (symlinkat(m->source, at, slash + 1) < 0 && errno != EEXIST))
		return err_sys(e, "link %s to %s in the container", m->target, m->source);
	return 0;
}

static int make_point(struct live *l, const struct plan_mount *m, struct err *e)
{
	auto_fd int target = open_target(l, m, true, e);

	return target < 0 ? -1 : 0;
}

static int nothing_yet(struct live *l, const struct plan_mount *m, struct err *e)
{
	(void)l, (void)m, (void)e;
	return 0;
}

/*
 * What is masked in /proc is opened beneath the procfs that init mounted, and not by a path that
 * another process may turn elsewhere meanwhile (a --rootfs it can write).
 */
static int open_to_mask(const struct live *l, const char *target)
{
	if (l->proc >= 0 && path_is_beneath(target, "/proc") && strcmp(target, "/proc") != 0)
		return path_open_in(l->proc, target + strlen("/proc"), O_PATH, 0);
	return path_open_in(l->root, target, O_PATH, 0);
}

static int open_proc(struct live *l, struct err *e)
{
	struct statfs fs;

	l->proc = path_open_in(l->root, "/proc", O_PATH | O_DIRECTORY, 0);
	if (l->proc < 0 || fstatfs(l->proc, &fs) < 0)
		return err_sys(e, "open /proc in the container");
	if (fs.f_type != PROC_SUPER_MAGIC)
		return err_msg(e, "/proc in the container is not what was mounted there");
	return 0;
}

static int cover(struct live *l, const struct plan_mount *m, struct err *e)
{
	const struct mount_binding nothing = {"/dev/null", m->target, false,
					      MS_RDONLY | MS_NOSUID | MS_NOEXEC, MS_PRIVATE};
	auto_fd int target = open_to_mask(l, m->target);
	struct stat st;

	if (target < 0)
		return errno == ENOENT || errno == ENOTDIR || errno == EACCES
			   ? 0
			   : err_sys(e, "mask %s", m->target);
	if (fstat(target, &st) < 0)
		return err_sys(e, "mask %s", m->target);
	if (S_ISDIR(st.st_mode))
		return mount_new("tmpfs", target, m->target,
				 MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC, "size=0k,mode=755",
				 e);
	return mount_bind(&nothing, target, e);
}

static int restrict_in_place(struct live *l, const struct plan_mount *m, struct err *e)
{
	auto_fd int target = open_to_mask(l, m->target);
	char path[32];

	if (target < 0)
		return errno == ENOENT ? 0 : err_sys(e, "make %s read-only", m->target);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", target);
	return mount_bind(&(struct mount_binding){path, m->target, true, MS_RDONLY, MS_PRIVATE},
			  target, e);
}

/* By enum plan_mount_kind: what is done before, and what after, /proc is there. */
static const struct {
	int (*before)(struct live *l, const struct plan_mount *m, struct err *e);
	int (*after)(struct live *l, const struct plan_mount *m, struct err *e);
} makers[] = {
    [PLAN_NEW] = {mount_fresh, nothing_yet},
    [PLAN_BIND] = {mount_host_path, nothing_yet},
    [PLAN_FILE] = {mount_file, nothing_yet},
    [PLAN_LINK] = {make_link, nothing_yet},
    [PLAN_PROC] = {make_point, nothing_yet},
    [PLAN_MASK] = {nothing_yet, cover},
    [PLAN_READ_ONLY] = {nothing_yet, restrict_in_place},
};

int setup_mounts(struct live *l, struct err *e)
{
	for (size_t i = 0; i < l->plan->n_mounts; i++) {
		const struct plan_mount *m = &l->plan->mounts[i];

		if (makers[m->kind].before(l, m, e) == 0)
			continue;
		if (!m->optional)
			return -1;
	}
	return 0;
}

int setup_masks(struct live *l, struct err *e)
{
	if (open_proc(l, e) < 0)
		return -1;
	for (size_t i = 0; i < l->plan->n_mounts; i++)
		if (makers[l->plan->mounts[i].kind].after(l, &l->plan->mounts[i], e) < 0)
			return -1;
	return 0;
}

int setup_volume_owners(struct live *l, struct err *e)
{
	for (size_t i = 0; i < l->plan->n_mounts; i++) {
		const struct plan_mount *m = &l->plan->mounts[i];
		auto_fd int at = -1;

		if (!m->chown)
			continue;
		at = path_open_in(l->root, m->target, O_RDONLY | O_NONBLOCK, 0);
		if (at < 0)
			return err_sys(e, "open %s to give it to the container's user", m->target);
		if (tree_chown(at, l->user.uid, l->user.gid, m->target, e) < 0)
			return -1;
	}
	return 0;
}

int setup_mount_console(struct live *l, struct err *e)
{
	for (size_t i = 0; i < l->plan->n_mounts; i++) {
		const struct plan_mount *m = &l->plan->mounts[i];
		auto_fd int target = -1;
		char path[32];

		if (!m->pty)
			continue;
		target = open_target(l, m, false, e);
		if (target < 0)
			return -1;
		snprintf(path, sizeof(path), "/proc/self/fd/%d", l->pty_peer);
		return mount_bind(&(struct mount_binding){path, m->target, false,
							  MS_NOSUID | MS_NOEXEC, MS_PRIVATE},
				  target, e);
	}
	return 0;
}

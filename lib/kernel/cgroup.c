/* SPDX-License-Identifier: Apache-2.0 */
/* Control groups v2; used by the host process, and by whoever cleans up after a container. */
#include "lib/kernel/cgroup.h"

#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/fd.h"
#include "lib/base/file.h"
#include "lib/base/path.h"
#include "lib/base/str.h"
#include "lib/kernel/cgroup_parse.h"
#include "lib/kernel/fix.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <time.h>

enum {
	PROC_TEXT_MAX = 4 << 20, /* mountinfo of a host with thousands of mounts */
	REMOVE_WAIT_MS = 500,
};

/* ---- where ---- */

/* These files come whole in one read; a second one for the end of file would cost every start. */
static int read_once(const char *path, char *buf, size_t room)
{
	auto_fd int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, buf, room - 1);

	if (n < 0)
		return -1;
	buf[n] = '\0';
	return 0;
}

static bool is_cgroup2(const char *folder)
{
	struct statfs fs;

	return statfs(folder, &fs) == 0 && fs.f_type == CGROUP2_SUPER_MAGIC;
}

/* "/sys/fs/cgroup" and "/a" → "/sys/fs/cgroup/a". False: longer than PATH_MAX. */
static bool join(char *ret, const char *folder, const char *beneath)
{
	return snprintf(ret, PATH_MAX, "%s%s", folder, strcmp(beneath, "/") == 0 ? "" : beneath) <
	       PATH_MAX;
}

static bool group_is_there(const char *mount, const char *group)
{
	char path[PATH_MAX];

	return join(path, mount, group) && access(path, F_OK) == 0;
}

/*
 * Finds the mount; p->own is at first as /proc has it and afterwards as seen beneath the mount.
 * The usual places cost one statfs, mountinfo of a busy host a millisecond.
 */
static bool find_mount(struct cgroup_place *p)
{
	static const char *const usual[] = {"/sys/fs/cgroup", "/sys/fs/cgroup/unified"};
	auto_free char *mountinfo = NULL;
	char root[PATH_MAX];
	struct err ignored;

	for (size_t i = 0; i < array_len(usual); i++)
		if (is_cgroup2(usual[i]) && group_is_there(usual[i], p->own)) {
			strcpy(p->mount, usual[i]);
			return true;
		}
	if (file_read(AT_FDCWD, "/proc/self/mountinfo", PROC_TEXT_MAX, &mountinfo, NULL, &ignored) <
	    0)
		return false;
	if (!cgroup_parse_mount(mountinfo, p->mount, sizeof(p->mount), root, sizeof(root)))
		return false;
	/* An outer container without a cgroup namespace mounts its own group as root. */
	if (!path_is_beneath(p->own, root))
		return false;
	if (strcmp(root, "/") != 0)
		memmove(p->own, p->own + strlen(root), strlen(p->own + strlen(root)) + 1);
	if (p->own[0] == '\0')
		strcpy(p->own, "/");
	return group_is_there(p->mount, p->own);
}

/* Both are asked: children are made in the folder, and clone3 wants cgroup.procs writable. */
static bool may_write(const char *group)
{
	char procs[PATH_MAX];

	return join(procs, group, "/cgroup.procs") &&
	       faccessat(AT_FDCWD, procs, W_OK, AT_EACCESS) == 0 &&
	       faccessat(AT_FDCWD, group, W_OK | X_OK, AT_EACCESS) == 0;
}

/* Walks from the mount down to our own group and stops at the first that may be written. */
static bool find_parent(struct cgroup_place *p)
{
	char path[PATH_MAX];
	size_t n = strlen(p->mount);

	if (!join(path, p->mount, p->own))
		return false;
	for (;;) {
		char was = path[n];

		path[n] = '\0';
		if (may_write(path)) {
			strcpy(p->parent, path);
			return true;
		}
		path[n] = was;
		if (was == '\0')
			return false;
		n += 1 + strcspn(path + n + 1, "/");
	}
}

static uint32_t read_controllers(const char *group, const char *file)
{
	char path[PATH_MAX], text[512];

	if (!join(path, group, file) || read_once(path, text, sizeof(text)) < 0)
		return 0;
	return cgroup_parse_controllers(text);
}

/* "No internal processes" (cgroups(7)): such a group cannot hand controllers to its children. */
static bool holds_processes(const char *group)
{
	auto_fd int fd = -1;
	char path[PATH_MAX], byte;

	/* The root of the hierarchy is exempt, and the only group without a type. */
	if (!join(path, group, "/cgroup.type") || access(path, F_OK) < 0)
		return false;
	if (!join(path, group, "/cgroup.procs"))
		return true;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	return fd < 0 || read(fd, &byte, 1) != 0;
}

static void read_parent(struct cgroup_place *p)
{
	p->present = read_controllers(p->parent, "/cgroup.controllers");
	p->controllers = p->present & read_controllers(p->parent, "/cgroup.subtree_control");
	if (p->controllers != p->present && !holds_processes(p->parent))
		p->controllers = p->present;
}

int cgroup_find(struct cgroup_place *ret, struct err *e)
{
	char text[PATH_MAX + 1024];

	ret->parent[0] = ret->mount[0] = ret->own[0] = '\0';
	ret->delegated = ret->by_scope = false;
	ret->controllers = ret->present = ret->v1 = 0;
	if (read_once("/proc/self/cgroup", text, sizeof(text)) < 0) {
		/* No cgroups in this kernel, no /proc, or one that is masked. */
		if (errno == ENOENT || errno == EACCES)
			return 0;
		return err_sys(e, "read /proc/self/cgroup");
	}
	ret->v1 = cgroup_parse_v1(text);
	if (!cgroup_parse_own(text, ret->own, sizeof(ret->own)))
		return 0;
	if (!find_mount(ret)) {
		ret->mount[0] = '\0';
		return 0;
	}
	if (!find_parent(ret))
		return 0;
	ret->delegated = true;
	read_parent(ret);
	return 0;
}

int cgroup_place_beneath(struct cgroup_place *p, const char *folder, struct err *e)
{
	struct cgroup_place found = *p;

	if (snprintf(found.parent, sizeof(found.parent), "%s", folder) >= PATH_MAX)
		return err_msg(e, "the path of a cgroup is too long");
	if (access(folder, F_OK) < 0)
		return err_sys(e, "cgroup %s", folder);
	if (!p->delegated || !path_is_beneath(folder, p->parent) || !may_write(folder)) {
		err_msg(e, "cgroup %s is not yours to divide", folder);
		return p->delegated ? err_hint(e, "yours are beneath %s", p->parent)
				    : err_fix(e, FIX_CGROUP_SCOPE);
	}
	read_parent(&found);
	*p = found;
	return 0;
}

void cgroup_peek(struct cgroup_place *p, const char *folder)
{
	(void)snprintf(p->parent, sizeof(p->parent), "%s", folder); /* too long is not there */
	p->present = p->controllers = read_controllers(p->parent, "/cgroup.controllers");
}

uint32_t cgroup_offered(const struct cgroup_place *p)
{
	return *p->mount ? read_controllers(p->mount, "/cgroup.controllers") : 0;
}

int cgroup_place_of(const char *group, struct cgroup_place *ret, struct err *e)
{
	const char *slash = strrchr(group, '/');

	*ret = (struct cgroup_place){.delegated = true};
	if (!slash || slash == group || slash - group >= PATH_MAX)
		return err_msg(e, "%s is no cgroup of a container", group);
	memcpy(ret->parent, group, (size_t)(slash - group));
	if (!is_cgroup2(ret->parent))
		return err_msg(e, "cgroup %s is gone", group);
	for (size_t n = 1; n <= strlen(ret->parent) && !*ret->mount; n++) {
		char path[PATH_MAX];

		n += strcspn(ret->parent + n, "/");
		memcpy(path, ret->parent, n);
		path[n] = '\0';
		if (is_cgroup2(path))
			strcpy(ret->mount, path);
	}
	read_parent(ret);
	return 0;
}

enum { SWEEPER_TRIES = 8 };

/* -ENOENT: a sweeper came between making and locking it. */
static int make_locked(const char *path, struct err *e)
{
	auto_fd int fd = -1;

	if (mkdir(path, 0755) < 0)
		return err_sys(e, "make cgroup %s", path);
	fd = open(path, O_DIRECTORY | O_RDONLY | O_CLOEXEC);
	if (fd >= 0 && flock(fd, LOCK_EX) == 0 && access(path, F_OK) == 0)
		return take_fd(&fd);
	err_sys(e, "open cgroup %s", path);
	if (e->sys == ENOENT)
		return -ENOENT;
	(void)rmdir(path); /* ours and empty; the open's error is what counts */
	return -1;
}

int cgroup_create(const struct cgroup_place *p, const char *name, int *ret_fd, char *path,
		  size_t room, struct err *e)
{
	int fd = -1;

	if (!p->delegated) {
		err_msg(e, "make cgroup %s: no cgroup here belongs to this user", name);
		return err_fix(e, FIX_CGROUP_SCOPE);
	}
	if (!*name || strchr(name, '/') || strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
		return err_msg(e, "make cgroup: \"%s\" is not one folder's name", name);
	if (snprintf(path, room, "%s/%s", p->parent, name) >= (int)room)
		return err_msg(e, "make cgroup %s below %s: the path is too long", name, p->parent);
	for (int i = 0; i < SWEEPER_TRIES; i++) {
		fd = make_locked(path, e);
		if (fd != -ENOENT)
			break;
	}
	if (fd < 0)
		return -1;
	*ret_fd = fd;
	return 0;
}

int cgroup_write(int group, const char *file, const char *value, struct err *e)
{
	auto_fd int fd = openat(group, file, O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return err_sys(e, "open cgroup file %s", file);
	if (fd_write_all(fd, value, strlen(value)) < 0)
		return err_sys(e, "write %s to cgroup file %s", value, file);
	return 0;
}

/* ---- the end ---- */

/* Calls `each` for every child group; -1 when it fails for one. */
static int for_children(int group, int (*each)(int at, const char *name, struct err *e),
			struct err *e)
{
	int copy = openat(group, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	auto_dir DIR *d = fd_into_dir(copy);
	struct dirent *entry;

	if (!d)
		return err_sys(e, "list the cgroup's children");
	while ((entry = readdir(d)))
		if (entry->d_type == DT_DIR && entry->d_name[0] != '.' &&
		    each(group, entry->d_name, e) < 0)
			return -1;
	return 0;
}

static int kill_listed(int group, bool *ret_any, struct err *e)
{
	auto_free char *text = NULL;
	char *rest;

	if (file_read(group, "cgroup.procs", PROC_TEXT_MAX, &text, NULL, e) < 0)
		return e->sys == ENODEV || e->sys == ENOENT ? 0 : -1;
	for (char *line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
		pid_t pid = (pid_t)atol(line);

		/* 0 is a process outside of our pid namespace: not ours to kill. */
		if (pid <= 0)
			continue;
		*ret_any = true;
		if (kill(pid, SIGKILL) < 0 && errno != ESRCH)
			return err_sys(e, "kill process %d", (int)pid);
	}
	return 0;
}

static void nap_ms(long ms)
{
	struct timespec t = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};

	(void)nanosleep(&t, NULL); /* cut short by a signal: the caller looks again anyway */
}

/* Linux before 5.14: one by one, frozen first so that none can fork away from under the loop. */
static int kill_one_by_one(int at, const char *name, struct err *e)
{
	auto_fd int group = openat(at, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	struct err ignored;
	bool any = true;

	if (group < 0)
		return errno == ENOENT ? 0 : err_sys(e, "open cgroup %s", name);
	(void)cgroup_write(group, "cgroup.freeze", "1", &ignored); /* absent before 5.2 */
	for (int round = 0; any && round < 100; round++) {
		any = false;
		if (kill_listed(group, &any, e) < 0)
			return err_ctx(e, "cgroup %s", name);
		if (any)
			nap_ms(1);
	}
	return for_children(group, kill_one_by_one, e);
}

int cgroup_kill(const char *path, struct err *e)
{
	auto_fd int group = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	auto_fd int switch_fd = -1;

	if (group < 0)
		return errno == ENOENT ? 0 : err_sys(e, "open cgroup %s", path);
	switch_fd = openat(group, "cgroup.kill", O_WRONLY | O_CLOEXEC);
	if (switch_fd < 0 && errno == ENOENT)
		return kill_one_by_one(AT_FDCWD, path, e);
	if (switch_fd < 0 || fd_write_all(switch_fd, "1", 1) < 0) {
		/* ENODEV: removed meanwhile. */
		return errno == ENODEV ? 0 : err_sys(e, "write 1 to %s/cgroup.kill", path);
	}
	return 0;
}

/* Groups that the container made inside its own: they keep the outer one from going. */
static int remove_below(int at, const char *name, struct err *e)
{
	auto_fd int group = -1;

	if (unlinkat(at, name, AT_REMOVEDIR) == 0 || errno == ENOENT)
		return 0;
	if (errno != EBUSY)
		return err_sys(e, "remove cgroup %s", name);
	group = openat(at, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	if (group < 0)
		return errno == ENOENT ? 0 : err_sys(e, "open cgroup %s", name);
	if (for_children(group, remove_below, e) < 0)
		return err_ctx(e, "cgroup %s", name);
	if (unlinkat(at, name, AT_REMOVEDIR) < 0 && errno != ENOENT)
		return err_sys(e, "remove cgroup %s", name);
	return 0;
}

int cgroup_remove(const char *path, struct err *e)
{
	long waited = 0;

	/* A killed process leaves its group when it has exited, a moment after SIGKILL. */
	for (long nap = 1; remove_below(AT_FDCWD, path, e) < 0; nap = nap < 32 ? nap * 2 : nap) {
		if (e->sys != EBUSY)
			return -1;
		if (waited >= REMOVE_WAIT_MS)
			return err_hint(e, "processes are still in it: cat %s/cgroup.procs", path);
		nap_ms(nap);
		waited += nap;
	}
	return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Tries overlay and FUSE in a child that goes away, and remembers the answer. Runs in rlc. */
#include "storage/rootfs_probe.h"

#include "lib/base/alloc.h"
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/file.h"
#include "lib/base/log.h"
#include "lib/base/str.h"
#include "lib/kernel/idmap.h"
#include "lib/state/dirs.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/vfs.h>

static const char answer_name[] = "roots"; /* in the run folder */

enum { ANSWER_MAX = 4096 };

/* ---- trying ---- */

/* A folder in the store for the overlay, owned by root of the namespace. Returns its name. */
static char *make_work_folder(const struct dirs *d, const struct id_map *map, int tmp,
			      struct err *e)
{
	auto_free char *name = xasprintf("probe-%d", getpid());
	int64_t uid = idmap_uid_outside(map, 0), gid = idmap_gid_outside(map, 0);

	if (mkdirat(tmp, name, 0711) < 0) {
		err_sys(e, "make folder %s/tmp/%s", d->data, name);
		return NULL;
	}
	if (map->direct && fchownat(tmp, name, (uid_t)uid, (gid_t)gid, AT_SYMLINK_NOFOLLOW) < 0) {
		err_sys(e, "give folder %s/tmp/%s to uid %lld", d->data, name, (long long)uid);
		(void)unlinkat(tmp, name, AT_REMOVEDIR); /* the first error is the one to tell */
		return NULL;
	}
	return take_ptr(name);
}

enum probe_end rootfs_probe_store(const struct dirs *d, const struct id_map *map,
				  int (*step)(const char *work, struct err *e), struct err *e)
{
	struct probe p = {.map = map, .namespaces = CLONE_NEWNS, .step = step};
	auto_fd int tmp = dirs_open_folder(d->data_fd, "tmp", e);
	auto_free char *name = NULL, *path = NULL;
	enum probe_end end;
	struct err left;

	if (tmp < 0 || !(name = make_work_folder(d, map, tmp, e)))
		return PROBE_STEP;
	/* In two steps: with real root tmp may be container root's alone, and data ours alone. */
	path = xasprintf("tmp/%s", name);
	p.folder = d->data;
	p.arg = path;
	end = probe_run(&p, e);
	if (file_remove_tree(tmp, name, &left) < 0)
		log_debug("%s", left.what); /* the sweeper takes it */
	return end;
}

/* False: nothing was learnt, since the namespaces themselves are refused, or for want of room. */
static bool try_both(const struct dirs *d, const struct id_map *map, struct rootfs_host *ret)
{
	struct probe fuse = {.map = map, .namespaces = CLONE_NEWNS, .step = probe_fuse};
	struct err e = {0};
	enum probe_end end = rootfs_probe_store(d, map, probe_overlay, &e);

	ret->overlay = ret->fuse = 0;
	if (end == PROBE_OK)
		return true;
	if (end != PROBE_STEP || !rootfs_is_refusal(e.sys))
		return false;
	ret->overlay = e.sys;
	if (probe_run(&fuse, &e) != PROBE_OK)
		ret->fuse = e.sys ? e.sys : EIO;
	return true;
}

/* ---- remembering ---- */

/* All that may change the answer. A boot may bring another kernel. */
static char *make_key(const struct dirs *d)
{
	auto_free char *boot = NULL;
	struct stat store = {0}, user = {0};
	struct statfs fs = {0};
	struct err ignored;

	if (file_read(AT_FDCWD, "/proc/sys/kernel/random/boot_id", 64, &boot, NULL, &ignored) < 0)
		return NULL;
	boot[strcspn(boot, "\n")] = '\0';
	if (fstat(d->data_fd, &store) < 0 || fstatfs(d->data_fd, &fs) < 0 ||
	    stat("/proc/self/ns/user", &user) < 0)
		return NULL;
	return xasprintf("%s %llx:%llx %llx %llx %d\n", boot, (unsigned long long)store.st_dev,
			 (unsigned long long)store.st_ino, (unsigned long long)fs.f_type,
			 (unsigned long long)user.st_ino, prctl(PR_GET_SECCOMP));
}

static bool recall(const struct dirs *d, const char *key, struct rootfs_host *ret)
{
	auto_free char *text = NULL;
	struct err none;
	char end;

	if (file_read(d->run_fd, answer_name, ANSWER_MAX, &text, NULL, &none) < 0 ||
	    !str_starts(text, key))
		return false;
	return sscanf(text + strlen(key), "%d %d%c", &ret->overlay, &ret->fuse, &end) == 3 &&
	       end == '\n';
}

int rootfs_probe(const struct dirs *d, const struct id_map *map, bool again,
		 struct rootfs_host *ret, bool *ret_tried, struct err *e)
{
	auto_free char *key = make_key(d), *text = NULL;

	*ret_tried = false;
	if (!again && key && recall(d, key, ret))
		return 0;
	if (!try_both(d, map, ret))
		return 0;
	*ret_tried = true;
	text = key ? xasprintf("%s%d %d\n", key, ret->overlay, ret->fuse) : NULL;
	return text ? file_write(d->run_fd, answer_name, text, strlen(text), 0600, false, e) : 0;
}

void rootfs_probe_forget(const struct dirs *d)
{
	(void)unlinkat(d->run_fd, answer_name, 0); /* then there is nothing to forget */
}

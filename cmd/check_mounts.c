/* SPDX-License-Identifier: Apache-2.0 */
/* Checks of what set-up mounts and opens, each tried in a child that goes away with it. */
#include "cmd/check.h"
#include "lib/base/alloc.h"
#include "lib/base/auto.h"
#include "lib/base/file.h"
#include "lib/base/strv.h"
#include "lib/kernel/diagnose.h"
#include "lib/kernel/filesystem.h"
#include "lib/state/dirs.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/stat.h>
#include <sys/vfs.h>

/* A folder in the store for the overlay, owned by root of the namespace. Returns its name. */
static char *make_work_folder(const struct check_host *h, int tmp, struct err *e)
{
	char *name = xasprintf("doctor-%d", getpid());
	int64_t uid = idmap_uid_outside(&h->map, 0), gid = idmap_gid_outside(&h->map, 0);

	if (mkdirat(tmp, name, 0711) < 0) {
		err_sys(e, "make folder %s/tmp/%s", h->dirs->data, name);
		free(name);
		return NULL;
	}
	if (h->map.direct && fchownat(tmp, name, (uid_t)uid, (gid_t)gid, AT_SYMLINK_NOFOLLOW) < 0) {
		err_sys(e, "give folder %s/tmp/%s to uid %lld", h->dirs->data, name,
			(long long)uid);
		(void)unlinkat(tmp, name, AT_REMOVEDIR); /* the first error is the one to tell */
		free(name);
		return NULL;
	}
	return name;
}

static void say_overlay(struct check_host *h, bool failed, bool append, const struct err *e,
			struct check_result *r)
{
	struct statfs fs;
	const char *kind = statfs(h->dirs->data, &fs) == 0
			       ? filesystem_name((uint64_t)fs.f_type & 0xffffffff)
			       : "unknown";

	h->overlay_works = !failed;
	if (failed) {
		check_error(r, CHECK_BAD, e);
		check_fix(r, overlay_diagnose(e->sys));
		return;
	}
	check_say(r, CHECK_OK, "mounts and writes on %s%s", kind,
		  append ? ", layers one by one" : "");
}

void check_overlay(struct check_host *h, struct check_result *r)
{
	struct probe p = {.namespaces = CLONE_NEWNS, .step = probe_overlay};
	auto_free char *name = NULL, *path = NULL;
	bool failed = true, append_failed = true;
	auto_fd int tmp = -1;
	struct err e, ignored;

	if (!h->dirs) {
		check_say(r, CHECK_NOTICE, "not tried: there is no data folder");
		return;
	}
	tmp = dirs_open_folder(h->dirs->data_fd, "tmp", &e);
	name = tmp < 0 ? NULL : make_work_folder(h, tmp, &e);
	if (!name) {
		check_error(r, CHECK_BAD, &e);
		return;
	}
	path = xasprintf("%s/tmp/%s", h->dirs->data, name);
	p.arg = path;
	if (check_probe(h, p, r, &failed, &e)) {
		p.step = probe_overlay_append;
		if (!failed && !check_probe(h, p, r, &append_failed, &ignored))
			append_failed = true;
		say_overlay(h, failed, !append_failed, &e, r);
	}
	if (file_remove_tree(tmp, name, &e) < 0 && !failed)
		check_error(r, CHECK_NOTICE, &e);
}

void check_proc(struct check_host *h, struct check_result *r)
{
	struct probe p = {.namespaces = CLONE_NEWNS | CLONE_NEWPID, .step = probe_proc};
	bool failed;
	struct err e;

	if (!check_probe(h, p, r, &failed, &e))
		return;
	if (!failed) {
		check_say(r, CHECK_OK, "a fresh one mounts");
		return;
	}
	check_error(r, CHECK_BAD, &e);
	check_fix(r, FIX_PROC_MASKED);
}

/* Full path of a program on PATH; owned by the caller, or NULL. */
static char *find_program(const char *name)
{
	auto_strv struct strv folders = {0};
	const char *path = getenv("PATH");

	strv_split(&folders, path ? path : "/usr/local/bin:/usr/bin:/bin", ":");
	for (size_t i = 0; i < folders.n; i++) {
		char *file = xasprintf("%s/%s", folders.v[i], name);

		if (access(file, X_OK) == 0)
			return file;
		free(file);
	}
	return NULL;
}

void check_fuse_overlayfs(struct check_host *h, struct check_result *r)
{
	/* Wanted only where the kernel's overlay is refused. */
	enum check_status lacking = h->overlay_works ? CHECK_OK : CHECK_NOTICE;
	const char *why = h->overlay_works ? " (not needed: overlay works)" : "";
	struct probe p = {.namespaces = CLONE_NEWNS, .step = probe_fuse};
	auto_free char *program = find_program("fuse-overlayfs");
	bool failed;
	struct err e;

	if (!check_probe(h, p, r, &failed, &e))
		return;
	if (failed) {
		check_say(r, lacking, "%s: %s%s", e.what, strerror(e.sys), why);
		check_fix(r, lacking == CHECK_OK ? FIX_NONE : FIX_FUSE);
	} else if (!program) {
		check_say(r, lacking, "the program is not installed%s", why);
		check_fix(r, lacking == CHECK_OK ? FIX_NONE : FIX_FUSE_OVERLAYFS);
	} else {
		check_say(r, CHECK_OK, "%s, and /dev/fuse may be used", program);
	}
}

void check_tun(struct check_host *h, struct check_result *r)
{
	struct probe p = {.namespaces = CLONE_NEWNET, .step = probe_tun};
	bool failed;
	struct err e;

	if (!check_probe(h, p, r, &failed, &e))
		return;
	if (!failed) {
		check_say(r, CHECK_OK, "a tap device may be made");
		return;
	}
	check_error(r, CHECK_NOTICE, &e);
	check_fix(r, FIX_TUN);
}

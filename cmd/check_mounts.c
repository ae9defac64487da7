/* SPDX-License-Identifier: Apache-2.0 */
/* Checks of what set-up mounts and opens, each tried in a child that goes away with it. */
#include "cmd/check.h"
#include "lib/base/auto.h"
#include "lib/kernel/diagnose.h"
#include "lib/kernel/filesystem.h"
#include "lib/kernel/program.h"
#include "lib/state/dirs.h"
#include "storage/rootfs_probe.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/stat.h>
#include <sys/vfs.h>

static void say_overlay(struct check_host *h, bool failed, bool append, const struct err *e,
			struct check_result *r)
{
	struct statfs fs;
	const char *kind = statfs(h->dirs->data, &fs) == 0
			       ? filesystem_name((uint64_t)fs.f_type & 0xffffffff)
			       : "unknown";

	h->overlay_works = !failed;
	if (failed) {
		/* There are other ways, slower ones. */
		check_error(r, CHECK_NOTICE, e);
		check_fix(r, overlay_diagnose(e->sys));
		return;
	}
	check_say(r, CHECK_OK, "mounts and writes on %s%s", kind,
		  append ? ", layers one by one" : "");
}

void check_overlay(struct check_host *h, struct check_result *r)
{
	enum probe_end end;
	struct err e, ignored;
	bool append;

	if (!h->dirs) {
		check_say(r, CHECK_NOTICE, "not tried: there is no data folder");
		return;
	}
	if (!h->userns_works) {
		check_say(r, CHECK_NOTICE, "not tried: user namespaces are refused");
		return;
	}
	end = rootfs_probe_store(h->dirs, &h->map, probe_overlay, &e);
	if (end == PROBE_CLONE || end == PROBE_MAP) {
		check_say(r, CHECK_NOTICE, "not tried: %s", e.what);
		return;
	}
	append = end == PROBE_OK &&
		 rootfs_probe_store(h->dirs, &h->map, probe_overlay_append, &ignored) == PROBE_OK;
	say_overlay(h, end != PROBE_OK, append, &e, r);
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

void check_fuse_overlayfs(struct check_host *h, struct check_result *r)
{
	/* Wanted only where the kernel's overlay is refused. */
	enum check_status lacking = h->overlay_works ? CHECK_OK : CHECK_NOTICE;
	const char *why = h->overlay_works ? " (not needed: overlay works)" : "";
	struct probe p = {.namespaces = CLONE_NEWNS, .step = probe_fuse};
	auto_free char *program = program_find("fuse-overlayfs");
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

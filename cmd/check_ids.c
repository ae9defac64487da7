/* SPDX-License-Identifier: Apache-2.0 */
/* Checks of user namespaces and of the ids that may be mapped into them. */
#include "cmd/check.h"
#include "lib/base/auto.h"
#include "lib/base/str.h"
#include "lib/kernel/diagnose.h"
#include "lib/kernel/sysctl.h"

#include <sched.h>

/* Only root inside, which is the caller: the map that needs no helper. */
static struct id_map single_map(const struct facts *f)
{
	return (struct id_map){
	    .uid = {{0, f->uid, 1}},
	    .gid = {{0, f->gid, 1}},
	    .n_uid = 1,
	    .n_gid = 1,
	    .single = true,
	};
}

void check_user_namespaces(struct check_host *h, struct check_result *r)
{
	struct id_map map = single_map(&h->facts);
	/* Where AppArmor restricts them the clone works, and the first mount inside does not. */
	struct probe p = {.map = &map, .namespaces = CLONE_NEWNS, .step = probe_tmpfs};
	int64_t limit;
	struct err e;

	h->map = map;
	if (probe_run(&p, &e) != PROBE_OK) {
		check_error(r, CHECK_BAD, &e);
		check_fix(r, userns_diagnose(e.sys));
		return;
	}
	h->userns_works = true;
	if (sysctl_read_i64("user/max_user_namespaces", &limit))
		check_say(r, CHECK_OK, "may be made, %lld at most", (long long)limit);
	else
		check_say(r, CHECK_OK, "may be made");
}

void check_namespaces(struct check_host *h, struct check_result *r)
{
	struct probe p = {.map = &h->map,
			  .namespaces = CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC |
					CLONE_NEWUTS | CLONE_NEWCGROUP};
	struct err e;

	if (!h->userns_works) {
		check_say(r, CHECK_NOTICE, "not tried: user namespaces are refused");
		return;
	}
	if (probe_run(&p, &e) == PROBE_OK) {
		check_say(r, CHECK_OK, "mount, pid, net, ipc, uts and cgroup may be made");
		return;
	}
	check_error(r, CHECK_BAD, &e);
	check_fix(r, userns_diagnose(e.sys));
}

void check_helpers(struct check_host *h, struct check_result *r)
{
	auto_free char *uids = idmap_helper_path("newuidmap");
	auto_free char *gids = idmap_helper_path("newgidmap");
	enum fix why = idmap_diagnose();
	struct id_map map;
	struct err ignored;

	/* An error of the files has its place in the next row. */
	if (idmap_for_caller(&map, &ignored) == 0 && map.direct) {
		check_say(r, CHECK_OK, "not needed: root writes id maps itself");
		return;
	}
	switch (why) {
	case FIX_NEWUIDMAP_MISSING:
		check_say(r, CHECK_NOTICE, "%s is not installed: containers get a single id",
			  uids ? "newgidmap" : "newuidmap");
		break;
	case FIX_NEWUIDMAP_PRIVILEGE:
		check_say(r, CHECK_NOTICE,
			  "%s is neither setuid root nor has it the capability: containers get a "
			  "single id",
			  idmap_helper_privileged(uids) ? gids : uids);
		break;
	case FIX_NEWUIDMAP_NOSUID:
		/* A run would find both and fail, so this is worse than having none. */
		check_say(r, CHECK_BAD, "%s cannot gain privilege here: %s", uids,
			  h->facts.no_new_privs ? "no_new_privs is set"
						: "its file system is mounted nosuid");
		break;
	default:
		check_say(r, CHECK_OK, "%s and %s have their privilege", uids, gids);
		return;
	}
	check_fix(r, why);
}

static void add_ranges(struct str *to, const struct id_range *list, size_t n, uint32_t own)
{
	const char *comma = "";

	for (size_t i = 0; i < n; i++) {
		if (list[i].outside == own && list[i].count == 1)
			continue;
		str_addf(to, "%s%u-%u", comma, list[i].outside,
			 list[i].outside + list[i].count - 1);
		comma = ",";
	}
}

void check_subordinate_ids(struct check_host *h, struct check_result *r)
{
	enum { USUAL = 65536 }; /* images use ids up to 65534, nobody */
	auto_str struct str uids = {0}, gids = {0};
	struct id_map map;
	struct err e;

	if (idmap_for_caller(&map, &e) < 0) {
		check_error(r, CHECK_BAD, &e);
		return;
	}
	if (map.single) {
		check_say(r, CHECK_NOTICE, "%s", map.why_single);
		/* The helpers' own row has the remedy when it is they that lack. */
		check_fix(r, idmap_diagnose() == FIX_SUBIDS ? FIX_SUBIDS : FIX_NONE);
		return;
	}
	h->map = map;
	add_ranges(&uids, map.uid, map.n_uid, h->facts.uid);
	add_ranges(&gids, map.gid, map.n_gid, h->facts.gid);
	if (idmap_uid_count(&map) < USUAL) {
		check_say(r, CHECK_NOTICE, "only %llu ids: images with higher ones will not unpack",
			  (unsigned long long)idmap_uid_count(&map));
		check_fix(r, FIX_SUBIDS);
		return;
	}
	check_say(r, CHECK_OK, "uids %s, gids %s", str_get(&uids), str_get(&gids));
}

void check_id_map(struct check_host *h, struct check_result *r)
{
	struct probe p = {.map = &h->map};
	struct err e;

	if (!h->userns_works) {
		check_say(r, CHECK_NOTICE, "not tried: user namespaces are refused");
		return;
	}
	if (probe_run(&p, &e) == PROBE_OK) {
		check_say(r, CHECK_OK, "written: %llu id%s",
			  (unsigned long long)idmap_uid_count(&h->map),
			  h->map.single ? ", so files of the image all belong to you" : "s");
		return;
	}
	check_error(r, CHECK_BAD, &e);
	if (!h->map.single && !h->map.direct)
		check_fix(r, idmap_diagnose());
	/* So that what comes below can still be tried. */
	h->map = single_map(&h->facts);
}

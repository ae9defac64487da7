/* SPDX-License-Identifier: Apache-2.0 */
/* Checks of the user's session: folders, configuration, control groups, what outlives a logout. */
#include "cmd/check.h"
#include "lib/base/alloc.h"
#include "lib/base/auto.h"
#include "lib/base/str.h"
#include "lib/kernel/cgroup_limits.h"
#include "lib/kernel/filesystem.h"
#include "lib/spec/limits.h"
#include "lib/state/dirs.h"
#include "lib/state/libexec.h"
#include "lib/state/linger.h"
#include "lib/systemd/scope.h"
#include "storage/authorities.h"

#include <mntent.h>
#include <sys/vfs.h>

void check_configuration(struct check_host *h, struct check_result *r)
{
	if (h->config_read)
		check_say(r, CHECK_OK, "read without an error");
	else
		check_error(r, CHECK_BAD, &h->config_error);
}

void check_programs(struct check_host *h, struct check_result *r)
{
	static const char *const programs[] = {"rlc-init",    "rlc-net",   "rlc-ports",
					       "rlc-monitor", "rlc-image", "rlc-fetch"};

	(void)h;
	for (size_t i = 0; i < array_len(programs); i++) {
		auto_free char *path = libexec_path(programs[i]);

		if (access(path, X_OK) == 0)
			continue;
		check_say(r, CHECK_BAD, "%s: %s", path, strerror(errno));
		snprintf(r->fix, sizeof(r->fix), "install rlc again: %s belongs in %s", programs[i],
			 libexec_folder());
		return;
	}
	check_say(r, CHECK_OK, "rlc's own are in %s", libexec_folder());
}

void check_registries(struct check_host *h, struct check_result *r)
{
	const char *path = authorities_path();

	(void)h;
	if (path && access(path, R_OK) == 0) {
		check_say(r, CHECK_OK, "known by the certificates in %s", path);
		return;
	}
	check_say(r, CHECK_NOTICE, "no certificates of authorities%s%s: none can prove who it is",
		  path ? " at " : "", path ? path : "");
	snprintf(r->fix, sizeof(r->fix), "%s",
		 path ? "unset SSL_CERT_FILE, or let it name a file in PEM"
		      : "install the package ca-certificates");
}

/* "/home/u/.local/share/rlc on ext4, 12 GB free" */
void check_data_folder(struct check_host *h, struct check_result *r)
{
	enum { LITTLE = 500 << 20 }; /* a distribution's image, unpacked */
	char human[24];
	struct statfs fs;
	uint64_t room;

	if (!h->dirs) {
		check_error(r, CHECK_BAD, &h->dirs_error);
		return;
	}
	if (statfs(h->dirs->data, &fs) < 0) {
		check_say(r, CHECK_BAD, "%s: %s", h->dirs->data, strerror(errno));
		return;
	}
	room = (uint64_t)fs.f_bavail * (uint64_t)fs.f_bsize;
	check_say(r, room < LITTLE ? CHECK_NOTICE : CHECK_OK, "%s on %s, %s free", h->dirs->data,
		  filesystem_name((uint64_t)fs.f_type & 0xffffffff),
		  str_human_bytes(human, sizeof(human), room));
	if (room < LITTLE)
		snprintf(r->fix, sizeof(r->fix),
			 "remove what is not needed (rlc images, rlc rmi), or keep the store "
			 "elsewhere: rlc --root FOLDER");
}

void check_run_folder(struct check_host *h, struct check_result *r)
{
	const char *runtime = getenv("XDG_RUNTIME_DIR");

	if (!h->dirs) {
		check_say(r, CHECK_NOTICE, "not tried: there is no data folder");
		return;
	}
	if (h->facts.uid == 0 || !str_starts(h->dirs->run, "/tmp/rlc-")) {
		check_say(r, CHECK_OK, "%s", h->dirs->run);
		return;
	}
	check_say(r, CHECK_NOTICE, "%s, since XDG_RUNTIME_DIR%s%s", h->dirs->run,
		  runtime ? " is not a private folder of yours: " : " is not set",
		  runtime ? runtime : "");
	check_fix(r, FIX_RUN_FOLDER);
}

static void list_controllers(struct str *to, uint32_t controllers)
{
	for (unsigned int c = 0; c < CGROUP_CONTROLLERS; c++)
		if (controllers & 1u << c)
			str_addf(to, "%s%s", to->len ? ", " : "",
				 cgroup_controller_name((enum cgroup_controller)c));
}

/*
 * A limit by each controller that the kernel has: the first that cannot be set is reported as a run
 * would.
 */
void check_cgroup(struct check_host *h, struct check_result *r)
{
	struct cgroup_place place = h->facts.cgroup;
	const struct cgroup_place *p = &place;
	uint32_t offered = cgroup_offered(p);
	char cpus[] = "0";
	auto_str struct str names = {0};
	struct spec_limits all;
	struct err e;

	limits_init(&all);
	all.memory = 1 << 20;
	all.pids = 1;
	all.cpu_quota = SPEC_CPU_PERIOD;
	if (offered & 1u << CGROUP_CPUSET)
		all.cpuset_cpus = cpus;
	if (offered & 1u << CGROUP_IO)
		all.blkio_weight = 100;
	if (!p->delegated)
		scope_offer(&place);
	if (cgroup_check(p, &all, &e) < 0) {
		check_error(r, CHECK_NOTICE, &e);
		return;
	}
	list_controllers(&names, p->controllers);
	check_say(r, CHECK_OK, "%s%s hands on %s",
		  p->by_scope ? "where a limit is asked for systemd makes a scope: " : "",
		  p->parent, str_get(&names));
}

/* Whether the cgroup2 mount at `point` confines a cgroup namespace to what was delegated to it. */
static bool has_nsdelegate(const char *point)
{
	FILE *f = setmntent("/proc/self/mounts", "re");
	struct mntent entry;
	bool found = false;
	char room[8192];

	while (f && getmntent_r(f, &entry, room, sizeof(room)))
		if (strcmp(entry.mnt_type, "cgroup2") == 0 && strcmp(entry.mnt_dir, point) == 0)
			found = hasmntopt(&entry, "nsdelegate") != NULL;
	if (f)
		endmntent(f);
	return found;
}

void check_cgroup_nsdelegate(struct check_host *h, struct check_result *r)
{
	if (!h->facts.cgroup.delegated) {
		check_say(r, CHECK_OK, "not needed: containers get no cgroup here");
		return;
	}
	if (has_nsdelegate(h->facts.cgroup.mount)) {
		check_say(r, CHECK_OK, "containers cannot change their own limits");
		return;
	}
	check_say(r, CHECK_NOTICE, "%s is mounted without it", h->facts.cgroup.mount);
	check_fix(r, FIX_CGROUP_NSDELEGATE);
}

void check_linger(struct check_host *h, struct check_result *r)
{
	if (!h->facts.systemd || h->facts.uid == 0) {
		check_say(r, CHECK_OK, "not needed: no session manager ends containers at logout");
		return;
	}
	if (!linger_is_off(h->facts.user)) {
		check_say(r, CHECK_OK, "detached containers outlive the session");
		return;
	}
	check_say(r, CHECK_NOTICE, "detached containers end with the last session of %s",
		  h->facts.user);
	check_fix(r, FIX_LINGER);
}

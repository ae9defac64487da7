/* SPDX-License-Identifier: Apache-2.0 */
/* The table of checks and what they share; runs in `rlc doctor`, as the user. */
#include "cmd/check.h"

#include "lib/base/auto.h"

#include <stdarg.h>

const struct check checks[] = {
    {"kernel", check_kernel},
    {"system-calls", check_system_calls},
    {"seccomp", check_seccomp},
    {"user-namespaces", check_user_namespaces},
    {"namespaces", check_namespaces},
    {"newuidmap", check_helpers},
    {"subordinate-ids", check_subordinate_ids},
    {"id-map", check_id_map},
    {"programs", check_programs},
    {"configuration", check_configuration},
    {"data-folder", check_data_folder},
    {"run-folder", check_run_folder},
    {"overlay", check_overlay},
    {"proc", check_proc},
    {"fuse-overlayfs", check_fuse_overlayfs},
    {"tun", check_tun},
    {"cgroup", check_cgroup},
    {"cgroup-nsdelegate", check_cgroup_nsdelegate},
    {"security-modules", check_security_modules},
    {"landlock", check_landlock},
    {"ping", check_ping},
    {"ports", check_ports},
    {"registries", check_registries},
    {"linger", check_linger},
};
const size_t n_checks = array_len(checks);

void check_say(struct check_result *r, enum check_status status, const char *fmt, ...)
{
	va_list ap;

	r->status = status;
	va_start(ap, fmt);
	vsnprintf(r->finding, sizeof(r->finding), fmt, ap);
	va_end(ap);
}

void check_fix(struct check_result *r, enum fix id)
{
	/* Those who read this have run it already. */
	snprintf(r->fix, sizeof(r->fix), "%s", fix_text(id == FIX_DOCTOR ? FIX_NONE : id));
}

void check_error(struct check_result *r, enum check_status status, const struct err *e)
{
	if (e->sys)
		check_say(r, status, "%s: %s", e->what, strerror(e->sys));
	else
		check_say(r, status, "%s", e->what);
	snprintf(r->fix, sizeof(r->fix), "%s", e->hint);
}

bool check_probe(const struct check_host *h, struct probe p, struct check_result *r,
		 bool *ret_failed, struct err *e)
{
	enum probe_end end;

	if (!h->userns_works) {
		check_say(r, CHECK_NOTICE, "not tried: user namespaces are refused");
		return false;
	}
	p.map = &h->map;
	end = probe_run(&p, e);
	if (end == PROBE_CLONE || end == PROBE_MAP) {
		check_say(r, CHECK_NOTICE, "not tried: %s", e->what);
		return false;
	}
	*ret_failed = end == PROBE_STEP;
	return true;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Checks of the kernel: its calls, filters, security modules and network switches. */
#include "cmd/check.h"
#include "lib/base/auto.h"
#include "lib/base/str.h"
#include "lib/base/strv.h"
#include "lib/kernel/diagnose.h"
#include "lib/kernel/feature.h"
#include "lib/kernel/lsm.h"
#include "lib/kernel/sysctl.h"

void check_kernel(struct check_host *h, struct check_result *r)
{
	const struct facts *f = &h->facts;

	check_say(r, CHECK_OK, "Linux %s on %s, %u CPU%s", f->release, f->machine, f->cpus,
		  f->cpus == 1 ? "" : "s");
}

/* Filters answer EPERM, or ENOSYS for a call that this kernel has. */
static bool is_filtered(const struct facts *f, const struct feature_row *row, int why)
{
	unsigned int major, minor;

	if (f->seccomp_mode == 0)
		return false;
	return why == EPERM || (facts_parse_release(row->since, &major, &minor) &&
				facts_kernel_is(f, major, minor));
}

void check_system_calls(struct check_host *h, struct check_result *r)
{
	auto_str struct str missing = {0};
	enum check_status status = CHECK_OK;
	bool filtered = false;

	for (size_t i = 0; i < FEATURES; i++) {
		const struct feature_row *row = &features[i];
		int why;

		/* They have rows of their own. */
		if (i == FEATURE_LANDLOCK || i == FEATURE_SECCOMP_FILTER)
			continue;
		why = row->probe();
		if (!why)
			continue;
		str_addf(&missing, "%s%s (Linux %s)", missing.len ? ", " : "", row->name,
			 row->since);
		filtered |= is_filtered(&h->facts, row, why);
		if (row->needed || status == CHECK_OK)
			status = row->needed ? CHECK_BAD : CHECK_NOTICE;
	}
	if (!missing.len) {
		check_say(r, CHECK_OK, "all that rlc uses are there");
		return;
	}
	check_say(r, status, "%s: %s", filtered ? "refused by a filter around rlc" : "missing",
		  str_get(&missing));
	check_fix(r, filtered ? FIX_USERNS_NESTED : FIX_KERNEL);
}

void check_seccomp(struct check_host *h, struct check_result *r)
{
	if (features[FEATURE_SECCOMP_FILTER].probe()) {
		check_say(r, CHECK_BAD, "this kernel takes no seccomp filter");
		check_fix(r, FIX_KERNEL);
	} else if (h->facts.seccomp_mode) {
		/* Works, but explains refusals inside that the container's own profile allows. */
		check_say(r, CHECK_OK, "filters work; rlc itself runs under one set from outside");
	} else {
		check_say(r, CHECK_OK, "filters work");
	}
}

void check_security_modules(struct check_host *h, struct check_result *r)
{
	auto_strv struct strv names = {0};
	auto_str struct str text = {0};
	bool complete = lsm_list(&names);

	(void)h;
	for (size_t i = 0; i < names.n; i++)
		str_addf(&text, "%s%s", i ? ", " : "", names.v[i]);
	check_say(r, CHECK_OK, "%s%s", str_get(&text),
		  complete ? "" : " (the kernel shows no full list)");
}

void check_landlock(struct check_host *h, struct check_result *r)
{
	int why = features[FEATURE_LANDLOCK].probe();

	(void)h;
	if (!why) {
		check_say(r, CHECK_OK, "ABI %d", landlock_abi());
		return;
	}
	check_say(r, CHECK_NOTICE,
		  "off: it is %s; rlc's helpers are held by their empty roots and filters alone",
		  landlock_why_none(why));
	check_fix(r, landlock_diagnose(why));
}

void check_ping(struct check_host *h, struct check_result *r)
{
	int64_t low, high;
	char text[64];

	if (!sysctl_read("net/ipv4/ping_group_range", text, sizeof(text)) ||
	    !sysctl_parse_range(text, &low, &high)) {
		check_say(r, CHECK_NOTICE, "the kernel does not say who may ping");
		return;
	}
	if (h->facts.gid >= low && h->facts.gid <= high) {
		check_say(r, CHECK_OK, "groups %lld to %lld may send ICMP echo requests",
			  (long long)low, (long long)high);
		return;
	}
	check_say(r, CHECK_NOTICE, "group %u may not send ICMP echo requests", h->facts.gid);
	check_fix(r, FIX_PING_RANGE);
}

void check_ports(struct check_host *h, struct check_result *r)
{
	int64_t first = 1024;

	(void)h;
	(void)sysctl_read_i64("net/ipv4/ip_unprivileged_port_start", &first); /* Linux 4.11 */
	check_say(r, CHECK_OK, "users may listen on ports from %lld on", (long long)first);
}

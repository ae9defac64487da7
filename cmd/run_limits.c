/* SPDX-License-Identifier: Apache-2.0 */
/* The grammar of what else is limited: shared memory, ulimits, times; see limit_options.c. */
#include "cmd/run_options.h"
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/path.h"
#include "lib/base/str.h"
#include "lib/kernel/rlimit.h"

#include <sys/resource.h>

enum { LEAST_SHM = 4096 };

int run_set_shm_size(const struct option_row *row, void *to, const char *value, struct err *e)
{
	struct run_request *r = to;

	(void)row;
	if (!str_to_bytes(value, &r->spec.shm_size)) {
		err_msg(e, "not a size");
		return err_hint(e, "write a number and a unit of b, k, m, g: 512m, 1.5g");
	}
	if (r->spec.shm_size == 0 || r->spec.shm_size >= LEAST_SHM)
		return 0;
	err_msg(e, "less than %d bytes", LEAST_SHM);
	return err_hint(e, "write a larger size, or 0 for no limit");
}

static void set_rlimit(struct spec *s, int resource, uint64_t soft, uint64_t hard)
{
	struct spec_rlimit *limit = NULL;

	for (size_t i = 0; !limit && i < s->n_rlimits; i++)
		if (s->rlimits[i].resource == resource)
			limit = &s->rlimits[i];
	if (!limit)
		limit = spec_add_rlimit(s);
	*limit = (struct spec_rlimit){.resource = resource, .soft = soft, .hard = hard};
}

static bool rlimit_value(const char *text, uint64_t *ret)
{
	int64_t n;

	if (strcmp(text, "unlimited") == 0)
		text = "-1";
	if (!str_to_i64(text, -1, INT64_MAX, &n))
		return false;
	*ret = n < 0 ? UINT64_MAX : (uint64_t)n;
	return true;
}

/* "host": every limit as the caller has it. */
static int copy_rlimits(struct spec *s, struct err *e)
{
	struct rlimit now;

	for (int i = 0; rlimit_name(i); i++) {
		if (getrlimit((__rlimit_resource_t)i, &now) < 0)
			return err_sys(e, "read limit %s", rlimit_name(i));
		set_rlimit(s, i, now.rlim_cur, now.rlim_max);
	}
	return 0;
}

static int unknown_rlimit(const char *name, struct err *e)
{
	auto_str struct str list = {0};

	for (int i = 0; rlimit_name(i); i++)
		str_addf(&list, "%s ", rlimit_name(i));
	err_msg(e, "no limit is called \"%s\"", name);
	return err_hint(e, "allowed: host, or one of %swith =SOFT[:HARD]", str_get(&list));
}

int run_set_ulimit(const struct option_row *row, void *to, const char *value, struct err *e)
{
	struct run_request *r = to;
	auto_strv struct strv parts = {0};
	uint64_t soft, hard;
	int resource;

	(void)row;
	if (strcmp(value, "host") == 0)
		return copy_rlimits(&r->spec, e);
	strv_split(&parts, value, "=:");
	resource = parts.n ? rlimit_number(parts.v[0]) : -1;
	if (resource < 0)
		return unknown_rlimit(parts.n ? parts.v[0] : "", e);
	if (parts.n < 2 || parts.n > 3 || value[strlen(parts.v[0])] != '=' ||
	    !rlimit_value(parts.v[1], &soft) || !rlimit_value(parts.v[parts.n - 1], &hard)) {
		err_msg(e, "not of the form NAME=SOFT[:HARD]");
		return err_hint(e, "write --ulimit nofile=1024:4096; -1 is unlimited");
	}
	if (soft > hard) {
		err_msg(e, "the soft limit is above the hard one");
		return err_hint(e, "write --ulimit %s=SOFT:HARD with SOFT up to HARD", parts.v[0]);
	}
	set_rlimit(&r->spec, resource, soft, hard);
	return 0;
}

static int parse_int(const char *value, int64_t min, int64_t max, int *ret, struct err *e)
{
	int64_t n;

	if (str_to_i64(value, min, max, &n)) {
		*ret = (int)n;
		return 0;
	}
	err_msg(e, "not a number in range");
	return err_hint(e, "allowed: %lld to %lld", (long long)min, (long long)max);
}

int run_set_oom_score(const struct option_row *row, void *to, const char *value, struct err *e)
{
	struct run_request *r = to;

	(void)row;
	return parse_int(value, -1000, 1000, &r->spec.oom_score_adj, e);
}

int run_set_stop_timeout(const struct option_row *row, void *to, const char *value, struct err *e)
{
	struct run_request *r = to;

	(void)row;
	return parse_int(value, 0, INT32_MAX, &r->spec.stop_timeout, e);
}

int run_set_limits(const struct option_row *row, void *to, const char *value, struct err *e)
{
	struct run_request *r = to;
	int chosen;
	const struct option_row at_chosen = {.name = row->name, .values = row->values};

	if (option_set_choice(&at_chosen, &chosen, value, e) < 0)
		return -1;
	r->spec.limits.best_effort = chosen == 1;
	return 0;
}

/* "NAME.slice" of systemd (systemd.unit(5)), or a path beneath the mount of cgroups. */
int run_set_cgroup_parent(const struct option_row *row, void *to, const char *value, struct err *e)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789:-_.\\@";
	enum { UNIT_NAME_MAX = 255 };
	auto_free char *path = value[0] == '/' ? path_clean(value) : NULL;

	if (path && strcmp(path, "/") != 0)
		return option_set_text(row, to, path, e);
	if (!path && str_ends(value, ".slice") && value[0] != '-' && value[0] != '.' &&
	    strspn(value, allowed) == strlen(value) && strlen(value) <= UNIT_NAME_MAX)
		return option_set_text(row, to, value, e);
	err_msg(e, "neither a slice nor a path");
	return err_hint(e,
			"write NAME.slice for a slice of your systemd, or /PATH beneath the mount "
			"of cgroups");
}

/* SPDX-License-Identifier: Apache-2.0 */
/* The grammar of limits by control groups. */
#include "cmd/limit_options.h"

#include "lib/base/alloc.h"
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/str.h"
#include "lib/kernel/cgroup_limits.h"

static struct spec_limits *limits_of(const struct option_row *row, void *to)
{
	return (struct spec_limits *)((char *)to + row->at);
}

/* -1 and 0 both mean "no limit" to podman. */
static int parse_size(const char *value, int64_t least, int64_t *ret, struct err *e)
{
	int64_t size = 0;

	if (strcmp(value, "-1") != 0 && !str_to_bytes(value, &size)) {
		err_msg(e, "not a size");
		return err_hint(e, "write a number and a unit of b, k, m, g: 512m, 1.5g");
	}
	if (size > 0 && size < least) {
		err_msg(e, "less than %lld bytes", (long long)least);
		return err_hint(e, "write a larger size, or 0 for no limit");
	}
	*ret = size;
	return 0;
}

int limit_set_memory(const struct option_row *row, void *to, const char *value, struct err *e)
{
	/* The kernel kills the first process of a cgroup with less; runc draws the line there too.
	 */
	return parse_size(value, 512 * 1024, &limits_of(row, to)->memory, e);
}

int limit_set_swap(const struct option_row *row, void *to, const char *value, struct err *e)
{
	return parse_size(value, 0, &limits_of(row, to)->memory_swap, e);
}

int limit_set_reservation(const struct option_row *row, void *to, const char *value, struct err *e)
{
	return parse_size(value, 0, &limits_of(row, to)->memory_reservation, e);
}

int limit_set_pids(const struct option_row *row, void *to, const char *value, struct err *e)
{
	int64_t n;

	if (!str_to_i64(value, -1, 4194304, &n)) {
		err_msg(e, "not a number of tasks");
		return err_hint(e, "write a number such as 512, or -1 for no limit");
	}
	limits_of(row, to)->pids = n > 0 ? n : 0;
	return 0;
}

/* Podman's rule too: --cpus is a quota and a period. */
static int refuse_both(struct err *e)
{
	err_msg(e, "--cpus and --cpu-period or --cpu-quota exclude each other");
	return err_hint(e, "--cpus 1.5 is --cpu-quota 150000 --cpu-period 100000; --cpus 0 takes "
			   "back what the configuration says");
}

int limit_set_cpus(const struct option_row *row, void *to, const char *value, struct err *e)
{
	enum { LEAST_MICROS = 1000 };
	struct spec_limits *l = limits_of(row, to);
	char *end;
	double n = -1;

	/* Not what else strtod reads: hexadecimal, "inf", "nan", exponents. */
	if (*value && strspn(value, "0123456789.") == strlen(value))
		n = strtod(value, &end);
	if (n < 0 || *end || n > 1e6 || (n > 0 && n * SPEC_CPU_PERIOD < LEAST_MICROS)) {
		err_msg(e, "not a number of processors");
		return err_hint(e,
				"write a decimal number of at least 0.01, as in --cpus 1.5; 0: no "
				"limit");
	}
	if (l->cpu_period > 0 || (l->cpu_quota > 0 && !l->by_cpus))
		return refuse_both(e);
	l->by_cpus = n > 0;
	l->cpu_quota = n > 0 ? (int64_t)(n * SPEC_CPU_PERIOD + 0.5) : 0;
	return 0;
}

/* A whole number, 0 for "as usual". */
static int parse_number(const char *value, int64_t min, int64_t max, int64_t *ret, struct err *e)
{
	int64_t n;

	if (str_to_i64(value, 0, max, &n) && (n == 0 || n >= min)) {
		*ret = n;
		return 0;
	}
	err_msg(e, "not a number in range");
	return err_hint(e, "allowed: %lld to %lld; 0: as usual", (long long)min, (long long)max);
}

int limit_set_period(const struct option_row *row, void *to, const char *value, struct err *e)
{
	struct spec_limits *l = limits_of(row, to);

	/* The kernel's bounds: kernel/sched/core.c, tg_set_cfs_bandwidth(). */
	if (parse_number(value, 1000, 1000000, &l->cpu_period, e) < 0)
		return -1;
	return l->by_cpus ? refuse_both(e) : 0;
}

int limit_set_quota(const struct option_row *row, void *to, const char *value, struct err *e)
{
	struct spec_limits *l = limits_of(row, to);

	if (l->by_cpus)
		return refuse_both(e);
	if (strcmp(value, "-1") == 0)
		value = "0";
	return parse_number(value, 1000, INT64_MAX / 1000, &l->cpu_quota, e);
}

int limit_set_shares(const struct option_row *row, void *to, const char *value, struct err *e)
{
	return parse_number(value, 2, 262144, &limits_of(row, to)->cpu_shares, e);
}

int limit_set_weight(const struct option_row *row, void *to, const char *value, struct err *e)
{
	return parse_number(value, 10, 1000, &limits_of(row, to)->blkio_weight, e);
}

int limit_set_cpu_list(const struct option_row *row, void *to, const char *value, struct err *e)
{
	struct limits_cpus ignored;

	if (limits_parse_cpus(value, &ignored))
		return option_set_text(row, to, value, e);
	err_msg(e, "not a list of numbers");
	return err_hint(e, "write numbers and ranges: --%s 0-2,5", row->name);
}

int limit_set_conf(const struct option_row *row, void *to, const char *value, struct err *e)
{
	enum cgroup_controller ignored;

	if (cgroup_conf_controller(value, &ignored, e) < 0)
		return -1;
	strv_env_set(&limits_of(row, to)->conf, value);
	return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Limits as they were asked for: pure; used by rlc's commands. */
#include "lib/spec/limits.h"

#include "lib/base/alloc.h"
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/str.h"

static const size_t numbers[] = {
    offsetof(struct spec_limits, memory),
    offsetof(struct spec_limits, memory_swap),
    offsetof(struct spec_limits, memory_reservation),
    offsetof(struct spec_limits, pids),
    offsetof(struct spec_limits, cpu_quota),
    offsetof(struct spec_limits, cpu_period),
    offsetof(struct spec_limits, cpu_shares),
    offsetof(struct spec_limits, blkio_weight),
};

static int64_t *number(struct spec_limits *l, size_t i)
{
	return (int64_t *)((char *)l + numbers[i]);
}

static int64_t number_of(const struct spec_limits *l, size_t i)
{
	return *(const int64_t *)((const char *)l + numbers[i]);
}

void limits_init(struct spec_limits *l)
{
	*l = (struct spec_limits){0};
	for (size_t i = 0; i < array_len(numbers); i++)
		*number(l, i) = -1;
}

void limits_copy(struct spec_limits *to, const struct spec_limits *from)
{
	*to = *from;
	to->cpuset_cpus = xstrdup_null(from->cpuset_cpus);
	to->cpuset_mems = xstrdup_null(from->cpuset_mems);
	to->conf = (struct strv){0};
	strv_copy(&to->conf, &from->conf);
}

void limits_free(struct spec_limits *l)
{
	free(l->cpuset_cpus);
	free(l->cpuset_mems);
	strv_free(&l->conf);
	limits_init(l);
}

bool limits_any(const struct spec_limits *l)
{
	for (size_t i = 0; i < array_len(numbers); i++)
		if (number_of(l, i) > 0)
			return true;
	return l->cpuset_cpus || l->cpuset_mems || l->conf.n;
}

bool limits_asked(const struct spec_limits *l)
{
	for (size_t i = 0; i < array_len(numbers); i++)
		if (number_of(l, i) >= 0)
			return true;
	return limits_any(l);
}

void limits_lift(struct spec_limits *l)
{
	for (size_t i = 0; i < array_len(numbers); i++)
		if (number_of(l, i) < 0)
			*number(l, i) = 0;
}

void limits_merge(struct spec_limits *l, const struct spec_limits *changes)
{
	/* A new limit of memory without one of swap brings its own: as much again. */
	if (changes->memory >= 0)
		l->memory_swap = -1;
	for (size_t i = 0; i < array_len(numbers); i++)
		if (number_of(changes, i) >= 0)
			*number(l, i) = number_of(changes, i);
	if (changes->cpuset_cpus)
		xstr_set(&l->cpuset_cpus, changes->cpuset_cpus);
	if (changes->cpuset_mems)
		xstr_set(&l->cpuset_mems, changes->cpuset_mems);
	for (size_t i = 0; i < changes->conf.n; i++)
		strv_env_set(&l->conf, changes->conf.v[i]);
}

int limits_check(const struct spec_limits *l, struct err *e)
{
	if (l->memory_swap > 0 && l->memory <= 0) {
		err_msg(e, "--memory-swap without --memory");
		return err_hint(e, "it is the sum of both: --memory 512m --memory-swap 1g");
	}
	if (l->memory_swap > 0 && l->memory_swap < l->memory) {
		err_msg(e, "--memory-swap is less than --memory");
		return err_hint(e, "it is the sum of both; the same as --memory: no swap");
	}
	if (l->memory_reservation > 0 && l->memory > 0 && l->memory_reservation > l->memory) {
		err_msg(e, "--memory-reservation is more than --memory");
		return err_hint(e, "it is what the container keeps when memory is short: less");
	}
	return 0;
}

/* Digits alone: strtoul(3) would read blanks and signs too. Moves *at behind them. */
static bool read_cpu(const char **at, unsigned long *ret)
{
	char *end;

	if (**at < '0' || **at > '9')
		return false;
	*ret = strtoul(*at, &end, 10);
	*at = end;
	return *ret < LIMITS_CPUS;
}

bool limits_parse_cpus(const char *text, struct limits_cpus *ret)
{
	struct limits_cpus cpus = {0};

	for (const char *at = text;; at++) {
		unsigned long first, last;

		if (!read_cpu(&at, &first))
			return false;
		last = first;
		if (*at == '-' && (at++, !read_cpu(&at, &last)))
			return false;
		for (unsigned long n = first; n <= last; n++)
			cpus.bits[n / 64] |= UINT64_C(1) << n % 64;
		if (first > last || (*at != '\0' && *at != ','))
			return false;
		if (*at == '\0')
			break;
	}
	*ret = cpus;
	return true;
}

bool limits_cpus_within(const struct limits_cpus *a, const struct limits_cpus *b)
{
	for (size_t i = 0; i < array_len(a->bits); i++)
		if (a->bits[i] & ~b->bits[i])
			return false;
	return true;
}

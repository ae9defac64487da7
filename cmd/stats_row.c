/* SPDX-License-Identifier: Apache-2.0 */
/* Words the figures of `rlc stats`. */
#include "cmd/stats_row.h"

#include "lib/base/alloc.h"
#include "lib/base/auto.h"
#include "lib/base/str.h"

#include <inttypes.h>

static const char unknown[] = "--";

const struct stats_column_name stats_columns[STATS_COLUMNS] = {
    [STATS_ID] = {"ID", "id"},
    [STATS_NAME] = {"NAME", "name"},
    [STATS_CPU] = {"CPU %", "cpu_percent"},
    [STATS_MEMORY] = {"MEM USAGE / LIMIT", "mem_usage"},
    [STATS_MEMORY_SHARE] = {"MEM %", "mem_percent"},
    [STATS_NET] = {"NET IO", "net_io"},
    [STATS_BLOCK] = {"BLOCK IO", "block_io"},
    [STATS_PIDS] = {"PIDS", "pids"},
    [STATS_CPU_TIME] = {"CPU TIME", "cpu_time"},
    [STATS_AVERAGE] = {"AVG CPU %", "avg_cpu"},
};

/* "1.049MB": four digits and units of thousand, without a blank (HumanSize of go-units). */
static void add_size(struct str *to, uint64_t bytes)
{
	static const char *const units[] = {"B", "kB", "MB", "GB", "TB", "PB", "EB"};
	double value = (double)bytes;
	size_t i = 0;

	while (value >= 1000 && i + 1 < array_len(units)) {
		value /= 1000;
		i++;
	}
	str_addf(to, "%.4g%s", value, units[i]);
}

static char *pair(uint64_t first, uint64_t second)
{
	struct str text = {0};

	if (first == CGROUP_UNKNOWN || second == CGROUP_UNKNOWN)
		return xstrdup("-- / --");
	add_size(&text, first);
	str_add(&text, " / ");
	add_size(&text, second);
	return str_take(&text);
}

static char *share(double part, double whole)
{
	return whole > 0 ? xasprintf("%.2f%%", part / whole * 100) : xstrdup(unknown);
}

/* "1.5" and not "1.500". */
static void add_decimals(struct str *to, uint64_t whole, unsigned int thousandths, int digits)
{
	char text[16];
	size_t n = (size_t)snprintf(text, sizeof(text), ".%0*u", digits, thousandths);

	while (n && (text[n - 1] == '0' || text[n - 1] == '.'))
		n--;
	str_addf(to, "%" PRIu64, whole);
	str_addn(to, text, n);
}

/* "0s", "250µs", "38.405ms", "1m15.5s", "2h0m1s" (String of Go's time.Duration). */
static char *duration(uint64_t usec)
{
	uint64_t seconds = usec / 1000000;
	struct str text = {0};

	if (usec == 0)
		return xstrdup("0s");
	if (usec < 1000)
		return xasprintf("%" PRIu64 "µs", usec);
	if (usec < 1000000) {
		add_decimals(&text, usec / 1000, (unsigned int)(usec % 1000), 3);
		str_add(&text, "ms");
		return str_take(&text);
	}
	if (seconds >= 3600)
		str_addf(&text, "%" PRIu64 "h", seconds / 3600);
	if (seconds >= 60)
		str_addf(&text, "%" PRIu64 "m", seconds / 60 % 60);
	add_decimals(&text, seconds % 60, (unsigned int)(usec % 1000000), 6);
	str_add(&text, "s");
	return str_take(&text);
}

static char *cpu_between(const struct stats_look *now, const struct stats_look *before)
{
	uint64_t used = now->usage.cpu_usec;
	int64_t span = now->life_ns;

	if (used == CGROUP_UNKNOWN)
		return xstrdup(unknown);
	if (before && before->runs && before->usage.cpu_usec <= used) {
		used -= before->usage.cpu_usec;
		span = now->at_ns - before->at_ns;
	}
	return share((double)used * 1000, (double)span);
}

void stats_row_format(const struct stats_look *now, const struct stats_look *before,
		      uint64_t memory_total, char *cells[STATS_COLUMNS])
{
	static const struct stats_look nothing = {.usage = {CGROUP_UNKNOWN, CGROUP_UNKNOWN,
							    CGROUP_UNKNOWN, CGROUP_UNKNOWN,
							    CGROUP_UNKNOWN, CGROUP_UNKNOWN}};
	const struct stats_look *l = now->runs ? now : &nothing;
	const struct cgroup_usage *u = &l->usage;
	uint64_t limit = u->memory_max < memory_total ? u->memory_max : memory_total;

	cells[STATS_CPU] = cpu_between(l, before);
	cells[STATS_MEMORY] = pair(u->memory, limit);
	cells[STATS_MEMORY_SHARE] = u->memory == CGROUP_UNKNOWN
					? xstrdup(unknown)
					: share((double)u->memory, (double)limit);
	cells[STATS_NET] =
	    l->has_traffic ? pair(l->traffic.received, l->traffic.sent) : xstrdup("-- / --");
	cells[STATS_BLOCK] = pair(u->read, u->written);
	cells[STATS_PIDS] =
	    u->pids == CGROUP_UNKNOWN ? xstrdup(unknown) : xasprintf("%" PRIu64, u->pids);
	cells[STATS_CPU_TIME] =
	    u->cpu_usec == CGROUP_UNKNOWN ? xstrdup(unknown) : duration(u->cpu_usec);
	cells[STATS_AVERAGE] = cpu_between(l, NULL);
}

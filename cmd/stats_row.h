/* SPDX-License-Identifier: Apache-2.0 */
/* A line of `rlc stats`: figures as podman words them; pure. */
#pragma once
#include "lib/kernel/cgroup_usage.h"
#include "lib/kernel/traffic.h"

#include <stdbool.h>
#include <stdint.h>

enum stats_column {
	STATS_ID,
	STATS_NAME,
	STATS_CPU,
	STATS_MEMORY,
	STATS_MEMORY_SHARE,
	STATS_NET,
	STATS_BLOCK,
	STATS_PIDS,
	STATS_CPU_TIME,
	STATS_AVERAGE,
	STATS_COLUMNS, /* their number */
};

struct stats_column_name {
	const char *head, *key; /* key: of --format json */
};

extern const struct stats_column_name stats_columns[STATS_COLUMNS];

/* One look at a container. */
struct stats_look {
	bool runs; /* false: nothing below is known */
	bool has_traffic;
	int64_t at_ns;	 /* CLOCK_BOOTTIME, of the look */
	int64_t life_ns; /* since it started */
	struct cgroup_usage usage;
	struct traffic traffic;
};

/*
 * Makes the cells from STATS_CPU on; each is owned by the caller. before: an earlier look, from
 * which on CPU % is measured, or NULL: since the start. memory_total: of the machine, in bytes; it
 * stands for a limit that is absent or larger. What is not known is "--".
 */
void stats_row_format(const struct stats_look *now, const struct stats_look *before,
		      uint64_t memory_total, char *cells[STATS_COLUMNS]);

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What became of a control group's limits: whether they were reached, and what that cost. The files
 * are those of the kernel's Documentation/admin-guide/cgroup-v2.rst.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#define CGROUP_NO_LIMIT UINT64_MAX

struct cgroup_events {
	uint64_t ooms; /* memory.events "oom": its memory.max, or one below, left no other way */
	uint64_t oom_kills; /* "oom_kill": processes killed there or below, for whosever limit */
	uint64_t refused;   /* pids.events "max": processes and threads that were not made */
	uint64_t memory_max, pids_max; /* in force; CGROUP_NO_LIMIT: none */
};

/*
 * The number behind `key` in a flat keyed file ("KEY N\n" each line). False, and *ret as it was,
 * when there is no such line or no number that fits.
 */
bool cgroup_parse_keyed(const char *text, const char *key, uint64_t *ret);
/* A file that holds one number, or "max" for CGROUP_NO_LIMIT. False: neither. */
bool cgroup_parse_number(const char *text, uint64_t *ret);
/*
 * Reads the group at `path`, an absolute folder. What its kernel or its controllers do not tell
 * counts as nothing: 0, and no limit. So does a group that is gone.
 */
void cgroup_events_read(const char *path, struct cgroup_events *ret);

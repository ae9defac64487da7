/* SPDX-License-Identifier: Apache-2.0 */
/* What a control group uses, from its own files (the kernel's admin-guide/cgroup-v2.rst). */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#define CGROUP_UNKNOWN UINT64_MAX /* the group lacks the controller that would tell */

struct cgroup_usage {
	uint64_t cpu_usec; /* microseconds that its processes ran; known without a controller */
	uint64_t memory, memory_max; /* bytes, the page cache with it; no limit: CGROUP_UNKNOWN */
	uint64_t read, written;	     /* bytes from and to block devices */
	uint64_t pids;		     /* processes and threads */
};

/*
 * Sums "rbytes=" and "wbytes=" of io.stat ("MAJOR:MINOR KEY=N …" each line; devices it did not use
 * have none). False, and both as they were: a number that makes no sense.
 */
bool cgroup_parse_io(const char *text, uint64_t *ret_read, uint64_t *ret_written);
/* Of the group at `path`, an absolute folder; all unknown where it is gone. */
void cgroup_usage_read(const char *path, struct cgroup_usage *ret);

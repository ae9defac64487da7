/* SPDX-License-Identifier: Apache-2.0 */
/* Resource limits by name; pure. */
#include "lib/kernel/rlimit.h"

#include "lib/base/auto.h"

#include <string.h>
#include <sys/resource.h>

static const char *const names[RLIM_NLIMITS] = {
    [RLIMIT_AS] = "as",
    [RLIMIT_CORE] = "core",
    [RLIMIT_CPU] = "cpu",
    [RLIMIT_DATA] = "data",
    [RLIMIT_FSIZE] = "fsize",
    [RLIMIT_LOCKS] = "locks",
    [RLIMIT_MEMLOCK] = "memlock",
    [RLIMIT_MSGQUEUE] = "msgqueue",
    [RLIMIT_NICE] = "nice",
    [RLIMIT_NOFILE] = "nofile",
    [RLIMIT_NPROC] = "nproc",
    [RLIMIT_RSS] = "rss",
    [RLIMIT_RTPRIO] = "rtprio",
    [RLIMIT_RTTIME] = "rttime",
    [RLIMIT_SIGPENDING] = "sigpending",
    [RLIMIT_STACK] = "stack",
};

const char *rlimit_name(int resource)
{
	return resource >= 0 && (size_t)resource < array_len(names) ? names[resource] : NULL;
}

int rlimit_number(const char *name)
{
	for (int i = 0; rlimit_name(i); i++)
		if (strcmp(rlimit_name(i), name) == 0)
			return i;
	return -1;
}

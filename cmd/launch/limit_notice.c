/* SPDX-License-Identifier: Apache-2.0 */
/* Words the counters of a container's control group; in whoever writes down its end. */
#include "cmd/launch/limit_notice.h"

#include "lib/base/alloc.h"
#include "lib/base/strv.h"
#include "lib/kernel/cgroup_events.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>

enum { SIZE_ROOM = 32 };

/* As it may be typed behind --memory: "64m", "1536k". */
static const char *size_text(uint64_t bytes, char buf[SIZE_ROOM])
{
	static const char units[] = {'g', 'm', 'k'};

	for (int i = 0; i < 3; i++) {
		uint64_t unit = (uint64_t)1 << 10 * (3 - i);

		if (bytes >= unit && bytes % unit == 0) {
			snprintf(buf, SIZE_ROOM, "%" PRIu64 "%c", bytes / unit, units[i]);
			return buf;
		}
	}
	snprintf(buf, SIZE_ROOM, "%" PRIu64, bytes);
	return buf;
}

static const char *ending(uint64_t n, const char *one, const char *many)
{
	return n == 1 ? one : many;
}

static void add_memory(const char *name, int status, const struct cgroup_events *ev,
		       struct strv *to)
{
	const char *was_killed = status == 128 + SIGKILL ? " was killed: it" : "";
	const char *processes = ending(ev->oom_kills, "process", "processes");
	char limit[SIZE_ROOM], twice[SIZE_ROOM];

	/* Without an "oom" of its own the memory of a group around it was used up, or all there is.
	 */
	if (ev->ooms == 0 || ev->memory_max == CGROUP_NO_LIMIT)
		strv_addf(to,
			  "container %s%s lacked memory, %" PRIu64 " %s killed: not for a limit of "
			  "its own, but because a group around it or the machine had no more; give "
			  "it less to do, or a limit by --memory that spares the others",
			  name, was_killed, ev->oom_kills, processes);
	else
		strv_addf(to,
			  "container %s%s reached --memory %s (memory.max), %" PRIu64 " %s killed; "
			  "raise it with --memory %s",
			  name, was_killed, size_text(ev->memory_max, limit), ev->oom_kills,
			  processes, size_text(2 * ev->memory_max, twice));
}

static void add_pids(const char *name, const struct cgroup_events *ev, struct strv *to)
{
	const char *forks = ending(ev->refused, "fork", "forks");

	/* Linux before 6.11 counts here what the limit of a group around it refused. */
	if (ev->pids_max == CGROUP_NO_LIMIT)
		strv_addf(to,
			  "container %s reached the limit of processes of a group around it "
			  "(pids.max), %" PRIu64 " %s refused; with systemd it is TasksMax",
			  name, ev->refused, forks);
	else
		strv_addf(to,
			  "container %s reached --pids-limit %" PRIu64 " (pids.max), %" PRIu64
			  " %s refused; raise it with --pids-limit %" PRIu64,
			  name, ev->pids_max, ev->refused, forks, 2 * ev->pids_max);
}

void limit_notice(const char *name, int status, const struct cgroup_events *ev, struct strv *to)
{
	if (ev->oom_kills)
		add_memory(name, status, ev, to);
	if (ev->refused)
		add_pids(name, ev, to);
}

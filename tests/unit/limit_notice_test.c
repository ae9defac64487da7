/* SPDX-License-Identifier: Apache-2.0 */
/* What is told of limits that were reached. */
#include "cmd/launch/limit_notice.h"

#include "lib/base/auto.h"
#include "lib/base/strv.h"
#include "lib/kernel/cgroup_events.h"
#include "tests/unit/tap.h"

enum { M = 1 << 20 };

static const struct {
	const char *what;
	int status;
	struct cgroup_events ev;
	const char *lines[2];
} cases[] = {
    {"no limit was reached", 137, {.memory_max = 64 * M, .pids_max = 64}, {NULL}},
    {"the container was killed",
     137,
     {.ooms = 1, .oom_kills = 1, .memory_max = 64 * M, .pids_max = 64},
     {"container web was killed: it reached --memory 64m (memory.max), 1 process killed; raise it "
      "with --memory 128m"}},
    {"children of it were, it went on",
     0,
     {.ooms = 9, .oom_kills = 3, .memory_max = 1536 << 10, .pids_max = CGROUP_NO_LIMIT},
     {"container web reached --memory 1536k (memory.max), 3 processes killed; raise it with "
      "--memory 3m"}},
    {"a limit that is no whole number of anything",
     0,
     {.ooms = 1, .oom_kills = 1, .memory_max = 4097, .pids_max = CGROUP_NO_LIMIT},
     {"container web reached --memory 4097 (memory.max), 1 process killed; raise it with "
      "--memory 8194"}},
    {"gibibytes",
     0,
     {.ooms = 1, .oom_kills = 1, .memory_max = 2048ULL * M, .pids_max = CGROUP_NO_LIMIT},
     {"container web reached --memory 2g (memory.max), 1 process killed; raise it with "
      "--memory 4g"}},
    {"the machine's memory was used up, not its own",
     137,
     {.ooms = 0, .oom_kills = 2, .memory_max = 64 * M, .pids_max = 64},
     {"container web was killed: it lacked memory, 2 processes killed: not for a limit of its own, "
      "but because a group around it or the machine had no more; give it less to do, or a limit "
      "by --memory that spares the others"}},
    {"it has no limit",
     1,
     {.ooms = 1, .oom_kills = 1, .memory_max = CGROUP_NO_LIMIT, .pids_max = CGROUP_NO_LIMIT},
     {"container web lacked memory, 1 process killed: not for a limit of its own, but because a "
      "group around it or the machine had no more; give it less to do, or a limit by --memory "
      "that spares the others"}},
    {"forks were refused",
     137,
     {.refused = 1, .memory_max = 64 * M, .pids_max = 64},
     {"container web reached --pids-limit 64 (pids.max), 1 fork refused; raise it with "
      "--pids-limit 128"}},
    {"by the limit of a group around it",
     0,
     {.refused = 20, .memory_max = 64 * M, .pids_max = CGROUP_NO_LIMIT},
     {"container web reached the limit of processes of a group around it (pids.max), 20 forks "
      "refused; with systemd it is TasksMax"}},
    {"both limits",
     -1,
     {.ooms = 1, .oom_kills = 1, .refused = 2, .memory_max = 64 * M, .pids_max = 8},
     {"container web reached --memory 64m (memory.max), 1 process killed; raise it with "
      "--memory 128m",
      "container web reached --pids-limit 8 (pids.max), 2 forks refused; raise it with "
      "--pids-limit 16"}},
};

int main(void)
{
	for (size_t i = 0; i < array_len(cases); i++) {
		auto_strv struct strv lines = {0};
		size_t n = 0;
		bool same;

		while (n < array_len(cases[i].lines) && cases[i].lines[n])
			n++;
		limit_notice("web", cases[i].status, &cases[i].ev, &lines);
		same = lines.n == n;
		for (size_t k = 0; same && k < n; k++)
			same = strcmp(lines.v[k], cases[i].lines[k]) == 0;
		ok(same, "%s", cases[i].what);
		for (size_t k = 0; !same && k < lines.n; k++)
			printf("# %s\n", lines.v[k]);
	}
	return tap_end();
}

/* SPDX-License-Identifier: Apache-2.0 */
/* The words of a line of figures. */
#include "cmd/stats_row.h"

#include "lib/base/auto.h"
#include "tests/unit/tap.h"

#define SECOND 1000000000LL
#define NONE   CGROUP_UNKNOWN

static const struct stats_look none = {.runs = false};
static const struct stats_look early = {
    .runs = true, .at_ns = 100 * SECOND, .life_ns = 10 * SECOND, .usage = {.cpu_usec = 1000000}};

static const struct {
	const char *what;
	struct stats_look now;
	const struct stats_look *before;
	const char *cells[STATS_COLUMNS];
} cases[] = {
    {"it does not run",
     {.runs = false},
     &none,
     {NULL, NULL, "--", "-- / --", "--", "-- / --", "-- / --", "--", "--", "--"}},
    {"no controller, the host's network",
     {.runs = true, .life_ns = SECOND, .usage = {NONE, NONE, NONE, NONE, NONE, NONE}},
     NULL,
     {NULL, NULL, "--", "-- / --", "--", "-- / --", "-- / --", "--", "--", "--"}},
    {"all is known; since the start",
     {.runs = true,
      .has_traffic = true,
      .life_ns = 10 * SECOND,
      .usage = {.cpu_usec = 38405,
		.memory = 1048576,
		.memory_max = 67108864,
		.read = 0,
		.written = 999,
		.pids = 3},
      .traffic = {1000, 123456789}},
     NULL,
     {NULL, NULL, "0.38%", "1.049MB / 67.11MB", "1.56%", "1kB / 123.5MB", "0B / 999B", "3",
      "38.405ms", "0.38%"}},
    {"since the last look: more than one processor",
     {.runs = true,
      .at_ns = 102 * SECOND,
      .life_ns = 12 * SECOND,
      .usage = {.cpu_usec = 4000000, .memory = 0, .memory_max = NONE, .pids = 1}},
     &early,
     {NULL, NULL, "150.00%", "0B / 8GB", "0.00%", "-- / --", "0B / 0B", "1", "4s", "33.33%"}},
    {"another container took the id's place: nothing to compare with",
     {.runs = true, .at_ns = 102 * SECOND, .life_ns = 2 * SECOND, .usage = {.cpu_usec = 500000}},
     &early,
     {NULL, NULL, "25.00%", NULL, NULL, NULL, NULL, NULL, "500ms", "25.00%"}},
    {"compared with a look at which it did not run",
     {.runs = true, .at_ns = 102 * SECOND, .life_ns = 2 * SECOND, .usage = {.cpu_usec = 500000}},
     &none,
     {NULL, NULL, "25.00%"}},
    {"microseconds",
     {.runs = true, .life_ns = SECOND, .usage = {.cpu_usec = 250}},
     NULL,
     {[STATS_CPU_TIME] = "250µs"}},
    {"nothing yet",
     {.runs = true, .life_ns = 0, .usage = {.cpu_usec = 0}},
     NULL,
     {[STATS_CPU_TIME] = "0s", [STATS_CPU] = "--"}},
    {"minutes",
     {.runs = true, .life_ns = SECOND, .usage = {.cpu_usec = 75500000}},
     NULL,
     {[STATS_CPU_TIME] = "1m15.5s"}},
    {"hours",
     {.runs = true, .life_ns = SECOND, .usage = {.cpu_usec = 7201000001}},
     NULL,
     {[STATS_CPU_TIME] = "2h0m1.000001s"}},
    {"a limit beyond the machine's memory",
     {.runs = true, .life_ns = SECOND, .usage = {.memory = 4000000000, .memory_max = 1ULL << 60}},
     NULL,
     {[STATS_MEMORY] = "4GB / 8GB", [STATS_MEMORY_SHARE] = "50.00%"}},
};

int main(void)
{
	for (size_t i = 0; i < array_len(cases); i++) {
		char *cells[STATS_COLUMNS] = {0};
		bool same = true;

		stats_row_format(&cases[i].now, cases[i].before, 8000000000, cells);
		for (size_t k = 0; k < STATS_COLUMNS; k++)
			if (cases[i].cells[k] &&
			    (!cells[k] || strcmp(cells[k], cases[i].cells[k]) != 0))
				same = false;
		ok(same, "%s", cases[i].what);
		for (size_t k = STATS_CPU; k < STATS_COLUMNS; k++) {
			if (!same)
				printf("# %s: %s\n", stats_columns[k].head, cells[k]);
			free(cells[k]);
		}
	}
	return tap_end();
}

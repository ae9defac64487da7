/* SPDX-License-Identifier: Apache-2.0 */
/* What a group's files say of its limits, and of a group that says nothing. */
#include "lib/kernel/cgroup_events.h"

#include "lib/base/alloc.h"
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/file.h"
#include "tests/unit/put.h"
#include "tests/unit/tap.h"

#include <fcntl.h>

#define EVENTS "low 0\nhigh 3\nmax 41\noom 2\noom_kill 7\noom_group_kill 1\n"

static const struct {
	const char *text, *key;
	bool found;
	uint64_t value;
} keyed[] = {
    {EVENTS, "oom", true, 2},
    {EVENTS, "oom_kill", true, 7},
    {EVENTS, "low", true, 0},
    {EVENTS, "max", true, 41},
    {EVENTS, "oom_", false, 0},
    {EVENTS, "swap", false, 0},
    {"max 18446744073709551615", "max", true, UINT64_MAX},
    {"max 18446744073709551616\n", "max", false, 0}, /* one too many */
    {"max -1\n", "max", false, 0},
    {"max  1\n", "max", false, 0},
    {"max 1x\n", "max", false, 0},
    {"max \n", "max", false, 0},
    {"max\n", "max", false, 0},
    {"xmax 1\nmax 2\n", "max", true, 2},
    {"oom_kill 7\noom 2\n", "oom", true, 2},
    {"\n\nmax 2\n", "max", true, 2},
    {"", "max", false, 0},
};

static void test_keyed(void)
{
	for (size_t i = 0; i < array_len(keyed); i++) {
		uint64_t value = 4711;
		bool found = cgroup_parse_keyed(keyed[i].text, keyed[i].key, &value);

		ok(found == keyed[i].found && value == (found ? keyed[i].value : 4711),
		   "keyed %zu: \"%s\"", i, keyed[i].key);
	}
}

static const struct {
	const char *text;
	bool is_number;
	uint64_t value;
} numbers[] = {
    {"67108864\n", true, 67108864},
    {"0", true, 0},
    {"max\n", true, CGROUP_NO_LIMIT},
    {"max", true, CGROUP_NO_LIMIT},
    {"maximum\n", false, 0},
    {" 1\n", false, 0},
    {"1 100000\n", false, 0}, /* cpu.max is two */
    {"+1\n", false, 0},
    {"", false, 0},
};

static void test_numbers(void)
{
	for (size_t i = 0; i < array_len(numbers); i++) {
		uint64_t value = 4711;
		bool is = cgroup_parse_number(numbers[i].text, &value);

		ok(is == numbers[i].is_number && value == (is ? numbers[i].value : 4711),
		   "number %zu", i);
	}
}

static void test_read(void)
{
	char folder[] = "/tmp/rlc-cgroup-events.XXXXXX";
	struct cgroup_events ev = {.oom_kills = 4711};
	struct err e;

	cgroup_events_read("/nonexistent/group", &ev);
	ok(ev.ooms == 0 && ev.oom_kills == 0 && ev.refused == 0 &&
	       ev.memory_max == CGROUP_NO_LIMIT && ev.pids_max == CGROUP_NO_LIMIT,
	   "a group that is gone: nothing, without limits");
	if (!mkdtemp(folder))
		perror(folder);
	put(folder, "memory.events", EVENTS);
	put(folder, "memory.max", "67108864\n");
	cgroup_events_read(folder, &ev);
	ok(ev.ooms == 2 && ev.oom_kills == 7 && ev.memory_max == 67108864,
	   "what the memory controller counted");
	ok(ev.refused == 0 && ev.pids_max == CGROUP_NO_LIMIT, "no pids controller");
	put(folder, "pids.events", "max 12\n");
	put(folder, "pids.max", "64\n");
	cgroup_events_read(folder, &ev);
	ok(ev.refused == 12 && ev.pids_max == 64, "what the pids controller counted");
	if (file_remove_tree(AT_FDCWD, folder, &e) < 0)
		printf("# %s\n", e.what);
}

int main(void)
{
	test_keyed();
	test_numbers();
	test_read();
	return tap_end();
}

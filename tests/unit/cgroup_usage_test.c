/* SPDX-License-Identifier: Apache-2.0 */
/* What a group's files say of its use, and what is unknown where a controller is absent. */
#include "lib/kernel/cgroup_usage.h"

#include "lib/base/alloc.h"
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/file.h"
#include "tests/unit/put.h"
#include "tests/unit/tap.h"

#include <fcntl.h>

static const struct {
	const char *text;
	bool good;
	uint64_t read, written;
} ios[] = {
    {"", true, 0, 0},
    {"8:0 rbytes=90 wbytes=20 rios=3 wios=4 dbytes=5 dios=6\n", true, 90, 20},
    {"8:0 rbytes=1 wbytes=2\n253:1 rbytes=10 wbytes=20\n", true, 11, 22},
    {"8:0 \n253:1 wbytes=20", true, 0, 20}, /* a device without figures */
    {"8:0 xrbytes=7 drbytes=8 rbytes=1\n", true, 1, 0},
    {"8:0 rbytes=18446744073709551615\n", true, UINT64_MAX, 0},
    {"8:0 rbytes=18446744073709551615\n8:16 rbytes=1\n", false, 0, 0},
    {"8:0 rbytes=18446744073709551616\n", false, 0, 0},
    {"8:0 rbytes=-1\n", false, 0, 0},
    {"8:0 wbytes=\n", false, 0, 0},
};

static void test_io(void)
{
	for (size_t i = 0; i < array_len(ios); i++) {
		uint64_t r = 4711, w = 4711;
		bool good = cgroup_parse_io(ios[i].text, &r, &w);

		ok(good == ios[i].good && r == (good ? ios[i].read : 4711) &&
		       w == (good ? ios[i].written : 4711),
		   "io.stat %zu", i);
	}
}

static void test_read(void)
{
	char folder[] = "/tmp/rlc-cgroup-usage.XXXXXX";
	struct cgroup_usage u = {0};
	struct err e;

	cgroup_usage_read("/nonexistent/group", &u);
	ok(u.cpu_usec == CGROUP_UNKNOWN && u.memory == CGROUP_UNKNOWN &&
	       u.memory_max == CGROUP_UNKNOWN && u.read == CGROUP_UNKNOWN &&
	       u.written == CGROUP_UNKNOWN && u.pids == CGROUP_UNKNOWN,
	   "of a group that is gone nothing is known");
	if (!mkdtemp(folder))
		perror(folder);
	put(folder, "cpu.stat", "usage_usec 1500000\nuser_usec 1\nsystem_usec 2\n");
	cgroup_usage_read(folder, &u);
	ok(u.cpu_usec == 1500000 && u.memory == CGROUP_UNKNOWN && u.pids == CGROUP_UNKNOWN,
	   "time is known without a controller");
	put(folder, "memory.current", "4096\n");
	put(folder, "memory.max", "max\n");
	put(folder, "pids.current", "3\n");
	put(folder, "io.stat", "8:0 rbytes=7 wbytes=8\n");
	cgroup_usage_read(folder, &u);
	ok(u.memory == 4096 && u.memory_max == CGROUP_UNKNOWN && u.pids == 3 && u.read == 7 &&
	       u.written == 8,
	   "all controllers, no limit");
	put(folder, "memory.max", "8192\n");
	cgroup_usage_read(folder, &u);
	ok(u.memory_max == 8192, "a limit");
	if (file_remove_tree(AT_FDCWD, folder, &e) < 0)
		printf("# %s\n", e.what);
}

int main(void)
{
	test_io();
	test_read();
	return tap_end();
}

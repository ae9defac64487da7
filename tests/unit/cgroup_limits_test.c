/* SPDX-License-Identifier: Apache-2.0 */
/* The table of limits: what is written for what was asked, and when it cannot be. */
#include "lib/kernel/cgroup_limits.h"

#include "lib/base/alloc.h"
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/file.h"
#include "lib/base/log.h"
#include "lib/kernel/cgroup.h"
#include "lib/spec/limits.h"
#include "tests/unit/tap.h"

#include <fcntl.h>
#include <sys/stat.h>

enum {
	M = 1 << CGROUP_MEMORY,
	P = 1 << CGROUP_PIDS,
	C = 1 << CGROUP_CPU,
	S = 1 << CGROUP_CPUSET,
	I = 1 << CGROUP_IO,
	ALL = M | P | C | S | I
};

static struct cgroup_place place(bool delegated, uint32_t present, uint32_t usable)
{
	struct cgroup_place p = {.delegated = delegated, .present = present, .controllers = usable};

	strcpy(p.parent, "/p");
	strcpy(p.mount, "/m");
	return p;
}

/* ---- what is written ---- */

static const struct {
	const char *file;
	struct spec_limits l; /* 0 stands for -1 and -2 for 0, see asked() */
	enum limit_kind kind;
	const char *text;
} written[] = {
    {"memory.max", {.memory = 4096}, LIMIT_SET, "4096"},
    {"memory.max", {.memory = -2}, LIMIT_NONE, "max"},
    {"memory.max", {.pids = 1}, LIMIT_UNASKED, ""},
    {"memory.swap.max", {.memory = 4096}, LIMIT_IF_THERE, "4096"},
    {"memory.swap.max", {.memory = 4096, .memory_swap = 6000}, LIMIT_SET, "1904"},
    {"memory.swap.max", {.memory = 4096, .memory_swap = 4096}, LIMIT_SET, "0"},
    {"memory.swap.max", {.memory = 4096, .memory_swap = -2}, LIMIT_NONE, "max"},
    {"memory.swap.max", {.memory = -2}, LIMIT_NONE, "max"},
    {"memory.swap.max", {.pids = 1}, LIMIT_UNASKED, ""},
    {"memory.low", {.memory_reservation = 7}, LIMIT_SET, "7"},
    {"memory.low", {.memory_reservation = -2}, LIMIT_NONE, "0"},
    {"pids.max", {.pids = 20}, LIMIT_SET, "20"},
    {"pids.max", {.pids = -2}, LIMIT_NONE, "max"},
    {"cpu.max", {.cpu_quota = 150000}, LIMIT_SET, "150000 100000"},
    {"cpu.max", {.cpu_quota = 5000, .cpu_period = 10000}, LIMIT_SET, "5000 10000"},
    {"cpu.max", {.cpu_period = 10000}, LIMIT_SET, "max 10000"},
    {"cpu.max", {.cpu_quota = -2}, LIMIT_NONE, "max"},
    {"cpu.max", {.memory = 1}, LIMIT_UNASKED, ""},
    {"cpu.weight", {.cpu_shares = 2}, LIMIT_SET, "1"},
    {"cpu.weight", {.cpu_shares = 1024}, LIMIT_SET, "39"},
    {"cpu.weight", {.cpu_shares = 262144}, LIMIT_SET, "10000"},
    {"cpu.weight", {.cpu_shares = -2}, LIMIT_NONE, "100"},
    {"io.bfq.weight", {.blkio_weight = 10}, LIMIT_SET, "10"},
    {"io.bfq.weight", {.blkio_weight = 1000}, LIMIT_SET, "1000"},
    {"io.weight", {.blkio_weight = 10}, LIMIT_SET, "1"},
    {"io.weight", {.blkio_weight = 1000}, LIMIT_SET, "10000"},
    {"io.weight", {.blkio_weight = -2}, LIMIT_NONE, "100"},
};

static struct spec_limits asked(const struct spec_limits *l)
{
	struct spec_limits r = *l;
	int64_t *numbers[] = {&r.memory,    &r.memory_swap, &r.memory_reservation, &r.pids,
			      &r.cpu_quota, &r.cpu_period,  &r.cpu_shares,	   &r.blkio_weight};

	for (size_t i = 0; i < array_len(numbers); i++)
		*numbers[i] = *numbers[i] == 0 ? -1 : *numbers[i] == -2 ? 0 : *numbers[i];
	return r;
}

static const struct cgroup_limit *row_of(const char *file)
{
	for (size_t i = 0; i < n_cgroup_limits; i++)
		if (strcmp(cgroup_limits[i].file, file) == 0)
			return &cgroup_limits[i];
	return NULL;
}

static void test_written(void)
{
	for (size_t i = 0; i < array_len(written); i++) {
		struct spec_limits l = asked(&written[i].l);
		char buf[LIMIT_TEXT] = "";
		enum limit_kind kind = row_of(written[i].file)->format(&l, buf);

		ok(kind == written[i].kind &&
		       (kind == LIMIT_UNASKED || strcmp(buf, written[i].text) == 0),
		   "%zu: %s gets \"%s\" (%d)", i, written[i].file, buf, (int)kind);
	}
}

/* ---- whether it can be had ---- */

static void test_check(void)
{
	struct spec_limits wish, unlimited, l;
	struct cgroup_place full = place(true, ALL, ALL), no_pids = place(true, M | C, M | C);
	struct cgroup_place busy = place(true, ALL, 0), nowhere = place(false, 0, ALL);
	struct cgroup_place old = place(true, C, C);
	struct err e = {0};

	limits_init(&wish);
	limits_init(&unlimited);
	wish.memory = 1 << 20;
	wish.pids = 9;
	wish.cpu_quota = 50000;
	unlimited.memory = unlimited.pids = unlimited.memory_swap = unlimited.cpu_quota = 0;
	ok(cgroup_check(&full, &wish, &e) == 0, "every controller at hand");
	ok(cgroup_check(&no_pids, &wish, &e) < 0 && strstr(e.what, "--pids-limit") &&
	       strstr(e.what, "\"pids\"") && e.hint[0],
	   "an absent controller is named, with its option and a remedy");
	ok(cgroup_check(&busy, &wish, &e) < 0 && strstr(e.what, "holds processes"),
	   "one that cannot be handed on: %s", e.what);
	old.v1 = M;
	ok(cgroup_check(&old, &wish, &e) < 0 && strstr(e.what, "version 1") &&
	       strstr(e.hint, "unified_cgroup_hierarchy"),
	   "one of cgroup version 1: %s", e.what);
	ok(cgroup_check(&nowhere, &wish, &e) < 0 && strstr(e.what, "--memory") && e.hint[0],
	   "nothing delegated: whatever the bits say");
	ok(cgroup_check(&nowhere, &unlimited, &e) == 0, "no limit asked needs no controller");
	limits_copy(&l, &wish);
	l.best_effort = true;
	log_set_level(LOG_ERROR);
	ok(cgroup_check(&no_pids, &l, &e) == 0 && l.pids == -1 && l.memory == 1 << 20,
	   "best effort goes on without what cannot be had, and only that");
	wish.cpu_quota = 999;
	ok(cgroup_check(&full, &wish, &e) < 0 && strstr(e.what, "--cpus"),
	   "less than the kernel's least quota is refused");
	wish.cpu_quota = 1000;
	ok(cgroup_check(&full, &wish, &e) == 0, "the least quota");
}

static void test_check_texts(void)
{
	struct cgroup_place three = place(true, M | P | C, M | P | C);
	struct spec_limits l;
	struct err e = {0};

	limits_init(&l);
	l.cpuset_cpus = xstrdup("0");
	ok(cgroup_check(&three, &l, &e) < 0 && strstr(e.what, "--cpuset-cpus") &&
	       strstr(e.what, "\"cpuset\"") && strstr(e.hint, "Delegate=cpu cpuset io memory pids"),
	   "cpuset is not handed on: the drop-in does: %s", e.what);
	strv_add(&l.conf, "memory.high=1G");
	strv_add(&l.conf, "io.max=8:0 rbps=1");
	l.best_effort = true;
	ok(cgroup_check(&three, &l, &e) == 0 && !l.cpuset_cpus && l.conf.n == 1 &&
	       strcmp(l.conf.v[0], "memory.high=1G") == 0,
	   "best effort keeps the files that there are");
	l.best_effort = false;
	strv_add(&l.conf, "io.max=8:0 rbps=1");
	ok(cgroup_check(&three, &l, &e) < 0 && strstr(e.what, "--cgroup-conf") &&
	       strstr(e.what, "\"io\""),
	   "a file of an absent controller: %s", e.what);
	limits_free(&l);
}

static void test_conf(void)
{
	static const struct {
		const char *text;
		int c; /* -1: refused */
	} confs[] = {
	    {"memory.high=1G", CGROUP_MEMORY},
	    {"cpu.max=max 5000", CGROUP_CPU},
	    {"cpuset.cpus=0,2", CGROUP_CPUSET},
	    {"io.max=8:0 rbps=1 wbps=2", CGROUP_IO},
	    {"pids.max=", -1},
	    {"pids.max", -1},
	    {"=1", -1},
	    {"", -1},
	    {"cgroup.procs=1", -1},
	    {"cgroup.kill=1", -1},
	    {"cgroup.freeze=1", -1},
	    {"../memory.max=1", -1},
	    {"memory/../x.y=1", -1},
	    {"memory=1.5", -1},
	    {"memor.max=1", -1},
	    {"memory.max=1\n2", -1},
	    {"Memory.max=1", -1},
	    {".max=1", -1},
	    {"hugetlb.2MB.max=1", -1},
	};

	for (size_t i = 0; i < array_len(confs); i++) {
		enum cgroup_controller c = CGROUP_CONTROLLERS;
		struct err e = {0};
		int got = cgroup_conf_controller(confs[i].text, &c, &e);

		ok(confs[i].c < 0 ? got < 0 && e.hint[0] : got == 0 && (int)c == confs[i].c,
		   "file %zu", i);
	}
}

/* ---- set: a folder stands for the group ---- */

static void put(int group, const char *file, const char *text)
{
	struct err e;

	if (file_write(group, file, text, strlen(text), 0600, false, &e) < 0)
		printf("# %s\n", e.what);
}

/* Written as the kernel's files are: what stood there longer stays behind it. */
static bool holds(int group, const char *file, const char *text)
{
	auto_free char *got = NULL;
	struct err e;

	return file_read(group, file, 4096, &got, NULL, &e) == 0 && strcmp(got, text) == 0;
}

static void test_set(int group)
{
	struct cgroup_place full = place(true, ALL, ALL);
	struct spec_limits l;
	struct err e = {0};

	limits_init(&l);
	put(group, "memory.max", "");
	put(group, "pids.max", "");
	put(group, "io.max", "");
	put(group, "cpuset.cpus", "");
	put(group, "cpuset.cpus.effective", "0-1\n");
	l.memory = 4096;
	ok(cgroup_limit(group, &full, &l, NULL, &e) == 0 && holds(group, "memory.max", "4096"),
	   "memory, in a kernel that does not count swap: %s", e.what);
	l.memory_swap = 8192;
	ok(cgroup_limit(group, &full, &l, NULL, &e) < 0 && strstr(e.what, "memory.swap.max"),
	   "swap is not counted, but was asked for: %s", e.what);
	put(group, "memory.swap.max", "");
	ok(cgroup_limit(group, &full, &l, NULL, &e) == 0 && holds(group, "memory.swap.max", "4096"),
	   "swap is what is left of both");
	l.memory = l.memory_swap = -1;
	l.blkio_weight = 1000;
	ok(cgroup_limit(group, &full, &l, NULL, &e) < 0 && strstr(e.what, "io.weight") && e.hint[0],
	   "no scheduler with weights: %s", e.what);
	put(group, "io.weight", "");
	ok(cgroup_limit(group, &full, &l, NULL, &e) == 0 && holds(group, "io.weight", "10000"),
	   "io.weight where there is no bfq");
	put(group, "io.bfq.weight", "");
	put(group, "io.weight", "");
	ok(cgroup_limit(group, &full, &l, NULL, &e) == 0 && holds(group, "io.bfq.weight", "1000") &&
	       holds(group, "io.weight", ""),
	   "bfq where there is, and that alone");
	limits_free(&l);
}

/* As `rlc update` does: of all limits those that change. */
static void test_only(int group)
{
	struct cgroup_place full = place(true, ALL, ALL);
	struct spec_limits all, only;
	struct err e = {0};

	limits_init(&all);
	limits_init(&only);
	put(group, "memory.max", "");
	put(group, "memory.swap.max", "");
	put(group, "pids.max", "");
	put(group, "cpu.max", "");
	put(group, "cpu.weight", "");
	all.memory = 4096;
	all.memory_swap = only.memory_swap = 6000;
	all.pids = 7;
	all.cpu_quota = only.cpu_quota = 5000;
	all.cpu_period = 10000;
	ok(cgroup_limit(group, &full, &all, &only, &e) == 0 && holds(group, "memory.max", "") &&
	       holds(group, "pids.max", "") && holds(group, "memory.swap.max", "1904") &&
	       holds(group, "cpu.max", "5000 10000"),
	   "only what changes is written, by what all is: %s", e.what);
	put(group, "pids.max", "");
	only.pids = 9;
	all.pids = -1;
	limits_lift(&all);
	ok(cgroup_limit(group, &full, &all, &only, &e) == 0 && holds(group, "pids.max", "max"),
	   "and taken back: %s", e.what);
}

static void test_set_texts(int group)
{
	struct cgroup_place full = place(true, ALL, ALL), none = place(true, 0, 0);
	struct spec_limits l;
	struct err e = {0};

	limits_init(&l);
	l.cpuset_cpus = xstrdup("1-3");
	ok(cgroup_limit(group, &full, &l, NULL, &e) < 0 && strstr(e.hint, "0-1"),
	   "processors that were not asked for are not granted in their stead: %s", e.what);
	put(group, "cpuset.cpus", "");
	put(group, "cpuset.cpus.effective", "1\n");
	ok(cgroup_limit(group, &full, &l, NULL, &e) == 0 && holds(group, "cpuset.cpus", "1-3"),
	   "those that there are: %s", e.what);
	ok(cgroup_limit(group, &none, &l, NULL, &e) < 0 && strstr(e.what, "\"cpuset\""),
	   "not without the controller");
	strv_add(&l.conf, "pids.max=7");
	strv_add(&l.conf, "memory.nosuch=1");
	put(group, "pids.max", "");
	put(group, "cpuset.cpus", "");
	ok(cgroup_limit(group, &full, &l, NULL, &e) < 0 && holds(group, "pids.max", "7") &&
	       strstr(e.what, "memory.nosuch"),
	   "files by name, and one that is not there: %s", e.what);
	put(group, "cpuset.cpus", "");
	put(group, "pids.max", "");
	l.best_effort = true;
	ok(cgroup_limit(group, &full, &l, NULL, &e) == 0 && holds(group, "pids.max", "7"),
	   "best effort goes on behind it");
	limits_free(&l);
}

int main(void)
{
	char base[] = "/tmp/rlc-limits-XXXXXX";
	int group = mkdtemp(base) ? open(base, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
	struct err e;

	if (group < 0)
		return 1;
	test_written();
	test_check();
	test_check_texts();
	test_conf();
	test_set(group);
	test_only(group);
	test_set_texts(group);
	close(group);
	file_remove_tree(AT_FDCWD, base, &e);
	return tap_end();
}

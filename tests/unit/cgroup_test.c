/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/kernel/cgroup.h"
#include "tests/unit/tap.h"

enum { M = 1 << CGROUP_MEMORY, P = 1 << CGROUP_PIDS, C = 1 << CGROUP_CPU, ALL_THREE = M | P | C };

static const struct {
	const char *text, *own; /* NULL: none */
} owns[] = {
    {"0::/\n", "/"},
    {"0::/user.slice/user-1000.slice/session-3.scope\n",
     "/user.slice/user-1000.slice/session-3.scope"},
    {"9:name=systemd:/x\n4:memory:/y\n0::/z\n", "/z"},
    {"0::/no newline", "/no newline"},
    {"0::/a:b::c\n", "/a:b::c"},
    {"10::/not the one\n", NULL},
    {"4:memory:/y\n", NULL},
    {"0::/gone (deleted)\n", NULL},
    {"0::/../outside of our namespace\n", NULL},
    {"0::relative\n", NULL},
    {"0::\n", NULL},
    {"", NULL},
};

static void test_own(void)
{
	char own[64], small[4];

	for (size_t i = 0; i < array_len(owns); i++) {
		bool found = cgroup_parse_own(owns[i].text, own, sizeof(own));

		ok(found == (owns[i].own != NULL) && (!found || strcmp(own, owns[i].own) == 0),
		   "own group %zu", i);
	}
	ok(cgroup_parse_own("0::/ab\n", small, sizeof(small)), "a path that just fits");
	ok(!cgroup_parse_own("0::/abc\n", small, sizeof(small)), "one byte too long");
}

static const struct {
	const char *line, *mount, *root; /* NULL: none */
} mounts[] = {
    {"29 23 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate\n",
     "/sys/fs/cgroup", "/"},
    {"29 23 0:26 /docker/x /sys/fs/cgroup ro - cgroup2 cgroup rw\n", "/sys/fs/cgroup", "/docker/x"},
    {"29 23 0:26 / /a\\040b\\134c rw - cgroup2 none rw\n", "/a b\\c", "/"},
    {"31 23 0:28 / /sys/fs/cgroup rw - tmpfs tmpfs rw\n"
     "41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n",
     "/sys/fs/cgroup/unified", "/"},
    {"32 31 0:29 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu\n", NULL, NULL},
    {"32 31 0:29 / /x rw - ext4 - cgroup2\n", NULL, NULL},
    {"29 - cgroup2 x\n", NULL, NULL},
    {"29 23 0:26 / relative rw - cgroup2 x rw\n", NULL, NULL},
    {"", NULL, NULL},
    {"\n\n", NULL, NULL},
};

static void test_mount(void)
{
	char mount[64], root[64];

	for (size_t i = 0; i < array_len(mounts); i++) {
		bool found =
		    cgroup_parse_mount(mounts[i].line, mount, sizeof(mount), root, sizeof(root));

		ok(found == (mounts[i].mount != NULL) &&
		       (!found ||
			(strcmp(mount, mounts[i].mount) == 0 && strcmp(root, mounts[i].root) == 0)),
		   "mount line %zu", i);
	}
	ok(!cgroup_parse_mount(mounts[0].line, mount, 14, root, sizeof(root)),
	   "a mount point longer than its room");
	ok(cgroup_parse_mount(mounts[0].line, mount, 15, root, sizeof(root)),
	   "a mount point that just fits");
}

static void test_controllers(void)
{
	ok(cgroup_parse_controllers("cpuset cpu io memory hugetlb pids rdma misc\n") ==
	       (ALL_THREE | 1 << CGROUP_CPUSET | 1 << CGROUP_IO),
	   "all that count, among others");
	ok(cgroup_parse_controllers("hugetlb\n") == 0, "none that counts");
	ok(cgroup_parse_controllers("") == 0 && cgroup_parse_controllers("\n") == 0, "empty");
	ok(cgroup_parse_controllers("memor memoryx xmemory") == 0, "whole words only");
	ok(cgroup_parse_v1("4:memory:/a\n2:cpuacct,cpu:/b:pids,\n0::/c\n") == (M | C),
	   "version 1 controllers, not what a path looks like");
	ok(cgroup_parse_v1("7:blkio:/\n") == 1 << CGROUP_IO, "io is called blkio there");
	ok(cgroup_parse_v1("0::/memory\n") == 0, "the version 2 line has none");
	ok(cgroup_parse_v1("4:memory\n5:x\n") == 0, "a line cut short");
}

static struct cgroup_place place(bool delegated)
{
	struct cgroup_place p = {.delegated = delegated};

	strcpy(p.parent, "/p");
	strcpy(p.mount, "/m");
	return p;
}

static void test_refusals(void)
{
	static const char *const names[] = {"", ".", "..", "a/b", "/a"};
	struct cgroup_place full = place(true);
	struct cgroup_place nowhere = place(false);
	struct err e = {0};
	char path[16];
	int fd = -1;

	for (size_t i = 0; i < array_len(names); i++)
		ok(cgroup_create(&full, names[i], &fd, path, sizeof(path), &e) < 0 && fd == -1,
		   "\"%s\" is no group's name", names[i]);
	ok(cgroup_create(&full, "0123456789abcdef", &fd, path, sizeof(path), &e) < 0 &&
	       strstr(e.what, "too long"),
	   "a path longer than its room");
	ok(cgroup_create(&nowhere, "a", &fd, path, sizeof(path), &e) < 0 && e.hint[0],
	   "no place to make one");
	ok(cgroup_place_beneath(&full, "/nonexistent", &e) < 0 && strcmp(full.parent, "/p") == 0,
	   "a parent that is not there: %s", e.what);
	ok(cgroup_place_beneath(&full, "/tmp", &e) < 0 && strstr(e.hint, "/p"),
	   "nor one that is not beneath our own: %s", e.what);
	ok(cgroup_place_beneath(&nowhere, "/tmp", &e) < 0 && e.hint[0], "nor without any");
	ok(cgroup_place_of("/tmp/rlc-0", &full, &e) < 0 && cgroup_place_of("rlc-0", &full, &e) < 0,
	   "a folder that is no control group: %s", e.what);
	ok(cgroup_kill("/nonexistent/group", &e) == 0 &&
	       cgroup_remove("/nonexistent/group", &e) == 0,
	   "a group that is gone is killed and removed already");
}

int main(void)
{
	test_own();
	test_mount();
	test_controllers();
	test_refusals();
	return tap_end();
}

/* SPDX-License-Identifier: Apache-2.0 */
/* The freezer against a folder that looks like a group: what the kernel would answer late or never.
 */
#include "lib/kernel/cgroup_freeze.h"

#include "lib/base/alloc.h"
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/file.h"
#include "tests/unit/tap.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <time.h>

enum { SHORT_MS = 200, LONG_MS = 10000 };

static char folder[] = "/tmp/rlc-cgroup-freeze.XXXXXX";

static void put(const char *name, const char *text)
{
	auto_free char *path = xasprintf("%s/%s", folder, name);
	struct err e;

	if (file_write(AT_FDCWD, path, text, strlen(text), 0600, false, &e) < 0)
		printf("# %s\n", e.what);
}

static char freeze_has(void)
{
	auto_free char *path = xasprintf("%s/cgroup.freeze", folder);
	auto_fd int fd = open(path, O_RDONLY | O_CLOEXEC);
	char byte = '?';

	return fd >= 0 && read(fd, &byte, 1) == 1 ? byte : '?';
}

static void test_stands(void)
{
	struct err e = {0};

	put("cgroup.events", "populated 1\nfrozen 1\n");
	put("cgroup.freeze", "0\n");
	ok(!cgroup_is_frozen(folder), "not frozen yet");
	ok(cgroup_freeze(folder, LONG_MS, &e) == 0 && freeze_has() == '1', "frozen: %s", e.what);
	ok(cgroup_is_frozen(folder), "and seen to be");
	ok(cgroup_thaw(folder, &e) == 0 && freeze_has() == '0', "let go: %s", e.what);
}

static void test_never_stands(void)
{
	struct err e = {0};

	put("cgroup.events", "populated 1\nfrozen 0\n");
	put("cgroup.freeze", "0\n");
	ok(cgroup_freeze(folder, SHORT_MS, &e) == -1, "a process that does not stop: %s", e.what);
	ok(freeze_has() == '0', "the others are let go again");
	ok(strstr(e.what, "did not stop within") && strstr(e.hint, "cgroup.procs"),
	   "the error says how to find it");
}

/* Longer than one try: it is let go and frozen anew, until it stands. */
static void test_stands_late(void)
{
	struct err e = {0};
	pid_t pid;

	put("cgroup.events", "populated 1\nfrozen 0\n");
	put("cgroup.freeze", "0\n");
	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		const struct timespec nap = {.tv_sec = 1, .tv_nsec = 500000000};
		auto_free char *path = xasprintf("%s/cgroup.events", folder);
		int fd = open(path, O_WRONLY | O_CLOEXEC);

		nanosleep(&nap, NULL);
		_exit(pwrite(fd, "populated 1\nfrozen 1\n", 21, 0) == 21 ? 0 : 1);
	}
	ok(cgroup_freeze(folder, LONG_MS, &e) == 0 && freeze_has() == '1',
	   "one that stops late: %s", e.what);
	waitpid(pid, NULL, 0);
}

static void test_absent(void)
{
	auto_free char *gone = xasprintf("%s/gone", folder);
	auto_free char *path = xasprintf("%s/cgroup.freeze", folder);
	struct err e = {0};

	ok(cgroup_thaw(gone, &e) == 0 && !cgroup_is_frozen(gone), "a group that is gone");
	ok(cgroup_freeze(gone, SHORT_MS, &e) == -1 && strstr(e.what, gone), "cannot be frozen: %s",
	   e.what);
	unlink(path);
	ok(!cgroup_is_frozen(folder) && cgroup_freeze(folder, SHORT_MS, &e) == -1 &&
	       strstr(e.hint, "5.2"),
	   "a kernel without a freezer: %s", e.what);
}

int main(void)
{
	struct err e;

	if (!mkdtemp(folder))
		perror(folder);
	test_stands();
	test_never_stands();
	test_stands_late();
	test_absent();
	if (file_remove_tree(AT_FDCWD, folder, &e) < 0)
		printf("# %s\n", e.what);
	return tap_end();
}
